/* Shards: how the global batch of a training step is cut, whatever the number of ranks.
 *
 * The batch's samples are cut into a fixed number of contiguous shards; rank r holds a contiguous
 * run of them, and with it the samples [lo, hi) of the batch. What every sample has of its own
 * (activations and their gradients) does not depend on the cut. What is summed over samples
 * (gradients of parameters, batch statistics) is summed within a shard in order of samples, and over
 * shards in the canonical tree (comm/tree.h). A rank adds up what it holds whole, its nodes; the
 * rest is comm/reduce.h's. */
#ifndef PAR_COMM_SHARDS_H
#define PAR_COMM_SHARDS_H

#include "comm/tree.h"
#include "comm/world.h"

#define PAR_NODES 16 /* a rank holds at most so many nodes of up to 64 shards */

typedef struct {
	const par_world *world; /* borrowed */
	int64_t batch;          /* samples of the global batch */
	int shards;             /* at most batch and 64, so no shard is empty */
	int shard_lo, shard_hi; /* mine */
	int64_t lo, hi;         /* my samples of the batch */
	int nodes;              /* what I hold whole, left to right */
	par_node node[PAR_NODES];
} par_shards;

/* local, equal on every rank | cut a batch of at least one sample into at most `shards` shards
 * (1 to 64; PAR_SHARDS is the usual number) */
void par_shards_cut(par_shards *s, const par_world *w, int64_t batch, int shards);

/* local | the first sample of a shard, 0 <= shard <= shards: shard k is [first(k), first(k + 1)) */
int64_t par_shards_first(const par_shards *s, int shard);

/* one shard's share of a sum: samples [lo, hi) of the batch write n elements to out */
typedef void (*par_shard_fn)(void *ctx, int64_t lo, int64_t hi, float *out);

/* local | out[i], n floats, becomes the sum over the shards of my i-th node.
 * scratch: par_shards_scratch(s) vectors of n floats. For small n; matrices have tensor/gemm.h's
 * own way of doing it in registers. */
void par_shards_sum(
    const par_shards *s, par_shard_fn fn, void *ctx, int64_t n, float *const *out, float *scratch);
int par_shards_scratch(const par_shards *s);

/* local | the same of an array: a sample has `rows` rows of n floats, x begins at my first sample, and
 * a shard's share is the sum of its rows, added one after the other (the gradient of a bias) */
void par_shards_sum_rows(const par_shards *s, int64_t rows, int64_t n, const float *x,
    float *const *out, float *scratch);

#endif
