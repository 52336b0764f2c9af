#include "base/lanes.h"
#include "tensor/gemm_tile.h"

#if LANES == 16
#define ROWS 14 /* 28 sums, 2 vectors of b, 1 element of a: 31 of 32 registers */
#else
#define ROWS 6 /* 12 sums, 2 vectors of b, 1 element of a: 15 of 16 registers */
#endif
#define COLS (2 * LANES)
#define UNROLL _Pragma("GCC unroll 28")

/* In what follows m (rows), nv (vectors a row) and by_rows are constants where the code is expanded,
 * so c[r * nv + v] are registers. */

/* c += one run of steps. Rows are reached from every third pointer: 14 pointers would not fit into
 * the registers. */
INLINE void run(vec *c, int m, int nv, bool by_rows, const float *a, int64_t lda, const float *b,
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
			vec x = vec_all(by_rows ? third[r / 3][r % 3 * lda + k] : a[k * lda + r]);
			c[r * nv] = vec_fma(x, b0, c[r * nv]);
			if (nv == 2)
				c[r * nv + 1] = vec_fma(x, b1, c[r * nv + 1]);
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

INLINE void tile(const par_gemm_tile *t, int m, int nv, bool by_rows)
{
	vec c[2 * ROWS];
	int64_t some = t->n - (nv - 1) * LANES;
	UNROLL
	for (int i = 0; i < m * nv; i++)
		c[i] = t->add ? load(t->c + i / nv * t->ldc, i % nv, nv, some) : (vec){0};
	UNROLL
	for (int i = 0; i < m * nv; i++)
		__builtin_prefetch(t->c + i / nv * t->ldc + COLS + i % nv * LANES, 1);
	const float *a = t->a, *b = t->b;
	for (int64_t u = 0; u < t->runs; u++) {
		run(c, m, nv, by_rows, a, t->lda, b, t->ldb, t->steps);
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

INLINE void tree(const par_gemm_tree *t, int m, int nv)
{
	vec c[2 * ROWS];
	int64_t some = t->n - (nv - 1) * LANES;
	const float *a = t->a, *b = t->b;
	for (int s = 0, waits = 0;; s++) {
		UNROLL
		for (int i = 0; i < m * nv; i++)
			c[i] = (vec){0};
		run(c, m, nv, false, a, t->lda, b, t->ldb, t->steps[s]);
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

enum { BY_COLUMNS, BY_ROWS };
#define TILE(by, m, nv)                                     \
	static void by##_##m##_##nv(const par_gemm_tile *t) \
	{                                                   \
		tile(t, m, nv, by);                         \
	}
#define TREE(by, m, nv)                                     \
	static void by##_##m##_##nv(const par_gemm_tree *t) \
	{                                                   \
		tree(t, m, nv);                             \
	}
#define NAME(by, m, nv) by##_##m##_##nv,
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

ALL(TILE, BY_COLUMNS, 1)
ALL(TILE, BY_COLUMNS, 2)
ALL(TILE, BY_ROWS, 1)
ALL(TILE, BY_ROWS, 2)
ALL(TREE, BY_TREE, 1)
ALL(TREE, BY_TREE, 2)

typedef void tile_fn(const par_gemm_tile *t);
static tile_fn *const tiles[2][2][ROWS] = {
    {{ALL(NAME, BY_COLUMNS, 1)}, {ALL(NAME, BY_COLUMNS, 2)}},
    {{ALL(NAME, BY_ROWS, 1)}, {ALL(NAME, BY_ROWS, 2)}},
};

typedef void tree_fn(const par_gemm_tree *t);
static tree_fn *const trees[2][ROWS] = {{ALL(NAME, BY_TREE, 1)}, {ALL(NAME, BY_TREE, 2)}};

static void by_rows(const par_gemm_tile *t)
{
	tiles[BY_ROWS][t->n > LANES][t->m - 1](t);
}

static void by_columns(const par_gemm_tile *t)
{
	tiles[BY_COLUMNS][t->n > LANES][t->m - 1](t);
}

static void by_tree(const par_gemm_tree *t)
{
	trees[t->n > LANES][t->m - 1](t);
}

const par_gemm_kernels KERNEL(par_gemm_set) = {LANES, ROWS, COLS, by_rows, by_columns, by_tree,
    KERNEL(par_gemm_panels), KERNEL(par_gemm_columns), (ROWS + LANES - 1) / LANES *LANES};
