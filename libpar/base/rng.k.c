#include "base/rng_kernels.h"

#include <stdbool.h>

/* Philox4x32-10 with a pair of its four words in each 64-bit lane: (c0, c1) of some counters in one
 * vector, (c2, c3) in another. A round takes the 64-bit products of c0 and c2 and makes
 *	(c0, c1) = (high(M1 c2) ^ c1 ^ k0, low(M1 c2))    (c2, c3) = (high(M0 c0) ^ c3 ^ k1, low(M0 c0)) */
#define PAIRS (LANES / 2)
typedef uint64_t pairs __attribute__((vector_size(4 * LANES)));

/* the product of the low halves */
INLINE pairs multiply(pairs a, uint32_t b)
{
	pairs by = b - (pairs){0};
#if KERNEL_LEVEL == 2
	return (pairs)_mm512_mul_epu32((__m512i)a, (__m512i)by);
#elif KERNEL_LEVEL == 1
	return (pairs)_mm256_mul_epu32((__m256i)a, (__m256i)by);
#elif defined(__x86_64__)
	return (pairs)_mm_mul_epu32((__m128i)a, (__m128i)by);
#else
	return (a & UINT32_MAX) * by;
#endif
}

INLINE pairs exchange_halves(pairs a)
{
	return a >> 32 | a << 32;
}

INLINE void ten_rounds(pairs *c01, pairs *c23, uint32_t k0, uint32_t k1)
{
	for (int round = 0; round < 10; round++) {
		pairs p0 = multiply(*c01, 0xD2511F53), p1 = multiply(*c23, 0xCD9E8D57);
		*c01 = exchange_halves(p1) ^ (*c01 >> 32) ^ (uint64_t)k0;
		*c23 = exchange_halves(p0) ^ (*c23 >> 32) ^ (uint64_t)k1;
		k0 += 0x9E3779B9;
		k1 += 0xBB67AE85;
	}
}

/* the words of all counters in their order */
INLINE void store(uint32_t *out, pairs c01, pairs c23)
{
#if LANES == 16
	pairs a = __builtin_shufflevector(c01, c23, 0, 8, 1, 9, 2, 10, 3, 11);
	pairs b = __builtin_shufflevector(c01, c23, 4, 12, 5, 13, 6, 14, 7, 15);
#elif LANES == 8
	pairs a = __builtin_shufflevector(c01, c23, 0, 4, 1, 5);
	pairs b = __builtin_shufflevector(c01, c23, 2, 6, 3, 7);
#else
	pairs a = __builtin_shufflevector(c01, c23, 0, 2);
	pairs b = __builtin_shufflevector(c01, c23, 1, 3);
#endif
	memcpy(out, &a, sizeof a);
	memcpy(out + LANES, &b, sizeof b);
}

void KERNEL(par_rng_words)(par_rng r, int64_t counter, int64_t n, uint32_t *out)
{
	pairs lane = {0}, second = ((uint64_t)r.step << 32 | r.stream) - (pairs){0};
	for (int i = 0; i < PAIRS; i++)
		lane[i] = (uint64_t)i;
	for (int64_t i = 0; i < n; i += 2 * LANES, counter += PAIRS) {
		pairs c01 = (uint64_t)counter + lane, c23 = second;
		ten_rounds(&c01, &c23, (uint32_t)r.seed, (uint32_t)(r.seed >> 32));
		uint32_t last[2 * LANES];
		bool whole = i + 2 * LANES <= n;
		store(whole ? out + i : last, c01, c23);
		if (!whole)
			memcpy(out + i, last, (size_t)(n - i) * sizeof *out);
	}
}
