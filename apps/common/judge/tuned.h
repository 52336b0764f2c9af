/* Tuned: the ordinary augmentation that serves a catalog best, and the classifier that learnt with it.
 *
 * What made pictures bring is told against this, not against pictures as they are: turning, erasing and smoothing bring more
 * than any made picture where categories are thin, and cost accuracy where they are not. */
#ifndef APPS_COMMON_JUDGE_TUNED_H
#define APPS_COMMON_JUDGE_TUNED_H

#include "common/judge/trial.h"

#define TUNED_KINDS 3

typedef struct {
	const char *
	    name; /* "plain", "mild" (mirrored, smoothed), "strong" (turned, stretched, shifted, erased too) */
	trial_recipe recipe;
	double *recall; /* owned: [categories] of the validation pictures, by the classifier */
	double accuracy[TUNED_KINDS]; /* of each kind: the mean of its recalls */
	classifier net;               /* owned */
} tuned;

/* local | kind 0 to TUNED_KINDS - 1 */
trial_recipe tuned_recipe(
    const gallery *g, const uint8_t *both, int kind, int64_t steps, uint64_t seed);
const char *tuned_name(int kind);

/* collective | one trial a kind, the best on the validation pictures stands; tuned_close releases it, also after a failure.
 * fails: PAR_E_DATA where there are no validation pictures, PAR_E_MEMORY */
par_err tuned_open(tuned *t, const par_world *w, const gallery *g, const uint8_t *both,
    int64_t steps, uint64_t seed);
void tuned_close(tuned *t);

#endif
