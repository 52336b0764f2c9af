/* Blocks: the parallel loop of an app. A global index [0, n) (series, SKU groups, categories) is
 * cut into fixed blocks that know nothing of ranks; ranks take contiguous runs of blocks, and what
 * blocks sum up is added in one canonical tree over block numbers. So results do not depend on how
 * many ranks there are. */
#ifndef PAR_COMM_BLOCKS_H
#define PAR_COMM_BLOCKS_H

#include "comm/world.h"

typedef struct {
	const par_world *world;     /* borrowed */
	int64_t n, block;           /* items, items a block */
	int64_t blocks;             /* ceil(n / block) */
	int64_t block_lo, block_hi; /* my blocks */
	int64_t lo, hi;             /* my items; lo == hi when I have none */
} par_blocks;

/* local | deal the blocks of n items to the ranks of w, sizes differing by at most one block */
void par_blocks_deal(par_blocks *b, const par_world *w, int64_t n, int64_t block);
/* local | the rank that holds item i, 0 <= i < n */
int par_blocks_owner(const par_blocks *b, int64_t i);

/* local, equal on every rank | how often a rank that takes k blocks at a time must do so until the
 * fullest rank is through: the rounds of a loop with a collective call inside */
int64_t par_blocks_rounds(const par_blocks *b, int64_t k);

/* what is done to one block: items [lo, hi); sums[k] arrives zeroed and takes the block's share */
typedef par_err (*par_block_fn)(void *ctx, int64_t lo, int64_t hi, double *sums);

/* collective | run fn over my blocks in order, then agree; sums[k] (may be NULL with k = 0) gets
 * the sum over all blocks on every rank, bit-identical at any rank count (pairwise over block
 * numbers). Marks the rank alive after each block. fails: what fn returned, story of the lowest
 * failing block */
par_err par_blocks_run(const par_blocks *b, par_block_fn fn, void *ctx, double *sums, int k);

/* local | sum of n values of stride s in the canonical tree: halves split at the largest power of
 * two below n */
double par_tree_sum(const double *x, int64_t n, int64_t stride);

#endif
