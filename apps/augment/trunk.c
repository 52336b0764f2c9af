#include "augment/trunk.h"

#include "augment/gan/parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_PROOF 200 /* seeds from here on prove */

static par_value see(void *ctx, par_graph *g, par_value picture)
{
	const trunk *t = ctx;
	return discriminator_features(g, &t->of->spec, picture);
}

/* weights that both have by the same name */
static void begin(void *ctx, classifier *c)
{
	const trunk *t = ctx;
	for (int i = 0; i < par_graph_params(c->graph); i++) {
		const par_param *p = par_graph_param(c->graph, i);
		const par_param *from = par_graph_find(t->of->graph, p->name);
		if (from)
			par_optimizer_set(c->optimizer, p, from->weights);
	}
	par_optimizer_restored(c->optimizer, 0);
}

trial_recipe trunk_recipe(trunk *t, const tuned *like)
{
	trial_recipe r = like->recipe;
	r.see = see;
	r.begin = begin;
	r.ctx = t;
	return r;
}

static par_err run(app *a, const trial_recipe *r, uint64_t seed, double *recall, double *mean)
{
	classifier net = {0};
	trial_recipe own = *r;
	own.seed = seed;
	par_err e = trial_train(&net, &a->world, &own);
	if (e == PAR_OK)
		e = trial_recall(&net, r->of.of, GALLERY_VALIDATION, recall);
	classifier_close(&net);
	if (e == PAR_OK)
		*mean = trial_mean(recall, r->of.of->categories);
	return e;
}

static void tell(const app *a, uint64_t seed, double with, double without)
{
	app_log(a, "discriminator's eyes   seed %3d   recall %.4f, %+.2f points", (int)seed, with,
	    100 * (with - without));
}

static par_err prove(trunk *t, app *a, const trial_recipe *r, const tuned *like, double *recall)
{
	int64_t seeds = app_int(a, "seeds");
	double with[100], without[100];
	for (int64_t s = 0; s < seeds; s++) {
		uint64_t seed = like->recipe.seed + FIRST_PROOF + (uint64_t)s;
		PAR_TRY(run(a, &like->recipe, seed, recall, &without[s]));
		PAR_TRY(run(a, r, seed, recall, &with[s]));
		tell(a, seed, with[s], without[s]);
	}
	t->gain = gain_of(with, without, seeds);
	t->wins = t->gain.low > 0;
	return PAR_OK;
}

static json_t *number(double x)
{
	return isnan(x) ? json_null() : json_real(x);
}

static void report(const trunk *t, const app *a)
{
	json_object_set_new(a->report, "discriminator",
	    json_pack("{sb s{so so so}}", "tags", t->wins, "gain", "mean", number(t->gain.mean),
		"low", number(t->gain.low), "high", number(t->gain.high)));
}

par_err trunk_offer(trunk *t, app *a, gan *of, const tuned *like)
{
	*t = (trunk){.of = of};
	trial_recipe r = trunk_recipe(t, like);
	int64_t categories = like->net.spec.categories;
	double with = 0, without = trial_mean(like->recall, categories);
	double *recall = malloc((size_t)categories * sizeof *recall + 1);
	par_err e = par_agree(
	    &a->world, recall ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for recalls"));
	if (e == PAR_OK)
		e = run(a, &r, like->recipe.seed, recall, &with);
	if (e == PAR_OK) {
		tell(a, like->recipe.seed, with, without);
		t->gain = gain_of(&with, &without, 1);
	}
	if (e == PAR_OK && with > without)
		e = prove(t, a, &r, like, recall);
	free(recall);
	if (e == PAR_OK)
		report(t, a);
	return e;
}
