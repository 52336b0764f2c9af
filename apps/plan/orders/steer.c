#include "plan/orders/integer_inside.h"

#include "plan/check/common_part.h"

#include <math.h>
#include <string.h>

#define TURNS 32 /* of a pass: what the linking rows have left is known anew so often */
#define GAIN 0.7 /* by how much of itself a price moves when all of its row's size is too much */
#define REST 0.1 /* a row at rest counts as if it had so much of a usual row's price */

/* Of a row that the linear program leaves slack, or passes, only what goes beyond its limit counts */
static double off_target(const integer_job *j, int r)
{
	double left = j->left[r], size = fabs(j->m->problem.link.right[r]);
	bool free = fabs(j->center[r]) * size < 1e-6 * j->worth;
	if (free || j->target[r] > 1e-6 * size)
		return fmin(left, 0);
	return j->target[r] < -1e-6 * size ? fmax(left, 0) : left;
}

static void move_prices(integer_job *j)
{
	const linking *l = &j->m->problem.link;
	double by;
	for (int r = 0; r < l->rows; r++) {
		double size = fmax(fabs(l->right[r]), fabs(l->right[r] - j->target[r]));
		double scale = size > 0 ? fmax(fabs(j->center[r]), REST * j->worth / size) / size
					: 0;
		double moved = j->center[r] + GAIN * scale * off_target(j, r);
		j->then[r] = fmin(fmax(moved, -j->hardest), j->hardest);
	}
	common_prices(l, j->then, j->price, &by);
}

static void plan_again(integer_job *j, int64_t i)
{
	int64_t k = j->s->block[i];
	whole_answer a = {.x = j->one};
	pricing_price(&j->q, k, j->price);
	integer_search(j, j->search, i, j->usual, &a);
	if (!a.found)
		return;
	integer_use(j, i, -1);
	integer_take(j, i, &a);
	integer_use(j, i, 1);
	par_world_alive();
}

/* A shard's blocks go in so many slices, and with few of them shards take turns, too */
static int slices(const integer_job *j)
{
	const par_shards *s = &j->m->deal.shards;
	int64_t most = GROUP_LANES * ((s->batch + s->shards - 1) / s->shards);
	return most < TURNS ? (int)most : TURNS;
}

/* my blocks whose turn it is, in the order of their weight */
static void take_turn(integer_job *j, int turn)
{
	const par_shards *s = &j->m->deal.shards;
	int64_t i = 0, g = 0;
	int all = slices(j), apart = TURNS / all, slice = turn / apart;
	for (int shard = s->shard_lo; shard < s->shard_hi; shard++) {
		int64_t first = i;
		for (; g < par_shards_first(s, shard + 1) - s->lo; g++)
			i += j->m->deal.mine[g].lanes;
		int64_t n = shard % apart == turn % apart ? i - first : 0;
		for (int64_t t = n * slice / all; t < n * (slice + 1) / all; t++)
			plan_again(j, j->turn[first + t]);
	}
}

void integer_steer(integer_job *j)
{
	int64_t rows = j->link.n;
	memset(j->mean, 0, (size_t)rows * sizeof *j->mean);
	int turns = slices(j) * (TURNS / slices(j));
	for (int turn = 0; turn < turns; turn++) {
		move_prices(j);
		for (int64_t r = 0; r < rows; r++)
			j->mean[r] += j->price[r] / turns;
		take_turn(j, turn);
		sums_finish(&j->link, j->m->deal.world, j->use);
		for (int64_t r = 0; r < rows; r++)
			j->left[r] -= j->use[r];
	}
	memcpy(j->center, j->mean, (size_t)rows * sizeof *j->mean);
}
