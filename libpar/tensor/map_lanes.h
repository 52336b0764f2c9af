/* Map lanes: elementary functions of one vector, for kernels (NAME.k.c files).
 *
 * Each is a fixed chain of additions, multiplications, fused multiply-adds and at most one division,
 * so its bits are those of the kernel set alone (base/lanes.h) and do not depend on the C library.
 * NaN stays NaN; limits at infinity are reached. Largest errors in units of the last place, in every
 * set, over the whole range against the C library in double (validation/unit/map.c): exp and log 1,
 * sigmoid 2.3, tanh 2.5, softplus 2.7, gelu 7 (from x = -13 up; below it is less than 1e-36 and
 * within 9).
 * Coefficients are our own minimax fits (Remez). Cody and Waite's two-part ln 2 keeps reduced
 * arguments exact, also without fused multiply-add. */
#ifndef PAR_TENSOR_MAP_LANES_H
#define PAR_TENSOR_MAP_LANES_H

#include "base/lanes.h"

#define LN2_HIGH 0.693359375f /* nine bits, so that its products with exponents are exact */
#define LN2_LOW (-2.12194440e-4f)

INLINE vec vec_abs(vec x)
{
	return (vec)((ivec)x & 0x7fffffff);
}

/* x = n ln 2 + r, |r| <= ln 2 / 2; |x| < 2^20. n comes as a float. */
INLINE vec vec_reduce(vec x, vec *n)
{
	const vec to_int = vec_all(0x1.8p23f);
	*n = vec_fma(x, vec_all(1.44269504f), to_int) - to_int;
	return vec_fma(*n, vec_all(-LN2_LOW), vec_fma(*n, vec_all(-LN2_HIGH), x));
}

/* 2^n for whole n, -126 <= n <= 127 */
INLINE vec vec_power_of_2(vec n)
{
	return (vec)((ivec)(n + 0x1.8p23f + 127) << 23);
}

/* x 2^n for x near 1 and whole n, -160 <= n <= 130, rounded once */
INLINE vec vec_scale(vec x, vec n)
{
#if KERNEL_LEVEL == 2
	return (vec)_mm512_scalef_ps((__m512)x, (__m512)n);
#else
	const vec to_int = vec_all(0x1.8p23f);
	ivec whole = (ivec)(n + to_int) - (ivec)to_int, half = whole >> 1;
	return x * (vec)((half + 127) << 23) * (vec)((whole - half + 127) << 23);
#endif
}

/* (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2; short chains let more vectors be under way at once */
INLINE vec vec_exp_rest(vec r, vec r2)
{
	vec high = vec_fma(vec_all(8.368922397e-3f), r, vec_all(4.166840762e-2f));
	vec low = vec_fma(vec_all(1.666651964e-1f), r, vec_all(4.999999404e-1f));
	return vec_fma(vec_fma(vec_all(1.381417853e-3f), r2, high), r2, low);
}

/* e^(x - small) for -104 <= x <= 89 and |small| < 0.01: for arguments longer than a float */
INLINE vec vec_exp_long(vec x, vec small)
{
	vec n, r = vec_reduce(x, &n) - small;
	vec r2 = r * r;
	return vec_scale(vec_fma(vec_exp_rest(r, r2), r2, r) + 1, n);
}

INLINE vec vec_exp(vec x)
{
	return vec_exp_long(vec_min(vec_all(89), vec_max(vec_all(-104), x)), vec_all(0));
}

/* e^-|x| */
INLINE vec vec_exp_down(vec x)
{
	return vec_exp_long(vec_max(vec_all(-104), -vec_abs(x)), vec_all(0));
}

INLINE vec vec_log(vec x)
{
	const ivec root_half = (ivec)vec_all(0x1.6a09e6p-1f);
	ivec tiny = x < 0x1p-126f;
	ivec bits = (ivec)vec_abs(vec_pick(tiny, x * 0x1p23f, x)) - root_half;
	vec e = __builtin_convertvector((bits >> 23) + (tiny & -23), vec);
	vec f = (vec)((bits & 0x7fffff) + root_half) - 1, f2 = f * f;
	vec q = vec_all(-7.634486258e-2f);
	q = vec_fma(q, f, vec_all(1.276156455e-1f));
	q = vec_fma(q, f, vec_all(-1.316018105e-1f));
	q = vec_fma(q, f, vec_all(1.420176029e-1f));
	q = vec_fma(q, f, vec_all(-1.662335843e-1f));
	q = vec_fma(q, f, vec_all(2.000122666e-1f));
	q = vec_fma(q, f, vec_all(-2.500081956e-1f));
	q = vec_fma(q, f, vec_all(3.333333135e-1f));
	vec low = vec_fma(vec_all(-0.5f), f2, vec_fma(e, vec_all(LN2_LOW), f * f2 * q));
	vec y = vec_fma(e, vec_all(LN2_HIGH), f + low);
	y = vec_pick(
	    x > 0, y, vec_pick(x == 0, vec_all(-__builtin_inff()), vec_all(__builtin_nanf(""))));
	return vec_pick(x == __builtin_inff(), x, y);
}

/* log(1 + t) = 2 artanh(t / (2 + t)) for 0 <= t <= 1 */
INLINE vec vec_log1p_unit(vec t)
{
	vec s = t / (t + 2), z = s * s, two_s = s + s;
	vec q = vec_all(1.400642097e-1f);
	q = vec_fma(q, z, vec_all(1.400081366e-1f));
	q = vec_fma(q, z, vec_all(2.001076937e-1f));
	q = vec_fma(q, z, vec_all(3.333320916e-1f));
	return vec_fma(two_s * z, q, two_s);
}

/* 1 / (1 + e^-x) */
INLINE vec vec_sigmoid(vec x)
{
	vec e = vec_exp_down(x);
	return vec_pick(x >= 0, vec_all(1), e) / (e + 1);
}

/* with e = e^-2|x| - 1: tanh |x| = -e / (2 + e) */
INLINE vec vec_tanh(vec x)
{
	vec n, r = vec_reduce(vec_max(vec_all(-40), -2 * vec_abs(x)), &n);
	vec r2 = r * r, scale = vec_power_of_2(n);
	vec e = vec_fma(scale, vec_fma(vec_exp_rest(r, r2), r2, r), scale - 1);
	vec y = vec_abs(e / (e + 2));
	return (vec)((ivec)y | ((ivec)x & INT32_MIN));
}

/* log(1 + e^x) */
INLINE vec vec_softplus(vec x)
{
	return vec_max(vec_all(0), x) + vec_log1p_unit(vec_exp_down(x));
}

/* The normal distribution function; *density gets its derivative.
 * With a = |x|: e^(-a^2 / 2) t P(t), t = 1 / (1 + 0.35 a), is that of -a. a is cut in two, so that the
 * square of the high part is exact. Beyond FAR it is 0 or 1. */
#define NORMAL_FAR 14.4f
INLINE vec vec_normal_cdf(vec x, vec *density)
{
	vec a = vec_min(vec_all(NORMAL_FAR), vec_abs(x));
	vec high = (vec)((ivec)a & ~0xfff);
	vec e = vec_exp_long(high * high * -0.5f, (a - high) * (a + high) * 0.5f);
	vec t = 1 / vec_fma(a, vec_all(0.35f), vec_all(1));
	vec q = vec_all(-2.915946022e-2f);
	q = vec_fma(q, t, vec_all(1.440387219e-1f));
	q = vec_fma(q, t, vec_all(-2.558554709e-1f));
	q = vec_fma(q, t, vec_all(1.593389213e-1f));
	q = vec_fma(q, t, vec_all(-2.322590724e-2f));
	q = vec_fma(q, t, vec_all(1.055583879e-1f));
	q = vec_fma(q, t, vec_all(1.198197529e-1f));
	q = vec_fma(q, t, vec_all(1.398637295e-1f));
	q = vec_fma(q, t, vec_all(1.396212876e-1f));
	*density = e * 0.398942280f;
	vec tail = e * t * q;
	return vec_pick(x < 0, tail, 1 - tail);
}

/* x Phi(x) and its derivative Phi(x) + x phi(x) (Hendrycks and Gimpel 2016) */
INLINE vec vec_gelu(vec x)
{
	vec density;
	return vec_max(vec_all(-NORMAL_FAR), x) * vec_normal_cdf(x, &density);
}

INLINE vec vec_gelu_slope(vec x)
{
	vec density, cdf = vec_normal_cdf(x, &density);
	return vec_fma(
	    vec_min(vec_all(NORMAL_FAR), vec_max(vec_all(-NORMAL_FAR), x)), density, cdf);
}

#endif
