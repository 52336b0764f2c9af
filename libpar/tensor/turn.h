/* Turn: a square of LANES x LANES floats, rows to columns, in registers. For NAME.k.c files. */
#ifndef PAR_TENSOR_TURN_H
#define PAR_TENSOR_TURN_H

#include "base/lanes.h"

/* the first and the second halves of a and b with their elements in turn */
INLINE void shuffle(vec *a, vec *b)
{
	ivec i;
	for (int k = 0; k < LANES; k++)
		i[k] = k / 2 + k % 2 * LANES;
	vec lo = __builtin_shuffle(*a, *b, i);
	*b = __builtin_shuffle(*a, *b, i + LANES / 2);
	*a = lo;
}

/* A perfect shuffle of rows i and i + LANES / 2 moves one bit of the column's number into the row's;
 * log2 LANES of them swap the two (Stone 1971). */
INLINE void vec_turn(vec v[LANES])
{
	vec w[LANES];
	for (int bit = 1; bit < LANES; bit *= 2) {
		_Pragma("GCC unroll 16") for (int i = 0; i < LANES / 2; i++)
		{
			w[2 * i] = v[i];
			w[2 * i + 1] = v[i + LANES / 2];
			shuffle(&w[2 * i], &w[2 * i + 1]);
		}
		_Pragma("GCC unroll 16") for (int i = 0; i < LANES; i++) v[i] = w[i];
	}
}

#endif
