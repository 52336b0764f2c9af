#include "forecast/intervals/newcomers.h"

#include "comm/gather.h"
#include "forecast/cold.h"
#include "forecast/intervals/ratios.h"
#include "forecast/sample.h"
#include "forecast/totals/sums.h"

#include <math.h>
#include <stdlib.h>

#define OUTCOMES_LEAST 400 /* of series that were new, to be believed alone */

typedef struct {
	const panel *p;
	const plan *f;
	results *r;
	areas areas;
	int32_t *since; /* owned: [series] as held.since */
	float *cells;   /* owned: of all ranks, as held.cells */
	int64_t held;   /* of so many series */
	float *column;  /* owned: [rows][horizon] */
} work;

/* one rung; node 0: not observed by then; then the places */
typedef struct {
	cold_rung rung;
	hierarchy_level level;
	double *members;       /* owned: [nodes] */
	double *sum;           /* owned: [nodes][horizon] what was published of them */
	ratios_case *cases[2]; /* owned: of series that were new, and of all */
	int64_t count[2];
} likeness;

static bool answered_by(const results *r, int64_t row, cold_rung rung)
{
	return r->status[row] == cold_status(rung);
}

static par_err make(likeness *l, const work *w, cold_rung rung)
{
	const catalog *c = &w->p->of;
	const results *r = w->r;
	size_t cells = (size_t)w->held * (size_t)r->proved * (size_t)r->horizon;
	*l = (likeness){.rung = rung};
	l->level.nodes = cold_places(c, &w->areas, rung) + 1;
	l->level.node_of = malloc(sizeof *l->level.node_of * (size_t)c->series + 1);
	l->members = calloc((size_t)l->level.nodes, sizeof *l->members);
	l->sum = malloc(sizeof *l->sum * (size_t)(l->level.nodes * r->horizon));
	for (int k = 0; k < 2; k++)
		l->cases[k] = malloc(sizeof *l->cases[k] * cells + 1);
	return l->level.node_of && l->members && l->sum && l->cases[0] && l->cases[1]
		   ? PAR_OK
		   : par_fail(PAR_E_MEMORY, "no memory for series without a history");
}

static void drop(likeness *l)
{
	free(l->level.node_of);
	free(l->members);
	free(l->sum);
	free(l->cases[0]);
	free(l->cases[1]);
}

/* ---- what was published of the like ---- */

/* those that had been observed by then are members of their places */
static void number(likeness *l, const work *w, int64_t known)
{
	const catalog *c = &w->p->of;
	for (int64_t node = 0; node < l->level.nodes; node++)
		l->members[node] = 0;
	for (int64_t i = 0; i < c->series; i++) {
		int64_t place = cold_place(c, &w->areas, l->rung, i);
		int64_t node = w->since[i] < known ? place + 1 : 0;
		l->level.node_of[i] = (int32_t)node;
		l->members[node]++;
	}
}

/* collective */
static par_err add_up(likeness *l, const work *w, int origin)
{
	const results *r = w->r;
	const hierarchy_level *of = &l->level;
	int64_t first[2] = {0, l->level.nodes};
	const levels_sums levels = {.count = 1, .level = &of, .first = first};
	number(l, w, results_origin(w->p->of.length, r->horizon, origin));
	for (int64_t i = 0; i < r->rows; i++)
		for (int h = 0; h < r->horizon; h++)
			w->column[i * r->horizon + h] =
			    r->past[(i * r->origins + origin) * r->horizon + h];
	return sums_rows(w->p, &levels, w->column, r->rows, r->horizon, l->sum);
}

/* ---- what became of them ---- */

/* of a held series: outcomes around the mean of its like, others than itself */
static void add_cases(likeness *l, const work *w, int64_t i, int origin)
{
	const held_back *k = &w->r->held;
	float *at = w->cells + (i * k->origins + origin) * held_width(k);
	bool seen = isfinite(at[HELD_SPREAD_AT]);
	int64_t node = cold_place(&w->p->of, &w->areas, l->rung, sample_at(k->level, i)) + 1;
	double others = l->members[node] - seen;
	for (int h = 0; others > 0 && h < k->horizon; h++) {
		const float *step = held_step(k, at, h);
		double own = seen ? (double)step[HELD_PAST] : 0;
		double mean = (l->sum[node * k->horizon + h] - own) / others;
		const ratios_case one = {(float)mean, 0, step[HELD_OUTCOME]};
		if (!isfinite(one.outcome) || !(one.mean > 0))
			continue;
		l->cases[1][l->count[1]++] = one;
		if (!seen)
			l->cases[0][l->count[0]++] = one;
	}
}

static par_err look_back(likeness *l, const work *w)
{
	for (int o = 0; o < w->r->proved; o++) {
		PAR_TRY(add_up(l, w, o));
		for (int64_t i = 0; i < w->held; i++)
			add_cases(l, w, i, o);
	}
	return PAR_OK;
}

static void answer_row(const likeness *l, const ratios *pooled, const results *r, int64_t row)
{
	for (int64_t i = row * r->horizon; i < (row + 1) * r->horizon; i++)
		if (answered_by(r, row, l->rung))
			ratios_at(pooled, (double)r->mean[i], 0, r->quantile + i * r->quantiles);
	results_rest(r, row);
}

static par_err apply(app *a, const likeness *l, const work *w)
{
	ratios pooled;
	const results *r = w->r;
	int all = l->count[0] < OUTCOMES_LEAST;
	if (l->count[all] == 0)
		return PAR_OK;
	par_err e = ratios_make(
	    &pooled, l->count[all], l->cases[all], r->quantiles, w->f->level, w->f->spec.counts);
	for (int64_t row = 0; row < r->rows && e == PAR_OK; row++)
		answer_row(l, &pooled, r, row);
	ratios_drop(&pooled);
	app_log(a, "quantiles %s: from %lld outcomes of %s",
	    results_status_text(cold_status(l->rung)), (long long)l->count[all],
	    all ? "all series" : "series that were new at past origins");
	return e;
}

/* collective | the series answered by a rung, where there are some */
static par_err answer_rung(app *a, const work *w, cold_rung rung)
{
	const par_world *world = w->p->of.world;
	likeness l;
	int64_t cold = 0;
	for (int64_t row = 0; row < w->r->rows; row++)
		cold += answered_by(w->r, row, rung);
	if (par_world_max(world, cold) == 0)
		return PAR_OK;
	par_err e = par_agree(world, make(&l, w, rung));
	if (e == PAR_OK)
		e = look_back(&l, w);
	if (e == PAR_OK)
		e = par_agree(world, apply(a, &l, w));
	drop(&l);
	return e;
}

static par_err gather(work *w)
{
	const results *r = w->r;
	const held_back *k = &r->held;
	const par_world *world = w->p->of.world;
	void *since = NULL, *cells = NULL;
	int64_t series;
	PAR_TRY(areas_read(&w->areas, &w->p->of));
	PAR_TRY(par_gather_rows(world, k->since, r->rows, sizeof *k->since, &since, &series));
	w->since = since;
	PAR_TRY(par_gather_rows(world, k->cells, k->rows,
	    sizeof *k->cells * (size_t)(k->origins * held_width(k)), &cells, &w->held));
	w->cells = cells;
	w->column = malloc(sizeof *w->column * (size_t)(r->rows * r->horizon) + 1);
	return par_agree(world,
	    w->column ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for series without a history"));
}

par_err newcomers_quantiles(app *a, const panel *p, const plan *f, results *r)
{
	work w = {.p = p, .f = f, .r = r};
	int64_t cold = 0;
	for (int64_t row = 0; row < r->rows; row++)
		cold += r->status[row] >= RESULTS_COLD;
	if (r->proved == 0 || par_world_max(p->of.world, cold) == 0)
		return PAR_OK;
	par_err e = gather(&w);
	for (int rung = 0; rung < COLD_RUNGS && e == PAR_OK; rung++)
		e = answer_rung(a, &w, (cold_rung)rung);
	areas_drop(&w.areas);
	free(w.since);
	free(w.cells);
	free(w.column);
	return e;
}
