#include "plan/solve/sweep.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define MAXIMA_EIGHTS (MAXIMA * MOST_LANES / 2 / GROUP_LANES)

static int triangle(int n)
{
	return n * (n + 1) / 2;
}

static double *take(double **at, int64_t eights)
{
	double *p = *at;
	if (p)
		*at += eights * GROUP_LANES;
	return p;
}

/* of n eights of floats */
static int64_t half_eights(int64_t n)
{
	return (n + 1) / 2;
}

static int64_t class_eights(const symbolic *s)
{
	return 2 * s->touched + s->crosses + s->s_size / GROUP_LANES + s->v_size +
	       (2 + SIDE_LAST) * s->columns + half_eights(SIDES * NEAR_COLUMNS) + s->rows +
	       s->links + s->slots + s->widest + 18;
}

static void lay_out(class_room *r, const symbolic *s, double *at)
{
	r->right = take(&at, s->touched);
	r->activity = take(&at, s->touched);
	r->cross = take(&at, s->crosses);
	r->packed = take(&at, s->s_size / GROUP_LANES);
	r->v = take(&at, s->v_size + 1);
	r->theta = take(&at, s->columns);
	r->q = take(&at, s->columns);
	r->priced = take(&at, SIDE_LAST * s->columns);
	r->near = (float *)(void *)take(&at, half_eights(SIDES * NEAR_COLUMNS));
	r->r = take(&at, s->rows);
	r->weighed = take(&at, s->links);
	r->slots = take(&at, s->slots + 1);
	r->items = take(&at, s->widest);
}

static par_err room(sweeper *w)
{
	int classes = w->groups->p->patterns;
	int64_t eights = 2 * SUMS + MAXIMA_EIGHTS;
	for (int c = 0; c < classes; c++)
		eights += class_eights(w->groups->class[c]);
	w->class = calloc((size_t)classes + 1, sizeof *w->class);
	w->memory = par_memory((size_t)eights * GROUP_LANES * sizeof(double));
	if (!w->class || !w->memory)
		return par_fail(PAR_E_MEMORY, "no memory for the work of a group");
	double *at = w->memory;
	w->sums = take(&at, SUMS);
	w->own = take(&at, SUMS);
	w->maxima = (float *)(void *)take(&at, MAXIMA_EIGHTS);
	for (int c = 0; c < classes; c++) {
		lay_out(&w->class[c], w -> groups -> class[c], at);
		at += class_eights(w->groups->class[c]) * GROUP_LANES;
	}
	return PAR_OK;
}

par_err sweep_open(sweeper *w, const groups *g)
{
	const par_world *world = g->deal->world;
	int shards = g->deal->shards.shards, links = g->p->link.rows;
	*w = (sweeper){.groups = g, .links = links};
	par_err e = par_agree(world, room(w));
	if (e == PAR_OK)
		e = par_reduce_plan(&w->small, world, PAR_F64, links + SUMS, shards, 0);
	if (e == PAR_OK)
		e = par_reduce_plan(
		    &w->large, world, PAR_F64, 2 * links + SUMS + triangle(links), shards, 0);
	if (e != PAR_OK)
		sweep_close(w);
	return e;
}

void sweep_close(sweeper *w)
{
	if (w->large)
		par_reduce_free(w->large);
	if (w->small)
		par_reduce_free(w->small);
	free(w->class);
	free(w->memory);
	*w = (sweeper){0};
}

static double across(const double *a)
{
	return ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]));
}

static void zero(double *a, int64_t eights)
{
	memset(a, 0, (size_t)eights * GROUP_LANES * sizeof *a);
}

static void begin_shard(sweeper *w, bool large)
{
	zero(w->sums, SUMS);
	for (int c = 0; c < w->groups->p->patterns; c++) {
		const symbolic *s = w->groups->class[c];
		zero(w->class[c].right, s->touched);
		if (!large)
			continue;
		zero(w->class[c].activity, s->touched);
		zero(w->class[c].cross, s->crosses);
		zero(w->class[c].packed, s->s_size / GROUP_LANES);
	}
}

static void flush(const symbolic *s, class_room *r)
{
	if (r->in_batch > 0)
		KERNEL_CALL(plan_rank, s, r->in_batch, r->v, r->packed);
	r->in_batch = 0;
}

void sweep_factor(sweeper *w, group_view *v, class_room *r)
{
	(void)w;
	factor_job job = {
	    v->factor, r->v, r->cross, r->in_batch++, r->weighed, r->slots, r->items, &v->ahead};
	KERNEL_CALL(plan_factor, v->s, r->theta, v->masked, &job);
	if (r->in_batch == v->s->batch)
		flush(v->s, r);
}

static double *lower(double *schur, int a, int b)
{
	return a >= b ? schur + triangle(a) + b : schur + triangle(b) + a;
}

/* Tiles as rank.k.c leaves them: columns of PANEL_STRIP rows, strip by strip. A panel's linking rows ascend, so
 * that all of it is in the lower half but what the diagonal's squares have above it. */
static void take_panel(const symbolic *s, const panel *p, const double *packed, double *schur)
{
	packed += p->s_first;
	for (int at = 0; at < p->padded; at += PANEL_STRIP) {
		int rows = p->links - at < PANEL_STRIP ? p->links - at : PANEL_STRIP;
		double *row[PANEL_STRIP] = {NULL};
		for (int i = 0; i < rows; i++)
			row[i] = schur + triangle(s->touch[p->link[at + i]]);
		for (int j = 0; j < at + PANEL_STRIP; j++, packed += PANEL_STRIP) {
			int first = j > at ? j - at : 0;
			for (int i = first; i < rows; i++)
				row[i][s->touch[p->link[j]]] -= packed[i];
		}
	}
}

static void write_schur(const symbolic *s, const class_room *r, double *schur)
{
	for (int n = 0; n < s->crosses; n++)
		*lower(schur, s->cross[2 * n], s->cross[2 * n + 1]) += across(
		    r->cross + n * GROUP_LANES);
	for (int k = 0; k < s->panels; k++)
		take_panel(s, &s->panel[k], r->packed, schur);
}

/* a shard's vector: right sides, sums, and in a large one activities and the Schur complement */
static void end_shard(sweeper *w, double *out, bool large)
{
	int links = w->links;
	double *sums = out + links, *activity = sums + SUMS, *schur = activity + links;
	memset(out, 0, (size_t)(links + SUMS) * sizeof *out);
	if (large)
		memset(activity, 0, (size_t)(links + triangle(links)) * sizeof *out);
	for (int k = 0; k < SUMS; k++)
		sums[k] = across(w->sums + k * GROUP_LANES);
	for (int c = 0; c < w->groups->p->patterns; c++) {
		const symbolic *s = w->groups->class[c];
		class_room *r = &w->class[c];
		for (int t = 0; t < s->touched; t++)
			out[s->touch[t]] += across(r->right + t * GROUP_LANES);
		if (!large)
			continue;
		for (int t = 0; t < s->touched; t++)
			activity[s->touch[t]] += across(r->activity + t * GROUP_LANES);
		flush(s, r);
		write_schur(s, r, schur);
	}
}

/* lanes that repeat a block count for nothing */
static void add_sums(sweeper *w, int lanes)
{
	for (int k = 0; k < SUMS * GROUP_LANES; k++)
		w->sums[k] += k % GROUP_LANES < lanes ? w->own[k] : 0;
}

static void run_groups(sweeper *w, sweep_fn fn, void *ctx, int64_t lo, int64_t hi)
{
	for (int64_t i = lo; i < hi; i++) {
		group_view v;
		groups_view(w->groups, i, &v);
		zero(w->own, SUMS);
		fn(ctx, w, &v, &w->class[v.class]);
		add_sums(w, v.lanes);
	}
}

sweep_sums sweep_run(sweeper *w, sweep_fn fn, void *ctx, bool large)
{
	const par_shards *s = &w->groups->deal->shards;
	par_reduce *r = large ? w->large : w->small;
	for (int k = s->shard_lo; k < s->shard_hi; k++) {
		begin_shard(w, large);
		run_groups(
		    w, fn, ctx, par_shards_first(s, k) - s->lo, par_shards_first(s, k + 1) - s->lo);
		end_shard(w, par_reduce_next(r), large);
		par_reduce_born(r);
	}
	const double *sum = par_reduce_sum(r), *sums = sum + w->links;
	return (sweep_sums){sum, sums, sums + SUMS, sums + SUMS + w->links};
}

static void all_most(sweeper *w, double *most, int n)
{
	for (int k = 0; k < n; k++) {
		most[k] = 0;
		for (int lane = 0; lane < MOST_LANES; lane++) {
			double a = (double)w->maxima[k * MOST_LANES + lane];
			most[k] = a > most[k] ? a : most[k];
		}
	}
	par_world_most(w->groups->deal->world, most, n);
}

void sweep_most(sweeper *w, sweep_fn fn, void *ctx, double *most, int n)
{
	memset(w->maxima, 0, sizeof *w->maxima * MAXIMA * MOST_LANES);
	run_groups(w, fn, ctx, 0, w->groups->deal->groups);
	all_most(w, most, n);
}

sweep_sums sweep_both(sweeper *w, sweep_fn fn, void *ctx, double *most, int n)
{
	memset(w->maxima, 0, sizeof *w->maxima * MAXIMA * MOST_LANES);
	sweep_sums sums = sweep_run(w, fn, ctx, false);
	all_most(w, most, n);
	return sums;
}
