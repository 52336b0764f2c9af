/* Cost: what a run will take, for --dry-run. */
#ifndef APPS_AUGMENT_COST_H
#define APPS_AUGMENT_COST_H

#include "augment/gan/gan.h"
#include "common/gallery.h"

/* collective | memory, work and time of a GAN and of the classifiers beside it, a step of each just timed; logged and told in the
 * report. fails: PAR_E_MEMORY */
par_err cost_tell(app *a, const gallery *g, gan *n, int64_t steps);

#endif
