/* Turn: a square of LANES x LANES floats, rows to columns, in registers. For NAME.k.c files. */
#ifndef PAR_TENSOR_TURN_LANES_H
#define PAR_TENSOR_TURN_LANES_H

#include "base/lanes.h"

#if LANES == 16
#define EACH_LANE(X)                                                                            \
	X(0), X(1), X(2), X(3), X(4), X(5), X(6), X(7), X(8), X(9), X(10), X(11), X(12), X(13), \
	    X(14), X(15)
#elif LANES == 8
#define EACH_LANE(X) X(0), X(1), X(2), X(3), X(4), X(5), X(6), X(7)
#else
#define EACH_LANE(X) X(0), X(1), X(2), X(3)
#endif
#define EVEN(k) (2 * (k))
#define ODD(k) (2 * (k) + 1)
#define LOW(k) ((k) / 2 + (k) % 2 * LANES)
#define HIGH(k) (LOW(k) + LANES / 2)

/* every second element of a, then of b */
INLINE vec vec_evens(vec a, vec b)
{
	return __builtin_shufflevector(a, b, EACH_LANE(EVEN));
}

INLINE vec vec_odds(vec a, vec b)
{
	return __builtin_shufflevector(a, b, EACH_LANE(ODD));
}

/* A perfect shuffle of rows i and i + LANES / 2 moves one bit of the column's number into the row's;
 * log2 LANES of them swap the two (Stone 1971). */
INLINE void vec_turn(vec v[LANES])
{
	vec w[LANES];
	for (int bit = 1; bit < LANES; bit *= 2) {
		_Pragma("GCC unroll 16") for (int i = 0; i < LANES / 2; i++)
		{
			vec a = v[i], b = v[i + LANES / 2];
			w[2 * i] = __builtin_shufflevector(a, b, EACH_LANE(LOW));
			w[2 * i + 1] = __builtin_shufflevector(a, b, EACH_LANE(HIGH));
		}
		_Pragma("GCC unroll 16") for (int i = 0; i < LANES; i++) v[i] = w[i];
	}
}

#endif
