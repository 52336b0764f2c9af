/* Rows: sums, softmax and normalisation along the rows of matrices, and sums down columns.
 *
 * Matrices are dense and row-major. What a row gets depends on that row alone, in an order of
 * additions that its length fixes (tensor/wide_lanes.h); a column is added from the first row to
 * the last. All calls are local and allocate nothing; outputs may be inputs where said. */
#ifndef PAR_TENSOR_ROWS_H
#define PAR_TENSOR_ROWS_H

#include <stdint.h>

/* out[i] = factor * (sum of row i) */
void par_rows_sum(int64_t rows, int64_t cols, float factor, const float *x, float *out);

/* out[i] = <row i of a, row i of b> */
void par_rows_dot(int64_t rows, int64_t cols, const float *a, const float *b, float *out);
/* y[i][j] = factor[i] x[i][j]; y may be x */
void par_rows_scale(int64_t rows, int64_t cols, const float *factor, const float *x, float *y);

/* y = e^(x - max) / sum; y may be x. A row with NaN, +infinity or -infinity alone becomes NaN */
void par_rows_softmax(int64_t rows, int64_t cols, const float *x, float *y);
/* dx = y (dy - <y, dy>); dx may be dy */
void par_rows_softmax_back(int64_t rows, int64_t cols, const float *y, const float *dy, float *dx);

/* y = (x - mean) rstd scale[j] + shift[j], rstd = 1 / sqrt(variance + eps) (Ba et al. 2016);
 * mean and rstd of every row are kept for the way back. y may be x. */
void par_rows_normalise(int64_t rows, int64_t cols, const float *x, const float *scale,
    const float *shift, float eps, float *y, float *mean, float *rstd);
/* with xh = (x - mean) rstd and g = dy scale: dx = rstd (g - mean of g - xh (mean of g xh)); dx may
 * be dy */
void par_rows_normalise_back(int64_t rows, int64_t cols, const float *x, const float *mean,
    const float *rstd, const float *scale, const float *dy, float *dx);

/* out[j] = sum over rows i of x[i][j] */
void par_columns_sum(int64_t rows, int64_t cols, const float *x, float *out);
/* out[j] = sum over rows i of weight[i] x[i][j] */
void par_columns_sum_weighed(
    int64_t rows, int64_t cols, const float *weight, const float *x, float *out);
/* out[j] = sum over rows i of dy[i][j] (x[i][j] - mean[i]) rstd[i]: the gradient of scale */
void par_columns_sum_normalised(int64_t rows, int64_t cols, const float *x, const float *mean,
    const float *rstd, const float *dy, float *out);

#endif
