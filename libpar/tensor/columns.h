/* Columns: what batch normalisation does to the columns of matrices.
 *
 * Matrices are dense and row-major. Sums go down each column from the first row to the last, in
 * double, where squares of floats are exact and variances of columns far from 0 do not cancel; so
 * they have the same bits in every kernel set. All calls are local and allocate nothing. */
#ifndef PAR_TENSOR_COLUMNS_H
#define PAR_TENSOR_COLUMNS_H

#include <stdint.h>

/* sums[j] = sum of x[i][j], sums[cols + j] = sum of its squares */
void par_columns_moments(int64_t rows, int64_t cols, const float *x, double *sums);
/* sums[j] = sum of dy[i][j], sums[cols + j] = sum of dy[i][j] (x[i][j] - mean[j]) rstd[j] */
void par_columns_slopes(int64_t rows, int64_t cols, const float *x, const float *mean,
    const float *rstd, const float *dy, double *sums);

/* y = (x - mean[j]) scale[j] + shift[j]; y may be x */
void par_columns_apply(int64_t rows, int64_t cols, const float *x, const float *mean,
    const float *scale, const float *shift, float *y);
/* dx = dy scale[j] - (x - mean[j]) tilt[j] - shift[j]; dx may be dy */
void par_columns_back(int64_t rows, int64_t cols, const float *x, const float *mean,
    const float *scale, const float *tilt, const float *shift, const float *dy, float *dx);

#endif
