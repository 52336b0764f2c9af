/* Contest: of which filler each category gets how much, if any.
 *
 * A classifier that learns with made pictures is held against one of the same seed that learns without, both with the ordinary
 * augmentation that serves the catalog best, on validation pictures. A filler's larger shares are tried as long as the
 * smaller ones bring something. Each category takes what helped it most, and what comes of it is proven with seeds that
 * had no part in the choice: unless the mean recall of all categories is higher at 95 %, no made picture gets any weight. */
#ifndef APPS_AUGMENT_CONTEST_H
#define APPS_AUGMENT_CONTEST_H

#include "augment/filler.h"
#include "common/judge/gain.h"
#include "common/judge/tuned.h"

typedef struct {
	int *filler; /* owned: [categories] whose pictures are published */
	float *
	    weight; /* owned: [categories] share of draws of a category that are best made ones; 0: none */
	gain *
	    gain; /* owned: [categories + 1] of recall, the last of their mean; 0 where the weight is 0 */
	bool proven;
} verdict;

/* collective | made[f]: of filler f; may[f][c]: its pictures of category c may get weight, all where may[f] is
 * NULL. The trials are logged and told in
 * the report. verdict_drop releases v, also after a failure. fails: PAR_E_CONFIG naming augment.weights, PAR_E_MEMORY */
par_err contest(verdict *v, app *a, const tuned *t, const made_set *made, uint8_t *const *may);
void verdict_drop(verdict *v);

#endif
