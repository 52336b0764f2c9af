#include "forecast/pooled/pooled.h"

#include "forecast/past.h"
#include "forecast/pooled/fit.h"
#include "forecast/share.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CANDIDATES = 2, ORIGINS = 4 };
enum { WINDOW = 4 };   /* longest spans of the rhythm that are learnt from */
#define PRIOR_SHARE 1. /* the regression sees all that the models see */
#define WORTH .47      /* of what series err with both, on average, the regression's part at most */

typedef struct {
	app *a;
	const panel *p;
	const plan *f;
	results *r;
	why_parts *why;
	rhythm beat;
	history h;
	calendar c;
	drivers d;
	groups g;
	int origins;
	par_shared past[CANDIDATES][ORIGINS], mean;
	int season; /* the candidate that is joined, 1 with season; -1: none */
	double share, part;
} stage;

static const float *row_of(const stage *s, const par_shared *of, int64_t series)
{
	return (const float *)(const void *)of->window.base + s->g.place[series] * s->r->horizon;
}

static par_err regress(stage *s, bool season, int64_t length, par_shared *out, why_parts *w)
{
	int64_t first = length - WINDOW * (int64_t)s->beat.span[RHYTHM_SPANS - 1];
	const fit_spec spec = {&s->d, &s->g, season, first > 0 ? first : 0, length, s->r->horizon,
	    s->f->spec.counts, w};
	size_t bytes = (size_t)(s->h.kept * s->r->horizon) * sizeof(float);
	PAR_TRY(par_shared_open(out, s->p->of.world, bytes + 1));
	return fit_forecast(&spec, out);
}

/* ---- the choice ---- */

typedef struct {
	const stage *s;
	int candidate;
} trial;

/* what is added up of a series: moments in units of its scale, and how much both err */
typedef struct {
	share_moments m[ORIGINS];
	double models, pooled;
} errors;

static void add_errors(const trial *t, int64_t row, int origin, errors *out)
{
	const results *r = t->s->r;
	int64_t known = results_origin(t->s->h.length, r->horizon, origin), series = r->first + row;
	const float *y = t->s->h.units + series * t->s->h.length;
	const float *models = r->past + (row * r->origins + origin) * r->horizon;
	const float *pooled = row_of(t->s, &t->s->past[t->candidate][origin], series);
	double scale = past_step(y, t->s->h.first[series], known);
	for (int h = 0; scale > 0 && h < r->horizon; h++) {
		if (!isfinite(y[known + h]) || !isfinite(pooled[h]))
			continue;
		double e = (double)y[known + h] - (double)models[h];
		double d = (double)pooled[h] - (double)models[h];
		out->m[origin].yy += e * e / scale;
		out->m[origin].dy += d * e / scale;
		out->m[origin].dd += d * d / scale;
		out->models += fabs(e);
		out->pooled += fabs(e - d);
	}
}

enum { PART = 3 * ORIGINS, PARTS, SUMS };

static par_err add_block(void *ctx, int64_t lo, int64_t hi, double *sums)
{
	const trial *t = ctx;
	for (int64_t i = lo; i < hi; i++) {
		errors e = {0};
		for (int o = 0; o < t->s->origins; o++) {
			add_errors(t, i - t->s->r->first, o, &e);
			sums[3 * o] += e.m[o].yy;
			sums[3 * o + 1] += e.m[o].dy;
			sums[3 * o + 2] += e.m[o].dd;
		}
		if (e.models + e.pooled > 0) {
			sums[PART] += e.pooled / (e.models + e.pooled);
			sums[PARTS] += 1;
		}
	}
	return PAR_OK;
}

static par_err try_candidate(stage *s, int candidate)
{
	double sums[SUMS];
	share_moments m[ORIGINS];
	trial t = {s, candidate};
	for (int o = 0; o < s->origins; o++)
		PAR_TRY(regress(s, candidate == 1, results_origin(s->h.length, s->r->horizon, o),
		    &s->past[candidate][o], NULL));
	PAR_TRY(par_blocks_run(&s->p->blocks, add_block, &t, sums, SUMS));
	for (int o = 0; o < s->origins; o++)
		m[o] = (share_moments){sums[3 * o], sums[3 * o + 1], sums[3 * o + 2]};
	double part = sums[PART] / fmax(sums[PARTS], 1);
	if (sums[PARTS] > 0 && part < s->part) {
		s->part = part;
		s->share = share_of(m, s->origins, PRIOR_SHARE);
		s->season = candidate;
	}
	return PAR_OK;
}

static void tell_choice(const stage *s)
{
	if (s->season < 0) {
		app_log(s->a, "pooled: none, it would not have helped");
		return;
	}
	app_log(s->a,
	    "pooled: %s%s%s%slearnt over all series; series take %.0f %% of it (at %d past origins "
	    "it "
	    "errs %.2f times as much as the models)",
	    s->h.prices_ahead ? "prices, " : "", s->d.bits ? "promotions, " : "",
	    s->c.kinds ? "events, " : "", s->season ? "seasons, " : "", 100 * s->share, s->origins,
	    s->part / (1 - s->part));
	json_object_set_new(
	    s->a->report, "pooled", json_pack("{s:f, s:f}", "share", s->share, "part", s->part));
}

/* ---- joining ---- */

static void join_pasts(const stage *s)
{
	results *r = s->r;
	for (int64_t i = 0; i < r->rows; i++)
		for (int o = 0; o < s->origins; o++) {
			const float *pooled = row_of(s, &s->past[s->season][o], r->first + i);
			if (isfinite(pooled[0]))
				results_hear_past(r, i, o, &(results_word){s->share, pooled, NULL});
		}
}

/* models and regression together, where it answers */
static void join_row(const stage *s, int64_t row)
{
	results *r = s->r;
	const float *pooled = row_of(s, &s->mean, r->first + row);
	if (!isfinite(pooled[0]))
		return;
	results_hear(r, row, &(results_word){s->share, pooled, NULL});
	r->model[row] = RESULTS_POOLED;
}

static par_err join(stage *s)
{
	PAR_TRY(regress(s, s->season == 1, s->h.length, &s->mean, s->why));
	join_pasts(s);
	for (int64_t row = 0; row < s->r->rows; row++) {
		join_row(s, row);
		results_rest(s->r, row);
	}
	s->r->driven = s->h.prices_ahead || s->d.bits > 0;
	return PAR_OK;
}

/* ---- the run ---- */

/* seasons are learnt from the markets of a SKU: series of an area alone have little in common */
static bool worth_trying(const stage *s, int candidate)
{
	return candidate == 1 ? s->p->of.markets > 1
			      : drivers_columns(&s->d, false, s->h.length).columns > 0;
}

static par_err run(stage *s)
{
	s->part = WORTH;
	PAR_TRY(history_open(&s->h, &s->p->of, &s->beat,
	    &(history_spec){
		s->p->of.length, s->r->horizon, app_int(s->a, "network_memory") << 20}));
	if (s->h.level > 0 || s->h.kept == 0) {
		app_log(s->a, "pooled: none, there are more series than memory holds");
		return PAR_OK;
	}
	PAR_TRY(calendar_read(&s->c, s->p, s->r->horizon));
	PAR_TRY(drivers_open(&s->d, &s->h, &s->c));
	PAR_TRY_ALL(&s->a->world, groups_open(&s->g, &s->h));
	for (int k = 0; k < CANDIDATES; k++)
		if (worth_trying(s, k))
			PAR_TRY(try_candidate(s, k));
	tell_choice(s);
	return s->season < 0 ? PAR_OK : join(s);
}

/* answers are sought where the setting and the calendar let them */
static bool applies(const app *a, const panel *p, int origins, rhythm *beat)
{
	return strcmp(app_text(a, "pooled"), "no") != 0 && origins > 0 &&
	       rhythm_of(beat, p->of.frequency);
}

static bool network_answers(const app *a, const results *r)
{
	return par_world_max(&a->world, r->rows > 0 && r->model[0] == RESULTS_NETWORK) > 0;
}

par_err pooled_join(app *a, const panel *p, const plan *f, results *r, why_parts *w)
{
	stage s = {.a = a, .p = p, .f = f, .r = r, .why = w, .origins = r->origins, .season = -1};
	if (!applies(a, p, r->origins, &s.beat) || network_answers(a, r))
		return PAR_OK;
	s.origins = s.origins < ORIGINS ? s.origins : ORIGINS;
	par_err e = run(&s);
	par_shared_close(&s.mean);
	for (int k = 0; k < CANDIDATES * ORIGINS; k++)
		par_shared_close(&s.past[k / ORIGINS][k % ORIGINS]);
	groups_close(&s.g);
	drivers_close(&s.d);
	calendar_drop(&s.c);
	history_close(&s.h);
	return e;
}

#define PASSES 8             /* over the rows of a fit, those that learn variances included */
#define FLOPS_A_ROW 150.     /* most columns of a row are zero */
#define FLOPS_A_SECOND 1.5e9 /* of a core, measured on 913 series of 97 weeks */

cost pooled_cost(const app *a, const panel *p, const plan *f)
{
	rhythm beat;
	const catalog *c = &p->of;
	double columns = c->frequency == PAR_WEEK ? 60 : 30, series = (double)c->series;
	if (!applies(a, p, f->origins, &beat))
		return (cost){0};
	double row = (sizeof(float) + (par_store_has(c->store, "price") ? sizeof(float) : 0) +
			 (double)par_store_has(c->store, "promo")) *
		     (double)c->length;
	double most = (double)(app_int(a, "network_memory") << 20);
	if (row * series > most)
		return (cost){.bytes = most / a->world.node_size};
	double means = (1 + (CANDIDATES + 1) * f->origins) * f->spec.horizon * sizeof(float);
	double periods = fmin((double)c->length, WINDOW * beat.span[RHYTHM_SPANS - 1]);
	double flops = series * (1 + CANDIDATES * f->origins) *
		       (PASSES * periods * FLOPS_A_ROW + 2 * columns * columns * columns);
	return (cost){.bytes = series * (row + means) / a->world.node_size,
	    .flops = flops,
	    .seconds = flops / FLOPS_A_SECOND / a->world.size};
}
