/* Wide lanes: sums and maxima along a row with the same bits in every kernel set.
 *
 * Element i of a row belongs to chain i % 16, a chain is added in order of i, and the 16 chains are
 * folded in halves: i with i + 8, then 4, 2, 1. A kernel set holds the chains in as many vectors as
 * it needs. */
#ifndef PAR_TENSOR_WIDE_LANES_H
#define PAR_TENSOR_WIDE_LANES_H

#include "base/lanes.h"

#define WIDE 16
#define WIDE_VECS (WIDE / LANES)

typedef struct {
	vec v[WIDE_VECS];
} wide;

/* For every vector of a row of n elements: i, where it begins; k, its place in a wide; left, how many
 * of its elements belong to the row (LANES; at the end less, down to 0). The loop's body is given;
 * in it AT(x) is the vector at x[i], with 0 past the end. */
#define EACH_WIDE(n, ...)                                              \
	do {                                                           \
		int64_t wide_at = 0;                                   \
		for (; wide_at + WIDE <= (n); wide_at += WIDE)         \
			for (int k = 0; k < WIDE_VECS; k++) {          \
				int64_t i = wide_at + k * LANES;       \
				const int64_t left = LANES;            \
				__VA_ARGS__                            \
			}                                              \
		for (int k = 0; k < WIDE_VECS && wide_at < (n); k++) { \
			int64_t i = wide_at + k * LANES;               \
			const int64_t left = vec_part((n)-i);          \
			__VA_ARGS__                                    \
		}                                                      \
	} while (0)
#define AT(x) vec_load_some((x) + i, left)

INLINE int64_t vec_part(int64_t left)
{
	return left < 0 ? 0 : left < LANES ? left : LANES;
}

INLINE ivec vec_lane(void)
{
	ivec lane;
	for (int i = 0; i < LANES; i++)
		lane[i] = i;
	return lane;
}

/* the first n lanes of v, 0 <= n <= LANES; the others are other's */
INLINE vec vec_first(vec v, int64_t n, vec other)
{
	return vec_pick(vec_lane() < (int32_t)n, v, other);
}

INLINE wide wide_all(float a)
{
	wide w;
	for (int k = 0; k < WIDE_VECS; k++)
		w.v[k] = vec_all(a);
	return w;
}

/* lane i of v with lane i ^ distance, a power of two */
INLINE vec vec_partner(vec v, int distance)
{
	return __builtin_shuffle(v, vec_lane() ^ distance);
}

INLINE float wide_sum(wide w)
{
	for (int n = WIDE_VECS / 2; n > 0; n /= 2)
		for (int k = 0; k < n; k++)
			w.v[k] += w.v[k + n];
	vec s = w.v[0];
	for (int distance = LANES / 2; distance > 0; distance /= 2)
		s += vec_partner(s, distance);
	return s[0];
}

INLINE float wide_max(wide w)
{
	for (int k = 1; k < WIDE_VECS; k++)
		w.v[0] = vec_max(w.v[0], w.v[k]);
	vec m = w.v[0];
	for (int distance = LANES / 2; distance > 0; distance /= 2)
		m = vec_max(m, vec_partner(m, distance));
	return m[0];
}

INLINE float wide_sum_of(int64_t n, const float *x)
{
	wide s = wide_all(0);
	EACH_WIDE(n, s.v[k] += AT(x););
	return wide_sum(s);
}

INLINE float wide_max_of(int64_t n, const float *x)
{
	wide m = wide_all(-__builtin_inff());
	EACH_WIDE(n, m.v[k] = vec_max(m.v[k], vec_first(AT(x), left, m.v[k])););
	return wide_max(m);
}

#endif
