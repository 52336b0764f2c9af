#include "tensor/map.h"

#include "base/cpu.h"
#include "tensor/map_kernels.h"

#define ONE(f)                                                \
	void par_map_##f(int64_t n, const float *x, float *y) \
	{                                                     \
		KERNEL_CALL(par_map_##f, n, x, y);            \
	}
ONE(exp)
ONE(log)
ONE(sigmoid)
ONE(tanh)
ONE(softplus)
ONE(gelu)

#define TWO(f)                                                                \
	void par_map_##f(int64_t n, const float *a, const float *b, float *y) \
	{                                                                     \
		KERNEL_CALL(par_map_##f, n, a, b, y);                         \
	}
TWO(add)
TWO(multiply)

/* from x or from y */
#define BACK(f, x)                                                              \
	void par_map_##f(int64_t n, const float *x, const float *dy, float *dx) \
	{                                                                       \
		KERNEL_CALL(par_map_##f, n, x, dy, dx);                         \
	}
BACK(sigmoid_back, y)
BACK(tanh_back, y)
BACK(softplus_back, x)
BACK(gelu_back, x)

void par_map_leaky(int64_t n, float slope, const float *x, float *y)
{
	KERNEL_CALL(par_map_leaky, n, slope, x, y);
}

void par_map_leaky_back(int64_t n, float slope, const float *y, const float *dy, float *dx)
{
	KERNEL_CALL(par_map_leaky_back, n, slope, y, dy, dx);
}

void par_map_scale(int64_t n, float factor, float shift, const float *x, float *y)
{
	KERNEL_CALL(par_map_scale, n, factor, shift, x, y);
}

void par_map_axpy(int64_t n, float factor, const float *x, float *y)
{
	KERNEL_CALL(par_map_axpy, n, factor, x, y);
}

void par_map_fill(int64_t n, float value, float *y)
{
	for (int64_t i = 0; i < n; i++)
		y[i] = value;
}
