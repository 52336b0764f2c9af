/* Sampler: which samples a step takes.
 *
 * Position p of the endless stream of samples belongs to epoch p / n and is, within it, one of the n
 * samples in an order that epoch's shuffle fixes. Step s takes positions [s * batch, ...) of the
 * stream, cut at the epoch's end: the last batch of an epoch may be short. All is arithmetic on
 * (seed, position): nothing is stored, ranks agree without a word, and resuming needs the step alone.
 *
 * Data that do not fit in memory are shuffled in two levels, as reading wants it: blocks of
 * neighbours in random order, and samples within a pool of several blocks. A last block that is
 * shorter takes any place among the others. */
#ifndef PAR_TRAIN_SAMPLER_H
#define PAR_TRAIN_SAMPLER_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
	uint64_t seed;
	int64_t n, batch;
	bool shuffle;
	int64_t block, pool; /* samples of a block, blocks of a pool; block 0: one level */
} par_sampler;

/* local */
int64_t par_sampler_steps(const par_sampler *s); /* of an epoch */
/* local | how many real samples step has, and the sample of its i-th place, 0 <= i < that */
int64_t par_sampler_count(const par_sampler *s, int64_t step);
int64_t par_sampler_at(const par_sampler *s, int64_t step, int64_t i);

/* local | what a reader of two levels wants to know: how many pools an epoch has; the positions
 * [lo, hi) of the epoch that pool k serves; the samples [lo, hi) of the block at a place, where pool
 * k holds places [k pool, (k + 1) pool) */
int64_t par_sampler_pools(const par_sampler *s);
void par_sampler_pool(const par_sampler *s, int64_t epoch, int64_t k, int64_t *lo, int64_t *hi);
void par_sampler_block(
    const par_sampler *s, int64_t epoch, int64_t place, int64_t *lo, int64_t *hi);
int64_t par_sampler_blocks(const par_sampler *s);
/* local | where the sample at a position stands: its place among blocks and its number in that block */
void par_sampler_find(
    const par_sampler *s, int64_t epoch, int64_t position, int64_t *place, int64_t *number);

#endif
