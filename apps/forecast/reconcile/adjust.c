#include "forecast/reconcile/adjust.h"

#include "comm/blocks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ZERO 1e-10 /* of a forecast and its deviation: as good as zero */

typedef struct {
	const adjust_ask *ask;
	adjust_report *report;
	int64_t lo, hi;        /* my steps */
	double *x, *y;         /* owned: [steps here][nodes], [steps here][residuals] */
	float *out;            /* owned: [steps here][series] */
	uint8_t *held;         /* owned: [series] of the step at hand */
	const double **node;   /* owned: [steps here] forecasts as gls_open takes them ... */
	const float **of_step; /* ... owned: [steps here] */
	gls_solver *solver;    /* owned */
} work;

static const float *forecast_of(const work *w, int64_t step)
{
	const float *all = (const float *)(const void *)w->ask->series->window.base;
	return all + step * w->ask->s->of->series;
}

static double *x_of(const work *w, int64_t step)
{
	return w->x + (step - w->lo) * w->ask->s->of->nodes;
}

static double *y_of(const work *w, int64_t step)
{
	return w->y + (step - w->lo) * w->ask->s->residuals;
}

static double series_at(const work *w, int64_t step, int64_t i)
{
	return gls_series(
	    w->ask->s, i, (double)forecast_of(w, step)[i], x_of(w, step), y_of(w, step));
}

/* all my steps at once, nothing held */
static par_err solve_free(work *w)
{
	const adjust_ask *ask = w->ask;
	int n = (int)(w->hi - w->lo);
	for (int64_t k = 0; k < n; k++) {
		w->node[k] = ask->node + (w->lo + k) * ask->s->of->nodes;
		w->of_step[k] = forecast_of(w, w->lo + k);
	}
	const gls_ask all = {n, w->node, w->of_step};
	if (n == 0)
		return PAR_OK;
	PAR_TRY(gls_open(&w->solver, ask->s, &all, ask->counts && ask->rounds > 1));
	return gls_solve(w->solver, w->x, w->y, &w->report->coarse);
}

/* hold what would fall below zero, let go what would rise; how many changed */
static int64_t turn(work *w, int64_t step)
{
	const gls *s = w->ask->s;
	int64_t changed = 0;
	for (int64_t i = 0; i < s->of->series; i++) {
		if (!(s->series_variance[i] > 0))
			continue;
		double v = series_at(w, step, i);
		double zero = ZERO *
			      (fabs((double)forecast_of(w, step)[i]) + sqrt(s->series_variance[i]));
		uint8_t holds = v < -zero || (w->held[i] && v <= zero);
		changed += holds != w->held[i];
		w->held[i] = holds;
	}
	return changed;
}

static par_err settle(work *w, int64_t step)
{
	int64_t round = 1;
	memset(w->held, 0, (size_t)w->ask->s->of->series);
	while (turn(w, step) > 0 && round < w->ask->rounds) {
		PAR_TRY(gls_hold(w->solver, (int)(step - w->lo), w->held, x_of(w, step),
		    y_of(w, step), &w->report->coarse));
		par_world_alive();
		round++;
	}
	w->report->rounds = round > w->report->rounds ? round : w->report->rounds;
	w->report->cut += round == w->ask->rounds;
	return PAR_OK;
}

static void keep(work *w, int64_t step)
{
	const gls *s = w->ask->s;
	float *out = w->out + (step - w->lo) * s->of->series;
	for (int64_t i = 0; i < s->of->series; i++) {
		double v = series_at(w, step, i);
		bool zero = w->ask->counts && s->series_variance[i] > 0 && (w->held[i] || v < 0);
		out[i] = zero ? 0 : (float)v;
		w->report->held += w->ask->counts && w->held[i];
	}
}

static par_err solve_steps(work *w)
{
	PAR_TRY(solve_free(w));
	for (int64_t step = w->lo; step < w->hi; step++) {
		if (w->ask->counts && w->ask->rounds > 1)
			PAR_TRY(settle(w, step));
		keep(w, step);
		par_world_alive();
	}
	return PAR_OK;
}

static par_err room(work *w)
{
	const clusters *g = w->ask->s->of;
	size_t steps = (size_t)(w->hi - w->lo);
	w->x = malloc(sizeof *w->x * (steps * (size_t)g->nodes + 1));
	w->y = malloc(sizeof *w->y * (steps * (size_t)w->ask->s->residuals + 1));
	w->out = malloc(sizeof *w->out * (steps * (size_t)g->series + 1));
	w->held = calloc((size_t)g->series + 1, 1);
	w->node = malloc(sizeof(void *) * (steps + 1));
	w->of_step = malloc(sizeof(void *) * (steps + 1));
	return w->x && w->y && w->out && w->held && w->node && w->of_step
		   ? PAR_OK
		   : par_fail(
			 PAR_E_MEMORY, "no memory to reconcile %lld series", (long long)g->series);
}

/* where ranks solved together all have everything, and the first brings it */
static void publish(work *w, bool together)
{
	const par_world *world = w->ask->s->world;
	size_t row = sizeof *w->out * (size_t)w->ask->s->of->series;
	int64_t mine = together && world->rank > 0 ? 0 : w->hi - w->lo;
	int64_t rounds = par_world_max(world, mine);
	for (int64_t k = 0; k < rounds; k++)
		par_shared_put(w->ask->series, k < mine ? (size_t)(w->lo + k) * row : 0,
		    k < mine ? row : 0, w->out + (k < mine ? k : 0) * w->ask->s->of->series);
}

static void count(work *w, bool together)
{
	const par_world *world = w->ask->s->world;
	adjust_report *r = w->report;
	if (!together) {
		r->held = par_world_sum(world, r->held);
		r->cut = par_world_sum(world, r->cut);
	}
	r->rounds = par_world_max(world, r->rounds);
	r->coarse = par_world_max(world, r->coarse);
}

par_err adjust_steps(const adjust_ask *ask, adjust_report *report)
{
	par_blocks b;
	const par_world *world = ask->s->world;
	bool together = gls_together(ask->s);
	*report = (adjust_report){.rounds = 1};
	par_blocks_deal(&b, world, ask->steps, 1);
	work w = {.ask = ask,
	    .report = report,
	    .lo = ask->first + (together ? 0 : b.lo),
	    .hi = ask->first + (together ? ask->steps : b.hi)};
	par_err e = par_agree(world, room(&w));
	if (e == PAR_OK)
		e = par_agree(world, solve_steps(&w));
	if (e == PAR_OK) {
		publish(&w, together);
		count(&w, together);
	}
	free(w.x);
	free(w.y);
	free(w.out);
	free(w.held);
	free(w.node);
	free(w.of_step);
	gls_close(w.solver);
	return e;
}
