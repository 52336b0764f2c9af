#include "forecast/totals/totals.h"

#include "comm/gather.h"
#include "forecast/totals/direct.h"
#include "forecast/totals/sums.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NODES_BLOCK 4

/* keep the levels that are small enough, as many as there is room for */
static void keep_small(levels_sums *l, int64_t length)
{
	int kept = 0;
	for (int i = 0; i < l->count; i++) {
		int64_t nodes = l->level[i]->nodes, all = l->first[kept] + nodes;
		if (nodes > TOTALS_NODES || all * length > TOTALS_CELLS)
			continue;
		l->level[kept++] = l->level[i];
		l->first[kept] = all;
	}
	l->count = kept;
}

static par_err choose_levels(totals *t, const app *a, const panel *p, const plan *f)
{
	const char *path = app_text(a, "hierarchy");
	if (strcmp(app_text(a, "totals"), "no") == 0 || p->of.series < 2)
		return PAR_OK;
	if (path)
		PAR_TRY(levels_read(&t->h, path, &p->of));
	else if (f->spec.counts)
		PAR_TRY(levels_default(&t->h, &p->of));
	if (!t->h)
		return PAR_OK;
	PAR_TRY_ALL(p->of.world, levels_choose(&t->levels, t->h, p->of.series));
	keep_small(&t->levels, p->of.length);
	return PAR_OK;
}

par_err totals_open(totals *t, const app *a, const panel *p, const plan *f)
{
	int64_t room = p->of.length / 2 / f->spec.horizon;
	*t = (totals){.horizon = f->spec.horizon, .origins = f->origins, .choice = {.level = -1}};
	t->windows = room < TOTALS_WINDOWS ? (int)room : TOTALS_WINDOWS;
	t->windows = t->windows > f->origins ? t->windows : f->origins;
	if (f->origins > 0)
		PAR_TRY(choose_levels(t, a, p, f));
	t->nodes = t->levels.count ? t->levels.first[t->levels.count] : 0;
	if (t->nodes == 0) {
		levels_drop(&t->levels);
		hierarchy_free(t->h);
		t->h = NULL;
		t->windows = 0;
	}
	return PAR_OK;
}

void totals_close(totals *t)
{
	calendar_drop(&t->of);
	levels_drop(&t->levels);
	hierarchy_free(t->h);
	free(t->history);
	free(t->weight);
	free(t->direct);
	free(t->past);
	free(t->joined);
	*t = (totals){0};
}

static void count_markets(totals *t, const catalog *of)
{
	for (int l = 0; l < t->levels.count; l++)
		for (int64_t i = 0; i < of->series; i++) {
			int64_t node = t->levels.first[l] + t->levels.level[l]->node_of[i];
			t->weight[node * of->markets + of->series_market[i]] += 1;
		}
}

static par_err room(totals *t, const panel *p)
{
	size_t cells = (size_t)(t->nodes * t->horizon);
	t->history = calloc((size_t)(t->nodes * p->of.length) + 1, sizeof *t->history);
	t->weight = calloc((size_t)(t->nodes * p->of.markets) + 1, sizeof *t->weight);
	t->direct = calloc(cells + 1, sizeof *t->direct);
	t->past = calloc(cells * (size_t)t->windows + 1, sizeof *t->past);
	t->joined = calloc(cells * (size_t)t->origins + 1, sizeof *t->joined);
	return t->history && t->weight && t->direct && t->past && t->joined
		   ? PAR_OK
		   : par_fail(PAR_E_MEMORY, "no memory for %lld sums", (long long)t->nodes);
}

/* growth of everything: the first level adds all series up, as every level does */
static double growth(const totals *t, const panel *p, int64_t origin)
{
	double *all = calloc((size_t)origin + 1, sizeof *all);
	for (int64_t k = 0; all && k < t->levels.first[1]; k++)
		for (int64_t i = 0; i < origin; i++)
			all[i] += t->history[k * p->of.length + i];
	double g = all ? direct_growth(&t->of, all, origin) : NAN;
	free(all);
	return g;
}

typedef struct {
	const totals *t;
	const panel *p;
	direct_spec spec;
	int64_t origin, first; /* the first node that is mine */
	direct_cache cache;
	double *mean; /* [nodes here][horizon] */
} work;

static par_err forecast_block(void *ctx, int64_t lo, int64_t hi, double *sums)
{
	work *w = ctx;
	(void)sums;
	for (int64_t k = lo; k < hi; k++) {
		direct_result out = {.mean = w->mean + (k - w->first) * w->t->horizon};
		PAR_TRY(direct_forecast(&w->spec, w->t->history + k * w->p->of.length, w->origin,
		    w->t->weight + k * w->p->of.markets, &w->cache, &out));
	}
	return PAR_OK;
}

/* collective | out[nodes][horizon] as the nodes forecast at an origin */
static par_err forecast_nodes(
    const totals *t, const panel *p, const plan *f, int64_t origin, double *out)
{
	par_blocks b;
	void *all = NULL;
	int64_t rows;
	par_blocks_deal(&b, p->of.world, t->nodes, NODES_BLOCK);
	work w = {.t = t, .p = p, .origin = origin, .first = b.lo};
	w.spec = (direct_spec){&t->of, t->horizon, f->spec.season, f->spec.season2, f->spec.counts,
	    growth(t, p, origin)};
	w.mean = calloc((size_t)((b.hi - b.lo) * t->horizon) + 1, sizeof *w.mean);
	par_err e = w.mean && !isnan(w.spec.growth)
			? PAR_OK
			: par_fail(PAR_E_MEMORY, "no memory for forecasts of sums");
	e = par_agree(p->of.world, e);
	if (e == PAR_OK)
		e = par_blocks_run(&b, forecast_block, &w, NULL, 0);
	if (e == PAR_OK)
		e = par_gather_rows(p->of.world, w.mean, b.hi - b.lo,
		    sizeof *w.mean * (size_t)t->horizon, &all, &rows);
	if (e == PAR_OK)
		memcpy(out, all, sizeof *out * (size_t)(t->nodes * t->horizon));
	free(all);
	free(w.mean);
	direct_cache_drop(&w.cache);
	return e;
}

/* a node's size over its scale squared, shares adding up to 1 in every level */
static void weigh_nodes(const totals *t, const panel *p, double *weight)
{
	int64_t n = p->of.length, year = n > 364 ? n - 364 : 0;
	for (int l = 0; l < t->levels.count; l++) {
		double all = 0;
		for (int64_t k = t->levels.first[l]; k < t->levels.first[l + 1]; k++) {
			const double *y = t->history + k * n;
			double size = 0, squares = 0;
			int64_t steps = 0;
			for (int64_t i = 1; i < n; i++) {
				if (isnan(y[i]) || isnan(y[i - 1]))
					continue;
				squares += (y[i] - y[i - 1]) * (y[i] - y[i - 1]);
				steps += y[i] != 0 || steps > 0;
				size += i >= year ? fabs(y[i]) : 0;
			}
			all += size;
			weight[k] = squares > 0 ? size * (double)steps / squares : 0;
		}
		for (int64_t k = t->levels.first[l]; k < t->levels.first[l + 1]; k++)
			weight[k] = all > 0 ? weight[k] / all : 0;
	}
}

/* what happened in the horizon after each origin */
static void take_actual(const totals *t, const panel *p, int origins, double *actual)
{
	for (int o = 0; o < origins; o++)
		for (int64_t k = 0; k < t->nodes; k++)
			memcpy(actual + (o * t->nodes + k) * t->horizon,
			    t->history + k * p->of.length +
				results_origin(p->of.length, t->horizon, o),
			    sizeof *actual * (size_t)t->horizon);
}

static par_err sum_past(const totals *t, const panel *p, const results *r, int o, double *out)
{
	float *mine = malloc(sizeof *mine * (size_t)(r->rows * t->horizon + 1));
	par_err e = par_agree(
	    p->of.world, mine ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for past forecasts"));
	for (int64_t i = 0; i < r->rows && e == PAR_OK; i++)
		memcpy(mine + i * t->horizon, r->past + (i * r->origins + o) * t->horizon,
		    sizeof *mine * (size_t)t->horizon);
	if (e == PAR_OK)
		e = sums_rows(p, &t->levels, mine, r->rows, t->horizon, out);
	free(mine);
	return e;
}

par_err totals_published(totals *t, const panel *p, const results *r)
{
	for (int o = 0; o < r->origins; o++)
		PAR_TRY(sum_past(t, p, r, o, t->joined + o * t->nodes * t->horizon));
	return PAR_OK;
}

static par_err forecast_past(totals *t, const panel *p, const plan *f)
{
	for (int o = 0; o < t->windows; o++)
		PAR_TRY(forecast_nodes(t, p, f, results_origin(p->of.length, t->horizon, o),
		    t->past + o * t->nodes * t->horizon));
	return PAR_OK;
}

static par_err choose(totals *t, const panel *p, const plan *f, const results *r, double *room_of)
{
	int64_t cells = t->nodes * t->horizon;
	double *bottom = t->joined, *actual = room_of, *weight = actual + r->origins * cells;
	PAR_TRY(totals_published(t, p, r));
	PAR_TRY(forecast_past(t, p, f));
	take_actual(t, p, r->origins, actual);
	weigh_nodes(t, p, weight);
	const join_past past = {
	    &t->levels, p->of.series, r->origins, t->horizon, bottom, t->past, actual, weight};
	return par_agree(p->of.world, join_choose(&past, &t->choice));
}

/* where the group of a row's series has its sums */
static int64_t group_of(const totals *t, const results *r, int64_t row)
{
	const hierarchy_level *groups = t->levels.level[t->choice.level];
	int64_t first = t->levels.first[t->choice.level];
	return (first + groups->node_of[r->first + row]) * t->horizon;
}

static void scale_past(const totals *t, results *r, int o)
{
	const double *bottom = t->joined + o * t->nodes * t->horizon;
	const double *direct = t->past + o * t->nodes * t->horizon;
	for (int64_t i = 0; i < r->rows; i++) {
		int64_t at = group_of(t, r, i);
		for (int h = 0; h < t->horizon; h++)
			r->past[(i * r->origins + o) * t->horizon + h] *= (float)join_factor(
			    bottom[at + h], direct[at + h], t->choice.share);
	}
}

/* collective | the past as it would have been published */
static par_err join_past_sums(totals *t, const panel *p, results *r)
{
	for (int o = 0; o < r->origins; o++) {
		scale_past(t, r, o);
		PAR_TRY(sum_past(t, p, r, o, t->joined + o * t->nodes * t->horizon));
	}
	return PAR_OK;
}

static void scale_series(const totals *t, results *r, const double *bottom)
{
	for (int64_t i = 0; i < r->rows; i++) {
		int64_t at = group_of(t, r, i);
		for (int h = 0; h < t->horizon; h++) {
			float by = (float)join_factor(
			    bottom[at + h], t->direct[at + h], t->choice.share);
			int64_t step = i * t->horizon + h;
			r->mean[step] *= by;
			for (int q = 0; q < r->quantiles; q++)
				r->quantile[step * r->quantiles + q] *= by;
		}
		results_rest(r, i);
	}
}

static par_err join(totals *t, app *a, const panel *p, const plan *f, results *r, double *scratch)
{
	PAR_TRY(choose(t, p, f, r, scratch));
	PAR_TRY(forecast_nodes(t, p, f, p->of.length, t->direct));
	if (r->driven)
		t->choice.level = -1;
	if (t->choice.level < 0) {
		app_log(a, "sums: %lld forecast; %s", (long long)t->nodes,
		    r->driven ? "they do not see prices, so series keep to theirs"
			      : "joining them would not have helped");
		return PAR_OK;
	}
	PAR_TRY(sums_rows(p, &t->levels, r->mean, r->rows, t->horizon, scratch));
	scale_series(t, r, scratch);
	PAR_TRY(join_past_sums(t, p, r));
	app_log(a,
	    "sums: %lld forecast; series scaled to %.0f %% of those of %s (squared error %.0f %% "
	    "less at %d past origins)",
	    (long long)t->nodes, 100 * t->choice.share, t->levels.level[t->choice.level]->name,
	    100 * t->choice.gain, r->origins);
	return PAR_OK;
}

/* collective | histories of the nodes, and the calendar they are forecast by */
static par_err learn(totals *t, const panel *p)
{
	PAR_TRY_ALL(p->of.world, room(t, p));
	PAR_TRY(calendar_read(&t->of, p, t->horizon));
	PAR_TRY(sums_history(p, &t->levels, t->history));
	count_markets(t, &p->of);
	return PAR_OK;
}

par_err totals_forecast(totals *t, const panel *p, const plan *f)
{
	PAR_TRY(learn(t, p));
	PAR_TRY(forecast_past(t, p, f));
	return forecast_nodes(t, p, f, p->of.length, t->direct);
}

par_err totals_join(totals *t, app *a, const panel *p, const plan *f, results *r)
{
	size_t cells = (size_t)(t->nodes * t->horizon);
	size_t n = (size_t)(r->origins > 0 ? r->origins : 1) * cells + (size_t)t->nodes;
	double *scratch = calloc(n + 1, sizeof *scratch);
	par_err e = scratch ? PAR_OK
			    : par_fail(PAR_E_MEMORY, "no memory for past forecasts of sums");
	e = par_agree(p->of.world, e);
	if (e == PAR_OK)
		e = learn(t, p);
	if (e == PAR_OK)
		e = join(t, a, p, f, r, scratch);
	free(scratch);
	return e;
}

double totals_kept(const totals *t, const panel *p)
{
	double history = 8 * (double)t->nodes * (double)(p->of.length + p->of.markets);
	return history + 8 * (double)(t->windows + t->origins) * (double)t->nodes * t->horizon;
}

double totals_bytes(const totals *t, const panel *p)
{
	if (!t->h)
		return 0;
	double actual = 8 * (double)t->origins * (double)t->nodes * t->horizon;
	double past = 4 * (double)(p->blocks.hi - p->blocks.lo) * t->horizon;
	double regressions = 8. * DIRECT_CACHE * 400 * 400;
	return totals_kept(t, p) + actual + past + sums_bytes(p, t->nodes) + regressions;
}
