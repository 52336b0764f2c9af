#include "plan/orders/integer_inside.h"

#include "plan/check/common_part.h"
#include "plan/check/numbers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PARTS 8 /* of the shards: those of one are mended at a time */
#define LISTEN \
	3e-3 /* of the value of a usual SKU: plans met are kept that cost so much more than the best */

static par_err carve(integer_job *j)
{
	size_t rows = (size_t)j->m->problem.link.rows + 1,
	       own = (size_t)j->m->problem.link.columns + 1;
	j->places = j->m->problem.link.rows + j->box.cells;
	size_t places = (size_t)j->places + 1;
	double **of_rows[] = {&j->center, &j->price, &j->mean, &j->over, &j->under, &j->use,
	    &j->left, &j->target, &j->share, &j->mine, &j->beyond, &j->then, &j->stiff};
	size_t n = sizeof of_rows / sizeof of_rows[0];
	j->own = calloc(n * rows + own + places, sizeof *j->own);
	j->state = j->own + own + n * rows;
	for (size_t i = 0; j->own && i < n; i++)
		*of_rows[i] = j->own + own + i * rows;
	return j->own ? PAR_OK : par_fail(PAR_E_MEMORY, "no room for %zu limits", rows);
}

static par_err make_room(integer_job *j)
{
	const problem *p = &j->m->problem;
	size_t blocks = (size_t)j->s->blocks + 1, widest = 1;
	for (int64_t i = 0; i < j->s->blocks; i++) {
		size_t n = (size_t)pattern_of(p, j->s->block[i])->columns;
		j->columns = (size_t)j->s->x_at[i] + n;
		widest = n > widest ? n : widest;
	}
	j->out->own = calloc((size_t)p->link.columns + 1, sizeof(double));
	j->out->x = calloc(j->columns + 1, sizeof(double));
	j->x = calloc(j->columns + 1, sizeof(double));
	j->one = calloc(widest, sizeof(double));
	j->fixed = calloc(2 * blocks, sizeof(double));
	j->weight = j->fixed + blocks;
	j->orders = calloc(blocks, sizeof(int));
	j->turn = calloc(blocks, sizeof *j->turn);
	j->now = calloc(blocks, sizeof(const pool_plan *));
	if (!j->out->own || !j->out->x || !j->x || !j->one || !j->fixed || !j->orders || !j->turn ||
	    !j->now)
		return par_fail(PAR_E_MEMORY, "no room for a plan of %zu columns", j->columns);
	PAR_TRY(sums_open(&j->link, p->link.rows));
	PAR_TRY(boxes_open(&j->box, j->m));
	PAR_TRY(carve(j));
	PAR_TRY(pool_open(&j->found, &j->box, j->s->blocks));
	PAR_TRY(whole_open(&j->search, j->m, false));
	PAR_TRY(whole_open(&j->roomy, j->m, true));
	return pricing_open(&j->q, p);
}

static void drop_room(integer_job *j)
{
	free(j->x);
	free(j->one);
	free(j->fixed);
	free(j->orders);
	free(j->turn);
	free(j->now);
	free(j->own);
	pool_close(&j->found);
	sums_close(&j->link);
	boxes_close(&j->box);
	whole_close(j->search);
	whole_close(j->roomy);
	pricing_close(&j->q);
}

void integer_drop(integer_plan *v)
{
	free(v->own);
	free(v->x);
	*v = (integer_plan){0};
}

/* ---- linking rows */

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
static void weigh_rows(integer_job *j)
{
	const linking *l = &j->m->problem.link;
	double all = 0;
	for (int e = 0; e < l->columns; e++)
		all += fabs(l->cost[e] / l->value[e]);
	j->hardest = fmax(all, 1e6);
	for (int r = 0; r < l->rows; r++) {
		int over = taker(l, r, -1e-300), under = taker(l, r, 1e-300);
		j->over[r] = over >= 0 ? fabs(l->cost[over] / l->value[over]) : j->hardest;
		j->under[r] = under >= 0 ? fabs(l->cost[under] / l->value[under]) : j->hardest;
		j->center[r] = j->s->price[r];
		j->worth += fabs(j->center[r] * l->right[r]) / l->rows;
	}
}

/* own columns for what blocks use; their cost, INFINITY where a hard limit is not kept */
static double settle_own(integer_job *j)
{
	const linking *l = &j->m->problem.link;
	double cost = 0;
	memset(j->own, 0, (size_t)l->columns * sizeof *j->own);
	for (int r = 0; r < l->rows; r++) {
		double left = j->left[r];
		int e = left != 0 ? taker(l, r, left) : -1;
		if (e >= 0)
			cost += l->cost[e] * (j->own[e] = left / l->value[e]);
		else if (left != 0)
			cost = INFINITY;
	}
	return cost;
}

/* ---- plans of blocks */

static void keep_met(void *ctx, const whole_answer *a)
{
	integer_job *j = ctx;
	pool_keep(&j->found, j->searched, &j->q, a);
}

void integer_search(integer_job *j, whole *w, int64_t i, whole_effort effort, whole_answer *out)
{
	effort.near = j->x + j->s->x_at[i];
	j->searched = i;
	whole_solve(w, j->s->block[i], &j->q.numbers, j->q.priced, &effort, out);
	j->out->nodes += out->nodes;
}

void integer_take(integer_job *j, int64_t i, const whole_answer *a)
{
	j->now[i] = pool_keep(&j->found, i, &j->q, a);
	memcpy(j->x + j->s->x_at[i], a->x,
	    (size_t)pattern_of(j->q.problem, j->s->block[i])->columns * sizeof *a->x);
	j->fixed[i] = a->fixed;
	j->orders[i] = a->orders;
}

void integer_use(integer_job *j, int64_t i, double times)
{
	pricing_take(&j->q, j->s->block[i]);
	memset(j->use, 0, (size_t)j->link.n * sizeof *j->use);
	pricing_use(&j->q, j->x + j->s->x_at[i], j->use);
	for (int64_t r = 0; r < j->link.n; r++)
		if (j->use[r] != 0)
			par_exact_add(&j->link.of[r], times * j->use[r]);
}

/* collective | left[] by the plans of all blocks */
static void add_up(integer_job *j)
{
	for (int64_t i = 0; i < j->s->blocks; i++)
		integer_use(j, i, 1);
	sums_finish(&j->link, j->m->deal.world, j->use);
	for (int64_t r = 0; r < j->link.n; r++)
		j->left[r] = j->m->problem.link.right[r] - j->use[r];
}

static const double *sorted_by;

static int heavier(const void *a, const void *b)
{
	int64_t i = *(const int64_t *)a, k = *(const int64_t *)b;
	if (sorted_by[i] != sorted_by[k])
		return sorted_by[i] > sorted_by[k] ? -1 : 1;
	return i < k ? -1 : i > k;
}

/* within each shard, blocks that use most of what is scarce come first, so that the last are fit to fill up */
static void order_turns(integer_job *j)
{
	const deal *d = &j->m->deal;
	int64_t i = 0, g = 0;
	for (int64_t k = 0; k < j->s->blocks; k++) {
		pricing_take(&j->q, j->s->block[k]);
		memset(j->use, 0, (size_t)j->link.n * sizeof *j->use);
		pricing_use(&j->q, j->x + j->s->x_at[k], j->use);
		for (int64_t r = 0; r < j->link.n; r++)
			j->weight[k] += fabs(j->center[r]) * j->use[r];
		j->turn[k] = k;
		j->orders[k] = -1;
	}
	sorted_by = j->weight;
	for (int shard = d->shards.shard_lo; shard < d->shards.shard_hi; shard++) {
		int64_t first = i;
		for (; g < par_shards_first(&d->shards, shard + 1) - d->shards.lo; g++)
			i += d->mine[g].lanes;
		qsort(j->turn + first, (size_t)(i - first), sizeof *j->turn, heavier);
	}
}

/* ---- the whole */

enum { COST, FIXED, WHOLE, TOTALS };

static void keep_best(integer_job *j, double value, double fixed, double own, double unfilled)
{
	integer_plan *out = j->out;
	if (!(value < out->value))
		return;
	out->value = value;
	out->fixed = fixed;
	out->passed = own;
	out->unfilled = unfilled;
	memcpy(out->x, j->x, j->columns * sizeof *j->x);
	memcpy(out->own, j->own, (size_t)j->m->problem.link.columns * sizeof *j->own);
	out->orders = 0;
	for (int64_t i = 0; i < j->s->blocks; i++)
		out->orders += j->orders[i];
}

/* collective | what the plans now come to, kept where it is the best and every block is in whole units */
static void settle(integer_job *j)
{
	par_exact total[TOTALS] = {0};
	for (int64_t i = 0; i < j->s->blocks; i++) {
		pricing_take(&j->q, j->s->block[i]);
		par_exact_add(
		    &total[COST], pricing_cost(&j->q, j->x + j->s->x_at[i]) + j->fixed[i]);
		par_exact_add(&total[FIXED], j->fixed[i]);
		par_exact_add(&total[WHOLE], j->orders[i] >= 0);
		boxes_add(&j->box, j->s->block[i], j->x + j->s->x_at[i]);
	}
	par_exact_sum(j->m->deal.world, total, TOTALS);
	add_up(j);
	double own = settle_own(j), unfilled = boxes_finish(&j->box);
	if ((int64_t)par_exact_value(&total[WHOLE]) == j->m->problem.blocks)
		keep_best(j, par_exact_value(&total[COST]) + own + unfilled,
		    par_exact_value(&total[FIXED]), own, unfilled);
}

/* what the best plan found for my i-th block costs at its prices */
static double known_cost(const integer_job *j, int64_t i)
{
	double best = INFINITY;
	for (const pool_plan *a = j->found.of[i]; a; a = a->next)
		best = fmin(best, pool_priced(a, j->q.priced));
	return best;
}

/* collective | every SKU planned at the prices in the center, so that these make a bound */
static void prove(integer_job *j, double within, int nodes)
{
	const par_world *w = j->m->deal.world;
	par_exact sum[2] = {0};
	double by;
	bool priced = common_prices(&j->m->problem.link, j->center, j->price, &by);
	if (w->rank == 0 && priced)
		common_add(&sum[0], &j->m->problem.link, j->price);
	for (int64_t i = 0; i < j->s->blocks && priced; i++) {
		int64_t k = j->s->block[i];
		whole_answer a = {.x = j->one};
		pricing_price(&j->q, k, j->price);
		integer_search(j, j->search, i,
		    (whole_effort){.within = within, .nodes = nodes, .known = known_cost(j, i)},
		    &a);
		if (!j->now[i] && a.found)
			integer_take(j, i, &a);
		par_exact_add(&sum[0], a.bound);
		par_exact_add(&sum[1], isfinite(a.value) ? a.value - a.bound : 0);
		par_world_alive();
	}
	par_exact_sum(w, sum, 2);
	if (priced && par_exact_value(&sum[0]) > j->out->bound) {
		j->out->bound = par_exact_value(&sum[0]);
		j->out->unsearched = par_exact_value(&sum[1]);
	}
}

static void rounds(integer_job *j)
{
	add_up(j);
	memcpy(j->target, j->left, (size_t)j->link.n * sizeof *j->left);
	for (int round = 0; round < j->spec->steered; round++) {
		integer_steer(j);
		settle(j);
	}
	for (int round = 0; round <= j->spec->balanced; round++) {
		bool last = round == j->spec->balanced;
		if (round > 0) {
			integer_balance(j);
			settle(j);
		}
		prove(j, last ? j->within / 4 : j->within, last ? j->spec->proof : j->spec->nodes);
		settle(j);
	}
	integer_choose(j);
	settle(j);
	for (int round = 0; round < j->spec->mended * PARTS; round++) {
		integer_mend(j, round, round % PARTS, PARTS);
		settle(j);
	}
}

static void conclude(integer_job *j)
{
	integer_plan *out = j->out;
	const par_world *w = j->m->deal.world;
	const linking *l = &j->m->problem.link;
	double size = fabs(out->value);
	for (int e = 0; e < l->columns; e++)
		out->passed -= l->cost[e] * j->s->own[e];
	out->gap = (out->value - out->bound) / size;
	out->passed /= size;
	out->unsearched /= size;
	out->orders = par_world_sum(w, out->orders);
	out->nodes = par_world_sum(w, out->nodes);
}

par_err integer_make(integer_plan *out, const model *m, const solution *s, const integer_spec *spec)
{
	integer_job j = {.m = m, .s = s, .spec = spec, .out = out};
	*out = (integer_plan){.value = INFINITY, .bound = -INFINITY};
	par_err e = par_agree(m->deal.world, make_room(&j));
	if (e == PAR_OK) {
		double usual = fabs(s->value) / (double)m->problem.blocks;
		j.within = spec->within * usual;
		j.usual = (whole_effort){j.within, spec->nodes, INFINITY, NULL};
		whole_listen(j.search, keep_met, &j, LISTEN * usual);
		whole_listen(j.roomy, keep_met, &j, LISTEN * usual);
		memcpy(j.x, s->x, j.columns * sizeof *j.x);
		weigh_rows(&j);
		order_turns(&j);
		rounds(&j);
		conclude(&j);
		e = par_agree(m->deal.world, pool_status(&j.found));
	}
	drop_room(&j);
	return e;
}
