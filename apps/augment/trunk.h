/* Trunk: the discriminator's eyes, offered to the tagger.
 *
 * A discriminator has looked at every picture of the catalog, also at those of no category. A classifier that begins with what
 * it sees may need fewer labels. It is offered as any other way to learn: unless it recalls more of validation pictures at
 * 95 %, the classifier with convolutions of its own tags. */
#ifndef APPS_AUGMENT_TRUNK_H
#define APPS_AUGMENT_TRUNK_H

#include "augment/gan/gan.h"
#include "common/judge/gain.h"
#include "common/judge/tuned.h"

typedef struct {
	gan *of;   /* borrowed, trained */
	gain gain; /* of recall, against the tuned classifier */
	bool wins;
} trunk;

/* local | the tuned recipe, by the discriminator's eyes; t must outlive it */
trial_recipe trunk_recipe(trunk *t, const tuned *like);

/* collective | is it better? One pair of trials, and where it is no loss augment.seeds more that prove it. Logged and told in the
 * report. fails: as trial_train */
par_err trunk_offer(trunk *t, app *a, gan *of, const tuned *like);

#endif
