#include "tensor/map.h"

#include "base/cpu.h"
#include "tensor/map_kernels.h"

#define ONE(f)                                                              \
	void par_map_##f(int64_t n, const float *x, float *y)               \
	{                                                                   \
		static par_map_one *const set[] = KERNEL_SETS(par_map_##f); \
		set[par_cpu_kernels()](n, x, y);                            \
	}
PAR_MAP_ONE(ONE)

#define TWO(f)                                                                \
	void par_map_##f(int64_t n, const float *a, const float *b, float *y) \
	{                                                                     \
		static par_map_two *const set[] = KERNEL_SETS(par_map_##f);   \
		set[par_cpu_kernels()](n, a, b, y);                           \
	}
PAR_MAP_TWO(TWO)

void par_map_leaky(int64_t n, float slope, const float *x, float *y)
{
	static par_map_leaky_kernel *const set[] = KERNEL_SETS(par_map_leaky);
	set[par_cpu_kernels()](n, slope, x, y);
}

void par_map_leaky_back(int64_t n, float slope, const float *y, const float *dy, float *dx)
{
	static par_map_leaky_back_kernel *const set[] = KERNEL_SETS(par_map_leaky_back);
	set[par_cpu_kernels()](n, slope, y, dy, dx);
}

void par_map_scale(int64_t n, float factor, float shift, const float *x, float *y)
{
	static par_map_scale_kernel *const set[] = KERNEL_SETS(par_map_scale);
	set[par_cpu_kernels()](n, factor, shift, x, y);
}

void par_map_axpy(int64_t n, float factor, const float *x, float *y)
{
	static par_map_axpy_kernel *const set[] = KERNEL_SETS(par_map_axpy);
	set[par_cpu_kernels()](n, factor, x, y);
}

void par_map_fill(int64_t n, float value, float *y)
{
	for (int64_t i = 0; i < n; i++)
		y[i] = value;
}
