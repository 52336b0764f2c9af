#include "grad/dropout_kernels.h"

/* what was dropped is 0, also where x is not finite */
INLINE vec keep(vec x, vec word, uint32_t limit, float factor)
{
	const ivec flip = INT32_MIN - (ivec){0}; /* unsigned order by a signed comparison */
	ivec kept = ((ivec)word ^ flip) >= (int32_t)(limit ^ 0x80000000u);
	return (vec)((ivec)(factor * x) & kept);
}

void KERNEL(par_dropout_keep)(
    int64_t n, const uint32_t *word, uint32_t limit, float factor, const float *x, float *y)
{
	const float *bits = (const float *)(const void *)word;
	int64_t i = 0;
	for (; i + LANES <= n; i += LANES)
		vec_store(y + i, keep(vec_load(x + i), vec_load(bits + i), limit, factor));
	if (i < n)
		vec_store_some(y + i,
		    keep(
			vec_load_some(x + i, n - i), vec_load_some(bits + i, n - i), limit, factor),
		    n - i);
}
