/* Ratios: quantiles of what happens around a mean forecast, from what happened around earlier ones.
 *
 * Outcomes of held-back windows, divided by their forecast means, are pooled in cells of like mean and, within these, of
 * like dispersion of the series' past; a cell's empirical quantiles times a mean are its quantiles. Cells hold equal
 * numbers of outcomes, some hundreds at least. Of demand in units, uniform noise of one unit's width
 * stands for the steps of the distribution (Czado, Gneiting and Held 2009), and quantiles are rounded to units. A mean
 * that is next to nothing, of units or beside others of its cell, is taken for a little more, so that ratios stay finite.
 * Quantiles of a mean never cross. */
#ifndef APPS_FORECAST_INTERVALS_RATIOS_H
#define APPS_FORECAST_INTERVALS_RATIOS_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct {
	int means, spreads; /* cells, means x spreads */
	int levels;
	bool counts;
	double *least;       /* owned: [means] a mean below it is as good as this one */
	double *mean_edge;   /* owned: [means - 1] ascending */
	double *spread_edge; /* owned: [means][spreads - 1] ascending */
	float *ratio;        /* owned: [means][spreads][levels] ascending in the last */
} ratios;

/* an outcome; spread: how the series' past disperses, in any unit that compares */
typedef struct {
	float mean, spread, outcome;
} ratios_case;

/* local | from n cases with means above 0, which are put in another order; level[levels] ascending in (0, 1).
 * ratios_drop releases it, also after a failure. fails: PAR_E_MEMORY */
par_err ratios_make(
    ratios *r, int64_t n, ratios_case *cases, int levels, const double *level, bool counts);
void ratios_drop(ratios *r);

/* local | out[levels]: the quantiles around a mean */
void ratios_at(const ratios *r, double mean, double spread, float *out);

#endif
