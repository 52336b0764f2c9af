/* Past: what the bank would have said at past origins, kept beside the forecast to judge by. */
#ifndef APPS_FORECAST_PAST_H
#define APPS_FORECAST_PAST_H

#include "forecast/plan.h"
#include "forecast/results.h"

/* local | r->past of rows [row, row + n) from their units[n][length]: means from the history up to each past origin,
 * of the models that the bank takes where it does not compare them,
 * since comparing at origins before those doubles the time and the sums come out alike.
 * fails: PAR_E_MEMORY */
par_err past_forecast(
    const plan *f, const results *r, int64_t row, int64_t n, const float *units, int64_t length);

/* local | the mean squared difference from one of the periods [first, n) of y, NaN missing, to the next, from the first
 * above 0 on: the square of what scales RMSSE; 0: none */
double past_step(const float *y, int64_t first, int64_t n);
/* local | variance over mean of y[n], NaN missing, each with a little to stand on */
float past_spread(const float *y, int64_t n, double little);

#endif
