#include "train/sampler.h"

#include "base/err.h"
#include "base/rng.h"

/* streams of an epoch's shuffles; pools of one epoch are streams of their own */
enum { SAMPLES = 0x5a0000, BLOCKS, TAIL, POOLS };

static par_rng stream(const par_sampler *s, int64_t epoch, int64_t use)
{
	return (par_rng){s->seed, (uint32_t)use, (uint32_t)epoch};
}

int64_t par_sampler_steps(const par_sampler *s)
{
	return (s->n + s->batch - 1) / s->batch;
}

int64_t par_sampler_count(const par_sampler *s, int64_t step)
{
	int64_t first = step % par_sampler_steps(s) * s->batch;
	return s->n - first < s->batch ? s->n - first : s->batch;
}

int64_t par_sampler_blocks(const par_sampler *s)
{
	return (s->n + s->block - 1) / s->block;
}

int64_t par_sampler_pools(const par_sampler *s)
{
	return (par_sampler_blocks(s) + s->pool - 1) / s->pool;
}

/* which place the last, shorter block takes; past all places when all blocks are whole */
static int64_t tail_place(const par_sampler *s, int64_t epoch)
{
	int64_t whole = s->n / s->block;
	if (s->n % s->block == 0 || !s->shuffle)
		return whole;
	return par_rng_below(stream(s, epoch, TAIL), 0, whole + 1);
}

/* samples of the blocks before a place */
static int64_t before_place(const par_sampler *s, int64_t tail, int64_t place)
{
	int64_t missing = tail < place ? par_sampler_blocks(s) * s->block - s->n : 0;
	return place * s->block - missing;
}

void par_sampler_pool(const par_sampler *s, int64_t epoch, int64_t k, int64_t *lo, int64_t *hi)
{
	int64_t tail = tail_place(s, epoch), end = (k + 1) * s->pool, all = par_sampler_blocks(s);
	*lo = before_place(s, tail, k * s->pool);
	*hi = before_place(s, tail, end < all ? end : all);
}

void par_sampler_block(const par_sampler *s, int64_t epoch, int64_t place, int64_t *lo, int64_t *hi)
{
	int64_t whole = s->n / s->block, tail = tail_place(s, epoch);
	int64_t block = place == tail ? whole : place - (place > tail);
	if (s->shuffle && block < whole)
		block = par_rng_permute(stream(s, epoch, BLOCKS), block, whole);
	*lo = block * s->block;
	*hi = *lo + s->block < s->n ? *lo + s->block : s->n;
}

void par_sampler_find(
    const par_sampler *s, int64_t epoch, int64_t position, int64_t *place, int64_t *number)
{
	int64_t tail = tail_place(s, epoch), k = position / (s->block * s->pool), lo, hi;
	int64_t short_by = par_sampler_blocks(s) * s->block - s->n;
	par_sampler_pool(s, epoch, k, &lo, &hi);
	if (position >= hi)
		par_sampler_pool(s, epoch, ++k, &lo, &hi);
	int64_t at = position - lo, first = k * s->pool;
	if (s->shuffle)
		at = par_rng_permute(stream(s, epoch, POOLS + k), at, hi - lo);
	/* as if the short block were whole */
	if (tail >= first && at >= before_place(s, tail, tail + 1) - lo)
		at += short_by;
	*place = first + at / s->block;
	*number = at % s->block;
}

int64_t par_sampler_at(const par_sampler *s, int64_t step, int64_t i)
{
	int64_t steps = par_sampler_steps(s), epoch = step / steps, lo, hi, place, number;
	int64_t position = step % steps * s->batch + i;
	PAR_MUST(
	    i >= 0 && position < s->n, "place %lld of step %lld", (long long)i, (long long)step);
	if (s->block == 0)
		return s->shuffle ? par_rng_permute(stream(s, epoch, SAMPLES), position, s->n)
				  : position;
	par_sampler_find(s, epoch, position, &place, &number);
	par_sampler_block(s, epoch, place, &lo, &hi);
	return lo + number;
}
