#include "plan/orders/integer.h"

#include "base/rng.h"
#include "plan/check/common_part.h"
#include "plan/check/numbers.h"
#include "plan/check/pricing.h"
#include "plan/check/sums.h"
#include "plan/orders/whole.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
	const model *m;
	const solution *s;
	const integer_spec *spec;
	integer_plan *out;
	pricing q;
	whole *search;
	sums link, found; /* use of linking rows by the plans taken, by those found in a round */
	double *x, *one;  /* columns of my blocks now; of one block */
	double *fixed;    /* of my blocks: costs of their orders now */
	int *orders;
	/* of linking rows: prices, at first and as they may be; what is used; what is left of it all, of a shard's
	 * part, after a change; what a unit costs that is over or left over */
	double *price, *moved, *use, *left, *share, *then, *over, *under, *center, *mean;
	double pace;
	double *own; /* of linking columns */
	size_t columns;
} job;

#define STREAM_MEND 0x51
#define PARTS 8   /* of the shards: those of one plan again at a time */
#define PACE 0.3  /* of a price, at first, where nothing of a row is left or needed */
#define FRESH 0.3 /* of the mean: the plans found last */

/* exact sums of a round */
enum { COST, FIXED, TOTALS };

static par_err make_room(job *j)
{
	const problem *p = &j->m->problem;
	size_t rows = (size_t)p->link.rows + 1, own = (size_t)p->link.columns + 1;
	size_t blocks = (size_t)j->s->blocks + 1, widest = 1;
	for (int64_t i = 0; i < j->s->blocks; i++) {
		size_t n = (size_t)pattern_of(p, j->s->block[i])->columns;
		j->columns = (size_t)j->s->x_at[i] + n;
		widest = n > widest ? n : widest;
	}
	j->out->own = calloc(own, sizeof(double));
	j->out->x = calloc(j->columns + 1, sizeof(double));
	j->x = calloc(j->columns + 1, sizeof(double));
	j->one = calloc(widest, sizeof(double));
	j->fixed = calloc(blocks, sizeof(double));
	j->orders = calloc(blocks, sizeof(int));
	j->price = calloc(10 * rows + own, sizeof(double));
	if (!j->out->own || !j->out->x || !j->x || !j->one || !j->fixed || !j->orders || !j->price)
		return par_fail(PAR_E_MEMORY, "no room for a plan of %zu columns", j->columns);
	j->moved = j->price + rows;
	j->use = j->moved + rows;
	j->left = j->use + rows;
	j->share = j->left + rows;
	j->then = j->share + rows;
	j->over = j->then + rows;
	j->under = j->over + rows;
	j->center = j->under + rows;
	j->mean = j->center + rows;
	j->own = j->mean + rows;
	PAR_TRY(sums_open(&j->link, p->link.rows));
	PAR_TRY(sums_open(&j->found, p->link.rows));
	PAR_TRY(whole_open(&j->search, j->m));
	return pricing_open(&j->q, p);
}

static void drop_room(job *j)
{
	free(j->x);
	free(j->one);
	free(j->fixed);
	free(j->orders);
	free(j->price);
	sums_close(&j->link);
	sums_close(&j->found);
	whole_close(j->search);
	pricing_close(&j->q);
}

void integer_drop(integer_plan *v)
{
	free(v->own);
	free(v->x);
	*v = (integer_plan){0};
}

/* add to sums what the columns x of the block at hand use of linking rows */
static void add_use(job *j, const double *x, sums *to)
{
	memset(j->use, 0, (size_t)to->n * sizeof *j->use);
	pricing_use(&j->q, x, j->use);
	for (int64_t r = 0; r < to->n; r++)
		if (j->use[r] != 0)
			par_exact_add(&to->of[r], j->use[r]);
}

/* what all blocks use now, and what their plans cost; part of a round's sums */
static void add_up(job *j, par_exact *total)
{
	for (int64_t i = 0; i < j->s->blocks; i++) {
		const double *x = j->x + j->s->x_at[i];
		pricing_take(&j->q, j->s->block[i]);
		add_use(j, x, &j->link);
		par_exact_add(&total[COST], pricing_cost(&j->q, x) + j->fixed[i]);
		par_exact_add(&total[FIXED], j->fixed[i]);
	}
}

/* what it costs that so much of every linking row is left */
static double cost_of_left(const job *j, const double *left)
{
	double cost = 0;
	for (int64_t r = 0; r < j->link.n; r++)
		cost += left[r] < 0 ? -left[r] * j->over[r] : left[r] * j->under[r];
	return cost;
}

/* what taking the plan x of my i-th block costs more, where `left` is what the linking rows have for it;
 * then[]: what they have after it */
static double change(job *j, int64_t i, const double *x, double fixed, const double *left)
{
	const double *old = j->x + j->s->x_at[i];
	for (int64_t r = 0; r < j->link.n; r++)
		j->use[r] = -left[r];
	pricing_use(&j->q, x, j->use);
	for (int64_t r = 0; r < j->link.n; r++)
		j->then[r] = -j->use[r];
	memset(j->use, 0, (size_t)j->link.n * sizeof *j->use);
	pricing_use(&j->q, old, j->use);
	for (int64_t r = 0; r < j->link.n; r++)
		j->then[r] += j->use[r];
	return pricing_cost(&j->q, x) + fixed - pricing_cost(&j->q, old) - j->fixed[i] +
	       cost_of_left(j, j->then) - cost_of_left(j, left);
}

/* Prices at which my i-th block is searched again: where a row is overdrawn, somewhere, drawn by block and round,
 * between its price and what that costs */
static void mend_prices(job *j, int64_t i, int round, const double *left)
{
	par_rng draw = {j->spec->seed, STREAM_MEND, (uint32_t)round};
	double far = par_rng_f64(draw, j->s->block[i]);
	for (int64_t r = 0; r < j->link.n; r++) {
		double cost = left[r] < 0 ? -j->over[r] : j->under[r];
		bool costs = left[r] < 0 || j->under[r] > 0;
		j->then[r] = costs ? j->center[r] + far * (cost - j->center[r]) : j->center[r];
	}
}

static void take(job *j, int64_t i, const whole_answer *a)
{
	memcpy(j->x + j->s->x_at[i], a->x,
	    (size_t)pattern_of(j->q.problem, j->s->block[i])->columns * sizeof *a->x);
	j->fixed[i] = a->fixed;
	j->orders[i] = a->orders;
}

static whole_answer answer_at(job *j, int64_t i, const double *price)
{
	int64_t k = j->s->block[i];
	whole_answer a = {.x = j->one};
	pricing_price(&j->q, k, price);
	whole_solve(j->search, k, &j->q.numbers, j->q.priced, j->spec->within, j->spec->nodes, &a);
	j->out->nodes += a.nodes;
	return a;
}

/* take the plan where that is better for all within what is left */
static void take_better(job *j, int64_t i, const whole_answer *a, double *left)
{
	if (!a->found || change(j, i, a->x, a->fixed, left) >= 0)
		return;
	memcpy(left, j->then, (size_t)j->link.n * sizeof *left);
	take(j, i, a);
}

/* every block at the moved prices, for the bound; the first time its plan is taken */
static void search_all(job *j, bool first, par_exact *bound)
{
	for (int64_t i = 0; i < j->s->blocks; i++) {
		whole_answer a = answer_at(j, i, j->moved);
		par_exact_add(bound, a.bound);
		if (a.found)
			add_use(j, a.x, &j->found);
		if (a.found && first)
			take(j, i, &a);
		par_world_alive();
	}
}

static void mend(job *j, int64_t i, int round, double *left)
{
	mend_prices(j, i, round, left);
	whole_answer a = answer_at(j, i, j->then);
	take_better(j, i, &a, left);
	par_world_alive();
}

/* Plan blocks again, those of one shard in PARTS. Each of these shards may use its part of what the linking rows have
 * left, so that their order does not matter and the plan of all only becomes better. */
static void mend_part(job *j, int round, int part)
{
	const deal *d = &j->m->deal;
	int64_t i = 0, g = 0;
	int sharing = (d->shards.shards - part + PARTS - 1) / PARTS;
	for (int shard = d->shards.shard_lo; shard < d->shards.shard_hi; shard++) {
		int64_t end = par_shards_first(&d->shards, shard + 1) - d->shards.lo;
		for (int64_t r = 0; r < j->link.n && sharing > 0; r++)
			j->share[r] = j->left[r] / sharing;
		for (; g < end; g++)
			for (int lane = 0; lane < d->mine[g].lanes; lane++, i++)
				if (shard % PARTS == part)
					mend(j, i, round, j->share);
	}
}

/* the cheapest own column that takes up what linking row r has left (or over); -1: none can */
static int taker(const linking *l, int r, double left)
{
	int best = -1;
	for (int e = 0; e < l->columns; e++)
		if (l->row[e] == r && l->value[e] * left > 0 && left / l->value[e] <= l->upper[e] &&
		    (best < 0 ||
			l->cost[e] / fabs(l->value[e]) < l->cost[best] / fabs(l->value[best])))
			best = e;
	return best;
}

/* what a unit too many and too few costs; a hard limit's as much as all others together */
static void weigh_rows(job *j)
{
	const linking *l = &j->m->problem.link;
	double all = 0;
	for (int e = 0; e < l->columns; e++)
		all += fabs(l->cost[e] / l->value[e]);
	for (int r = 0; r < l->rows; r++) {
		int over = taker(l, r, -1e-300), under = taker(l, r, 1e-300);
		j->over[r] = over >= 0 ? fabs(l->cost[over] / l->value[over]) : all;
		j->under[r] = under >= 0 ? fabs(l->cost[under] / l->value[under]) : all;
	}
}

/* own columns for what blocks use; their cost, INFINITY where a hard limit is not kept */
static double settle_own(job *j)
{
	const linking *l = &j->m->problem.link;
	double cost = 0;
	memset(j->own, 0, (size_t)l->columns * sizeof *j->own);
	for (int r = 0; r < l->rows; r++) {
		double left = j->left[r] = l->right[r] - j->use[r];
		int e = left != 0 ? taker(l, r, left) : -1;
		if (e >= 0)
			cost += l->cost[e] * (j->own[e] = left / l->value[e]);
		else if (left != 0)
			cost = INFINITY;
	}
	return cost;
}

static void keep_best(job *j, int round, double value, double fixed)
{
	integer_plan *out = j->out;
	if (value >= out->value && out->orders >= 0)
		return;
	out->value = value;
	out->fixed = fixed;
	out->best_round = round;
	memcpy(out->x, j->x, j->columns * sizeof *j->x);
	memcpy(out->own, j->own, (size_t)j->m->problem.link.columns * sizeof *j->own);
	out->orders = 0;
	for (int64_t i = 0; i < j->s->blocks; i++)
		out->orders += j->orders[i];
}

/* The volume algorithm (Barahona and Anbil 2000): from the prices of the best bound, each price goes against what
 * a mean of the plans found so far leaves of its row, in parts of the row; less far when that was of no use. That of
 * a row at rest, with price 0, moves in parts of what a usual row is worth. */
static void follow(job *j, int round, bool better)
{
	const linking *l = &j->m->problem.link;
	double worth = 0, fresh = round > 0 ? FRESH : 1;
	for (int r = 0; r < l->rows; r++) {
		if (better)
			j->center[r] = j->moved[r];
		j->mean[r] += fresh * (j->use[r] - j->mean[r]);
		worth += fabs(j->center[r] * l->right[r]) / l->rows;
	}
	j->pace *= better ? 1.1 : 0.7;
	for (int r = 0; r < l->rows; r++) {
		double size = fmax(fabs(l->right[r]), j->mean[r]);
		if (size <= 0)
			continue;
		double scale = fmax(fabs(j->center[r]), 0.1 * worth / size);
		j->price[r] = j->center[r] + j->pace * scale * (l->right[r] - j->mean[r]) / size;
	}
}

/* collective | what the plans now come to, kept where it is the best */
static void settle(job *j, int round)
{
	par_exact total[TOTALS] = {0};
	add_up(j, total);
	par_exact_sum(j->m->deal.world, total, TOTALS);
	sums_finish(&j->link, j->m->deal.world, j->use);
	double value = par_exact_value(&total[COST]) + settle_own(j);
	keep_best(j, round, value, par_exact_value(&total[FIXED]));
}

static void one_round(job *j, int round)
{
	const par_world *w = j->m->deal.world;
	par_exact sum = {0};
	double by;
	bool priced = common_prices(&j->m->problem.link, j->price, j->moved, &by);
	if (w->rank == 0 && priced)
		common_add(&sum, &j->m->problem.link, j->moved);
	search_all(j, round == 0, &sum);
	par_exact_sum(w, &sum, 1);
	sums_finish(&j->found, w, j->use);
	bool better = priced && par_exact_value(&sum) > j->out->bound;
	if (better)
		j->out->bound = par_exact_value(&sum);
	follow(j, round, better);
	if (round == 0)
		settle(j, round);
	for (int part = 0; part < PARTS; part++) {
		mend_part(j, round * PARTS + part, part);
		settle(j, round);
	}
}

par_err integer_make(integer_plan *out, const model *m, const solution *s, const double *price,
    const integer_spec *spec)
{
	const par_world *w = m->deal.world;
	job j = {.m = m, .s = s, .spec = spec, .out = out, .pace = PACE};
	*out = (integer_plan){.value = INFINITY, .bound = -INFINITY, .orders = -1};
	par_err e = par_agree(w, make_room(&j));
	if (e == PAR_OK) {
		weigh_rows(&j);
		memcpy(j.price, price, (size_t)m->problem.link.rows * sizeof *price);
		for (int round = 0; round < spec->rounds; round++)
			one_round(&j, round);
		out->gap = (out->value - out->bound) / fabs(out->value);
		out->orders = par_world_sum(w, out->orders);
		out->nodes = par_world_sum(w, out->nodes);
	}
	drop_room(&j);
	return e;
}
