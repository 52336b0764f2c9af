#include "tensor/columns_kernels.h"
#include "tensor/wide_lanes.h"

/* a vector of floats as two of doubles */
typedef double dvec __attribute__((vector_size(4 * LANES)));

INLINE void widen(vec v, dvec *low, dvec *high)
{
#if KERNEL_LEVEL == 2
	*low = (dvec)_mm512_cvtps_pd(_mm512_castps512_ps256((__m512)v));
	*high = (dvec)_mm512_cvtps_pd(_mm512_extractf32x8_ps((__m512)v, 1));
#elif KERNEL_LEVEL == 1
	*low = (dvec)_mm256_cvtps_pd(_mm256_castps256_ps128((__m256)v));
	*high = (dvec)_mm256_cvtps_pd(_mm256_extractf128_ps((__m256)v, 1));
#else
	*low = (dvec){(double)v[0], (double)v[1]};
	*high = (dvec){(double)v[2], (double)v[3]};
#endif
}

INLINE void store_some(double *p, dvec low, dvec high, int64_t n)
{
	double both[LANES];
	memcpy(both, &low, sizeof low);
	memcpy(both + LANES / 2, &high, sizeof high);
	memcpy(p, both, (size_t)n * sizeof *p);
}

/* of a row, the terms of the two sums: x and its square, or dy and dy times x normalised */
typedef struct {
	int64_t rows, cols;
	const float *x, *mean, *rstd, *dy;
} matrix;

#define STRIP 2 /* vectors of columns whose sums stay in registers */

INLINE void strip(int vecs, int64_t last, const matrix *m, int64_t j, double *sums)
{
	dvec low[STRIP] = {{0}}, high[STRIP] = {{0}}, low2[STRIP] = {{0}}, high2[STRIP] = {{0}};
	for (int64_t r = 0; r < m->rows; r++)
		for (int k = 0; k < vecs; k++) {
			int64_t col = j + k * LANES, n = k + 1 < vecs ? LANES : last;
			vec a = vec_load_some(m->x + r * m->cols + col, n), b = a;
			if (m->dy) {
				vec mean = vec_load_some(m->mean + col, n);
				b = (a - mean) * vec_load_some(m->rstd + col, n);
				a = vec_load_some(m->dy + r * m->cols + col, n);
			}
			dvec a_low, a_high, b_low, b_high;
			widen(a, &a_low, &a_high);
			widen(b, &b_low, &b_high);
			low[k] += a_low;
			high[k] += a_high;
			low2[k] += a_low * b_low; /* exact products */
			high2[k] += a_high * b_high;
		}
#pragma GCC unroll 2 /* else the sums stand in memory all along */
	for (int k = 0; k < vecs; k++) {
		int64_t n = k + 1 < vecs ? LANES : last;
		store_some(sums + j + k * LANES, low[k], high[k], n);
		store_some(sums + m->cols + j + k * LANES, low2[k], high2[k], n);
	}
}

INLINE void sum_columns(matrix m, double *sums)
{
	int64_t j = 0;
	for (; j + STRIP * LANES <= m.cols; j += STRIP * LANES)
		strip(STRIP, LANES, &m, j, sums);
	for (; j + LANES <= m.cols; j += LANES)
		strip(1, LANES, &m, j, sums);
	if (j < m.cols)
		strip(1, m.cols - j, &m, j, sums);
}

void KERNEL(par_columns_moments)(int64_t rows, int64_t cols, const float *x, double *sums)
{
	sum_columns((matrix){rows, cols, .x = x}, sums);
}

void KERNEL(par_columns_slopes)(int64_t rows, int64_t cols, const float *x, const float *mean,
    const float *rstd, const float *dy, double *sums)
{
	sum_columns((matrix){rows, cols, .x = x, .mean = mean, .rstd = rstd, .dy = dy}, sums);
}

void KERNEL(par_columns_apply)(int64_t rows, int64_t cols, const float *x, const float *mean,
    const float *scale, const float *shift, float *y)
{
	for (int64_t r = 0; r < rows; r++, x += cols, y += cols)
		EACH_WIDE(cols, {
			vec v = vec_fma(AT(x) - AT(mean), AT(scale), AT(shift));
			vec_store_some(y + i, v, left);
		});
}

void KERNEL(par_columns_back)(int64_t rows, int64_t cols, const float *x, const float *mean,
    const float *scale, const float *tilt, const float *shift, const float *dy, float *dx)
{
	for (int64_t r = 0; r < rows; r++, x += cols, dy += cols, dx += cols)
		EACH_WIDE(cols, {
			vec v = vec_fma(AT(mean) - AT(x), AT(tilt), -AT(shift));
			vec_store_some(dx + i, vec_fma(AT(dy), AT(scale), v), left);
		});
}
