#include "plan/orders/integer_inside.h"

#include "base/rng.h"

#include <math.h>
#include <string.h>

#define STREAM_MEND 0x51
#define SHARP 8 /* of the slope to full containers */

/* what it costs that so much of every linking row is left */
static double cost_of_left(const integer_job *j, const double *left)
{
	double cost = 0;
	for (int64_t r = 0; r < j->link.n; r++)
		cost += left[r] < 0 ? -left[r] * j->over[r] : left[r] * j->under[r];
	return cost;
}

/* What taking the plan a of my i-th block costs more, where mine[] is what the linking rows have for it;
 * then[]: what they have after it */
static double change(integer_job *j, int64_t i, const whole_answer *a)
{
	int64_t rows = j->link.n;
	memset(j->use, 0, (size_t)rows * sizeof *j->use);
	pricing_use(&j->q, a->x, j->use);
	for (int64_t r = 0; r < rows; r++)
		j->then[r] = j->mine[r] - j->use[r];
	return pricing_cost(&j->q, a->x) + a->fixed - pricing_cost(&j->q, j->x + j->s->x_at[i]) -
	       j->fixed[i] + cost_of_left(j, j->then) - cost_of_left(j, j->share) +
	       boxes_change(&j->box, j->s->block[i], j->x + j->s->x_at[i], a->x);
}

/* Prices at which my i-th block is searched again. A lane or a space has room for it, whose price is anything
 * from nothing to its own, and beyond it costs what passing it does; other rows, when they are overdrawn, cost
 * something between their price and that. */
static void mend_prices(integer_job *j, int64_t i, int round)
{
	par_rng draw = {j->spec->seed, STREAM_MEND, (uint32_t)round};
	double far = par_rng_f64(draw, 2 * j->s->block[i]);
	double kept = par_rng_f64(draw, 2 * j->s->block[i] + 1);
	for (int64_t r = 0; r < j->link.n; r++) {
		limit_kind kind = j->m->limit[r].kind;
		bool room = kind == LIMIT_LANE || kind == LIMIT_SPACE;
		double costs = j->share[r] < 0 ? -j->over[r] : j->under[r];
		double most = fmax(costs * j->center[r], 0) > 0 ? costs : 0;
		j->price[r] = room ? kept * j->center[r]
				   : j->center[r] + far * far * (most - j->center[r]);
		j->beyond[r] = j->over[r] + j->price[r];
	}
}

/* what the linking rows have for a block: what all others leave of its shard's share */
static void make_room(integer_job *j, int64_t i)
{
	memset(j->use, 0, (size_t)j->link.n * sizeof *j->use);
	pricing_use(&j->q, j->x + j->s->x_at[i], j->use);
	for (int64_t r = 0; r < j->link.n; r++)
		j->mine[r] = j->share[r] + j->use[r];
}

static void mend(integer_job *j, int64_t i, int round)
{
	int64_t k = j->s->block[i];
	whole_answer a = {.x = j->one};
	mend_prices(j, i, round);
	pricing_price(&j->q, k, j->price);
	boxes_price(&j->box, k, j->q.priced);
	make_room(j, i);
	whole_room(j->roomy, j->mine, j->beyond);
	integer_search(j, j->roomy, i, j->usual, &a);
	if (a.found && (j->orders[i] < 0 || change(j, i, &a) < 0)) {
		if (j->orders[i] < 0)
			change(j, i, &a);
		memcpy(j->share, j->then, (size_t)j->link.n * sizeof *j->share);
		boxes_take(&j->box);
		integer_take(j, i, &a);
	}
	par_world_alive();
}

/* Of the shards, those of one part are mended at a time. Each of these may use its part of what the linking rows
 * have left, so that their order does not matter and the plan of all only becomes better. */
void integer_mend(integer_job *j, int round, int part, int parts)
{
	const deal *d = &j->m->deal;
	int64_t i = 0, g = 0;
	int sharing = (d->shards.shards - part + parts - 1) / parts;
	for (int shard = d->shards.shard_lo; shard < d->shards.shard_hi; shard++) {
		int64_t end = par_shards_first(&d->shards, shard + 1) - d->shards.lo, first = i;
		for (; g < end; g++)
			i += d->mine[g].lanes;
		if (shard % parts != part)
			continue;
		for (int64_t r = 0; r < j->link.n; r++)
			j->share[r] = j->left[r] / sharing;
		boxes_begin(&j->box, SHARP, sharing);
		for (int64_t t = first; t < i; t++)
			mend(j, j->turn[t], round);
	}
}
