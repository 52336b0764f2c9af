#include "augment/tagger.h"

#include <math.h>
#include <stdlib.h>

#define BINS 15
#define ROUNDS 60 /* of the search for a temperature; each leaves .62 of the interval */

/* ---- confidence ---- */

/* of the likeliest category, at a temperature */
static double confidence(const float *score, int64_t n, double temperature, int64_t *best)
{
	double sum = 0;
	*best = 0;
	for (int64_t k = 1; k < n; k++)
		*best = score[k] > score[*best] ? k : *best;
	for (int64_t k = 0; k < n; k++)
		sum += exp(((double)score[k] - (double)score[*best]) / temperature);
	return 1 / sum;
}

/* -log of the share that a label gets, in the mean */
static double surprise(
    const float *score, const int32_t *label, int64_t n, int64_t categories, double temperature)
{
	double sum = 0;
	for (int64_t i = 0; i < n; i++, score += categories) {
		int64_t best;
		double share = confidence(score, categories, temperature, &best);
		sum -= log(share) + ((double)score[label[i]] - (double)score[best]) / temperature;
	}
	return n > 0 ? sum / (double)n : 0;
}

/* by golden section over its logarithm, in which the surprise has one valley */
double tagger_temperature(const float *score, const int32_t *label, int64_t n, int64_t categories)
{
	const double golden = .6180339887498949;
	double lo = log(.05), hi = log(20);
	for (int k = 0; k < ROUNDS; k++) {
		double a = hi - golden * (hi - lo), b = lo + golden * (hi - lo);
		if (surprise(score, label, n, categories, exp(a)) <
		    surprise(score, label, n, categories, exp(b)))
			hi = b;
		else
			lo = a;
	}
	return n > 0 ? exp((lo + hi) / 2) : 1;
}

/* sum over bins of |confidence - right| */
double tagger_error(
    const float *score, const int32_t *label, int64_t n, int64_t categories, double temperature)
{
	double off[BINS] = {0}, sum = 0;
	for (int64_t i = 0; i < n; i++, score += categories) {
		int64_t best;
		double sure = confidence(score, categories, temperature, &best);
		int bin = (int)(sure * BINS);
		off[bin < BINS ? bin : BINS - 1] += sure - (best == label[i]);
	}
	for (int k = 0; k < BINS; k++)
		sum += fabs(off[k]);
	return n > 0 ? sum / (double)n : NAN;
}

/* ---- tags ---- */

typedef struct {
	const gallery *g;
	const int64_t *item;
} asked;

static void make(void *ctx, int64_t sample, void *const field[])
{
	const asked *x = ctx;
	gallery_picture(x->g, x->item[sample], field[CLASSIFIER_PICTURE]);
}

static par_err calibrate(tagger *x, const par_world *w, classifier *net, const gallery *g)
{
	const int64_t *item = g->items[GALLERY_VALIDATION];
	int64_t n = g->first[GALLERY_VALIDATION][g->categories], right = 0;
	asked of = {g, item};
	float *score = calloc((size_t)(n * g->categories) + 1, sizeof *score);
	int32_t *label = malloc((size_t)n * sizeof *label + 1);
	par_err e = par_agree(
	    w, score && label ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to calibrate"));
	if (e == PAR_OK)
		e = classifier_ask(net, n, make, &of, NULL, score);
	for (int64_t i = 0; i < n && e == PAR_OK; i++) {
		int64_t best;
		label[i] = g->label[item[i]];
		confidence(score + i * g->categories, g->categories, 1, &best);
		right += best == label[i];
	}
	if (e == PAR_OK) {
		x->accuracy = (double)right / (double)n;
		x->temperature = tagger_temperature(score, label, n, g->categories);
		x->error = tagger_error(score, label, n, g->categories, x->temperature);
	}
	free(score);
	free(label);
	return e;
}

static par_err tag(tagger *x, const par_world *w, classifier *net, const gallery *g)
{
	asked of = {g, x->item};
	float *score = calloc((size_t)(x->n * g->categories) + 1, sizeof *score);
	par_err e = par_agree(w, score ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for tags"));
	if (e == PAR_OK && x->n > 0)
		e = classifier_ask(net, x->n, make, &of, NULL, score);
	for (int64_t i = 0; i < x->n && e == PAR_OK; i++) {
		int64_t best;
		x->confidence[i] = (float)confidence(
		    score + i * g->categories, g->categories, x->temperature, &best);
		x->tag[i] = (int32_t)best;
	}
	free(score);
	return e;
}

static par_err find_items(tagger *x, const gallery *g)
{
	for (int64_t i = 0; i < g->pictures; i++)
		x->n += g->label[i] < 0;
	size_t n = (size_t)x->n;
	x->item = malloc(n * sizeof *x->item + 1);
	x->tag = malloc(n * sizeof *x->tag + 1);
	x->confidence = malloc(n * sizeof *x->confidence + 1);
	if (!x->item || !x->tag || !x->confidence)
		return par_fail(PAR_E_MEMORY, "no memory for %lld tags", (long long)x->n);
	for (int64_t i = 0, at = 0; i < g->pictures; i++)
		if (g->label[i] < 0)
			x->item[at++] = i;
	return PAR_OK;
}

par_err tagger_make(
    tagger *x, app *a, const tuned *t, trunk *eyes, const made_set *made, const verdict *v)
{
	const gallery *g = t->recipe.of.of;
	bool again = v->proven || eyes->wins;
	trial_recipe r = eyes->wins ? trunk_recipe(eyes, t) : t->recipe;
	r.of.made = made;
	r.of.set = v->filler;
	r.of.share = v->weight;
	classifier own = {0}, *net = again ? &own : (classifier *)&t->net;
	*x = (tagger){.temperature = 1};
	par_err e = par_agree(&a->world, find_items(x, g));
	if (e == PAR_OK && again)
		e = trial_train(&own, &a->world, &r);
	if (e == PAR_OK)
		e = calibrate(x, &a->world, net, g);
	if (e == PAR_OK)
		e = tag(x, &a->world, net, g);
	classifier_close(&own);
	return e;
}

void tagger_drop(tagger *x)
{
	free(x->item);
	free(x->tag);
	free(x->confidence);
	*x = (tagger){0};
}
