#include "forecast/net/explain.h"

#include "forecast/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STREAM 0x776879 /* of other windows; its own, so that no setting moves it */

enum { OTHERS = 32, SETS = 1 << WHY_DRIVERS, EACH = SETS * OTHERS }; /* windows of a series */
enum { SAMPLE = 4096 }; /* windows that drivers are judged by */

/* room for a window of one's own and for another */
typedef struct {
	float *number;
	int32_t *id;
	window own, other;
} rooms;

typedef struct {
	learner *l;
	const window_kind *kind;
	draw draw;
	rooms rooms;
	par_shared answers; /* [batch][horizon + 1] logarithms of means, and of the scale */
	float *mine;        /* owned: my windows of a batch */
	const why_parts *why;
	int64_t origin; /* of the windows that are explained */
	int driver;     /* whose worth is asked; -1: all are the window's own */
	float *scale;   /* owned: [my windows of a batch] */
} explainer;

static window make_window(const window_kind *k, float *number, int32_t *id)
{
	return (window){
	    .whole = number, .step = number + k->whole, .day = id + 2, .group = id, .sku = id + 1};
}

static par_err make_rooms(rooms *r, const window_kind *k)
{
	size_t numbers = (size_t)(k->whole + k->horizon * k->step), ids = (size_t)k->horizon + 2;
	r->number = malloc(2 * numbers * sizeof *r->number);
	r->id = malloc(2 * ids * sizeof *r->id);
	if (!r->number || !r->id)
		return par_fail(PAR_E_MEMORY, "no memory to explain windows");
	r->own = make_window(k, r->number, r->id);
	r->other = make_window(k, r->number + numbers, r->id + ids);
	return PAR_OK;
}

static void finish(explainer *x)
{
	par_shared_close(&x->answers);
	draw_close(&x->draw);
	free(x->rooms.number);
	free(x->rooms.id);
	free(x->mine);
	free(x->scale);
}

static par_err begin(explainer *x, learner *l, const why_parts *w, int64_t origin)
{
	const par_shards *s = par_graph_shards(l->net.graph);
	const par_world *world = l->kind->h->of->world;
	size_t row = (size_t)l->kind->horizon + 1, here = (size_t)(s->hi - s->lo);
	*x = (explainer){.l = l, .kind = l->kind, .why = w, .origin = origin};
	par_err e = draw_open(&x->draw, l->kind, origin + 1);
	if (e == PAR_OK)
		e = make_rooms(&x->rooms, l->kind);
	x->mine = malloc(here * row * sizeof *x->mine + 1);
	x->scale = malloc(here * sizeof *x->scale + 1);
	if (e == PAR_OK && (!x->mine || !x->scale))
		e = par_fail(PAR_E_MEMORY, "no memory to explain windows");
	PAR_TRY_ALL(world, e);
	return par_shared_open(&x->answers, world, (size_t)s->batch * row * sizeof *x->mine);
}

/* the other window of a number: as drawn, moved to the season of the one that is explained. Returns its scale */
static double other_window(explainer *x, int64_t number)
{
	int64_t series, origin, season = x->kind->h->rhythm.season;
	draw_at(&x->draw, (par_rng){STREAM, 0, 0}, number, &series, &origin);
	origin += (x->origin - origin) % season;
	if (origin + x->kind->horizon > x->origin)
		origin -= season;
	origin = origin < 0 ? x->origin : origin;
	history_series of = history_at(x->kind->h, series);
	return window_make(x->kind, &of, origin, &x->rooms.other);
}

/* a window of a series with the drivers of a set, all else another window's */
static void mix(explainer *x, int64_t sample, int64_t series, int set, int64_t other, window *out)
{
	history_series of = history_at(x->kind->h, series);
	const par_shards *s = par_graph_shards(x->l->net.graph);
	double own = window_make(x->kind, &of, x->origin, &x->rooms.own);
	double scale = other_window(x, other);
	for (int d = 0; d < WHY_DRIVERS; d++)
		window_take(x->kind, d, set >> d & 1 ? &x->rooms.own : &x->rooms.other, out);
	x->scale[sample % s->batch - s->lo] = (float)(set >> WHY_HISTORY & 1 ? own : scale);
}

/* local | a member's answers to my windows of a batch: of several the logarithm of the mean of their means */
static void note(explainer *x, int member, int64_t here)
{
	const float *log_mean = par_graph_at(x->l->net.graph, x->l->net.log_mean);
	int64_t horizon = x->kind->horizon;
	int members = x->l->members;
	for (int64_t i = 0; i < here; i++) {
		float *row = x->mine + i * (horizon + 1);
		for (int64_t h = 0; h < horizon; h++) {
			float one = *log_mean++;
			float all = (member ? row[h] : 0) + (members > 1 ? expf(one) : one);
			row[h] = members > 1 && member == members - 1 ? logf(all / (float)members)
								      : all;
		}
		row[horizon] = x->scale[i];
	}
}

/* collective | n made windows, batch by batch; each is taken on every rank */
static par_err answer(explainer *x, int64_t n, par_feed_fn make,
    void (*take)(void *ctx, int64_t first, int64_t count, const float *row), void *ctx)
{
	const par_shards *s = par_graph_shards(x->l->net.graph);
	const int64_t row = x->kind->horizon + 1;
	par_sampler order = {.n = n, .batch = s->batch};
	par_feed *feed = NULL;
	par_err e = par_feed_made(
	    &feed, x->kind->h->of->world, NETWORK_FIELDS, x->l->net.field, &order, make, x);
	for (int64_t k = 0; e == PAR_OK && k < par_sampler_steps(&order); k++) {
		int64_t count = par_sampler_count(&order, k);
		int64_t here = (count < s->hi ? count : s->hi) - s->lo;
		here = here > 0 ? here : 0;
		for (int m = 0; e == PAR_OK && m < x->l->members; m++) {
			e = learn_answer(x->l, m, feed, k, count);
			if (e == PAR_OK)
				note(x, m, here);
		}
		if (e != PAR_OK)
			break;
		par_shared_put(&x->answers, here > 0 ? (size_t)(s->lo * row) * sizeof *x->mine : 0,
		    (size_t)(here * row) * sizeof *x->mine, x->mine);
		take(ctx, k * s->batch, count, (const float *)(const void *)x->answers.window.base);
		par_window_meet(&x->answers.window);
		par_world_alive();
	}
	par_feed_close(feed);
	return e;
}

/* ---- why a series is forecast as it is ---- */

static int64_t kept_of(const explainer *x, int64_t asked)
{
	int64_t series = x->why->series[asked];
	int level = x->kind->h->level;
	return sample_has(level, series) ? sample_below(level, series) : -1;
}

static void make_set(void *ctx, int64_t sample, void *const field[])
{
	explainer *x = ctx;
	int64_t kept = kept_of(x, sample / EACH);
	window out = network_window(field);
	mix(x, sample, kept < 0 ? 0 : kept, (int)(sample % EACH / OTHERS), sample % OTHERS, &out);
}

typedef struct {
	explainer *x;
	why_parts *why;
	double *value; /* owned: [SETS][horizon] of the series at hand, means over other windows */
} sharing;

/* every set of drivers of a series is there: its parts */
static void settle(const sharing *s, int64_t asked)
{
	int horizon = s->why->horizon;
	for (int h = 0; kept_of(s->x, asked) >= 0 && h < horizon; h++)
		why_share(s->value + h, horizon, horizon,
		    s->why->part + asked * WHY_PARTS * horizon + h,
		    s->why->usual + asked * horizon + h);
	memset(s->value, 0, (size_t)(SETS * horizon) * sizeof *s->value);
}

static void take_sets(void *ctx, int64_t first, int64_t count, const float *row)
{
	sharing *s = ctx;
	int horizon = s->why->horizon;
	for (int64_t i = 0; i < count; i++, row += horizon + 1) {
		int64_t sample = first + i, set = sample % EACH / OTHERS;
		for (int h = 0; h < horizon; h++)
			s->value[set * horizon + h] +=
			    ((double)row[h] + log((double)row[horizon])) / OTHERS;
		if (sample % EACH == EACH - 1)
			settle(s, sample / EACH);
	}
}

par_err explain_series(learner *l, why_parts *w)
{
	explainer x;
	if (w->count == 0)
		return PAR_OK;
	par_err e = begin(&x, l, w, l->kind->h->length - 1);
	sharing s = {&x, w, calloc((size_t)(SETS * w->horizon), sizeof *s.value)};
	if (e == PAR_OK)
		e = par_agree(l->kind->h->of->world,
		    s.value ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to explain windows"));
	learn_ask(l);
	if (e == PAR_OK)
		e = answer(&x, w->count * EACH, make_set, take_sets, &s);
	learn_asked(l);
	free(s.value);
	finish(&x);
	return e;
}

/* ---- what drivers are worth ---- */

static int64_t judged(const explainer *x)
{
	return x->kind->h->kept < SAMPLE ? x->kind->h->kept : SAMPLE;
}

/* a judged window's series, evenly from all */
static int64_t judged_series(const explainer *x, int64_t sample)
{
	return sample * x->kind->h->kept / judged(x);
}

static void make_judged(void *ctx, int64_t sample, void *const field[])
{
	explainer *x = ctx;
	int all = SETS - 1, set = x->driver < 0 ? all : all & ~(1 << x->driver);
	window out = network_window(field);
	mix(x, sample, judged_series(x, sample), set, sample, &out);
}

typedef struct {
	const explainer *x;
	double squares, n;
} judging;

static void take_judged(void *ctx, int64_t first, int64_t count, const float *row)
{
	judging *j = ctx;
	const window_kind *k = j->x->kind;
	for (int64_t i = 0; i < count; i++, row += k->horizon + 1) {
		history_series s = history_at(k->h, judged_series(j->x, first + i));
		double scale = window_scale(k, &s, j->x->origin);
		const float *y = s.units + j->x->origin + 1;
		for (int h = 0; h < k->horizon; h++) {
			if (!isfinite(y[h]))
				continue;
			double mean = exp(fmin((double)row[h], 4)) * (double)row[k->horizon];
			double d = ((double)y[h] - mean) / scale;
			j->squares += d * d;
			j->n++;
		}
	}
}

static par_err judge(explainer *x, int driver, double *error)
{
	judging j = {.x = x};
	x->driver = driver;
	PAR_TRY(answer(x, judged(x), make_judged, take_judged, &j));
	*error = j.n > 0 ? sqrt(j.squares / j.n) : NAN;
	return PAR_OK;
}

par_err explain_importance(learner *l, int64_t origin, why_parts *w)
{
	explainer x;
	double own = NAN, without = NAN;
	par_err e = begin(&x, l, w, origin);
	learn_ask(l);
	if (e == PAR_OK)
		e = judge(&x, -1, &own);
	for (int d = 0; e == PAR_OK && d < WHY_DRIVERS; d++) {
		e = judge(&x, d, &without);
		w->importance[d] = without / own - 1;
	}
	learn_asked(l);
	finish(&x);
	return e;
}
