#include "common/judge/tuned.h"

#include <stdlib.h>
#include <string.h>

static const char *const kind_name[TUNED_KINDS] = {"plain", "mild", "strong"};

const char *tuned_name(int kind)
{
	return kind_name[kind];
}

trial_recipe tuned_recipe(
    const gallery *g, const uint8_t *both, int kind, int64_t steps, uint64_t seed)
{
	trial_recipe r = trial_usual(g, steps, seed);
	r.of.both = both;
	if (kind >= 1) {
		r.of.change.mirror = true;
		r.smoothing = .1;
	}
	if (kind >= 2) {
		r.of.change.turn = 5;
		r.of.change.scale = .08;
		r.of.change.shift = 1.0 / 28;
		r.of.change.erase = .5;
	}
	return r;
}

/* the better of two classifiers stays, with what it recalls */
static void keep_better(tuned *t, classifier *net, double *recall, int kind, int *best)
{
	if (*best >= 0 && t->accuracy[kind] <= t->accuracy[*best])
		return;
	classifier worse = t->net;
	t->net = *net;
	*net = worse;
	memcpy(t->recall, recall, (size_t)t->net.spec.categories * sizeof *recall);
	t->name = kind_name[kind];
	*best = kind;
}

static par_err try(tuned *t, const par_world *w, const gallery *g, const trial_recipe *r, int kind,
    double *recall, int *best)
{
	classifier net = {0};
	par_err e = trial_train(&net, w, r);
	if (e == PAR_OK)
		e = trial_recall(&net, g, GALLERY_VALIDATION, recall);
	if (e == PAR_OK) {
		t->accuracy[kind] = trial_mean(recall, g->categories);
		keep_better(t, &net, recall, kind, best);
		t->recipe = *best == kind ? *r : t->recipe;
	}
	classifier_close(&net);
	return e;
}

static par_err check(const gallery *g)
{
	if (g->first[GALLERY_TRAIN][g->categories] == 0)
		return par_fail(PAR_E_DATA, "%s: no training pictures of any category", g->path);
	if (g->first[GALLERY_VALIDATION][g->categories] == 0)
		return par_fail(PAR_E_DATA,
		    "%s: no validation pictures, by which pictures are judged; ingest them with "
		    "ingest.image_validation, or with split in the index",
		    g->path);
	return PAR_OK;
}

par_err tuned_open(tuned *t, const par_world *w, const gallery *g, const uint8_t *both,
    int64_t steps, uint64_t seed)
{
	int best = -1;
	size_t n = (size_t)g->categories;
	*t = (tuned){.recall = malloc(n * sizeof *t->recall + 1)};
	double *recall = malloc(n * sizeof *recall + 1);
	par_err e = t->recall && recall ? check(g)
					: par_fail(PAR_E_MEMORY, "no memory for recalls");
	e = par_agree(w, e);
	for (int kind = 0; kind < TUNED_KINDS && e == PAR_OK; kind++) {
		trial_recipe r = tuned_recipe(g, both, kind, steps, seed);
		e = try(t, w, g, &r, kind, recall, &best);
	}
	free(recall);
	return e;
}

void tuned_close(tuned *t)
{
	classifier_close(&t->net);
	free(t->recall);
	*t = (tuned){0};
}
