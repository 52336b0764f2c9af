#include "forecast/intervals/series.h"

#include "comm/gather.h"
#include "forecast/intervals/ratios.h"
#include "forecast/intervals/stretch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define POOLED_LEAST 400 /* outcomes that pooled ratios need */

/* shares of pooled ratios; a way is one of them, as they are or stretched, and the first: own quantiles as they are */
static const float shares[] = {0, .25F, .5F, .75F, 1};
enum { SHARES = sizeof shares / sizeof shares[0], WAYS = 2 * SHARES };

typedef struct {
	ratios pooled;
	int64_t outcomes; /* behind it */
	double *by;       /* owned: [SHARES][quantiles] how far distances are stretched */
} maker;

typedef struct {
	const plan *f;
	const held_back *k;
	int windows, folds;
	int64_t series;            /* held ones of all ranks */
	float *cells;              /* owned: of all ranks, as held.cells */
	stretch distances[SHARES]; /* by fold, of what others make */
	maker *makers;             /* owned: [folds + 1] from all folds but one, and from all */
	ratios_case *cases;        /* owned: room for all */
	float *row;                /* owned: [2][quantiles] */
} work;

static float *cells_at(const work *w, int64_t i, int window)
{
	return w->cells + (i * w->k->origins + window) * held_width(w->k);
}

/* what is left out together */
static int fold_of(const work *w, int64_t i, int window)
{
	return w->windows > 1 ? window : (int)(i % 2);
}

/* ---- what was said, around what would have been published ---- */

/* whatever moved results.past since */
static void move_series(const results *r, int64_t row, int origin)
{
	const held_back *k = &r->held;
	const float *past = r->past + (row * r->origins + origin) * r->horizon;
	float *at = held_at(k, row, origin);
	for (int h = 0; at && h < r->horizon; h++) {
		float *step = held_step(k, at, h);
		double from = (double)step[HELD_PAST], to = (double)past[h];
		results_move(step + HELD_MEAN, 1, from, to, k->counts);
		results_move(step + HELD_QUANTILES, r->quantiles, from, to, k->counts);
		step[HELD_PAST] = past[h];
	}
}

static void move_held(const results *r)
{
	for (int64_t row = 0; row < r->rows; row++)
		for (int o = 0; o < r->proved; o++)
			move_series(r, row, o);
}

/* ---- the ways ---- */

static void round_counts(const work *w, float *q)
{
	for (int k = 0; k < w->k->quantiles && w->k->counts; k++)
		q[k] = q[k] > 0 ? floorf(q[k] + .5F) : 0;
}

/* q: own quantiles, to which a share of pooled ratios comes */
static void mix(const work *w, const maker *m, float share, double mean, double spread, float *q)
{
	if (!(mean > 0) || share == 0)
		return;
	ratios_at(&m->pooled, mean, spread, w->row);
	for (int k = 0; k < w->k->quantiles; k++)
		q[k] += share * (w->row[k] - q[k]);
}

/* q: own quantiles, changed in place */
static void answer(const work *w, const maker *m, int way, double mean, double spread, float *q)
{
	bool above = q[0] >= 0;
	int share = way / 2;
	mix(w, m, shares[share], mean, spread, q);
	if (way % 2)
		stretch_apply(&w->distances[share], m->by + share * w->k->quantiles, q);
	for (int k = 0; k < w->k->quantiles && above; k++)
		q[k] = q[k] > 0 ? q[k] : 0;
	round_counts(w, q);
}

static par_err make_ratios(const work *w, int without, maker *m)
{
	m->outcomes = 0;
	for (int64_t i = 0; i < w->series; i++)
		for (int o = 0; o < w->windows; o++) {
			float *at = cells_at(w, i, o);
			for (int h = 0; h < w->k->horizon && fold_of(w, i, o) != without; h++) {
				const float *step = held_step(w->k, at, h);
				if (isfinite(step[HELD_OUTCOME]) && step[HELD_MEAN] > 0)
					w->cases[m->outcomes++] = (ratios_case){step[HELD_MEAN],
					    at[HELD_SPREAD_AT], step[HELD_OUTCOME]};
			}
		}
	return ratios_make(
	    &m->pooled, m->outcomes, w->cases, w->k->quantiles, w->f->level, w->k->counts);
}

static void add_distances(work *w, const maker *m, int64_t i, int window, int share)
{
	float *q = w->row + w->k->quantiles, *at = cells_at(w, i, window);
	for (int h = 0; h < w->k->horizon; h++) {
		const float *step = held_step(w->k, at, h);
		if (!isfinite(step[HELD_OUTCOME]))
			continue;
		memcpy(q, step + HELD_QUANTILES, sizeof *q * (size_t)w->k->quantiles);
		mix(w, m, shares[share], (double)step[HELD_MEAN], (double)at[HELD_SPREAD_AT], q);
		stretch_add(
		    &w->distances[share], fold_of(w, i, window), q, (double)step[HELD_OUTCOME]);
	}
}

/* pooled ratios without each fold, then how they and own quantiles must be stretched, each outcome by what does not
 * know it (cross-conformal: Vovk 2015) */
static par_err make_makers(work *w)
{
	for (int fold = 0; fold <= w->folds; fold++)
		PAR_TRY(make_ratios(w, fold, &w->makers[fold]));
	for (int64_t i = 0; i < w->series; i++)
		for (int o = 0; o < w->windows; o++)
			for (int share = 0; share < SHARES; share++)
				add_distances(w, &w->makers[fold_of(w, i, o)], i, o, share);
	for (int fold = 0; fold <= w->folds; fold++)
		for (int share = 0; share < SHARES; share++)
			stretch_factors(&w->distances[share], fold,
			    w->makers[fold].by + share * w->k->quantiles);
	return PAR_OK;
}

/* ---- what they lose ---- */

static double loss(const work *w, const float *q, double outcome)
{
	double sum = 0;
	for (int k = 0; k < w->k->quantiles; k++) {
		double e = outcome - (double)q[k], u = w->f->level[k];
		sum += e >= 0 ? u * e : (u - 1) * e;
	}
	return sum;
}

/* of a series in a window, by a maker that does not know it, and what it covers of it */
static void judge(
    const work *w, const maker *m, int64_t i, int window, int way, double *sum, coverage *c)
{
	float *q = w->row + w->k->quantiles, *at = cells_at(w, i, window);
	double covered[PLAN_QUANTILES], scale = (double)at[HELD_SCALE_AT];
	for (int h = 0; h < w->k->horizon; h++) {
		const float *step = held_step(w->k, at, h);
		double outcome = (double)step[HELD_OUTCOME];
		if (!isfinite(outcome))
			continue;
		memcpy(q, step + HELD_QUANTILES, sizeof *q * (size_t)w->k->quantiles);
		answer(w, m, way, (double)step[HELD_MEAN], (double)at[HELD_SPREAD_AT], q);
		*sum += scale > 0 ? loss(w, q, outcome) / scale : 0;
		for (int k = 0; k < w->k->quantiles; k++)
			covered[k] = (double)q[k];
		coverage_add(c, way, covered, outcome,
		    ((int64_t)window * w->series + i) * w->k->horizon + h);
	}
}

/* of one fold, by what is made from the others */
static void judge_fold(const work *w, const maker *m, int fold, double *sum, coverage *c)
{
	bool pools = m->outcomes >= POOLED_LEAST;
	for (int way = 0; way < WAYS; way++) {
		if (way / 2 > 0 && !pools) {
			sum[way] = INFINITY;
			continue;
		}
		for (int64_t i = 0; i < w->series; i++)
			for (int o = 0; o < w->windows; o++)
				if (fold_of(w, i, o) == fold)
					judge(w, m, i, o, way, &sum[way], c);
	}
}

/* the way that loses least of all, and less than the series' own in the latest window */
static int least(const work *w, const double *sum)
{
	double all[WAYS] = {0};
	int way = 0;
	for (int i = 0; i < w->folds * WAYS; i++)
		all[i % WAYS] += sum[i];
	for (int k = 1; k < WAYS; k++)
		if (all[k] < all[way] && sum[k] < sum[0])
			way = k;
	return way;
}

/* the way that is to be gone, and its coverage */
static par_err choose(const work *w, int *way, coverage *out)
{
	coverage c;
	double *sum = calloc((size_t)w->folds * WAYS, sizeof *sum);
	par_err e = coverage_make(&c, WAYS, w->k->quantiles, w->f->level);
	if (e == PAR_OK && !sum)
		e = par_fail(PAR_E_MEMORY, "no memory for %d past windows", w->windows);
	if (e == PAR_OK)
		for (int fold = 0; fold < w->folds; fold++)
			judge_fold(w, &w->makers[fold], fold, sum + (int64_t)fold * WAYS, &c);
	if (e == PAR_OK) {
		*way = least(w, sum);
		coverage_take(out, 0, &c, *way);
	}
	free(sum);
	coverage_drop(&c);
	return e;
}

static void answer_row(const work *w, int way, const results *r, int64_t row)
{
	for (int64_t i = row * r->horizon; i < (row + 1) * r->horizon; i++)
		answer(w, &w->makers[w->folds], way, (double)r->mean[i],
		    (double)r->held.spread[row], r->quantile + i * r->quantiles);
	results_rest(r, row);
}

/* ---- the run ---- */

static par_err room(work *w)
{
	size_t most = (size_t)w->series * (size_t)w->windows * (size_t)w->k->horizon;
	bool all = true;
	w->cases = malloc(sizeof *w->cases * most + 1);
	w->row = malloc(sizeof *w->row * 2 * (size_t)w->k->quantiles + 1);
	w->makers = calloc((size_t)w->folds + 1, sizeof *w->makers);
	for (int fold = 0; w->makers && fold <= w->folds; fold++) {
		w->makers[fold].by = calloc(
		    SHARES * (size_t)w->k->quantiles + 1, sizeof *w->makers[fold].by);
		all = all && w->makers[fold].by;
	}
	if (!w->cases || !w->row || !w->makers || !all)
		return par_fail(PAR_E_MEMORY, "no memory for %zu outcomes", most);
	for (int share = 0; share < SHARES; share++)
		PAR_TRY(stretch_make(&w->distances[share], w->folds, w->k->quantiles, w->f->level));
	return PAR_OK;
}

static void drop(work *w)
{
	for (int fold = 0; w->makers && fold <= w->folds; fold++) {
		ratios_drop(&w->makers[fold].pooled);
		free(w->makers[fold].by);
	}
	for (int share = 0; share < SHARES; share++)
		stretch_drop(&w->distances[share]);
	free(w->makers);
	free(w->cases);
	free(w->row);
	free(w->cells);
}

static void tell(app *a, const work *w, int way)
{
	double pooled = 100 * (double)shares[way / 2];
	app_log(a,
	    "quantiles: %.0f %% the series' own, %.0f %% of ratios pooled over all%s; held to %d "
	    "past windows of %lld series",
	    100 - pooled, pooled, way % 2 ? ", stretched" : "", w->windows, (long long)w->series);
}

static par_err calibrate(app *a, work *w, results *r)
{
	int way;
	PAR_TRY(room(w));
	PAR_TRY(make_makers(w));
	PAR_TRY(choose(w, &way, &r->covered));
	tell(a, w, way);
	for (int64_t row = 0; row < r->rows; row++)
		answer_row(w, way, r, row);
	return PAR_OK;
}

par_err series_quantiles(app *a, const panel *p, const plan *f, results *r)
{
	const par_world *world = p->of.world;
	const held_back *k = &r->held;
	work w = {.f = f, .k = k, .windows = r->proved, .folds = r->proved > 1 ? r->proved : 2};
	void *all = NULL;
	PAR_TRY_ALL(world, coverage_make(&r->covered, 1, r->quantiles, f->level));
	if (r->proved == 0)
		return PAR_OK;
	move_held(r);
	par_err e = par_gather_rows(world, k->cells, k->rows,
	    sizeof *k->cells * (size_t)(k->origins * held_width(k)), &all, &w.series);
	w.cells = all;
	if (e == PAR_OK)
		e = par_agree(world, calibrate(a, &w, r));
	drop(&w);
	return e;
}
