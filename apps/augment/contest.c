#include "augment/contest.h"

#include "common/judge/weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SEARCHES 2      /* pairs that choose */
#define FIRST_PROOF 100 /* seeds from here on prove */

typedef struct {
	app *a;
	const tuned *t;
	const made_set *made;
	uint8_t *const *may;
	json_t *trials; /* borrowed from the report */
	int64_t categories;
	double *base[SEARCHES]; /* owned: recalls without made pictures, of so many seeds */
	int bases;
	double *recall; /* owned: of the trial at hand */
	double *helped,
	    *most;    /* owned: the candidate's mean gain by category, and the highest so far */
	int *set;     /* owned: what a lesson takes of each category ... */
	float *share; /* owned: ... and how much */
} arena;

/* ---- one trial ---- */

static par_err run(arena *c, uint64_t seed, bool with, double *recall)
{
	trial_recipe r = c->t->recipe;
	classifier net = {0};
	r.seed = seed;
	r.of.made = with ? c->made : NULL;
	r.of.set = c->set;
	r.of.share = c->share;
	par_err e = trial_train(&net, &c->a->world, &r);
	if (e == PAR_OK)
		e = trial_recall(&net, r.of.of, GALLERY_VALIDATION, recall);
	classifier_close(&net);
	return e;
}

static void tell(arena *c, const char *what, double weight, uint64_t seed, const double *base)
{
	double with = trial_mean(c->recall, c->categories),
	       without = trial_mean(base, c->categories);
	app_log(c->a, "%-8s at %.2f   seed %3d   recall %.4f, %+.2f points", what, weight,
	    (int)seed, with, 100 * (with - without));
	json_array_append_new(
	    c->trials, json_pack("{ss sf sI sf sf}", "filler", what, "weight", weight, "seed",
			   (json_int_t)seed, "recall", with, "without", without));
}

/* ---- the search ---- */

/* all categories that may take filler f get it at this weight */
static bool arm(arena *c, int f, double weight)
{
	bool any = false;
	for (int64_t k = 0; k < c->categories; k++) {
		bool may = (!c->may[f] || c->may[f][k]) && made_count(&c->made[f], k) > 0;
		c->set[k] = f;
		c->share[k] = may ? (float)weight : 0;
		any = any || may;
	}
	return any;
}

static double mean_gain(const arena *c, const double *base)
{
	return trial_mean(c->recall, c->categories) - trial_mean(base, c->categories);
}

/* a second seed only where the first was no loss; *helps tells of both */
static par_err try(arena *c, int f, double weight, bool *helps)
{
	memset(c->helped, 0, (size_t)c->categories * sizeof *c->helped);
	for (int s = 0; s < SEARCHES; s++) {
		uint64_t seed = c->t->recipe.seed + (uint64_t)s;
		if (s == c->bases) {
			PAR_TRY(run(c, seed, false, c->base[s]));
			c->bases++;
		}
		PAR_TRY(run(c, seed, true, c->recall));
		tell(c, filler_name[f], weight, seed, c->base[s]);
		*helps = mean_gain(c, c->base[s]) > 0;
		if (!*helps)
			return PAR_OK;
		for (int64_t k = 0; k < c->categories; k++)
			c->helped[k] += (c->recall[k] - c->base[s][k]) / SEARCHES;
	}
	return PAR_OK;
}

static void take_best(arena *c, verdict *v, int f, double weight)
{
	for (int64_t k = 0; k < c->categories; k++)
		if (c->share[k] > 0 && c->helped[k] > c->most[k]) {
			c->most[k] = c->helped[k];
			v->filler[k] = f;
			v->weight[k] = (float)weight;
		}
}

static par_err search(arena *c, verdict *v, const double *weight, int weights)
{
	for (int f = 0; f < FILLERS; f++) {
		bool helps = true;
		for (int i = 0; i < weights && helps; i++) {
			if (!arm(c, f, weight[i]))
				break;
			PAR_TRY(try(c, f, weight[i], &helps));
			if (helps)
				take_best(c, v, f, weight[i]);
		}
	}
	return PAR_OK;
}

/* ---- the proof ---- */

static bool chosen(const arena *c, const verdict *v)
{
	bool any = false;
	for (int64_t k = 0; k < c->categories; k++) {
		c->set[k] = v->filler[k];
		c->share[k] = v->weight[k];
		any = any || v->weight[k] > 0;
	}
	return any;
}

/* with[k][seed] and without of category k, their means last */
static void tell_gains(
    const arena *c, verdict *v, int64_t seeds, const double *with, const double *without)
{
	for (int64_t k = 0; k <= c->categories; k++)
		v->gain[k] = gain_of(with + k * seeds, without + k * seeds, seeds);
	gain all = v->gain[c->categories];
	v->proven = all.low > 0;
	app_log(c->a, "together: %+.2f points of recall, %+.2f to %+.2f at 95 %%: %s",
	    100 * all.mean, 100 * all.low, 100 * all.high, v->proven ? "a gain" : "no gain");
}

static par_err prove(arena *c, verdict *v)
{
	int64_t seeds = app_int(c->a, "seeds");
	size_t n = (size_t)((c->categories + 1) * seeds);
	double *with = malloc(n * sizeof *with), *without = malloc(n * sizeof *without);
	par_err e = par_agree(&c->a->world,
	    with && without ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for a proof"));
	for (int64_t s = 0; s < seeds && e == PAR_OK; s++) {
		uint64_t seed = c->t->recipe.seed + FIRST_PROOF + (uint64_t)s;
		e = run(c, seed, false, c->helped);
		if (e == PAR_OK)
			e = run(c, seed, true, c->recall);
		for (int64_t k = 0; k <= c->categories && e == PAR_OK; k++) {
			bool last = k == c->categories;
			with[k * seeds + s] = last ? trial_mean(c->recall, k) : c->recall[k];
			without[k * seeds + s] = last ? trial_mean(c->helped, k) : c->helped[k];
		}
		if (e == PAR_OK)
			tell(c, "together", 0, seed, c->helped);
	}
	if (e == PAR_OK)
		tell_gains(c, v, seeds, with, without);
	free(with);
	free(without);
	return e;
}

/* ---- the whole ---- */

static par_err open_all(arena *c, verdict *v)
{
	size_t n = (size_t)c->categories + 1;
	for (int s = 0; s < SEARCHES; s++)
		c->base[s] = calloc(n, sizeof **c->base);
	c->recall = calloc(n, sizeof *c->recall);
	c->helped = calloc(n, sizeof *c->helped);
	c->most = calloc(n, sizeof *c->most);
	c->set = calloc(n, sizeof *c->set);
	c->share = calloc(n, sizeof *c->share);
	*v = (verdict){calloc(n, sizeof *v->filler), calloc(n, sizeof *v->weight),
	    calloc(n, sizeof *v->gain), false};
	bool room = c->base[0] && c->base[1] && c->recall && c->helped && c->most && c->set &&
		    c->share && v->filler && v->weight && v->gain;
	return room ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for trials");
}

static void close_all(arena *c)
{
	for (int s = 0; s < SEARCHES; s++)
		free(c->base[s]);
	free(c->recall);
	free(c->helped);
	free(c->most);
	free(c->set);
	free(c->share);
}

/* the tuned classifier is the first seed's */
static par_err decide(arena *c, verdict *v, const double *weight, int weights)
{
	memcpy(c->base[0], c->t->recall, (size_t)c->categories * sizeof *c->t->recall);
	c->bases = 1;
	PAR_TRY(search(c, v, weight, weights));
	if (chosen(c, v))
		PAR_TRY(prove(c, v));
	for (int64_t k = 0; k <= c->categories && !v->proven; k++) {
		v->weight[k] = 0;
		v->gain[k] = (gain){0};
	}
	return PAR_OK;
}

par_err contest(verdict *v, app *a, const tuned *t, const made_set *made, uint8_t *const *may)
{
	double weight[WEIGHTS_MOST];
	int weights = 0;
	arena c = {.a = a,
	    .t = t,
	    .made = made,
	    .may = may,
	    .trials = json_array(),
	    .categories = t->net.spec.categories};
	json_object_set_new(a->report, "trials", c.trials);
	par_err e = weights_parse(a, weight, &weights);
	par_err room = open_all(&c, v);
	e = par_agree(&a->world, e == PAR_OK ? room : e);
	if (e == PAR_OK)
		e = decide(&c, v, weight, weights);
	close_all(&c);
	return e;
}

void verdict_drop(verdict *v)
{
	free(v->filler);
	free(v->weight);
	free(v->gain);
	*v = (verdict){0};
}
