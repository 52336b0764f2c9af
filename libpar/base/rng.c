#include "base/rng.h"

#include "base/cpu.h"
#include "base/err.h"
#include "base/rng_kernels.h"

#include <math.h>
#include <Random123/philox.h>
#include <string.h>

#define TAU 6.283185307179586476925286766559

/* try: rejected draws look again at the same index; it takes the top byte of the counter's index */
static philox4x32_ctr_t block(par_rng r, int64_t i, uint32_t try)
{
	PAR_MUST(i >= 0 && i >> 56 == 0, "index %lld", (long long)i);
	philox4x32_ctr_t c = {{(uint32_t)i, (uint32_t)(i >> 32) | try << 24, r.stream, r.step}};
	philox4x32_key_t k = {{(uint32_t)r.seed, (uint32_t)(r.seed >> 32)}};
	return philox4x32(c, k);
}

static uint64_t pair(const philox4x32_ctr_t *b, int half)
{
	return (uint64_t)b->v[2 * half] | (uint64_t)b->v[2 * half + 1] << 32;
}

static float unit_f32(uint32_t bits)
{
	return (float)(bits >> 8) * 0x1p-24f;
}

static double unit_open(uint64_t bits)
{
	return ((double)(bits >> 12) + 0.5) * 0x1p-52;
}

uint32_t par_rng_u32(par_rng r, int64_t i)
{
	return block(r, i / 4, 0).v[i % 4];
}

float par_rng_f32(par_rng r, int64_t i)
{
	return unit_f32(par_rng_u32(r, i));
}

double par_rng_f64(par_rng r, int64_t i)
{
	philox4x32_ctr_t b = block(r, i / 2, 0);
	return (double)(pair(&b, (int)(i % 2)) >> 11) * 0x1p-53;
}

double par_rng_open(par_rng r, int64_t i)
{
	philox4x32_ctr_t b = block(r, i / 2, 0);
	return unit_open(pair(&b, (int)(i % 2)));
}

/* ln x = e ln 2 + 2 atanh((m - 1) / (m + 1)), x = m 2^e, m within sqrt 2 of 1; x normal and positive */
static double log_of(double x)
{
	uint64_t bits;
	memcpy(&bits, &x, sizeof bits);
	int64_t shifted = (int64_t)(bits - 0x3fe6a09e667f3bcdu) >> 52;
	bits -= (uint64_t)shifted << 52;
	double m, e = (double)shifted;
	memcpy(&m, &bits, sizeof m);
	double f = (m - 1) / (m + 1), g = f * f, sum = 1.0 / 23;
	for (int k = 21; k >= 3; k -= 2)
		sum = 1.0 / k + g * sum;
	/* the high part of ln 2 has 33 bits, so that its product with e is exact */
	return e * 6.93147180369123816490e-01 +
	       (e * 1.90821492927058770002e-10 + 2 * f * g * sum + 2 * f);
}

/* Taylor series on an eighth of the circle; u in [0, 1) turns */
static void turn(double u, double *cosine, double *sine)
{
	int quarter = (int)(4 * u + 0.5);
	double a = (u - quarter * 0.25) * TAU, b = a * a, s = 1, c = 1;
	for (int k = 18; k >= 2; k -= 2) {
		s = 1 - b * s / (k * (k + 1));
		c = 1 - b * c / (k * (k - 1));
	}
	s *= a;
	*cosine = quarter % 4 == 0 ? c : quarter % 4 == 1 ? -s : quarter % 4 == 2 ? -c : s;
	*sine = quarter % 4 == 0 ? s : quarter % 4 == 1 ? c : quarter % 4 == 2 ? -s : -c;
}

static void normal_pair(par_rng r, int64_t at, double *even, double *odd)
{
	philox4x32_ctr_t b = block(r, at, 0);
	double radius = sqrt(-2 * log_of(unit_open(pair(&b, 0)))), cosine, sine;
	turn((double)(pair(&b, 1) >> 11) * 0x1p-53, &cosine, &sine);
	*even = radius * cosine;
	*odd = radius * sine;
}

double par_rng_normal(par_rng r, int64_t i)
{
	double even, odd;
	normal_pair(r, i / 2, &even, &odd);
	return i % 2 ? odd : even;
}

int64_t par_rng_below(par_rng r, int64_t i, int64_t n)
{
	PAR_MUST(n > 0, "a number below %lld", (long long)n);
	/* cppcheck-suppress zerodivcond ; PAR_MUST does not return */
	uint64_t unfair = -(uint64_t)n % (uint64_t)n;
	for (uint32_t try = 0;; try++) {
		philox4x32_ctr_t b = block(r, i, try);
		for (int half = 0; half < 2; half++) {
			unsigned __int128 wide = (unsigned __int128)pair(&b, half) * (uint64_t)n;
			/* each draw fails less than half the time: 512 of them never do */
			if ((uint64_t)wide >= unfair || try == 255)
				return (int64_t)(wide >> 64);
		}
	}
}

/* left and right take turns in being changed by the other, so their widths may differ by one bit */
static uint64_t feistel(par_rng r, uint64_t x, int bits)
{
	int low = bits / 2;
	uint64_t right_mask = ((uint64_t)1 << low) - 1,
		 left_mask = ((uint64_t)1 << (bits - low)) - 1;
	uint64_t left = x >> low, right = x & right_mask;
	for (uint32_t round = 0; round < 8; round++) {
		philox4x32_ctr_t b = block(r, (int64_t)(round % 2 ? left : right), round + 1);
		if (round % 2)
			right ^= pair(&b, 0) & right_mask;
		else
			left ^= pair(&b, 0) & left_mask;
	}
	return left << low | right;
}

int64_t par_rng_permute(par_rng r, int64_t i, int64_t n)
{
	PAR_MUST(i >= 0 && i < n && n <= (int64_t)1 << 56, "item %lld of %lld", (long long)i,
	    (long long)n);
	int bits = 1;
	while ((int64_t)1 << bits < n)
		bits++;
	uint64_t x = (uint64_t)i;
	do
		x = feistel(r, x, bits);
	while (x >= (uint64_t)n);
	return (int64_t)x;
}

void par_rng_fill_u32(par_rng r, int64_t first, int64_t n, uint32_t *out)
{
	PAR_MUST(first >= 0 && (first + n) >> 56 == 0, "%lld values from %lld", (long long)n,
	    (long long)first);
	for (; n > 0 && first % 4 != 0; n--)
		*out++ = par_rng_u32(r, first++);
	KERNEL_CALL(par_rng_words, r, first / 4, n, out);
}

void par_rng_fill_f32(par_rng r, int64_t first, int64_t n, float *out)
{
	uint32_t bits[1024];
	for (int64_t at = 0; at < n; at += 1024) {
		int64_t here = n - at < 1024 ? n - at : 1024;
		par_rng_fill_u32(r, first + at, here, bits);
		for (int64_t i = 0; i < here; i++)
			out[at + i] = unit_f32(bits[i]);
	}
}

void par_rng_fill_normal(par_rng r, int64_t first, int64_t n, float *out)
{
	for (int64_t i = first; i < first + n;) {
		double z[2];
		normal_pair(r, i / 2, &z[0], &z[1]);
		do
			*out++ = (float)z[i % 2];
		while (++i % 2 != 0 && i < first + n);
	}
}
