/* Update: what a step does to a run of elements, alone or over a whole gradient.
 *
 * Every element is updated by the same few operations without fused multiply-adds, so the bits are
 * equal in all kernel sets and do not depend on where a run is cut. All calls are local, read and
 * write each array once, and are bound by memory. */
#ifndef PAR_TRAIN_UPDATE_H
#define PAR_TRAIN_UPDATE_H

#include "train/optimizer.h"

/* what one step does to every element, in float:
 *   g' = scale g + l2 w + l1 sign(w)
 *   w' = w - (shrink w + rate d), where d is
 *     PAR_SGD       g'
 *     PAR_MOMENTUM  m' = beta1 m + g'
 *     PAR_ADAM, PAR_ADAMW  m' / (sqrt(v') + epsilon),
 *                   m' = beta1 m + (1 - beta1) g',  v' = beta2 v + (1 - beta2) g' g'
 * Decay and step are added up before they are taken from w, which is rounded once: w (1 - shrink)
 * rounded by itself, and 1 - shrink too, go astray by nearly the same in every step (torch's AdamW is
 * 5e-6 off the same 100 steps in double, this one 1e-6). */
typedef struct {
	par_rule rule;
	float scale, l1, l2, shrink, rate, beta1, beta2, rest1, rest2, epsilon;
} par_update;

/* the update of step t = 1, 2, ... with learning rate lr and the gradient scaled by `scale`, for
 * elements that decay or do not. Adam's two corrections of bias are folded into rate and epsilon:
 * lr sqrt(1 - beta2^t) / (1 - beta1^t) and epsilon sqrt(1 - beta2^t) (Kingma and Ba 2015, section 2) */
par_update par_update_of(
    const par_optimizer_spec *spec, double lr, int64_t t, double scale, bool decays);

/* n elements: gradient g (NULL: zeros), weights w, moments m and v (NULL where the rule keeps none). out
 * (NULL: none) gets the new weights too and may be g. */
void par_update_run(
    const par_update *u, int64_t n, const float *g, float *w, float *m, float *v, float *out);

/* average = factor average + (1 - factor) w */
void par_update_average(double factor, int64_t n, const float *w, float *average);

/* The gradient G of weights divided by sigma, turned into that of the weights (grad/param.h): elements
 * [lo, hi) of rows of `columns`; g and its elements begin at lo. dot is <G, W / sigma>. */
typedef struct {
	int64_t columns;
	const float *left, *right;
	float sigma;
	double dot;
} par_spectral_gradient;
void par_update_spectral(const par_spectral_gradient *s, int64_t lo, int64_t hi, float *g);

/* line[k] = the sum of a[i] b[i] over the k-th 16 elements, in double and in one fixed order: as good
 * as exact products for comm/exact.h, a sixteenth of its work. (n + 15) / 16 lines. */
#define PAR_LINE 16
void par_update_products(int64_t n, const float *a, const float *b, double *line);

#endif
