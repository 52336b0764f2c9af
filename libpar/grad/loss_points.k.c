#include "grad/loss_kernels.h"
#include "tensor/map_lanes.h"
#include "tensor/wide_lanes.h"

/* A loss of one element: its value, its slopes by p and by t; a is the kind's number. */
#define POINT(name, value, slope_p, slope_t)        \
	INLINE vec name(vec p, vec t, vec a)        \
	{                                           \
		(void)p, (void)t, (void)a;          \
		return value;                       \
	}                                           \
	INLINE vec name##_by_p(vec p, vec t, vec a) \
	{                                           \
		(void)p, (void)t, (void)a;          \
		return slope_p;                     \
	}                                           \
	INLINE vec name##_by_t(vec p, vec t, vec a) \
	{                                           \
		(void)p, (void)t, (void)a;          \
		return slope_t;                     \
	}

/* 0 at 0, NaN at NaN */
INLINE vec sign(vec d)
{
	return vec_pick(d > 0, vec_all(1), vec_pick(d < 0, vec_all(-1), d));
}

INLINE vec huber_of(vec d, vec delta)
{
	return vec_pick(d > delta, delta * (d - 0.5f * delta), 0.5f * d * d);
}

INLINE vec clip(vec d, vec delta)
{
	return vec_min(delta, vec_max(-delta, d));
}

/* max(0, 1 - score) and its slope */
INLINE vec lack(vec score)
{
	return vec_max(vec_all(0), 1 - score);
}

INLINE vec lack_slope(vec score)
{
	return vec_pick(score >= 1, vec_all(0), vec_all(-1));
}

/* clang-format off */
POINT(mse, (p - t) * (p - t), 2 * (p - t), 2 * (t - p))
POINT(mae, vec_abs(p - t), sign(p - t), sign(t - p))
POINT(huber, huber_of(vec_abs(p - t), a), clip(p - t, a), clip(t - p, a))
POINT(poisson, vec_fma(-t, p, vec_exp(p)), vec_exp(p) - t, -p)
POINT(tweedie, vec_exp((2 - a) * p) / (2 - a) - t * vec_exp((1 - a) * p) / (1 - a),
    vec_exp((2 - a) * p) - t * vec_exp((1 - a) * p), vec_exp((1 - a) * p) / (a - 1))
POINT(binary, vec_fma(-t, p, vec_softplus(p)), vec_sigmoid(p) - t, -p)
POINT(hinge, lack(t * p), t * lack_slope(t * p), p * lack_slope(t * p))
POINT(squared_hinge, lack(t * p) * lack(t * p), -2 * t * lack(t * p), -2 * p * lack(t * p))
POINT(logistic, vec_softplus(-t * p), -t * vec_sigmoid(-t * p), -p * vec_sigmoid(-t * p))
POINT(linear, -t * p, -t, -p)
/* clang-format on */

#define EVERY_POINT(X)                            \
	X(PAR_POINT_MSE, mse)                     \
	X(PAR_POINT_MAE, mae)                     \
	X(PAR_POINT_HUBER, huber)                 \
	X(PAR_POINT_POISSON, poisson)             \
	X(PAR_POINT_TWEEDIE, tweedie)             \
	X(PAR_POINT_BINARY, binary)               \
	X(PAR_POINT_HINGE, hinge)                 \
	X(PAR_POINT_SQUARED_HINGE, squared_hinge) \
	X(PAR_POINT_LOGISTIC, logistic)           \
	X(PAR_POINT_LINEAR, linear)

typedef vec point(vec p, vec t, vec a);

INLINE void sum_points(
    point f, const par_points *c, int64_t samples, const float *p, const float *t, float *loss)
{
	vec a = vec_all(c->number);
	for (int64_t s = 0; s < samples; s++, p += c->n, t += c->n) {
		wide sum = wide_all(0);
		EACH_WIDE(c->n, sum.v[k] += vec_first(f(AT(p), AT(t), a), left, vec_all(0)););
		loss[s] = c->factor * wide_sum(sum);
	}
}

void KERNEL(par_points_loss)(
    const par_points *c, int64_t samples, const float *p, const float *t, float *loss)
{
	switch (c->kind) {
#define CASE(kind, name)                                  \
	case kind:                                        \
		sum_points(name, c, samples, p, t, loss); \
		break;
		EVERY_POINT(CASE)
#undef CASE
	}
}

INLINE void slope_points(point f, const par_points *c, int64_t samples, const float *p,
    const float *t, const float *dy, float *out)
{
	vec a = vec_all(c->number);
	for (int64_t s = 0; out && s < samples; s++, p += c->n, t += c->n, out += c->n) {
		vec by = vec_all(c->factor * dy[s]);
		EACH_WIDE(c->n, vec_store_some(out + i, by * f(AT(p), AT(t), a), left););
	}
}

void KERNEL(par_points_back)(const par_points *c, int64_t samples, const float *p, const float *t,
    const float *dy, float *dp, float *dt)
{
	switch (c->kind) {
#define CASE(kind, name)                                             \
	case kind:                                                   \
		slope_points(name##_by_p, c, samples, p, t, dy, dp); \
		slope_points(name##_by_t, c, samples, p, t, dy, dt); \
		break;
		EVERY_POINT(CASE)
#undef CASE
	}
}
