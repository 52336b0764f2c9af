/* Demand: what a forecast and the catalog it was made from say of sales to come.
 *
 * Demand reaches a unit with the chance 1 - F: expected sales of s units are the integral of 1 - F from 0 to s.
 * The quantiles of a series and period cut demand into steps; the chance of a step is the mean of 1 - F
 * over it (trapezoids over all quantiles of the file), which falls from step to step. A step's units are
 * what it is expected to sell: its width times its chance, scaled so that all steps sell the mean.
 *
 * Forecast steps may be taken together into periods. Means add up; a quantile of the sum lies from its mean
 * by the root of the sum of squares of those of the steps, as if steps were independent. */
#ifndef APPS_PLAN_MODEL_DEMAND_H
#define APPS_PLAN_MODEL_DEMAND_H

#include "common/catalog.h"

#define DEMAND_STEPS 16
#define SAFETY_STEPS 3 /* of what lies above the mean, up to the service level */

typedef struct {
	const par_world *world; /* borrowed */
	catalog of;             /* owned */
	par_store *forecast;    /* owned */
	const char *path;       /* of the forecast, borrowed */
	int together;           /* forecast steps in a period */
	int periods;
	int32_t *day; /* [periods + 1]: the first day of each period, and the day after the last */
	int steps, end[DEMAND_STEPS]; /* of the demand: the quantile where each ends */
	double service;               /* level where the last step above the mean ends; 0: none */
	bool adjusted;                /* means are those after planners' words */
	int levels;
	double *level;
	int64_t *time; /* of each forecast step */
	char currency[8];
	double digit; /* worth of a minor unit of prices; 0: the catalog has none */
	/* of each SKU of the catalog, NAN where it says nothing */
	double *weight, *volume, *cost; /* kg, m3, money of cost_currency */
	char *cost_currency;            /* NULL: all the plan's */
	int cost_stride;
} demand;

/* collective | open both files, cut the demand into so many steps (1 to DEMAND_STEPS); overrides: planners' words hold,
 * where the forecast has some
 * fails: as catalog_open; PAR_E_DATA when the forecast is of another catalog, has no quantiles, none as
 * high as service, or is by the hour */
par_err demand_open(demand *d, const par_world *w, const char *catalog_path,
    const char *forecast_path, int together, int steps, double service, bool overrides);
void demand_close(demand *d);

/* local | the level where a step above the mean ends; a half for step -1. The chance that demand passes it falls by
 * the same factor from step to step */
double demand_safety_level(const demand *d, int step);

/* of a series: expected units and chance [period][step]; of each period the price, NAN when none is
 * known; above [period][SAFETY_STEPS] is how far the quantile where a step ends lies above the mean,
 * 0 where it does not */
typedef struct {
	double *units, *chance, *price, *above;
} demand_series;

/* collective | the numbers of the series that are wanted, on this rank alone:
 * wanted [series]; fn is called in the order of series. fails: PAR_E_DATA, PAR_E_IO, PAR_E_MEMORY */
typedef void (*demand_fn)(void *ctx, int64_t series, const demand_series *s);
par_err demand_read(const demand *d, const bool *wanted, demand_fn fn, void *ctx);

#endif
