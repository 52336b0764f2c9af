/* Ridge: weighted least squares on sparse rows, with a penalty for every column.
 *
 * Minimises sum_t w_t (y_t - m - x_t b)^2 + sum_j penalty_j b_j^2 with m the weighted mean of y, by the
 * normal equations (Hoerl and Kennard 1970). A design of dummies has some thirty numbers in a row of
 * hundreds, so the Gram matrix is made from pairs within rows. It is factored once and serves every y
 * that has the same rows and weights.
 * Loops are plain and in one order, so that all kernel sets have the same bits. */
#ifndef APPS_FORECAST_TOTALS_RIDGE_H
#define APPS_FORECAST_TOTALS_RIDGE_H

#include "base/err.h"

#include <stdint.h>

typedef struct {
	int64_t rows;
	int columns;
	int64_t *start;  /* [rows + 1]: row t has entries [start[t], start[t + 1]) */
	int32_t *column; /* ascending in a row */
	double *value;
	double *penalty; /* [columns], above 0 */
} ridge_rows;

/* local | gram (columns x columns) gets the factor for rows [0, n) with weight[t], 0 for one left out
 * fails: PAR_E_NUMERIC when the matrix is not positive definite */
par_err ridge_factor(const ridge_rows *x, int64_t n, const double *weight, double *gram);
/* local | coefficients b[columns] and the mean for y over the same rows and weights; the sum of weights is
 * above 0 */
void ridge_fit(const ridge_rows *x, int64_t n, const double *weight, const double *gram,
    const double *y, double *b, double *mean);
/* local | x_t b */
double ridge_at(const ridge_rows *x, int64_t t, const double *b);

#endif
