/* Gemm tile: the part of a product that lives in registers. Seen by this layer's products and
 * convolutions, and by operators that bring their own loops.
 *
 * A tile of m rows and up to two vectors of columns runs its whole chain of multiply-adds (gemm.h)
 * in registers and touches c once at the start, when it adds, and once at the end. The chain is
 * `runs` runs of `steps` steps; inside a run a is one matrix, from run to run it moves by run_a.
 * A product is one run; a convolution has one run a row of its kernel, over a picture that it does
 * not copy. Step k of run u multiplies
 *     by rows:     a[u * run_a + r * lda + k]    (r-th row of the tile)
 *     by columns:  a[u * run_a + k * lda + r]
 * with b[(u * steps + k) * ldb + j]. A chain may be cut anywhere and go on with add: a float
 * stored and loaded is the same float. */
#ifndef PAR_TENSOR_GEMM_TILE_H
#define PAR_TENSOR_GEMM_TILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAR_GEMM_ROWS 14 /* at most, in any kernel set */
#define PAR_GEMM_COLS 32
#define PAR_GEMM_STEP 16   /* rows copied for by_columns stand so far apart */
#define PAR_GEMM_WAITING 8 /* sums of a canonical tree over 64 shards that wait at once */

typedef struct {
	int m, n; /* 1 to rows, 1 to cols of the kernels in use */
	int64_t runs, steps;
	const float *a;
	int64_t lda, run_a;
	const float *b; /* whole vectors are read: n rounded up to lanes floats a step */
	int64_t ldb;
	float *c; /* m x n; nothing beyond n is touched */
	int64_t ldc;
	bool add;          /* the chain begins at c, else at 0 */
	const float *bias; /* of the tile's first column, n floats; NULL: none */
	float slope;       /* gemm.h's par_finish; 1 where the chain goes on later */
} par_gemm_tile;

/* A tile summed over neighbouring shards in the order of the canonical tree: shard s is a chain from 0
 * of steps[s] steps, by columns, and then joins the last joins[s] sums that wait. */
typedef struct {
	int m, n, shards;
	const int64_t *steps;
	const int *joins;
	const float *a;
	int64_t lda;
	const float *b;
	int64_t ldb;
	float *c;
	int64_t ldc;
	bool add; /* c + the sum */
} par_gemm_tree;

typedef struct {
	int lanes, rows, cols; /* cols is 2 lanes */
	int depth, unit; /* how many k a step takes, and how many steps a chain is made of: 1 */
	void (*by_rows)(const par_gemm_tile *t);
	void (*by_columns)(const par_gemm_tile *t);
	void (*by_tree)(const par_gemm_tree *t);
	/* b (k x n, or n x k when turned) into panels of cols columns, each k x its width; the last
	 * is as wide as its columns rounded up to lanes, padded with zeros */
	void (*pack)(float *panels, int64_t k, int64_t n, const float *b, int64_t ldb, bool turned);
	/* columns [0, rows) of a, `there` of which exist, PAR_GEMM_STEP floats a step */
	void (*columns)(float *to, const float *a, int64_t lda, int64_t steps, int64_t there);
	/* m rows of a, k of each, as tiles want them, `rows` words a step; NULL: like b */
	void (*place)(float *to, int64_t k, int64_t m, const float *a, int64_t lda, bool turned);
} par_gemm_kernels;

/* local | those of the kernel set in use (base/cpu.h) */
const par_gemm_kernels *par_gemm_kernels_now(void);

/* local | n rows or columns as the fewest parts of at most `most`, sizes equal but for one:
 * where part i of the `parts` begins; part `parts` begins at n */
static inline int64_t par_gemm_parts(int64_t n, int64_t most)
{
	return (n + most - 1) / most;
}

static inline int64_t par_gemm_part(int64_t n, int64_t parts, int64_t i)
{
	return n / parts * i + (i < n % parts ? i : n % parts);
}

#endif
