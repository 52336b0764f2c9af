#include "forecast/net/expect.h"
#include "forecast/net/stage_inside.h"
#include "forecast/progress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RATE 3e-3
#define RATE_REFRESH 1e-3

static void tell(void *ctx, int64_t step, const par_report *line)
{
	const stage *s = ctx;
	app_progress(s->a, "learning", (double)step, (double)s->steps);
	par_world_alive();
	if (line && s->members > 1)
		app_log(s->a, "network: member %d: %lld steps, loss %.5f", s->at + 1,
		    (long long)step, line->loss);
	else if (line)
		app_log(s->a, "network: %lld steps, loss %.5f", (long long)step, line->loss);
}

/* steps of the second part */
static int64_t more_steps(const stage *s, double share)
{
	return (int64_t)ceil(share * (double)s->steps);
}

static void tell_work(const stage *s, int64_t steps)
{
	app_log(s->a, "network: members: %d of %lld steps, about %.2g s", s->members,
	    (long long)steps, stage_seconds(s->a, s->kind.horizon, (double)(s->members * steps)));
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

par_err stage_may_go_on(const stage *s)
{
	if (!par_stop_agreed(&s->a->world) || s->made + s->l.made == 0)
		return PAR_OK;
	return par_agree(
	    &s->a->world, par_fail(PAR_E_AGAIN,
			      "asked to stop while the network forecasts; go on with --resume"));
}

/* ---- learning ---- */

bool stage_asked(const stage *s)
{
	return strcmp(app_text(s->a, "network"), "yes") == 0;
}

/* a member with first weights of its own */
static par_err open_member(stage *s, int member)
{
	uint64_t seed = (uint64_t)par_conf_int(s->a->conf, "run", "seed") + (uint64_t)member;
	s->made += s->l.made;
	s->running += s->l.running;
	s->saving += s->l.saving;
	learn_close(&s->l);
	s->at = member;
	PAR_TRY(learn_open(&s->l, &s->kind,
	    &(network_spec){.batch = BATCH,
		.seed = seed,
		.levels = s->f->spec.quantiles,
		.level = s->f->spec.quantile}));
	s->l.members = s->members;
	return PAR_OK;
}

static par_err become(stage *s, int member)
{
	return s->at == member ? PAR_OK : open_member(s, member);
}

static float *weights_of(const stage *s, int set, int member)
{
	return s->kept.set[set] + member * learn_weights(&s->l);
}

static par_err make_room(stage *s, int set)
{
	float **to = &s->kept.set[set];
	free(*to);
	*to = malloc((size_t)(s->members * learn_weights(&s->l)) * sizeof **to + 1);
	return par_agree(
	    &s->a->world, *to ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to keep a network"));
}

/* the members of a set are what forecasts from now on */
static par_err ask_of(stage *s, int set)
{
	PAR_TRY(become(s, 0));
	s->l.member = s->members > 1 ? s->kept.set[set] : NULL;
	learn_give(&s->l, weights_of(s, set, 0));
	return PAR_OK;
}

/* the second part of every member: from a set, with everything there is, and windows of its own */
static par_err learn_all(stage *s, int from, int phase, double share)
{
	if (from != KEEP_ALL)
		PAR_TRY(make_room(s, KEEP_ALL));
	for (int m = 0; m < s->members; m++) {
		PAR_TRY(become(s, m));
		learn_give(&s->l, weights_of(s, from, m));
		s->l.phases = phase;
		PAR_TRY(train(s, 2 * m + 1, more_steps(s, share), RATE_REFRESH, s->h.length));
		learn_take(&s->l, weights_of(s, KEEP_ALL, m));
	}
	return ask_of(s, KEEP_ALL);
}

/* the first part of every member: without the held-back horizons */
static par_err learn_held(stage *s)
{
	int64_t until = s->h.length - s->held * (int64_t)s->kind.horizon;
	PAR_TRY(make_room(s, KEEP_HELD));
	for (int m = 0; m < s->members; m++) {
		PAR_TRY(open_member(s, m));
		PAR_TRY(train(s, 2 * m, s->steps, RATE, until));
		learn_take(&s->l, weights_of(s, KEEP_HELD, m));
	}
	return ask_of(s, KEEP_HELD);
}

static par_err learn_anew(stage *s)
{
	keep_drop(&s->kept);
	tell_work(s, s->steps + more_steps(s, REFRESH));
	PAR_TRY(learn_held(s));
	PAR_TRY(stage_prove(s));
	s->kept.better |= stage_asked(s);
	if (!s->kept.better)
		return PAR_OK;
	PAR_TRY(stage_look_back(s));
	return learn_all(s, KEEP_HELD, 1, REFRESH);
}

/* why the network of the night before is none to go on from; NULL: it is one */
static const char *outdated(const stage *s, const char *why)
{
	if (why)
		return why;
	if (app_bool(s->a, "learn") && s->kept.nights + 1 >= app_int(s->a, "refit"))
		return "everything is to be learnt anew by now (forecast.refit)";
	return stage_asked(s) && !s->kept.better ? "it holds no network" : NULL;
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
		PAR_TRY(ask_of(s, KEEP_HELD));
		PAR_TRY(stage_prove(s));
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
	PAR_TRY(stage_look_back(s));
	if (!app_bool(s->a, "learn"))
		return ask_of(s, KEEP_ALL);
	tell_work(s, more_steps(s, WARM));
	return learn_all(s, KEEP_ALL, (int)s->kept.nights, WARM);
}

static void tell_learnt(const stage *s)
{
	double running = s->running + s->l.running, saving = s->saving + s->l.saving;
	app_log(s->a, "network: %lld steps in %.1f s, %.2f %% of them on checkpoints",
	    (long long)(s->made + s->l.made), running, running > 0 ? 100 * saving / running : 0);
	if (s->kept.nights > 0)
		app_log(s->a, "network: refreshed %lld times since it learnt everything anew",
		    (long long)s->kept.nights);
	json_object_set_new(s->a->report, "network",
	    json_pack("{s:f, s:f, s:f, s:I, s:i}", "held_back", s->kept.error, "bank",
		s->kept.error_models, "share", s->kept.better ? s->share : 0, "nights",
		(json_int_t)s->kept.nights, "members", s->members));
}

par_err stage_learn(stage *s)
{
	bool done;
	PAR_TRY(open_member(s, 0));
	PAR_TRY(progress_save(s->a, s->p, s->r));
	PAR_TRY(app_note(s->a, &s->note));
	PAR_TRY(learn_more(s, &done));
	if (!done && !app_bool(s->a, "learn")) {
		keep_drop(&s->kept);
		return PAR_OK;
	}
	if (!done)
		PAR_TRY(learn_anew(s));
	tell_learnt(s);
	return PAR_OK;
}
