#include "tensor/map_lanes.h"
#include "tensor/rows_kernels.h"
#include "tensor/wide_lanes.h"

void KERNEL(par_rows_sum)(int64_t rows, int64_t cols, float factor, const float *x, float *out)
{
	for (int64_t r = 0; r < rows; r++)
		out[r] = factor * wide_sum_of(cols, x + r * cols);
}

INLINE float dot(int64_t n, const float *a, const float *b)
{
	wide s = wide_all(0);
	EACH_WIDE(n, s.v[k] = vec_fma(AT(a), AT(b), s.v[k]););
	return wide_sum(s);
}

void KERNEL(par_rows_dot)(int64_t rows, int64_t cols, const float *a, const float *b, float *out)
{
	for (int64_t r = 0; r < rows; r++)
		out[r] = dot(cols, a + r * cols, b + r * cols);
}

void KERNEL(par_rows_scale)(
    int64_t rows, int64_t cols, const float *factor, const float *x, float *y)
{
	for (int64_t r = 0; r < rows; r++, x += cols, y += cols) {
		vec by = vec_all(factor[r]);
		EACH_WIDE(cols, vec_store_some(y + i, by * AT(x), left););
	}
}

INLINE void softmax(int64_t n, const float *x, float *y)
{
	vec most = vec_all(wide_max_of(n, x));
	wide s = wide_all(0);
	EACH_WIDE(n, {
		vec e = vec_first(vec_exp(AT(x) - most), left, vec_all(0));
		s.v[k] += e;
		vec_store_some(y + i, e, left);
	});
	vec inverse = vec_all(1 / wide_sum(s));
	EACH_WIDE(n, vec_store_some(y + i, AT(y) * inverse, left););
}

void KERNEL(par_rows_softmax)(int64_t rows, int64_t cols, const float *x, float *y)
{
	for (int64_t r = 0; r < rows; r++)
		softmax(cols, x + r * cols, y + r * cols);
}

INLINE void softmax_back(int64_t n, const float *y, const float *dy, float *dx)
{
	vec mean = vec_all(dot(n, y, dy)); /* of dy under the distribution y */
	EACH_WIDE(n, vec_store_some(dx + i, AT(y) * (AT(dy) - mean), left););
}

void KERNEL(par_rows_softmax_back)(
    int64_t rows, int64_t cols, const float *y, const float *dy, float *dx)
{
	for (int64_t r = 0; r < rows; r++)
		softmax_back(cols, y + r * cols, dy + r * cols, dx + r * cols);
}

INLINE float squares_about(int64_t n, const float *x, float mean)
{
	wide s = wide_all(0);
	vec m = vec_all(mean);
	EACH_WIDE(n, {
		vec d = vec_first(AT(x) - m, left, vec_all(0));
		s.v[k] = vec_fma(d, d, s.v[k]);
	});
	return wide_sum(s);
}

void KERNEL(par_rows_normalise)(int64_t rows, int64_t cols, const float *x, const float *scale,
    const float *shift, float eps, float *y, float *mean, float *rstd)
{
	for (int64_t r = 0; r < rows; r++, x += cols, y += cols) {
		mean[r] = wide_sum_of(cols, x) / (float)cols;
		float variance = squares_about(cols, x, mean[r]) / (float)cols;
		rstd[r] = 1 / __builtin_sqrtf(variance + eps);
		vec m = vec_all(mean[r]), by = vec_all(rstd[r]);
		EACH_WIDE(cols, {
			vec xh = (AT(x) - m) * by;
			vec_store_some(y + i, vec_fma(xh, AT(scale), AT(shift)), left);
		});
	}
}

void KERNEL(par_rows_normalise_back)(int64_t rows, int64_t cols, const float *x, const float *mean,
    const float *rstd, const float *scale, const float *dy, float *dx)
{
	for (int64_t r = 0; r < rows; r++, x += cols, dy += cols, dx += cols) {
		vec m = vec_all(mean[r]), by = vec_all(rstd[r]);
		wide s = wide_all(0), sx = wide_all(0);
		EACH_WIDE(cols, {
			vec g = AT(dy) * AT(scale);
			s.v[k] += g;
			sx.v[k] = vec_fma(g, (AT(x) - m) * by, sx.v[k]);
		});
		vec g_mean = vec_all(wide_sum(s) / (float)cols);
		vec gx_mean = vec_all(wide_sum(sx) / (float)cols);
		EACH_WIDE(cols, {
			vec g = AT(dy) * AT(scale) - g_mean;
			vec_store_some(dx + i, by * vec_fma((m - AT(x)) * by, gx_mean, g), left);
		});
	}
}

/* What is summed down columns: x; weight[i] x, when there is a weight; dy times x normalised by its
 * row's mean and rstd, when there is dy. */
typedef struct {
	int64_t rows, cols;
	const float *x, *weight, *mean, *rstd, *dy;
} columns;

/* one pass down a strip of columns that stays in registers: vecs vectors from column j, the last one
 * with `last` columns of the matrix */
INLINE void strip_sum(int vecs, int64_t last, const columns *c, int64_t j, float *out)
{
	vec sum[4] = {{0}};
	for (int64_t r = 0; r < c->rows; r++)
		for (int k = 0; k < vecs; k++) {
			int64_t at = r * c->cols + j + k * LANES, n = k + 1 < vecs ? LANES : last;
			vec v = vec_load_some(c->x + at, n);
			if (c->dy)
				sum[k] = vec_fma(vec_load_some(c->dy + at, n),
				    (v - c->mean[r]) * c->rstd[r], sum[k]);
			else if (c->weight)
				sum[k] = vec_fma(vec_all(c->weight[r]), v, sum[k]);
			else
				sum[k] += v;
		}
	for (int k = 0; k < vecs; k++)
		vec_store_some(out + j + k * LANES, sum[k], k + 1 < vecs ? LANES : last);
}

INLINE void columns_sum(columns c, float *out)
{
	int64_t j = 0;
	for (; j + 4 * LANES <= c.cols; j += 4 * LANES)
		strip_sum(4, LANES, &c, j, out);
	for (; j + LANES <= c.cols; j += LANES)
		strip_sum(1, LANES, &c, j, out);
	if (j < c.cols)
		strip_sum(1, c.cols - j, &c, j, out);
}

void KERNEL(par_columns_sum)(int64_t rows, int64_t cols, const float *x, float *out)
{
	columns_sum((columns){rows, cols, .x = x}, out);
}

void KERNEL(par_columns_sum_weighed)(
    int64_t rows, int64_t cols, const float *weight, const float *x, float *out)
{
	columns_sum((columns){rows, cols, .x = x, .weight = weight}, out);
}

void KERNEL(par_columns_sum_normalised)(int64_t rows, int64_t cols, const float *x,
    const float *mean, const float *rstd, const float *dy, float *out)
{
	columns_sum((columns){rows, cols, .x = x, .mean = mean, .rstd = rstd, .dy = dy}, out);
}
