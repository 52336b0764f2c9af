#include "common/judge/trial.h"

#include <math.h>
#include <stdlib.h>

#define ASKED 4096 /* pictures whose scores are held at a time */

trial_recipe trial_usual(const gallery *g, int64_t steps, uint64_t seed)
{
	return (trial_recipe){.of = {.of = g, .alike = true},
	    .steps = steps,
	    .rate = 1e-3,
	    .dropout = .3,
	    .seed = seed};
}

static par_err train(classifier *c, const trial_recipe *r, lesson *l)
{
	return classifier_train(
	    c, &(classifier_lesson){
		   .steps = r->steps, .rate = r->rate, .make = lesson_make, .ctx = l});
}

par_err trial_train(classifier *c, const par_world *w, const trial_recipe *r)
{
	const gallery *g = r->of.of;
	lesson l = r->of;
	l.seed = r->seed;
	PAR_TRY(classifier_open(c, &(classifier_spec){.world = w,
				       .batch = TRIAL_BATCH,
				       .seed = r->seed,
				       .height = g->height,
				       .width = g->width,
				       .channels = g->channels,
				       .categories = g->categories,
				       .dropout = r->dropout,
				       .smoothing = r->smoothing,
				       .see = r->see,
				       .ctx = r->ctx}));
	if (r->begin)
		r->begin(r->ctx, c);
	l.scratch = malloc((size_t)g->bytes * sizeof *l.scratch);
	par_err e = par_agree(
	    w, l.scratch ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for a picture"));
	if (e == PAR_OK)
		e = train(c, r, &l);
	free(l.scratch);
	return e;
}

/* ---- recall ---- */

typedef struct {
	const gallery *g;
	const int64_t *item;
} asked;

static void make(void *ctx, int64_t sample, void *const field[])
{
	const asked *a = ctx;
	gallery_picture(a->g, a->item[sample], field[CLASSIFIER_PICTURE]);
}

static int64_t best_of(const float *score, int64_t n)
{
	int64_t best = 0;
	for (int64_t i = 1; i < n; i++)
		best = score[i] > score[best] ? i : best;
	return best;
}

/* adds hits by category */
static par_err ask_some(
    classifier *c, const gallery *g, const int64_t *item, int64_t n, float *score, double *hits)
{
	asked a = {g, item};
	PAR_TRY(classifier_ask(c, n, make, &a, NULL, score));
	for (int64_t i = 0; i < n; i++)
		hits[g->label[item[i]]] += best_of(score + i * g->categories, g->categories) ==
					   g->label[item[i]];
	return PAR_OK;
}

par_err trial_recall(classifier *c, const gallery *g, int split, double *recall)
{
	int64_t n = g->first[split][g->categories];
	float *score = malloc((size_t)(ASKED * g->categories) * sizeof *score);
	par_err e = par_agree(
	    c->spec.world, score ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for scores"));
	for (int64_t k = 0; k < g->categories; k++)
		recall[k] = 0;
	for (int64_t lo = 0; lo < n && e == PAR_OK; lo += ASKED)
		e = ask_some(
		    c, g, g->items[split] + lo, n - lo < ASKED ? n - lo : ASKED, score, recall);
	for (int64_t k = 0; k < g->categories; k++)
		recall[k] /= (double)gallery_count(g, split, k);
	free(score);
	return e;
}

double trial_mean(const double *x, int64_t n)
{
	double sum = 0;
	int64_t some = 0;
	for (int64_t i = 0; i < n; i++)
		if (!isnan(x[i])) {
			sum += x[i];
			some++;
		}
	return sum / (double)some;
}
