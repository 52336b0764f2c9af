#include "plan/solve/iterate.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

static par_err room(iterate *it)
{
	size_t n = (size_t)it->links;
	it->memory = par_memory(((4 + SIDES) * n + n * n + 8) * sizeof *it->memory);
	it->aside = calloc(n + 1, sizeof *it->aside);
	if (!it->memory || !it->aside)
		return par_fail(PAR_E_MEMORY, "no memory for %d linking rows", it->links);
	double *at = it->memory;
	double **field[] = {&it->right, &it->price, &it->residual, &it->target};
	for (size_t k = 0; k < 4; k++, at += n)
		*field[k] = at;
	for (int k = 0; k < SIDES; k++, at += n)
		it->dprice[k] = at;
	it->schur = at;
	return PAR_OK;
}

/* squares of right sides and costs; the number of products */
static void measure(void *ctx, sweeper *w, group_view *v, class_room *r)
{
	(void)ctx, (void)r;
	for (int k = 0; k < v->s->rows * GROUP_LANES; k++)
		w->own[k % GROUP_LANES] += v->right[k] * v->right[k];
	for (int k = 0; k < v->s->columns * GROUP_LANES; k++)
		w->own[GROUP_LANES + k % GROUP_LANES] += v->cost[k] * v->cost[k];
	for (int lane = 0; lane < GROUP_LANES; lane++)
		w->own[2 * GROUP_LANES + lane] = v->s->columns + v->s->bounded;
}

static void measure_all(iterate *it)
{
	sweep_sums s = sweep_run(&it->sweeper, measure, NULL, false);
	double right = s.sums[0], cost = s.sums[1];
	it->pairs = s.sums[2] + it->own.free_columns + 2 * it->own.bounded_columns;
	for (int l = 0; l < it->links; l++)
		right += it->right[l] * it->right[l];
	for (int e = 0; e < it->own.places; e++)
		cost += own_counts(&it->own, e) ? it->own.cost[e] * it->own.cost[e] : 0;
	it->right_size = sqrt(right);
	it->cost_size = sqrt(cost);
}

par_err iterate_open(iterate *it, const problem *p, const deal *d)
{
	*it = (iterate){.links = p->link.rows};
	PAR_TRY(groups_open(&it->groups, p, d));
	par_err e = sweep_open(&it->sweeper, &it->groups);
	if (e == PAR_OK)
		e = par_agree(d->world, room(it));
	if (e == PAR_OK)
		e = par_agree(d->world,
		    own_open(&it->own, &p->link, it->groups.link_scale, it->groups.cost_scale));
	if (e != PAR_OK) {
		iterate_close(it);
		return e;
	}
	for (int l = 0; l < it->links; l++)
		it->right[l] = p->link.right[l] * it->groups.link_scale[l];
	measure_all(it);
	return PAR_OK;
}

void iterate_close(iterate *it)
{
	par_spread_close(&it->spread);
	own_close(&it->own);
	free(it->memory);
	free(it->aside);
	sweep_close(&it->sweeper);
	groups_close(&it->groups);
	*it = (iterate){0};
}
