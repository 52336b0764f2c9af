#include "forecast/net/stage.h"

#include "forecast/intervals/ratios.h"
#include "forecast/net/expect.h"
#include "forecast/net/explain.h"
#include "forecast/net/keep.h"
#include "forecast/net/stage_inside.h"
#include "forecast/past.h"
#include "forecast/progress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HELD_SHARE 0.3
#define WARM 0.125 /* the same where the network of the night before goes on */
#define RATE 3e-3
#define RATE_REFRESH 1e-3

typedef struct {
	app *a;
	const panel *p;
	const plan *f;
	results *r;
	why_parts *why;
	rhythm beat;
	history h;
	day_table c;
	window_kind kind;
	learner l;
	par_shared mean[HELD_MOST + 1]; /* of the held-back horizons, then of what is to come */
	ratios ratios;
	int64_t steps;
	int held;   /* horizons held back */
	int pasts;  /* of those, as many as the results have past origins */
	char *note; /* owned: what a checkpoint that is gone on from must find equal */
	keep kept;  /* what the next night can go on from */
} stage;

/* windows side by side */
static double windows_of(const stage *s)
{
	double periods = 0;
	for (int64_t i = 0; i < s->h.kept; i++)
		periods += (double)(s->h.length - s->h.first[i]);
	return periods * (double)s->h.every / s->kind.horizon;
}

/* what makes a network impossible; NULL: nothing */
static const char *impossible(const stage *s)
{
	const rhythm *r = &s->beat;
	if (s->h.kept == 0)
		return "there are more markets than fit into forecast.network_memory";
	if (s->h.negative)
		return "there are values below zero";
	if (s->h.length < (s->held + 2) * (int64_t)s->kind.horizon + r->span[r->recent])
		return "the history is too short";
	return NULL;
}

/* ---- held-back windows ---- */

static int64_t origin_of(const stage *s, int k)
{
	return s->h.length - 1 - (int64_t)(s->held - k) * s->kind.horizon;
}

static const float *mean_of(const stage *s, int k, int64_t i)
{
	return (const float *)(const void *)s->mean[k].window.base + i * s->kind.horizon;
}

/* sums: the network's mean squared scaled error, the bank's, how many series have both */
static par_err hold_against(void *ctx, int64_t lo, int64_t hi, double *sums)
{
	const stage *s = ctx;
	for (int64_t series = lo; series < hi; series++) {
		int64_t i = series / s->h.every;
		if (series % s->h.every != 0)
			continue;
		const float *y = s->h.units + i * s->h.length;
		double scale = past_step(y, s->h.first[i], s->h.length), sum = 0;
		double bank = (double)s->r->rmsse[series - s->r->first];
		int64_t count = 0;
		for (int k = 0; k < s->held; k++)
			for (int h = 0; h < s->kind.horizon; h++) {
				double v = (double)y[origin_of(s, k) + 1 + h];
				double d = v - (double)mean_of(s, k, i)[h];
				sum += isfinite(v) ? d * d : 0;
				count += isfinite(v);
			}
		if (!(scale > 0) || count == 0 || !isfinite(bank))
			continue;
		sums[0] += sum / (double)count / scale;
		sums[1] += bank * bank;
		sums[2] += 1;
	}
	return PAR_OK;
}

static par_err is_better(stage *s)
{
	double sums[3];
	keep *k = &s->kept;
	PAR_TRY(par_blocks_run(&s->p->blocks, hold_against, s, sums, 3));
	k->error = sqrt(sums[0] / fmax(sums[2], 1));
	k->error_models = sqrt(sums[1] / fmax(sums[2], 1));
	k->better = k->error < k->error_models;
	app_log(s->a,
	    "network: root mean squared scaled error %.4f on %d held-back horizons, the bank %.4f",
	    k->error, s->held, k->error_models);
	return PAR_OK;
}

static float spread_of(const stage *s, const history_series *of, int64_t origin)
{
	int64_t from = origin + 1 - s->beat.span[s->beat.longer];
	from = from > 0 ? from : 0;
	if (of->first >= s->h.length)
		return INFINITY; /* how it spreads is not known: as those do that spread most */
	return past_spread(
	    of->units + from, origin + 1 - from, 0.05 * (s->kind.counts ? 1 : s->kind.usual));
}

/* the outcomes of a series in a held-back horizon; returns how many */
static int64_t add_cases(const stage *s, int64_t i, int k, ratios_case *cases)
{
	int64_t origin = origin_of(s, k), n = 0;
	history_series of = history_at(&s->h, i);
	float spread = spread_of(s, &of, origin);
	const float *y = of.units + origin + 1, *mean = mean_of(s, k, i);
	for (int h = 0; h < s->kind.horizon; h++)
		if (isfinite(y[h]) && mean[h] > 0)
			cases[n++] = (ratios_case){mean[h], spread, y[h]};
	return n;
}

static par_err make_ratios(stage *s)
{
	int64_t each = (int64_t)s->held * s->kind.horizon, n = 0;
	int64_t every = s->h.kept * each / CASES_MOST + 1;
	int64_t most = (s->h.kept / every + 1) * each;
	ratios_case *cases = malloc((size_t)most * sizeof *cases + 1);
	if (!cases)
		return par_fail(PAR_E_MEMORY, "no memory for %lld outcomes", (long long)most);
	for (int k = 0; k < s->held; k++)
		for (int64_t i = 0; i < s->h.kept; i += every)
			n += add_cases(s, i, k, cases + n);
	par_err e = ratios_make(
	    &s->ratios, n, cases, s->f->spec.quantiles, s->f->spec.quantile, s->kind.counts);
	free(cases);
	return e;
}

/* ---- the run ---- */

static void tell(void *ctx, int64_t step, const par_report *line)
{
	const stage *s = ctx;
	app_progress(s->a, "learning", (double)step, (double)s->steps);
	par_world_alive();
	if (line)
		app_log(s->a, "network: %lld steps, loss %.5f", (long long)step, line->loss);
}

static par_err train(stage *s, int part, int64_t steps, double rate, int64_t until)
{
	char name[4096];
	progress_part(s->a, part, name, sizeof name);
	return learn_train(&s->l, &(learn_phase){.steps = steps,
				      .rate = rate,
				      .until = until,
				      .progress = tell,
				      .ctx = s,
				      .checkpoint = name,
				      .note = s->note,
				      .seconds = app_real(s->a, "checkpoint"),
				      .resume = s->a->resume});
}

/* the ends of parts are saved, and forecasts are quickly made again: whoever is asked to stop between them leaves,
 * once this run has brought something new */
static par_err may_go_on(const stage *s)
{
	if (!par_stop_agreed(&s->a->world) || s->l.made == 0)
		return PAR_OK;
	return par_agree(
	    &s->a->world, par_fail(PAR_E_AGAIN,
			      "asked to stop while the network forecasts; go on with --resume"));
}

static par_err forecast_from(stage *s, int k)
{
	size_t bytes = (size_t)(s->h.kept * s->kind.horizon) * sizeof(float);
	PAR_TRY(may_go_on(s));
	par_shared_close(&s->mean[k]);
	PAR_TRY(par_shared_open(&s->mean[k], &s->a->world, bytes));
	return expect_kept(&s->l, origin_of(s, k), &s->mean[k]);
}

/* the network that has not seen the held-back horizons forecasts them */
static par_err forecast_held(stage *s)
{
	for (int k = 0; k < s->held; k++)
		PAR_TRY(forecast_from(s, k));
	return is_better(s);
}

/* ---- what the network says takes the place of what the bank did ---- */

static par_err pause(void *ctx)
{
	return may_go_on(ctx);
}

static float look(void *ctx, const history_series *of)
{
	const stage *s = ctx;
	return spread_of(s, of, s->h.length - 1);
}

static void take_past(void *ctx, int64_t series, const float *mean, float spread)
{
	const stage *s = ctx;
	const results *r = s->r;
	size_t n = (size_t)(s->pasts * r->horizon);
	(void)spread;
	memcpy(r->past + (series - r->first) * r->origins * r->horizon, mean, n * sizeof *mean);
}

/* of a series of which nothing was observed */
static int16_t status_of(const stage *s, int64_t series, const float *mean)
{
	const catalog *c = &s->p->of;
	const history_series of = {
	    .sku = c->series_sku[series], .market = c->series_market[series]};
	cold_rung rung = history_rung(&s->h, &of);
	bool some = false;
	for (int h = 0; h < s->kind.horizon; h++)
		some = some || mean[h] > 0;
	return some && rung < COLD_RUNGS ? cold_status(rung) : BANK_EMPTY;
}

static void take_mean(void *ctx, int64_t series, const float *mean, float spread)
{
	const stage *s = ctx;
	results *r = s->r;
	int64_t row = series - r->first;
	for (int h = 0; h < r->horizon; h++) {
		float *quantile = r->quantile + (row * r->horizon + h) * r->quantiles;
		r->mean[row * r->horizon + h] = mean[h];
		ratios_at(&s->ratios, (double)mean[h], (double)spread, quantile);
	}
	r->model[row] = RESULTS_NETWORK;
	if (r->status[row] == BANK_EMPTY)
		r->status[row] = status_of(s, series, mean);
}

static expect_all_spec everything(stage *s)
{
	return (expect_all_spec){.lo = s->r->first,
	    .hi = s->r->first + s->r->rows,
	    .look = look,
	    .pause = pause,
	    .ctx = s};
}

/* past origins that are held back, the latest first */
static par_err take_pasts(stage *s)
{
	const results *r = s->r;
	int64_t origin[HELD_MOST];
	s->pasts = r->origins < s->held ? r->origins : s->held;
	for (int past = 0; past < s->pasts; past++)
		origin[past] = origin_of(s, s->held - 1 - past);
	if (s->h.every > 1) {
		expect_all_spec spec = everything(s);
		spec.origins = s->pasts;
		spec.origin = origin;
		spec.take = take_past;
		return s->pasts > 0 ? expect_all(&s->l, &spec) : PAR_OK;
	}
	for (int64_t row = 0; row < r->rows; row++)
		for (int past = 0; past < s->pasts; past++)
			memcpy(r->past + (row * r->origins + past) * r->horizon,
			    mean_of(s, s->held - 1 - past, r->first + row),
			    (size_t)r->horizon * sizeof *r->past);
	return PAR_OK;
}

/* what the network that has not seen the held-back horizons knows of them */
static par_err look_back(stage *s)
{
	PAR_TRY(take_pasts(s));
	return explain_importance(&s->l, origin_of(s, s->held - 1), s->why);
}

static par_err take_means(stage *s)
{
	const results *r = s->r;
	int64_t origin = s->h.length - 1;
	if (s->h.every > 1) {
		expect_all_spec spec = everything(s);
		spec.origins = 1;
		spec.origin = &origin;
		spec.take = take_mean;
		return expect_all(&s->l, &spec);
	}
	PAR_TRY(forecast_from(s, s->held));
	for (int64_t i = r->first; i < r->first + r->rows; i++) {
		history_series of = history_at(&s->h, i);
		take_mean(s, i, mean_of(s, s->held, i), spread_of(s, &of, origin));
	}
	return PAR_OK;
}

/* ---- learning ---- */

static bool asked(const stage *s)
{
	return strcmp(app_text(s->a, "network"), "yes") == 0;
}

static par_err open_learner(stage *s)
{
	learn_close(&s->l);
	return learn_open(&s->l, &s->kind,
	    &(network_spec){
		.batch = BATCH, .seed = (uint64_t)par_conf_int(s->a->conf, "run", "seed")});
}

static par_err take(stage *s, int set)
{
	float **to = &s->kept.set[set];
	free(*to);
	*to = malloc((size_t)learn_weights(&s->l) * sizeof **to + 1);
	PAR_TRY_ALL(
	    &s->a->world, *to ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to keep a network"));
	learn_take(&s->l, *to);
	return PAR_OK;
}

/* part 1: with everything there is */
static par_err learn_all(stage *s, double share)
{
	PAR_TRY(train(s, 1, (int64_t)ceil(share * (double)s->steps), RATE_REFRESH, s->h.length));
	return take(s, KEEP_ALL);
}

static par_err learn_anew(stage *s)
{
	keep_drop(&s->kept);
	PAR_TRY(open_learner(s));
	PAR_TRY(train(s, 0, s->steps, RATE, s->h.length - s->held * (int64_t)s->kind.horizon));
	PAR_TRY(take(s, KEEP_HELD));
	PAR_TRY(forecast_held(s));
	s->kept.better |= asked(s);
	if (!s->kept.better)
		return PAR_OK;
	PAR_TRY(look_back(s));
	return learn_all(s, REFRESH);
}

/* why the network of the night before is none to go on from; NULL: it is one */
static const char *outdated(const stage *s, const char *why)
{
	if (why)
		return why;
	if (app_bool(s->a, "learn") && s->kept.nights + 1 >= app_int(s->a, "refit"))
		return "everything is to be learnt anew by now (forecast.refit)";
	return asked(s) && !s->kept.better ? "it holds no network" : NULL;
}

/* from the network of the night before; *done: it was still good, or still is to be left alone */
static par_err learn_more(stage *s, bool *done)
{
	const char *path = app_text(s->a, "warm"), *why = NULL;
	*done = false;
	if (!path)
		return PAR_OK;
	PAR_TRY(keep_read(&s->kept, &s->l, path, &why));
	why = outdated(s, why);
	if (!why && s->kept.better) {
		learn_give(&s->l, s->kept.set[KEEP_HELD]);
		PAR_TRY(forecast_held(s));
		why = s->kept.better ? NULL : "the models have become better";
	}
	if (why) {
		app_log(s->a, "network: not from %s: %s", path, why);
		return PAR_OK;
	}
	*done = true;
	if (app_bool(s->a, "learn"))
		s->kept.nights++;
	if (!s->kept.better)
		return PAR_OK;
	PAR_TRY(look_back(s));
	learn_give(&s->l, s->kept.set[KEEP_ALL]);
	if (!app_bool(s->a, "learn"))
		return PAR_OK;
	s->l.phases = (int)s->kept.nights; /* windows of its own every night */
	return learn_all(s, WARM);
}

static void tell_learnt(const stage *s)
{
	const learner *l = &s->l;
	app_log(s->a, "network: %lld steps in %.1f s, %.2f %% of them on checkpoints",
	    (long long)l->made, l->running, l->running > 0 ? 100 * l->saving / l->running : 0);
	if (s->kept.nights > 0)
		app_log(s->a, "network: refreshed %lld times since it learnt everything anew",
		    (long long)s->kept.nights);
	json_object_set_new(s->a->report, "network",
	    json_pack("{s:f, s:f, s:I}", "held_back", s->kept.error, "bank", s->kept.error_models,
		"nights", (json_int_t)s->kept.nights));
}

static par_err learn(stage *s)
{
	bool done;
	PAR_TRY(open_learner(s));
	PAR_TRY(progress_save(s->a, s->p, s->r));
	PAR_TRY(app_note(s->a, &s->note));
	PAR_TRY(learn_more(s, &done));
	if (!done && !app_bool(s->a, "learn"))
		return PAR_OK;
	if (!done)
		PAR_TRY(learn_anew(s));
	tell_learnt(s);
	if (!s->kept.better)
		return PAR_OK;
	PAR_TRY_ALL(&s->a->world, make_ratios(s));
	PAR_TRY(take_means(s));
	return explain_series(&s->l, s->why);
}

/* what the next night can go on from; without it, it learns anew */
static void leave(stage *s)
{
	bool new = app_bool(s->a, "keep") && app_bool(s->a, "learn");
	if (new &&keep_write(s->a, &s->l, &s->kept) != PAR_OK)
		app_warn(s->a, "the next night's network is missing: %s", par_err_why());
}

static par_err open(stage *s)
{
	int horizon = s->f->spec.horizon;
	PAR_TRY(history_open(&s->h, &s->p->of, &s->beat,
	    &(history_spec){s->p->of.length, horizon, stage_memory(s->a)}));
	int64_t held = (int64_t)(HELD_SHARE * (double)s->h.length) / horizon;
	s->held = held < 1 ? 1 : held > HELD_MOST ? HELD_MOST : (int)held;
	if (s->h.kept == 0)
		return PAR_OK;
	PAR_TRY(days_open(&s->c, &s->h));
	window_kind_make(&s->kind, &s->h, &s->c, horizon, s->f->spec.counts);
	return PAR_OK;
}

static par_err run(stage *s)
{
	PAR_TRY(open(s));
	const char *why = impossible(s);
	double windows = why ? 0 : windows_of(s);
	if (asked(s) && why)
		return par_fail(PAR_E_CONFIG, "%s: no network is possible: %s",
		    par_conf_origin(s->a->conf, s->a->section, "network"), why);
	if (why || (!asked(s) && windows < WINDOWS_LEAST)) {
		app_log(s->a, "network: none, %s", why ? why : "there is too little to learn from");
		return PAR_OK;
	}
	s->steps = stage_steps(s->a, windows);
	if (s->h.every > 1)
		app_log(s->a, "network: learns from %lld of %lld series (forecast.network_memory)",
		    (long long)s->h.kept, (long long)s->p->of.series);
	PAR_TRY(learn(s));
	leave(s);
	return PAR_OK;
}

par_err network_stage(app *a, const panel *p, const plan *f, results *r, why_parts *w)
{
	rhythm beat;
	if (strcmp(app_text(a, "network"), "no") == 0)
		return PAR_OK;
	if (!rhythm_of(&beat, p->of.frequency)) {
		app_log(a, "network: none, a year has too few periods");
		return PAR_OK;
	}
	stage s = {.a = a, .p = p, .f = f, .r = r, .why = w, .beat = beat};
	par_err e = run(&s);
	ratios_drop(&s.ratios);
	for (int k = 0; k <= HELD_MOST; k++)
		par_shared_close(&s.mean[k]);
	keep_drop(&s.kept);
	learn_close(&s.l);
	free(s.note);
	days_close(&s.c);
	history_close(&s.h);
	return e;
}
