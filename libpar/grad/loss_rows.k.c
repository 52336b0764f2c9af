#include "grad/loss_kernels.h"
#include "tensor/map_lanes.h"
#include "tensor/wide_lanes.h"

#include <stdbool.h>

/* Pinball: with d = t - p, level d above 0 and (level - 1) d below. */
INLINE vec pinball(vec d, vec level)
{
	return vec_pick(d > 0, level * d, (level - 1) * d);
}

/* by p; 0 at 0, NaN at NaN */
INLINE vec pinball_slope(vec d, vec level)
{
	return vec_pick(d > 0, -level, vec_pick(d < 0, 1 - level, d));
}

void KERNEL(par_pinball_loss)(int64_t samples, int64_t rows, int64_t n, const float *level,
    const float *p, const float *t, float *loss)
{
	for (int64_t s = 0; s < samples; s++) {
		wide sum = wide_all(0);
		for (int64_t r = 0; r < rows; r++, p += n, t++)
			EACH_WIDE(n, {
				vec v = pinball(*t - AT(p), AT(level));
				sum.v[k] += vec_first(v, left, vec_all(0));
			});
		loss[s] = wide_sum(sum) / (float)(rows * n);
	}
}

void KERNEL(par_pinball_back)(int64_t samples, int64_t rows, int64_t n, const float *level,
    const float *p, const float *t, const float *dy, float *dp, float *dt)
{
	for (int64_t row = 0; row < samples * rows; row++, p += n) {
		vec by = vec_all(dy[row / rows] / (float)(rows * n));
		wide sum = wide_all(0);
		EACH_WIDE(n, {
			vec slope = by * pinball_slope(t[row] - AT(p), AT(level));
			sum.v[k] += vec_first(slope, left, vec_all(0));
			if (dp)
				vec_store_some(dp + row * n + i, slope, left);
		});
		if (dt)
			dt[row] = -wide_sum(sum);
	}
}

/* Cross-entropy of a row x with label l: log sum e^x - (1 - s) x[l] - s mean x. A label outside the
 * row makes it NaN. */
INLINE float entropy_row(
    int64_t n, float smoothing, const float *x, int32_t label, float *most, float *inverse)
{
	*most = wide_max_of(n, x);
	wide sum = wide_all(0);
	EACH_WIDE(n, sum.v[k] += vec_first(vec_exp(AT(x) - *most), left, vec_all(0)););
	float total = wide_sum(sum), log_total = vec_log(vec_all(total))[0];
	*inverse = 1 / total;
	if (label < 0 || label >= n)
		return __builtin_nanf("");
	float target = (1 - smoothing) * x[label];
	if (smoothing != 0)
		target += smoothing * (wide_sum_of(n, x) / (float)n);
	return log_total + *most - target;
}

void KERNEL(par_entropy_loss)(int64_t samples, int64_t rows, int64_t n, float smoothing,
    const float *x, const int32_t *label, float *most, float *inverse, float *loss)
{
	for (int64_t s = 0; s < samples; s++) {
		float sum = 0;
		for (int64_t row = s * rows; row < (s + 1) * rows; row++)
			sum += entropy_row(
			    n, smoothing, x + row * n, label[row], most + row, inverse + row);
		loss[s] = sum / (float)rows;
	}
}

/* softmax x - (1 - s) [j = l] - s / n */
void KERNEL(par_entropy_back)(int64_t samples, int64_t rows, int64_t n, float smoothing,
    const float *x, const int32_t *label, const float *most, const float *inverse, const float *dy,
    float *dx)
{
	for (int64_t row = 0; row < samples * rows; row++, x += n, dx += n) {
		float by = dy[row / rows] / (float)rows, each = smoothing / (float)n;
		bool inside = label[row] >= 0 && label[row] < n;
		/* a sample that only fills the batch has no gradient, whatever its label */
		bool odd = !inside && by != 0;
		vec share = vec_all(odd ? __builtin_nanf("") : inverse[row]);
		EACH_WIDE(n, {
			vec e = vec_exp(AT(x) - most[row]);
			vec_store_some(dx + i, by * vec_fma(e, share, vec_all(-each)), left);
		});
		if (inside)
			dx[label[row]] -= by * (1 - smoothing);
	}
}
