/* Metrics: how far a forecast was off, on plain arrays in double. Pure functions: no files, no
 * ranks.
 *
 * y[n] is the history (in sample), a[h] what came, f[h] or q[h] what was forecast. NaN in y or a is
 * a missing value: pairs and steps that hold one do not count, and a measure left with nothing to
 * count is NaN. Competitions differ in scale (lag, first value, square or not), so scales are taken
 * apart from errors:
 *
 *   M4     MASE = mean |a-f| / scale(lag m); OWA compares means over series with those of Naive2;
 *          m is 24 hourly, 12 monthly, 4 quarterly, 1 for years, weeks and days
 *   M5     RMSSE = sqrt(mean (a-f)^2 / square scale(lag 1)), SPL(u) = pinball / scale(lag 1), both
 *          scales from the first sale on
 *   SQL    2 * pinball averaged over levels / scale(lag = season): the two makes the SQL of a point
 *          forecast equal to its MASE at that lag
 *
 * (Makridakis, Spiliotis, Assimakopoulos: M4, IJF 36:54, 2020; M5, IJF 38:1346, 2022; Gneiting and
 * Raftery 2007 for the interval score.) */
#ifndef APPS_SCORE_METRICS_H
#define APPS_SCORE_METRICS_H

#include <stdint.h>

/* local | mean |y[t] - y[t-lag]| and mean (y[t] - y[t-lag])^2 */
double metric_scale(const double *y, int64_t n, int64_t lag);
double metric_scale_square(const double *y, int64_t n, int64_t lag);
/* local | index of the first value that is there and not zero; n when there is none */
int64_t metric_first_sale(const double *y, int64_t n);

/* local | mean |a-f|, mean (a-f)^2, and mean 200 |a-f| / (|a|+|f|) where 0 / 0 counts as 0 */
double metric_absolute(const double *a, const double *f, int64_t h);
double metric_square(const double *a, const double *f, int64_t h);
double metric_smape(const double *a, const double *f, int64_t h);

/* local | mean of u (a-q) where a >= q and (1-u) (q-a) below */
double metric_pinball(double u, const double *a, const double *q, int64_t h);
/* local | mean width of [lo, up] plus 2 / alpha times what lies outside it; unscaled */
double metric_interval(
    const double *a, const double *lo, const double *up, int64_t h, double alpha);
/* local | share of steps with a <= q; share with lo <= a <= up */
double metric_coverage(const double *a, const double *q, int64_t h);
double metric_inside(const double *a, const double *lo, const double *up, int64_t h);

/* local | v[h]: where each actual value stands among the n quantiles q[n][h] of levels u, draw[h] in [0, 1)
 * choosing (common/pit.h); NaN where a is missing */
void metric_pit(const double *a, const double *q, int64_t h, int n, const double *u,
    const double *draw, double *v);

/* local | the M4 organisers' Naive2: y over classical multiplicative seasonal indices when the test
 * |acf(m)| > 1.645 sqrt((1 + 2 sum_{k<m} acf(k)^2) / n) finds a season in n >= 3m values, the last
 * value repeated, indices put back. Values before the first one there are left out, later gaps take
 * the value before them; a season with an index that is not positive is left alone. All NaN when y
 * holds nothing. Returns 0 when memory ran out, else 1. */
int metric_naive2(const double *y, int64_t n, int64_t m, int64_t h, double *f);

#endif
