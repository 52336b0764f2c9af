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
	ivec lane = {0};
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

typedef float four __attribute__((vector_size(16)));
typedef int32_t four_int __attribute__((vector_size(16)));

INLINE float wide_sum(wide w)
{
	four q[4];
	memcpy(q, &w, sizeof w);
	four s = (q[0] + q[2]) + (q[1] + q[3]);
	return (s[0] + s[2]) + (s[1] + s[3]);
}

INLINE four four_max(four a, four b)
{
	four_int m = a > b;
	return (four)(((four_int)a & m) | ((four_int)b & ~m));
}

INLINE float wide_max(wide w)
{
	four q[4];
	memcpy(q, &w, sizeof w);
	four m = four_max(four_max(q[0], q[2]), four_max(q[1], q[3]));
	float a = m[0] > m[2] ? m[0] : m[2], b = m[1] > m[3] ? m[1] : m[3];
	return a > b ? a : b;
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
