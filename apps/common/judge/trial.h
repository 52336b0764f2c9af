/* Trial: a classifier trained by a recipe, and how much it recalls of pictures that it has not seen. */
#ifndef APPS_COMMON_JUDGE_TRIAL_H
#define APPS_COMMON_JUDGE_TRIAL_H

#include "common/judge/classifier.h"
#include "common/judge/lesson.h"

#define TRIAL_BATCH 64

typedef struct {
	lesson of; /* its seed and scratch are the trial's */
	int64_t steps;
	double rate, dropout, smoothing;
	uint64_t seed;
	/* as in the classifier, NULL: its own; begin, local, gives it first weights once it is open */
	par_value (*see)(void *ctx, par_graph *g, par_value picture);
	void (*begin)(void *ctx, classifier *c);
	void *ctx;
} trial_recipe;

/* the recipe of the project's notes for one catalog: all categories alike, Adam 1e-3 falling as a cosine, dropout .3 */
trial_recipe trial_usual(const gallery *g, int64_t steps, uint64_t seed);

/* collective | c is opened and trained; classifier_close releases it, also after a failure. The same bits at any number of
 * ranks. fails: PAR_E_MEMORY */
par_err trial_train(classifier *c, const par_world *w, const trial_recipe *r);

/* collective | of each category of a split the share of its pictures that c takes for what they are, NaN where there are none;
 * recall[categories], the same on every rank. fails: PAR_E_MEMORY */
par_err trial_recall(classifier *c, const gallery *g, int split, double *recall);
/* local | mean of n numbers that are no NaN; NaN of none */
double trial_mean(const double *x, int64_t n);

#endif
