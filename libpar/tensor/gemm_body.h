/* Gemm body: the code of a tile, expanded for every number of rows and vectors by gemm.k.c (floats)
 * and gemm_bf16.k.c (pairs). The file that includes it says
 *   ROWS              rows of a tile at most
 *   step(how, x, b, c)  what one step does to a vector of sums
 *   IS_BY_ROWS(how)   how a is read (gemm_tile.h)
 * where how is a constant of its own. m (rows), nv (vectors a row) and how are constants where the
 * code is expanded, so c[r * nv + v] are registers. */
#ifndef PAR_TENSOR_GEMM_BODY_H
#define PAR_TENSOR_GEMM_BODY_H

#include "tensor/gemm_tile.h"

#define UNROLL _Pragma("GCC unroll 28")

/* c += one run of steps. Rows are reached from every third pointer: 14 pointers would not fit into
 * the registers. */
INLINE void run(vec *c, int m, int nv, int how, const float *a, int64_t lda, const float *b,
    int64_t ldb, int64_t steps)
{
	const float *third[(ROWS + 2) / 3];
	UNROLL
	for (int g = 0; g < (m + 2) / 3; g++)
		third[g] = a + 3 * g * lda;
	for (int64_t k = 0; k < steps; k++) {
		vec b0 = vec_load(b), b1 = nv == 2 ? vec_load(b + LANES) : b0;
		UNROLL
		for (int r = 0; r < m; r++) {
			vec x = vec_all(
			    IS_BY_ROWS(how) ? third[r / 3][r % 3 * lda + k] : a[k * lda + r]);
			c[r * nv] = step(how, x, b0, c[r * nv]);
			if (nv == 2)
				c[r * nv + 1] = step(how, x, b1, c[r * nv + 1]);
		}
		b += ldb;
	}
}

/* vector v of a row; the last has `some` columns */
INLINE vec load(const float *row, int v, int nv, int64_t some)
{
	bool whole = v < nv - 1 || (LANES < 16 && some == LANES);
	return whole ? vec_load(row + v * LANES) : vec_load_some(row + v * LANES, some);
}

INLINE void store(float *row, vec c, int v, int nv, int64_t some)
{
	if (v < nv - 1 || (LANES < 16 && some == LANES))
		vec_store(row + v * LANES, c);
	else
		vec_store_some(row + v * LANES, c, some);
}

INLINE void finish(vec *c, int m, int nv, const par_gemm_tile *t, int64_t some)
{
	vec zero = {0}, slope = vec_all(t->slope);
	if (t->bias) {
		vec bias[2] = {load(t->bias, 0, nv, some)};
		if (nv == 2)
			bias[1] = load(t->bias, 1, nv, some);
		UNROLL
		for (int i = 0; i < m * nv; i++)
			c[i] += bias[i % nv];
	}
	if (t->slope == 0) {
		UNROLL
		for (int i = 0; i < m * nv; i++)
			c[i] = vec_pick(c[i] < zero, zero, c[i]);
	} else if (t->slope != 1) {
		UNROLL
		for (int i = 0; i < m * nv; i++)
			c[i] = vec_pick(c[i] < zero, c[i] * slope, c[i]);
	}
}

INLINE void tile(const par_gemm_tile *t, int m, int nv, int how)
{
	vec c[2 * ROWS];
	int64_t some = t->n - (nv - 1) * LANES;
	UNROLL
	for (int i = 0; i < m * nv; i++)
		c[i] = t->add ? load(t->c + i / nv * t->ldc, i % nv, nv, some) : (vec){0};
	UNROLL
	for (int i = 0; i < m * nv; i++)
		__builtin_prefetch(t->c + i / nv * t->ldc + (2 + i % nv) * LANES, 1);
	const float *a = t->a, *b = t->b;
	for (int64_t u = 0; u < t->runs; u++) {
		run(c, m, nv, how, a, t->lda, b, t->ldb, t->steps);
		a += t->run_a;
		b += t->steps * t->ldb;
	}
	finish(c, m, nv, t, some);
	UNROLL
	for (int i = 0; i < m * nv; i++)
		store(t->c + i / nv * t->ldc, c[i], i % nv, nv, some);
}

/* sums that wait for their right neighbour */
static vec waiting[PAR_GEMM_WAITING][2 * ROWS];

INLINE void tree(const par_gemm_tree *t, int m, int nv, int how)
{
	vec c[2 * ROWS];
	int64_t some = t->n - (nv - 1) * LANES;
	const float *a = t->a, *b = t->b;
	for (int s = 0, waits = 0;; s++) {
		UNROLL
		for (int i = 0; i < m * nv; i++)
			c[i] = (vec){0};
		run(c, m, nv, how, a, t->lda, b, t->ldb, t->steps[s]);
		a += t->steps[s] * t->lda;
		b += t->steps[s] * t->ldb;
		for (int k = 0; k < t->joins[s]; k++) {
			waits--;
			UNROLL
			for (int i = 0; i < m * nv; i++)
				c[i] += waiting[waits][i];
		}
		if (s == t->shards - 1)
			break;
		UNROLL
		for (int i = 0; i < m * nv; i++)
			waiting[waits][i] = c[i];
		waits++;
	}
	UNROLL
	for (int i = 0; i < m * nv; i++) {
		float *row = t->c + i / nv * t->ldc;
		store(row, t->add ? load(row, i % nv, nv, some) + c[i] : c[i], i % nv, nv, some);
	}
}

#define TILE(by, m, nv)                                     \
	static void by##_##m##_##nv(const par_gemm_tile *t) \
	{                                                   \
		tile(t, m, nv, by);                         \
	}
#define TREE(by, m, nv)                                            \
	static void tree_##by##_##m##_##nv(const par_gemm_tree *t) \
	{                                                          \
		tree(t, m, nv, by);                                \
	}
#define NAME(by, m, nv) by##_##m##_##nv,
#define TREE_NAME(by, m, nv) tree_##by##_##m##_##nv,
#define UP_TO_6(X, by, nv) \
	X(by, 1, nv) X(by, 2, nv) X(by, 3, nv) X(by, 4, nv) X(by, 5, nv) X(by, 6, nv)
#if ROWS == 14
#define ALL(X, by, nv)     \
	UP_TO_6(X, by, nv) \
	X(by, 7, nv)       \
	X(by, 8, nv)       \
	X(by, 9, nv) X(by, 10, nv) X(by, 11, nv) X(by, 12, nv) X(by, 13, nv) X(by, 14, nv)
#else
#define ALL UP_TO_6
#endif

typedef void tile_fn(const par_gemm_tile *t);
typedef void tree_fn(const par_gemm_tree *t);

#endif
