/* Direct: the forecast of one sum of many series from its own history.
 *
 * The logarithm is regressed on the calendar (totals/design.h, totals/ridge.h) with weights that halve
 * in DIRECT_HALF days; what is left over is smoothed as a level and a season (as exponential smoothing
 * does), carried on, and half its variance brings the mean back from the logarithm. The sum of all
 * series' growth over a year carries on as a drift, a little more than it was, for some weeks: trends of
 * single sums are too uncertain. Periods in which the sum all but vanishes (closed shops) are left out; an
 * event at which that was so closes the periods to come as well. */
#ifndef APPS_FORECAST_TOTALS_DIRECT_H
#define APPS_FORECAST_TOTALS_DIRECT_H

#include "forecast/totals/calendar.h"
#include "forecast/totals/ridge.h"

#define DIRECT_HALF 500. /* days; 60 periods where these are longer */
#define DIRECT_CACHE 8

#define DIRECT_STATUS_LIST(X)                                              \
	X(DIRECT_OK, "forecast")                                           \
	X(DIRECT_EMPTY, "nothing observed")                                \
	X(DIRECT_SHORT, "too short: two seasons and 24 periods are asked") \
	X(DIRECT_SPARSE, "too small, or too often zero or below")          \
	X(DIRECT_ENDED, "nothing sold in the last two seasons")            \
	X(DIRECT_FAILED, "the regression failed")

typedef enum {
#define X(name, text) name,
	DIRECT_STATUS_LIST(X)
#undef X
} direct_status;

typedef struct {
	const calendar *of;
	int horizon, season, season2;
	bool counts;   /* units, not amounts */
	double growth; /* of the logarithm in a day; 0: none is known */
} direct_spec;

/* designs and factors of the nodes before, for those that have the same */
typedef struct {
	uint64_t key[DIRECT_CACHE];
	ridge_rows rows[DIRECT_CACHE];
	double *gram[DIRECT_CACHE];
	int used, next;
} direct_cache;

typedef struct {
	double *mean; /* [horizon]; NaN unless status is DIRECT_OK */
	double sd;    /* of one-step errors of the logarithm over the last year */
	direct_status status;
} direct_result;

/* local | forecast from y[0, origin), NaN where missing, of a node with weight[market] series in each
 * market. begin with (direct_cache){0}; the result does not depend on what it holds.
 * fails: PAR_E_MEMORY */
par_err direct_forecast(const direct_spec *s, const double *y, int64_t origin, const double *weight,
    direct_cache *cache, direct_result *out);
void direct_cache_drop(direct_cache *cache);

/* local | growth a day of the logarithm from the last two years of y[0, origin), 0 when these are not there */
double direct_growth(const calendar *of, const double *y, int64_t origin);

#endif
