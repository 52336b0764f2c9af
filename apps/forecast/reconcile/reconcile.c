#include "forecast/reconcile/reconcile.h"

#include "base/clock.h"
#include "forecast/reconcile/adjust.h"
#include "forecast/reconcile/blend.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUND 8 /* blocks of series a rank reads at a time */

/* one run. Rows of forecasts are those of the steps ahead, then those of every past origin's steps. Errors are those
 * of `steps` evenly chosen steps of every past origin. */
typedef struct {
	const reconcile *c;
	app *a;
	const panel *p;
	const plan *f;
	results *r;
	base nodes;
	double *share; /* owned: [levels] of the regressions in the nodes' forecasts, NaN: none */
	int steps, stride;
	int rows;           /* (1 + origins) x horizon */
	par_shared mean;    /* f32[rows][series] */
	par_shared square;  /* f64[series] of errors */
	par_shared error;   /* f32[series][origins][steps], for mint alone */
	double *node_mean;  /* owned: [rows][nodes] */
	double *node_error; /* owned: [nodes][origins][steps] */
	double *size;       /* owned: [series], then [nodes]: mean of the steps */
	double *sum;        /* owned: [nodes] zeros between uses */
	covariance w;
} run;

static reconcile_kind kind_of(const char *text)
{
	static const char *const names[] = {"none", "ols", "wls", "mint"};
	int k = RECONCILE_MINT;
	while (k > 0 && strcmp(names[k], text) != 0)
		k--;
	return (reconcile_kind)k;
}

static par_err choose_levels(reconcile *c, const app *a, const panel *p)
{
	const char *path = app_text(a, "hierarchy");
	if (path)
		PAR_TRY(levels_read(&c->h, path, &p->of));
	else
		PAR_TRY(levels_default(&c->h, &p->of));
	par_err e = c->h ? levels_choose(&c->levels, c->h, p->of.series) : PAR_OK;
	if (e == PAR_OK && c->levels.count == 0)
		e = par_fail(PAR_E_CONFIG,
		    "%s: no level of %s adds series up; wanted one for forecast.reconcile",
		    par_conf_origin(a->conf, a->section, "reconcile"), path ? path : p->of.path);
	return par_agree(&a->world, e);
}

par_err reconcile_open(reconcile *c, const app *a, const panel *p, const plan *f)
{
	*c = (reconcile){.kind = kind_of(app_text(a, "reconcile"))};
	if (c->kind == RECONCILE_NONE && app_text(a, "immutable"))
		return par_agree(&a->world,
		    par_fail(PAR_E_CONFIG, "%s: nothing is reconciled; set forecast.reconcile",
			par_conf_origin(a->conf, a->section, "immutable")));
	if (c->kind == RECONCILE_NONE)
		return PAR_OK;
	c->origins = f->origins;
	PAR_TRY(choose_levels(c, a, p));
	PAR_TRY_ALL(&a->world, immutable_read(&c->fixed, a, c->h, &c->levels, p->of.series));
	return par_agree(
	    &a->world, clusters_make(&c->cut, &c->levels, p->of.series, CLUSTERS_NODES));
}

void reconcile_close(reconcile *c)
{
	clusters_drop(&c->cut);
	immutable_drop(&c->fixed);
	levels_drop(&c->levels);
	hierarchy_free(c->h);
	*c = (reconcile){0};
}

/* -- what is known of series -- */

/* errors of one series at past origins; NaN where nothing came, or nothing had come before the origin */
static void errors_of(const run *n, int64_t row, const float *y, float *error)
{
	int64_t first = 0, length = n->p->of.length;
	int horizon = n->r->horizon;
	while (first < length && !isfinite(y[first]))
		first++;
	for (int o = 0; o < n->c->origins; o++) {
		int64_t origin = results_origin(length, horizon, o);
		const float *said = n->r->past + (row * n->r->origins + o) * horizon;
		for (int k = 0; k < n->steps; k++)
			error[o * n->steps + k] =
			    first < origin ? y[origin + k * n->stride] - said[k * n->stride] : NAN;
	}
}

/* rounds of series: every rank brings the errors of its own */
static par_err share_errors(run *n, float *units, float *error, double *square)
{
	const par_blocks *b = &n->p->blocks;
	int64_t rounds = par_blocks_rounds(b, ROUND), step = ROUND * PANEL_BLOCK;
	int errors = n->c->origins * n->steps;
	for (int64_t k = 0; k < rounds; k++) {
		int64_t lo = b->lo + k * step, hi = lo + step;
		lo = lo < b->hi ? lo : b->hi;
		hi = hi < b->hi ? hi : b->hi;
		PAR_TRY(panel_units(n->p, lo, hi - lo, units));
		for (int64_t i = lo; i < hi; i++) {
			float *own = error + (i - lo) * errors;
			errors_of(n, i - b->lo, units + (i - lo) * n->p->of.length, own);
			square[i - lo] = covariance_square(own, errors);
			if (n->c->fixed.series[i])
				memset(own, 0, sizeof *own * (size_t)errors);
		}
		size_t rows = (size_t)(hi - lo), row = sizeof *error * (size_t)errors;
		par_shared_put(
		    &n->square, (size_t)lo * sizeof *square, rows * sizeof *square, square);
		if (n->c->kind == RECONCILE_MINT)
			par_shared_put(&n->error, (size_t)lo * row, rows * row, error);
	}
	return PAR_OK;
}

static par_err series_errors(run *n)
{
	size_t rows = ROUND * PANEL_BLOCK, errors = (size_t)(n->c->origins * n->steps);
	float *units = malloc(sizeof *units * (rows * (size_t)n->p->stored + 1));
	float *error = malloc(sizeof *error * (rows * errors + 1));
	double *square = malloc(sizeof *square * rows);
	par_err e = units && error && square
			? PAR_OK
			: par_fail(PAR_E_MEMORY, "no memory for errors of past forecasts");
	e = par_agree(&n->a->world, e);
	if (e == PAR_OK)
		e = share_errors(n, units, error, square);
	free(units);
	free(error);
	free(square);
	return e;
}

/* where a forecast of this rank's row stands in r */
static float *forecast_at(const run *n, int row, int64_t series)
{
	const results *r = n->r;
	int64_t past = row / r->horizon - 1, h = row % r->horizon;
	return past < 0 ? r->mean + series * r->horizon + h
			: r->past + (series * r->origins + past) * r->horizon + h;
}

/* collective: every row of the shared means gets this rank's series */
static par_err share_means(run *n)
{
	const results *r = n->r;
	float *mine = malloc(sizeof *mine * (size_t)(r->rows + 1));
	par_err e = mine ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for a step of forecasts");
	e = par_agree(&n->a->world, e);
	for (int row = 0; row < n->rows && e == PAR_OK; row++) {
		for (int64_t i = 0; i < r->rows; i++)
			mine[i] = *forecast_at(n, row, i);
		par_shared_put(&n->mean, sizeof *mine * (size_t)(row * n->p->of.series + r->first),
		    sizeof *mine * (size_t)r->rows, mine);
	}
	free(mine);
	return e;
}

/* -- and of nodes -- */

/* a node that had no forecast of its own at a past origin has what its series have */
static void fill_row(const run *n, int row)
{
	const clusters *g = &n->c->cut;
	const float *mean = (const float *)(const void *)n->mean.window.base + row * g->series;
	double *node = n->node_mean + row * g->nodes;
	for (int l = 0; l < g->of->count; l++) {
		const int64_t lo = g->of->first[l], hi = g->of->first[l + 1];
		bool lacks = false;
		for (int64_t k = lo; k < hi; k++)
			lacks |= isnan(node[k]);
		for (int64_t i = 0; lacks && i < g->series; i++)
			n->sum[clusters_node(g, l, i)] += (double)mean[i];
		for (int64_t k = lo; lacks && k < hi; k++) {
			node[k] = isnan(node[k]) ? n->sum[k] : node[k];
			n->sum[k] = 0;
		}
	}
}

static void arrange_means(run *n)
{
	int64_t series = n->p->of.series, nodes = n->nodes.nodes;
	const float *mean = (const float *)(const void *)n->mean.window.base;
	int horizon = n->r->horizon;
	for (int row = 0; row < n->rows; row++) {
		for (int64_t k = 0; k < nodes; k++)
			n->node_mean[row * nodes + k] = n->nodes.said[k * n->rows + row];
		fill_row(n, row);
	}
	for (int h = 0; h < horizon; h++) {
		for (int64_t i = 0; i < series; i++)
			n->size[i] += (double)mean[h * series + i] / horizon;
		for (int64_t k = 0; k < nodes; k++)
			n->size[series + k] += n->node_mean[h * nodes + k] / horizon;
	}
}

static void arrange_errors(run *n)
{
	int horizon = n->r->horizon, origins = n->c->origins, errors = origins * n->steps;
	for (int64_t k = 0; k < n->nodes.nodes; k++)
		for (int o = 0; o < origins; o++)
			for (int j = 0; j < n->steps; j++) {
				int64_t at = o * horizon + j * n->stride;
				n->node_error[k * errors + o * n->steps + j] =
				    n->nodes.came[k * origins * horizon + at] -
				    n->nodes.said[k * n->rows + horizon + at];
			}
}

static par_err arrange(run *n)
{
	size_t series = (size_t)n->p->of.series, nodes = (size_t)n->nodes.nodes;
	size_t errors = (size_t)(n->c->origins * n->steps);
	n->node_mean = calloc(nodes * (size_t)n->rows + 1, sizeof(double));
	n->node_error = calloc(nodes * errors + 1, sizeof(double));
	n->size = calloc(series + nodes + 1, sizeof(double));
	n->sum = calloc(nodes + 1, sizeof(double));
	if (!n->node_mean || !n->node_error || !n->size || !n->sum)
		return par_fail(PAR_E_MEMORY, "no memory for %zu nodes", nodes);
	arrange_means(n);
	arrange_errors(n);
	return PAR_OK;
}

/* -- all together -- */

static par_err open_shared(run *n)
{
	size_t series = (size_t)n->p->of.series;
	size_t errors = (size_t)(n->c->origins * n->steps);
	const par_world *w = &n->a->world;
	PAR_TRY(par_shared_open(&n->mean, w, sizeof(float) * series * (size_t)n->rows + 1));
	PAR_TRY(par_shared_open(&n->square, w, sizeof(double) * series + 1));
	if (n->c->kind == RECONCILE_MINT)
		PAR_TRY(par_shared_open(&n->error, w, sizeof(float) * series * errors + 1));
	return PAR_OK;
}

static void leave(run *n)
{
	covariance_drop(&n->w);
	free(n->sum);
	free(n->size);
	free(n->node_error);
	free(n->node_mean);
	par_shared_close(&n->error);
	par_shared_close(&n->square);
	par_shared_close(&n->mean);
	base_drop(&n->nodes);
	free(n->share);
}

static par_err forecast_nodes(run *n, totals *t)
{
	const levels_sums *levels = &n->c->levels;
	n->share = malloc(sizeof *n->share * (size_t)levels->count);
	PAR_TRY_ALL(&n->a->world,
	    n->share ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for %d levels", levels->count));
	if (t->h)
		PAR_TRY(totals_forecast(t, n->p, n->f));
	PAR_TRY(base_make(&n->nodes, n->p, n->f, levels, n->c->origins));
	return par_agree(&n->a->world, blend_direct(&n->nodes, t, levels, n->share));
}

/* forecasts of nodes and series, and the errors of both, known to all ranks */
static par_err learn(run *n, totals *t)
{
	PAR_TRY(forecast_nodes(n, t));
	PAR_TRY(open_shared(n));
	PAR_TRY(share_means(n));
	PAR_TRY(series_errors(n));
	return par_agree(&n->a->world, arrange(n));
}

static par_err weigh(run *n)
{
	const reconcile *c = n->c;
	const covariance_ask ask = {c->kind, &c->cut, &n->a->world, c->origins, n->steps,
	    n->error.world ? (const float *)(const void *)n->error.window.base : NULL,
	    (const double *)(const void *)n->square.window.base, n->node_error, n->size,
	    n->size + n->p->of.series, c->fixed.series, c->fixed.node};
	return covariance_make(&n->w, &ask);
}

static par_err solve(run *n, adjust_report *report)
{
	const gls s = {&n->c->cut, &n->a->world, n->w.node_variance, n->w.series_variance,
	    n->w.residuals, n->w.weight,
	    n->error.world ? (const float *)(const void *)n->error.window.base : NULL,
	    n->w.incoherence, GLS_ALONE};
	adjust_report past;
	adjust_ask ask = {
	    &s, 0, n->r->horizon, n->f->spec.counts, ADJUST_ROUNDS, n->node_mean, &n->mean};
	PAR_TRY(adjust_steps(&ask, report));
	ask.first = n->r->horizon;
	ask.steps = n->rows - n->r->horizon;
	ask.rounds = 1;
	PAR_TRY(adjust_steps(&ask, &past));
	report->coarse |= past.coarse;
	return PAR_OK;
}

static void apply(const run *n)
{
	const results *r = n->r;
	const float *mean = (const float *)(const void *)n->mean.window.base;
	for (int64_t i = 0; i < r->rows; i++) {
		for (int row = 0; row < n->rows; row++) {
			float *at = forecast_at(n, row, i);
			float to = mean[row * n->p->of.series + r->first + i];
			if (row < r->horizon)
				results_move(r->quantile + (i * r->horizon + row) * r->quantiles,
				    r->quantiles, (double)*at, (double)to, n->f->spec.counts);
			*at = to;
		}
		results_rest(r, i);
	}
}

/* what of the nodes' forecasts is the regressions', level by level */
static json_t *tell_shares(const run *n)
{
	json_t *shares = json_object();
	for (int l = 0; l < n->c->levels.count; l++) {
		const char *name = n->c->levels.level[l]->name;
		if (isnan(n->share[l]))
			continue;
		app_log(n->a, "  %s: %.0f %% regression, %.0f %% bank", name, 100 * n->share[l],
		    100 * (1 - n->share[l]));
		json_object_set_new(shares, name, json_real(n->share[l]));
	}
	return shares;
}

static void tell(const run *n, const adjust_report *made, double seconds)
{
	const reconcile *c = n->c;
	const char *how = app_text(n->a, "reconcile");
	json_t *o = json_object();
	app_log(n->a,
	    "reconciled: %lld nodes and %lld series by %s%s; lambda %.3f; border %lld; %.2f s",
	    (long long)c->cut.nodes, (long long)n->p->of.series, how,
	    n->w.structural ? " by numbers of series" : "", n->w.lambda, (long long)c->cut.border,
	    seconds);
	if (n->f->spec.counts)
		app_log(n->a, "  %lld forecasts held at zero, in at most %lld rounds",
		    (long long)made->held, (long long)made->rounds);
	if (made->cut > 0)
		app_warn(n->a, "%lld steps did not settle: what was below zero is cut",
		    (long long)made->cut);
	json_object_set_new(o, "method", json_string(how));
	json_object_set_new(o, "nodes", json_integer(c->cut.nodes));
	json_object_set_new(o, "regression", tell_shares(n));
	json_object_set_new(o, "border", json_integer(c->cut.border));
	json_object_set_new(o, "lambda", json_real(n->w.lambda));
	json_object_set_new(o, "structural", json_boolean(n->w.structural));
	json_object_set_new(o, "immutable", json_integer(c->fixed.count));
	json_object_set_new(o, "held_at_zero", json_integer(made->held));
	json_object_set_new(o, "rounds", json_integer(made->rounds));
	json_object_set_new(n->a->report, "reconcile", o);
}

static par_err run_all(run *n, totals *t)
{
	adjust_report made;
	PAR_TRY(learn(n, t));
	double begin = par_clock_s();
	PAR_TRY(weigh(n));
	PAR_TRY(solve(n, &made));
	apply(n);
	if (t->h)
		PAR_TRY(totals_published(t, n->p, n->r));
	n->a->few_ranks |= made.coarse;
	tell(n, &made, par_clock_s() - begin);
	return PAR_OK;
}

par_err reconcile_run(
    const reconcile *c, app *a, const panel *p, const plan *f, totals *t, results *r)
{
	run n = {.c = c, .a = a, .p = p, .f = f, .r = r, .rows = (1 + c->origins) * r->horizon};
	int64_t errors = (int64_t)c->origins * r->horizon;
	n.stride = (int)((errors + RECONCILE_MOST - 1) / RECONCILE_MOST);
	n.stride = n.stride > 0 ? n.stride : 1;
	n.steps = (r->horizon + n.stride - 1) / n.stride;
	par_err e = run_all(&n, t);
	leave(&n);
	return e;
}

static int errors_of_each(const reconcile *c, int horizon)
{
	int64_t all = (int64_t)c->origins * horizon;
	return c->kind == RECONCILE_MINT ? (int)(all < RECONCILE_MOST ? all : RECONCILE_MOST) : 0;
}

double reconcile_bytes(const reconcile *c, const panel *p, int horizon)
{
	double series = (double)p->of.series, nodes = (double)c->cut.nodes;
	double errors = errors_of_each(c, horizon), rows = horizon * (1. + c->origins);
	if (c->kind == RECONCILE_NONE)
		return 0;
	return series * (4 * errors + 8 * rows + 32) + nodes * 8 * (2 * errors + 2 * rows + 8) +
	       base_bytes(p, c->cut.nodes, horizon, c->origins) +
	       gls_bytes(&c->cut, (int)errors, (int)rows);
}

double reconcile_flops(const reconcile *c, int horizon)
{
	/* once for all steps, and for each some rounds that hold what would fall below zero (measured on M5) */
	double rounds = 1 + .3 * horizon;
	return c->kind == RECONCILE_NONE ? 0
					 : rounds * gls_flops(&c->cut, errors_of_each(c, horizon));
}
