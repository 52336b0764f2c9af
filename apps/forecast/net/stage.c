#include "forecast/net/stage.h"

#include "forecast/net/expect.h"
#include "forecast/net/explain.h"
#include "forecast/net/stage_inside.h"

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
	return ldexp(periods, s->h.level) / s->kind.horizon;
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

/* ---- what the network says, joined with what the bank did ---- */

static par_err pause(void *ctx)
{
	return stage_may_go_on(ctx);
}

/* alone where the bank had nothing to go by */
static results_word word(const stage *s, bool observed, const float *said)
{
	return (results_word){observed ? s->share : 1, said, said + s->r->horizon};
}

static void take_past(void *ctx, int64_t series, const float *said)
{
	const stage *s = ctx;
	results *r = s->r;
	int64_t row = series - r->first, since = r->held.since[row];
	for (int past = 0; past < s->pasts; past++, said += expect_width(&s->l)) {
		bool observed = since < results_origin(s->h.length, r->horizon, past);
		results_word w = word(s, observed, said);
		results_hear_past(r, row, past, &w);
	}
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
	results_word w = word(s, r->status[row] != BANK_EMPTY, said);
	results_hear(r, row, &w);
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
	for (int past = 0; past < s->pasts; past++)
		origin[past] = stage_origin(s, s->held - 1 - past);
	return s->pasts > 0 ? say(s, s->pasts, origin, take_past) : PAR_OK;
}

par_err stage_look_back(stage *s)
{
	PAR_TRY(say_pasts(s));
	return explain_importance(&s->l, stage_origin(s, s->held - 1), s->why);
}

/* everything that is published, by members that have learnt from everything */
static par_err answer(stage *s)
{
	const int64_t origin = s->h.length - 1;
	s->r->proved = s->pasts;
	app_log(
	    s->a, "network: it takes %.0f %% of the forecast, the bank the rest", 100 * s->share);
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
	s->pasts = s->r->origins < s->held ? s->r->origins : s->held;
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
	if (s->h.level > 0)
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
