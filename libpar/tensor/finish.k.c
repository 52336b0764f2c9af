#include "tensor/finish_kernels.h"

#define WIDE 8 /* vectors of a row at a time */

INLINE vec load(const float *p, int64_t some)
{
	return some < LANES ? vec_load_some(p, some) : vec_load(p);
}

INLINE void store(float *p, vec v, int64_t some)
{
	if (some < LANES)
		vec_store_some(p, v, some);
	else
		vec_store(p, v);
}

/* nv vectors of columns, the last of `some`; nv is a constant where this is expanded */
INLINE void columns(int nv, int64_t some, int64_t rows, int64_t n, float slope, const float *c,
    float *dc, float *sum)
{
	vec zero = {0}, total[WIDE] = {zero};
	for (int64_t i = 0; i < rows; i++, c += n, dc += n)
		for (int v = 0; v < nv; v++) {
			int64_t here = v == nv - 1 ? some : LANES;
			vec d = load(dc + v * LANES, here);
			if (slope != 1) {
				vec less = slope == 0 ? zero : d * slope;
				d = vec_pick(load(c + v * LANES, here) > zero, d, less);
				store(dc + v * LANES, d, here);
			}
			total[v] += d;
		}
	for (int v = 0; sum && v < nv; v++)
		store(sum + v * LANES, total[v], v == nv - 1 ? some : LANES);
}

void KERNEL(par_finish_back)(
    int64_t rows, int64_t n, float slope, const float *c, float *dc, float *sum)
{
	for (int64_t j = 0; j < n;) {
		int64_t left = n - j, step = left < LANES ? left : LANES;
		float *to = sum ? sum + j : (float *)0;
		if (left >= 8 * LANES)
			columns(8, LANES, rows, n, slope, c + j, dc + j, to), step = 8 * LANES;
		else if (left >= 4 * LANES)
			columns(4, LANES, rows, n, slope, c + j, dc + j, to), step = 4 * LANES;
		else if (left >= 2 * LANES)
			columns(2, LANES, rows, n, slope, c + j, dc + j, to), step = 2 * LANES;
		else
			columns(1, step, rows, n, slope, c + j, dc + j, to);
		j += step;
	}
}
