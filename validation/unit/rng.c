/* np: 1 2 */
#include "base/rng.h"

#include "../tap.h"
#include "base/cpu.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Philox4x32-10 vectors that Random123 publishes: counter, key, output */
static const uint32_t known[3][10] = {
    {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
    {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb,
	0x5001e420, 0x24126ea1},
    {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d, 0x41c83b0e,
	0xa20bc7c6, 0x6d5451fd}};

/* the oracle: Philox4x32-10 written from the paper */
static void philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
	uint32_t k0 = key[0], k1 = key[1];
	memcpy(out, counter, 16);
	for (int round = 0; round < 10; round++) {
		uint64_t p = (uint64_t)0xD2511F53 * out[0], q = (uint64_t)0xCD9E8D57 * out[2];
		uint32_t next[4] = {(uint32_t)(q >> 32) ^ out[1] ^ k0, (uint32_t)q,
		    (uint32_t)(p >> 32) ^ out[3] ^ k1, (uint32_t)p};
		memcpy(out, next, 16);
		k0 += 0x9E3779B9;
		k1 += 0xBB67AE85;
	}
}

static void addresses(void)
{
	int oracle = 1;
	for (int i = 0; i < 3; i++) {
		uint32_t out[4];
		philox(known[i], known[i] + 4, out);
		oracle &= memcmp(out, known[i] + 6, 16) == 0;
	}
	ok(oracle, "the oracle gives the published vectors");
	par_rng zero = {0};
	int same = 1;
	for (int i = 0; i < 4; i++)
		same &= par_rng_u32(zero, i) == known[0][6 + i];
	ok(same, "seed 0, stream 0, step 0 begins with the first of them");
	same = 1;
	for (int64_t i = 0; i < 2000; i++) {
		par_rng r = {
		    0x0123456789abcdefu * (uint64_t)(i + 1), (uint32_t)(i * 7919), (uint32_t)i};
		int64_t at = i * i * 1234567;
		uint32_t out[4],
		    counter[4] = {(uint32_t)(at / 4), (uint32_t)(at / 4 >> 32), r.stream, r.step};
		philox(counter, (uint32_t[2]){(uint32_t)r.seed, (uint32_t)(r.seed >> 32)}, out);
		same &= par_rng_u32(r, at) == out[at % 4];
	}
	ok(same, "key and counter are seed and (index, stream, step)");
}

static void uniforms(void)
{
	par_rng r = {2031, 5, 9};
	double sum = 0, least = 1, most = 0;
	int inside = 1, n = 200000;
	for (int i = 0; i < n; i++) {
		double x = par_rng_f64(r, i), o = par_rng_open(r, i), f = (double)par_rng_f32(r, i);
		inside &= x >= 0 && x < 1 && o > 0 && o < 1 && f >= 0 && f < 1;
		least = fmin(least, x);
		most = fmax(most, x);
		sum += x;
	}
	ok(inside, "uniform values lie in [0, 1), open ones in (0, 1)");
	ok(fabs(sum / n - 0.5) < 4 * sqrt(1.0 / 12 / n) && least < 1e-4 && most > 1 - 1e-4,
	    "their mean and extremes are those of the uniform distribution");
	float out[23];
	int same = 1;
	for (int first = 0; first < 9; first++)
		for (int k = 0; k <= 14; k++) {
			par_rng_fill_f32(r, first, k, out);
			for (int i = 0; i < k; i++)
				same &= out[i] == par_rng_f32(r, first + i);
			par_rng_fill_normal(r, first, k, out);
			for (int i = 0; i < k; i++)
				same &= out[i] == (float)par_rng_normal(r, first + i);
		}
	ok(same, "a fill is its values one by one, wherever it begins");
}

static void long_fills(void)
{
	enum { N = 3000 };
	static uint32_t words[N + 1];
	static float units[N];
	par_rng r = {0xfedcba9876543210u, 0x89abcdef, 0xffffffff};
	for (int k = PAR_KERNELS_PLAIN; k <= (int)par_cpu_best(); k++) {
		par_cpu_use((par_kernels)k);
		int same = 1;
		/* the counter's low word overflows within the second */
		const int64_t first[] = {1, ((int64_t)1 << 34) - 1500, ((int64_t)1 << 56) - N - 1};
		for (int f = 0; f < 3; f++)
			for (int64_t n = N - 40; n <= N; n++) {
				words[n] = 7;
				par_rng_fill_u32(r, first[f], n, words);
				same &= words[n] == 7;
				int64_t from = n < N ? n - 40 : 0;
				for (int64_t i = from; i < n; i++)
					same &= words[i] == par_rng_u32(r, first[f] + i);
			}
		par_rng_fill_f32(r, 5, N, units);
		for (int64_t i = 0; i < N; i++)
			same &= units[i] == par_rng_f32(r, 5 + i);
		ok(same, "long fills too (%s)", par_kernels_name((par_kernels)k));
	}
}

/* Box and Muller with the C library's functions */
static void normals(void)
{
	par_rng r = {77, 3, 0}, u = r;
	double worst = 0, m1 = 0, m2 = 0, m4 = 0, cross = 0;
	int n = 200000;
	for (int64_t i = 0; i < n; i += 2) {
		double radius = sqrt(-2 * log(par_rng_open(u, i)));
		double angle = 2 * acos(-1) * par_rng_f64(u, i + 1);
		double a = par_rng_normal(r, i), b = par_rng_normal(r, i + 1);
		worst = fmax(
		    worst, fmax(fabs(a - radius * cos(angle)), fabs(b - radius * sin(angle))));
		m1 += a + b;
		m2 += a * a + b * b;
		m4 += a * a * a * a + b * b * b * b;
		cross += a * b;
	}
	ok(worst < 6e-15, "normal values are those of the C library's functions within %.1e",
	    worst);
	ok(fabs(m1 / n) < 4 / sqrt(n) && fabs(m2 / n - 1) < 4 * sqrt(2.0 / n) &&
		fabs(m4 / n - 3) < 4 * sqrt(96.0 / n) && fabs(cross / n * 2) < 4 / sqrt(n / 2.0),
	    "their moments are those of the normal distribution");
}

static void below(void)
{
	par_rng r = {1, 2, 3};
	static const int64_t n[] = {1, 2, 3, 7, 10, 1000};
	for (int k = 0; k < 6; k++) {
		int64_t *hits = calloc((size_t)n[k], sizeof *hits), draws = 100 * n[k] + 20000;
		int inside = 1;
		for (int64_t i = 0; i < draws; i++) {
			int64_t x = par_rng_below(r, i, n[k]);
			inside &= x >= 0 && x < n[k];
			hits[inside ? x : 0]++;
		}
		double want = (double)draws / (double)n[k], chi = 0;
		for (int64_t x = 0; x < n[k]; x++)
			chi += ((double)hits[x] - want) * ((double)hits[x] - want) / want;
		ok(inside && chi < (double)n[k] + 5 * sqrt(2 * (double)n[k]) + 5,
		    "numbers below %lld are equally likely", (long long)n[k]);
		free(hits);
	}
	/* a limit where a quarter of the plain products would fall unevenly */
	int64_t large = (int64_t)3 << 61, third = 0;
	for (int64_t i = 0; i < 30000; i++)
		third += par_rng_below(r, i, large) < large / 3;
	ok(fabs((double)third - 10000) < 5 * sqrt(30000 * 2.0 / 9), "even below 3 * 2^61");
}

static int is_shuffle(par_rng r, int64_t n)
{
	char *seen = calloc((size_t)n, 1);
	int64_t once = 0;
	for (int64_t i = 0; i < n; i++) {
		int64_t to = par_rng_permute(r, i, n);
		if (to >= 0 && to < n && !seen[to])
			once += seen[to] = 1;
	}
	free(seen);
	return once == n;
}

static void permutations(void)
{
	int all = 1;
	for (int64_t n = 1; n < 200; n++)
		all &= is_shuffle((par_rng){(uint64_t)n, 1, 2}, n);
	all &= is_shuffle((par_rng){5, 1, 2}, 4096) && is_shuffle((par_rng){5, 1, 2}, 100003);
	ok(all, "a shuffle brings every item to its own place, from 1 item to 100,003");
	/* all 24 orders of four items, over seeds */
	int orders[256] = {0}, seeds = 24000;
	for (int s = 0; s < seeds; s++) {
		int code = 0;
		for (int i = 0; i < 4; i++)
			code = 4 * code + (int)par_rng_permute((par_rng){(uint64_t)s, 0, 0}, i, 4);
		orders[code]++;
	}
	double chi = 0;
	int met = 0;
	for (int code = 0; code < 256; code++)
		if (orders[code]) {
			met++;
			chi += (orders[code] - 1000.0) * (orders[code] - 1000.0) / 1000;
		}
	ok(met == 24 && chi < 23 + 5 * sqrt(46), "all orders of four items are equally likely");
	int64_t huge = ((int64_t)1 << 56) - 5;
	int64_t a = par_rng_permute((par_rng){9, 9, 9}, 0, huge);
	int64_t b = par_rng_permute((par_rng){9, 9, 9}, 1, huge);
	ok(a != b && a >= 0 && a < huge && b >= 0 && b < huge,
	    "2^56 - 5 items shuffle without memory");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	addresses();
	uniforms();
	long_fills();
	normals();
	below();
	permutations();
	return tap_end();
}
