#include "forecast/net/stage.h"

#include "forecast/net/expect.h"
#include "forecast/net/explain.h"
#include "forecast/net/stage_inside.h"
#include "forecast/past.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HELD_SHARE 0.3

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

/* ---- the run ---- */

static par_err forecast_from(stage *s, int k)
{
	size_t bytes = (size_t)(s->h.kept * s->kind.horizon) * sizeof(float);
	PAR_TRY(stage_may_go_on(s));
	par_shared_close(&s->mean[k]);
	PAR_TRY(par_shared_open(&s->mean[k], &s->a->world, bytes));
	return expect_kept(&s->l, origin_of(s, k), &s->mean[k]);
}

par_err stage_prove(stage *s)
{
	for (int k = 0; k < s->held; k++)
		PAR_TRY(forecast_from(s, k));
	return is_better(s);
}

/* ---- what the network says takes the place of what the bank did ---- */

static par_err pause(void *ctx)
{
	return stage_may_go_on(ctx);
}

static void take_past(void *ctx, int64_t series, const float *said)
{
	const stage *s = ctx;
	results *r = s->r;
	for (int past = 0; past < s->pasts; past++, said += expect_width(&s->l))
		results_say_past(r, series - r->first, past, said, said + r->horizon);
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

static void take_coming(void *ctx, int64_t series, const float *said)
{
	const stage *s = ctx;
	results *r = s->r;
	int64_t row = series - r->first;
	results_say(r, row, said, said + r->horizon);
	r->model[row] = RESULTS_NETWORK;
	if (r->status[row] == BANK_EMPTY)
		r->status[row] = status_of(s, series, said);
	results_rest(r, row);
}

static par_err say(stage *s, int origins, const int64_t *origin,
    void (*take)(void *ctx, int64_t series, const float *said))
{
	int64_t lo = s->r->first, hi = lo + s->r->rows;
	return expect_all(&s->l, &(expect_all_spec){origins, origin, lo, hi, take, pause, s});
}

/* past origins that are held back, the latest first */
static par_err say_pasts(stage *s)
{
	int64_t origin[HELD_MOST];
	s->pasts = s->r->origins < s->held ? s->r->origins : s->held;
	for (int past = 0; past < s->pasts; past++)
		origin[past] = origin_of(s, s->held - 1 - past);
	return s->pasts > 0 ? say(s, s->pasts, origin, take_past) : PAR_OK;
}

par_err stage_look_back(stage *s)
{
	PAR_TRY(say_pasts(s));
	return explain_importance(&s->l, origin_of(s, s->held - 1), s->why);
}

/* everything that is published, by members that have learnt from everything */
static par_err answer(stage *s)
{
	const int64_t origin = s->h.length - 1;
	s->r->proved = s->r->said = s->pasts;
	PAR_TRY(say(s, 1, &origin, take_coming));
	return explain_series(&s->l, s->why);
}

/* what the next night can go on from; without it, it learns anew */
static void leave(stage *s)
{
	bool left = app_bool(s->a, "keep") && app_bool(s->a, "learn");
	if (left && keep_write(s->a, &s->l, &s->kept) != PAR_OK)
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
	if (stage_asked(s) && why)
		return par_fail(PAR_E_CONFIG, "%s: no network is possible: %s",
		    par_conf_origin(s->a->conf, s->a->section, "network"), why);
	if (why || (!stage_asked(s) && windows < WINDOWS_LEAST)) {
		app_log(s->a, "network: none, %s", why ? why : "there is too little to learn from");
		return PAR_OK;
	}
	s->steps = stage_steps(s->a, windows);
	if (s->h.every > 1)
		app_log(s->a, "network: learns from %lld of %lld series (forecast.network_memory)",
		    (long long)s->h.kept, (long long)s->p->of.series);
	s->members = (int)app_int(s->a, "members");
	PAR_TRY(stage_learn(s));
	if (s->kept.better)
		PAR_TRY(answer(s));
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
	for (int k = 0; k < HELD_MOST; k++)
		par_shared_close(&s.mean[k]);
	keep_drop(&s.kept);
	learn_close(&s.l);
	free(s.note);
	days_close(&s.c);
	history_close(&s.h);
	return e;
}
