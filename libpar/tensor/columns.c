#include "tensor/columns.h"

#include "base/cpu.h"
#include "tensor/columns_kernels.h"

void par_columns_moments(int64_t rows, int64_t cols, const float *x, double *sums)
{
	KERNEL_CALL(par_columns_moments, rows, cols, x, sums);
}

void par_columns_slopes(int64_t rows, int64_t cols, const float *x, const float *mean,
    const float *rstd, const float *dy, double *sums)
{
	KERNEL_CALL(par_columns_slopes, rows, cols, x, mean, rstd, dy, sums);
}

void par_columns_apply(int64_t rows, int64_t cols, const float *x, const float *mean,
    const float *scale, const float *shift, float *y)
{
	KERNEL_CALL(par_columns_apply, rows, cols, x, mean, scale, shift, y);
}

void par_columns_back(int64_t rows, int64_t cols, const float *x, const float *mean,
    const float *scale, const float *tilt, const float *shift, const float *dy, float *dx)
{
	KERNEL_CALL(par_columns_back, rows, cols, x, mean, scale, tilt, shift, dy, dx);
}
