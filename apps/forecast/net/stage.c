#include "forecast/net/stage.h"

#include "forecast/intervals/ratios.h"
#include "forecast/net/keep.h"
#include "forecast/past.h"
#include "forecast/progress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HELD_MOST = 4 }; /* horizons held back */
#define HELD_SHARE 0.3
#define WINDOWS_LEAST 50000 /* of a horizon each, side by side, that are worth a network */
#define BATCH 1024
#define STEPS_LEAST 400
#define STEPS_MOST 2400
#define REFRESH 0.25 /* steps with everything, of those before */
#define WARM 0.125   /* the same where the network of the night before goes on */
#define RATE 3e-3
#define RATE_REFRESH 1e-3

typedef struct {
	app *a;
	const panel *p;
	const plan *f;
	results *r;
	rhythm beat;
	history h;
	day_table c;
	window_kind kind;
	learner l;
	par_shared mean[HELD_MOST + 1]; /* of the held-back horizons, then of what is to come */
	ratios ratios;
	int64_t steps;
	int held;   /* horizons held back */
	char *note; /* owned: what a checkpoint that is gone on from must find equal */
	keep kept;  /* what the next night can go on from */
} stage;

/* windows side by side */
static double windows_of(const stage *s)
{
	double periods = 0;
	for (int64_t i = 0; i < s->h.kept; i++)
		periods += (double)(s->h.length - s->h.first[i]);
	return periods / s->kind.horizon;
}

static int64_t steps_of(const app *a, double windows)
{
	int64_t set = app_int(a, "network_steps");
	return set ? set : (int64_t)fmin(fmax(2 * windows / BATCH, STEPS_LEAST), STEPS_MOST);
}

static bool has_negative(const history *h)
{
	for (int64_t c = 0; c < h->kept * h->length; c++)
		if (h->units[c] < 0)
			return true;
	return false;
}

/* what makes a network impossible; NULL: nothing */
static const char *impossible(const stage *s)
{
	const rhythm *r = &s->beat;
	if (s->h.every > 1)
		return "there are more series than fit into memory";
	if (has_negative(&s->h))
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
	for (int64_t i = lo; i < hi; i++) {
		const float *y = s->h.units + i * s->h.length;
		double scale = past_step(y, s->h.first[i], s->h.length), sum = 0;
		double bank = (double)s->r->rmsse[i - s->r->first];
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

static float spread_of(const stage *s, int64_t i, int64_t origin)
{
	int64_t from = origin + 1 - s->beat.span[s->beat.longer];
	from = from > 0 ? from : 0;
	return past_spread(s->h.units + i * s->h.length + from, origin + 1 - from,
	    0.05 * (s->kind.counts ? 1 : s->kind.usual));
}

static par_err make_ratios(stage *s)
{
	int64_t most = s->h.kept * s->held * s->kind.horizon, n = 0;
	ratios_case *cases = malloc((size_t)most * sizeof *cases + 1);
	if (!cases)
		return par_fail(PAR_E_MEMORY, "no memory for %lld outcomes", (long long)most);
	for (int k = 0; k < s->held; k++)
		for (int64_t i = 0; i < s->h.kept; i++) {
			int64_t origin = origin_of(s, k);
			float spread = spread_of(s, i, origin);
			const float *y = s->h.units + i * s->h.length + origin + 1;
			for (int h = 0; h < s->kind.horizon; h++)
				if (isfinite(y[h]) && mean_of(s, k, i)[h] > 0)
					cases[n++] = (ratios_case){
					    mean_of(s, k, i)[h], spread, y[h]};
		}
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
	return learn_forecast(&s->l, origin_of(s, k), &s->mean[k]);
}

/* the network that has not seen the held-back horizons forecasts them */
static par_err forecast_held(stage *s)
{
	for (int k = 0; k < s->held; k++)
		PAR_TRY(forecast_from(s, k));
	return is_better(s);
}

static void take_row(stage *s, int64_t row)
{
	results *r = s->r;
	int64_t i = r->first + row;
	const float *mean = mean_of(s, s->held, i);
	float spread = spread_of(s, i, s->h.length - 1);
	for (int h = 0; h < r->horizon; h++) {
		float *quantile = r->quantile + (row * r->horizon + h) * r->quantiles;
		r->mean[row * r->horizon + h] = mean[h];
		ratios_at(&s->ratios, (double)mean[h], (double)spread, quantile);
	}
	for (int past = 0; past < r->origins && past < s->held; past++)
		memcpy(r->past + (row * r->origins + past) * r->horizon,
		    mean_of(s, s->held - 1 - past, i), (size_t)r->horizon * sizeof *mean);
	r->model[row] = RESULTS_NETWORK;
}

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
	return s->kept.better ? learn_all(s, REFRESH) : PAR_OK;
}

/* why the network of the night before is none to go on from; NULL: it is one */
static const char *outdated(const stage *s, const char *why)
{
	if (why)
		return why;
	if (s->kept.nights + 1 >= app_int(s->a, "refit"))
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
	s->kept.nights++;
	*done = true;
	if (!s->kept.better)
		return PAR_OK;
	learn_give(&s->l, s->kept.set[KEEP_ALL]);
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
	if (!done)
		PAR_TRY(learn_anew(s));
	tell_learnt(s);
	if (!s->kept.better)
		return PAR_OK;
	PAR_TRY(forecast_from(s, s->held));
	return par_agree(&s->a->world, make_ratios(s));
}

/* what the next night can go on from; without it, it learns anew */
static void leave(stage *s)
{
	if (app_bool(s->a, "keep") && keep_write(s->a, &s->l, &s->kept) != PAR_OK)
		app_warn(s->a, "the next night's network is missing: %s", par_err_why());
}

static par_err run(stage *s)
{
	PAR_TRY(history_open(&s->h, &s->p->of, &s->beat, s->p->of.length, s->f->spec.horizon));
	PAR_TRY(days_open(&s->c, &s->h));
	window_kind_make(&s->kind, &s->h, &s->c, s->f->spec.horizon, s->f->spec.counts);
	int64_t held = (int64_t)(HELD_SHARE * (double)s->h.length) / s->f->spec.horizon;
	s->held = held < 1 ? 1 : held > HELD_MOST ? HELD_MOST : (int)held;
	const char *why = impossible(s);
	double windows = windows_of(s);
	if (asked(s) && why)
		return par_fail(PAR_E_CONFIG, "%s: no network is possible: %s",
		    par_conf_origin(s->a->conf, s->a->section, "network"), why);
	if (why || (!asked(s) && windows < WINDOWS_LEAST)) {
		app_log(s->a, "network: none, %s", why ? why : "there is too little to learn from");
		return PAR_OK;
	}
	s->steps = steps_of(s->a, windows);
	PAR_TRY(learn(s));
	for (int64_t row = 0; s->kept.better && row < s->r->rows; row++)
		take_row(s, row);
	leave(s);
	return PAR_OK;
}

par_err network_stage(app *a, const panel *p, const plan *f, results *r)
{
	rhythm beat;
	if (strcmp(app_text(a, "network"), "no") == 0)
		return PAR_OK;
	if (!rhythm_of(&beat, p->of.frequency)) {
		app_log(a, "network: none, a year has too few periods");
		return PAR_OK;
	}
	stage s = {.a = a, .p = p, .f = f, .r = r, .beat = beat};
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

/* multiply-adds of a window, three times forward (net/network.c) */
static double window_flops(int horizon)
{
	const double wide = 256, step = 96, own = 16, seen = 130, of_step = 45;
	double whole = seen * wide + 2 * wide * wide + wide * own * horizon + wide * step;
	return 6 * (whole + horizon * (of_step * step + step * step));
}

#define FLOPS_A_SECOND 45e9 /* of a core, all of a step */

network_cost network_cost_of(const app *a, const panel *p, const plan *f)
{
	rhythm beat;
	const catalog *c = &p->of;
	double cells = (double)c->series * (double)c->length, windows = cells / f->spec.horizon;
	bool asked = strcmp(app_text(a, "network"), "yes") == 0;
	if (strcmp(app_text(a, "network"), "no") == 0 || !rhythm_of(&beat, c->frequency) ||
	    (!asked && windows < WINDOWS_LEAST))
		return (network_cost){0};
	double steps = (double)steps_of(a, windows) * (1 + REFRESH);
	double flops = steps * BATCH * window_flops(f->spec.horizon);
	double kept = (sizeof(float) + (par_store_has(c->store, "price") ? sizeof(float) : 0) +
			  (double)par_store_has(c->store, "promo")) *
		      cells;
	double activations = BATCH * (double)f->spec.horizon * 96 * 12 * sizeof(float);
	return (network_cost){.bytes = fmin(kept, (double)HISTORY_BYTES) / a->world.node_size +
				       activations / a->world.size,
	    .flops = flops,
	    .seconds = flops / FLOPS_A_SECOND / a->world.size};
}
