/* Sampler: which samples a step takes.
 *
 * Position p of the endless stream of samples belongs to epoch p / n and is, within it, one of the n
 * samples in an order that epoch's shuffle fixes. Step s takes positions [s * batch, ...) of the
 * stream, cut at the epoch's end: the last batch of an epoch may be short. All is arithmetic on
 * (seed, position): nothing is stored, ranks agree without a word, and resuming needs the step alone.
 *
 * Data that do not fit in memory are shuffled in two levels, as reading wants it: blocks of
 * neighbours in random order, and samples within a pool of several blocks. */
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

#endif
