#include "tensor/map_kernels.h"
#include "tensor/map_lanes.h"

/* y[i] = value for i < n, a vector at a time; in value, AT(x) is the vector that begins at x[i] */
#define EACH(n, y, value)                                     \
	do {                                                  \
		int64_t i = 0, left = LANES;                  \
		for (; i + LANES <= (n); i += LANES)          \
			vec_store((y) + i, value);            \
		left = (n)-i;                                 \
		if (left > 0)                                 \
			vec_store_some((y) + i, value, left); \
	} while (0)
#define AT(x) vec_load_some((x) + i, left)

#define ONE(f)                                                        \
	void KERNEL(par_map_##f)(int64_t n, const float *x, float *y) \
	{                                                             \
		EACH(n, y, vec_##f(AT(x)));                           \
	}
ONE(exp)
ONE(log)
ONE(sigmoid)
ONE(tanh)
ONE(softplus)
ONE(gelu)

void KERNEL(par_map_sigmoid_back)(int64_t n, const float *y, const float *dy, float *dx)
{
	EACH(n, dx, AT(dy) * (AT(y) * (1 - AT(y))));
}

void KERNEL(par_map_tanh_back)(int64_t n, const float *y, const float *dy, float *dx)
{
	EACH(n, dx, AT(dy) * vec_fma(-AT(y), AT(y), vec_all(1)));
}

void KERNEL(par_map_softplus_back)(int64_t n, const float *x, const float *dy, float *dx)
{
	EACH(n, dx, AT(dy) * vec_sigmoid(AT(x)));
}

void KERNEL(par_map_gelu_back)(int64_t n, const float *x, const float *dy, float *dx)
{
	EACH(n, dx, AT(dy) * vec_gelu_slope(AT(x)));
}

/* not by a product with 0, which would make -infinity NaN */
INLINE vec relu(vec x)
{
	return (vec)((ivec)x & ~(x <= 0));
}

INLINE vec leaky(vec x, vec slope)
{
	return vec_pick(x < 0, x * slope, x);
}

void KERNEL(par_map_leaky)(int64_t n, float slope, const float *x, float *y)
{
	if (slope == 0)
		EACH(n, y, relu(AT(x)));
	else
		EACH(n, y, leaky(AT(x), vec_all(slope)));
}

void KERNEL(par_map_leaky_back)(int64_t n, float slope, const float *y, const float *dy, float *dx)
{
	EACH(n, dx, vec_pick(AT(y) > 0, AT(dy), AT(dy) * slope));
}

void KERNEL(par_map_add)(int64_t n, const float *a, const float *b, float *y)
{
	EACH(n, y, AT(a) + AT(b));
}

void KERNEL(par_map_multiply)(int64_t n, const float *a, const float *b, float *y)
{
	EACH(n, y, AT(a) * AT(b));
}

void KERNEL(par_map_scale)(int64_t n, float factor, float shift, const float *x, float *y)
{
	EACH(n, y, vec_fma(vec_all(factor), AT(x), vec_all(shift)));
}

void KERNEL(par_map_axpy)(int64_t n, float factor, const float *x, float *y)
{
	EACH(n, y, vec_fma(vec_all(factor), AT(x), AT(y)));
}
