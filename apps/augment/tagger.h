/* Tagger: which category uncategorised pictures are of, and how sure that is.
 *
 * The classifier learns from real pictures, from made ones where these have proven a gain, and with the discriminator's eyes
 * where these have. Its scores are divided by one
 * temperature, which makes validation pictures' labels most likely (Guo et al. 2017), so that of tags with confidence .8
 * about four in five are right. */
#ifndef APPS_AUGMENT_TAGGER_H
#define APPS_AUGMENT_TAGGER_H

#include "augment/contest.h"
#include "augment/trunk.h"

typedef struct {
	int64_t n;                    /* uncategorised pictures, of any split */
	int64_t *item;                /* owned: [n] their numbers in the catalog, ascending */
	int32_t *tag;                 /* owned: [n] place in the gallery's categories */
	float *confidence;            /* owned: [n] */
	double temperature, accuracy; /* the latter of validation pictures, as they come */
	double
	    error; /* mean distance of confidence from what came true, on validation pictures (expected calibration error, 15 bins) */
} tagger;

/* collective | eyes: of the discriminator, where they win; tagger_drop releases x, also after a failure. fails: PAR_E_MEMORY */
par_err tagger_make(
    tagger *x, app *a, const tuned *t, trunk *eyes, const made_set *made, const verdict *v);
void tagger_drop(tagger *x);

/* local | the temperature of n pictures' scores[n][categories] and labels, and the calibration error at a temperature */
double tagger_temperature(const float *score, const int32_t *label, int64_t n, int64_t categories);
double tagger_error(
    const float *score, const int32_t *label, int64_t n, int64_t categories, double temperature);

#endif
