/* Convolutions for the tests of them: built from a case, and by hand in double. */
#ifndef VALIDATION_UNIT_CONV_CASE_H
#define VALIDATION_UNIT_CONV_CASE_H

#include "grad/layers.h"

#include <math.h>

typedef struct {
	int64_t pictures, h, w, in; /* of a sample */
	par_conv_spec spec;
	bool up; /* transposed */
} conv_case;

static par_value conv_case_build(par_graph *g, const par_value *in, const void *ctx)
{
	const conv_case *s = ctx;
	return (s->up ? par_conv2d_transposed : par_conv2d)(g, in[0], &s->spec);
}

static double conv_case_activate(par_act act, double c)
{
	switch (act) {
	case PAR_ACT_RELU:
		return c > 0 ? c : 0;
	case PAR_ACT_LEAKY:
		return c > 0 ? c : 0.2 * c;
	case PAR_ACT_TANH:
		return tanh(c);
	default:
		return c;
	}
}

/* rows (or columns) of the output before a pool */
static int64_t conv_case_side(const conv_case *s, int64_t n)
{
	int64_t stride = s->spec.stride ? s->spec.stride : 1;
	return s->up ? (n - 1) * stride - 2 * s->spec.pad + s->spec.kernel
		     : (n + 2 * s->spec.pad - s->spec.kernel) / stride + 1;
}

/* the input row (or column) that output row o meets at row k of the kernel; -1: none */
static int64_t conv_case_met(const conv_case *s, int64_t o, int64_t k, int64_t rows)
{
	int64_t stride = s->spec.stride ? s->spec.stride : 1, pad = s->spec.pad;
	int64_t at = s->up ? o + pad - k : o * stride + k - pad;
	if (s->up && at % stride != 0)
		return -1;
	at = s->up ? at / stride : at;
	return at >= 0 && at < rows ? at : -1;
}

/* output cell (oy, ox), channel o */
static double conv_case_cell(
    const conv_case *s, const double *x, double *const *p, int64_t oy, int64_t ox, int64_t o)
{
	int64_t k = s->spec.kernel, out = s->spec.out;
	const double *bias = s->spec.no_bias ? NULL : p[1];
	double sum = bias ? bias[o] : 0;
	for (int64_t tap = 0; tap < k * k; tap++) {
		int64_t iy = conv_case_met(s, oy, tap / k, s->h),
			ix = conv_case_met(s, ox, tap % k, s->w);
		for (int64_t i = 0; i < s->in && iy >= 0 && ix >= 0; i++)
			sum += x[(iy * s->w + ix) * s->in + i] * p[0][(tap * s->in + i) * out + o];
	}
	return conv_case_activate(s->spec.act, sum);
}

static int64_t conv_case_elements(const conv_case *s)
{
	int64_t pool = s->spec.pool ? s->spec.pool : 1;
	return s->pictures * (conv_case_side(s, s->h) / pool) * (conv_case_side(s, s->w) / pool) *
	       s->spec.out;
}

/* p: kernel, bias */
static void conv_case_reference(
    int64_t samples, double *const *x, double *const *p, double *y, const void *ctx)
{
	const conv_case *s = ctx;
	int64_t pool = s->spec.pool ? s->spec.pool : 1;
	int64_t h = conv_case_side(s, s->h) / pool, w = conv_case_side(s, s->w) / pool;
	int64_t out = s->spec.out;
	for (int64_t i = 0; i < samples * conv_case_elements(s); i++) {
		const double *picture = x[0] + i / (h * w * out) * s->h * s->w * s->in;
		int64_t oy = i / out / w % h * pool, ox = i / out % w * pool;
		y[i] = -INFINITY;
		for (int64_t k = 0; k < pool * pool; k++)
			y[i] = fmax(y[i],
			    conv_case_cell(s, picture, p, oy + k / pool, ox + k % pool, i % out));
	}
}

#endif
