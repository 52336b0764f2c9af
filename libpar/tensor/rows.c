#include "tensor/rows.h"

#include "base/cpu.h"
#include "tensor/rows_kernels.h"

void par_rows_sum(int64_t rows, int64_t cols, float factor, const float *x, float *out)
{
	KERNEL_CALL(par_rows_sum, rows, cols, factor, x, out);
}

void par_rows_dot(int64_t rows, int64_t cols, const float *a, const float *b, float *out)
{
	KERNEL_CALL(par_rows_dot, rows, cols, a, b, out);
}

void par_rows_scale(int64_t rows, int64_t cols, const float *factor, const float *x, float *y)
{
	KERNEL_CALL(par_rows_scale, rows, cols, factor, x, y);
}

void par_rows_softmax(int64_t rows, int64_t cols, const float *x, float *y)
{
	KERNEL_CALL(par_rows_softmax, rows, cols, x, y);
}

void par_rows_softmax_back(int64_t rows, int64_t cols, const float *y, const float *dy, float *dx)
{
	KERNEL_CALL(par_rows_softmax_back, rows, cols, y, dy, dx);
}

void par_rows_normalise(int64_t rows, int64_t cols, const float *x, const float *scale,
    const float *shift, float eps, float *y, float *mean, float *rstd)
{
	KERNEL_CALL(par_rows_normalise, rows, cols, x, scale, shift, eps, y, mean, rstd);
}

void par_rows_normalise_back(int64_t rows, int64_t cols, const float *x, const float *mean,
    const float *rstd, const float *scale, const float *dy, float *dx)
{
	KERNEL_CALL(par_rows_normalise_back, rows, cols, x, mean, rstd, scale, dy, dx);
}

void par_columns_sum(int64_t rows, int64_t cols, const float *x, float *out)
{
	KERNEL_CALL(par_columns_sum, rows, cols, x, out);
}

void par_columns_sum_weighed(
    int64_t rows, int64_t cols, const float *weight, const float *x, float *out)
{
	KERNEL_CALL(par_columns_sum_weighed, rows, cols, weight, x, out);
}

void par_columns_sum_normalised(int64_t rows, int64_t cols, const float *x, const float *mean,
    const float *rstd, const float *dy, float *out)
{
	KERNEL_CALL(par_columns_sum_normalised, rows, cols, x, mean, rstd, dy, out);
}
