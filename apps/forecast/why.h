/* Why: what moved the forecasts of the series that the setting `explain` names.
 *
 * The logarithm of an expected demand is what is usual plus a part of every driver, exactly. Parts are Shapley's (1953): a
 * driver's part is what it adds to those before it, on average over all orders in which they can come. What "without a
 * driver" means is told where it is worked out (net/explain.h, pooled/fit.h). */
#ifndef APPS_FORECAST_WHY_H
#define APPS_FORECAST_WHY_H

#include "comm/blocks.h"
#include "common/app.h"
#include "common/catalog.h"

/* sums: what joining with models of single series and with sums brings after all drivers have had their say */
enum {
	WHY_HISTORY,
	WHY_PRICE,
	WHY_PROMOTION,
	WHY_CALENDAR,
	WHY_PLACE,
	WHY_DRIVERS,
	WHY_SUMS = WHY_DRIVERS,
	WHY_PARTS
};
/* local | the name of a part */
const char *why_text(int part);

typedef struct {
	int64_t count;   /* series asked for */
	int64_t *series; /* owned: [count] */
	int horizon;
	float *usual; /* owned: [count][horizon] logarithm; NaN where nothing explains the series */
	float *part;  /* owned: [count][WHY_PARTS][horizon]; with usual the logarithm of the mean */
	/* by how much the root mean squared scaled error grows when a driver is taken from other windows; NaN: not
	 * measured */
	double importance[WHY_DRIVERS];
} why_parts;

/* local, equal on every rank | why_close releases it, also after a failure. fails: PAR_E_CONFIG naming the
 * setting and a series that is none; PAR_E_MEMORY */
par_err why_open(why_parts *w, const app *a, const catalog *c, int horizon);
void why_close(why_parts *w);

/* collective | the part of sums, from mean[series - first][horizon] as published by whoever holds the series.
 * fails: PAR_E_MEMORY */
par_err why_settle(why_parts *w, const par_blocks *b, const float *mean);

/* local | from v[2^WHY_DRIVERS][stride...], the value with every set of drivers (bit d: driver d is there) at one step:
 * part[d * horizon] for each driver, and the value of the empty set in *usual */
void why_share(const double *v, int64_t stride, int horizon, float *part, float *usual);

#endif
