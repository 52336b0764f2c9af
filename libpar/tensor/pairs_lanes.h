/* Pairs: floats rounded to bfloat16, two neighbours of k in a word, the first in the lower half. For
 * NAME.k.c files. */
#ifndef PAR_TENSOR_PAIRS_LANES_H
#define PAR_TENSOR_PAIRS_LANES_H

#include "tensor/turn_lanes.h"

typedef uint32_t uvec __attribute__((vector_size(4 * LANES)));

/* to the nearest bfloat16, ties to even, in the upper half; of NaN any quiet one */
INLINE uvec rounded(vec x)
{
	uvec u = (uvec)x, nan = (uvec)((u & 0x7fffffff) > 0x7f800000);
	u += 0x7fff + (u >> 16 & 1);
	return (u & ~nan) | (nan & 0x7fc00000);
}

INLINE vec pair(vec first, vec second)
{
	return (vec)(rounded(first) >> 16 | (rounded(second) & 0xffff0000));
}

/* some k of a row, at most 2 LANES, as pairs */
INLINE vec row_pairs(const float *row, int64_t some)
{
	vec low, high = {0};
	if (some == 2 * LANES) {
		low = vec_load(row);
		high = vec_load(row + LANES);
	} else {
		low = vec_load_some(row, some < LANES ? some : LANES);
		if (some > LANES)
			high = vec_load_some(row + LANES, some - LANES);
	}
	return pair(vec_evens(low, high), vec_odds(low, high));
}

#endif
