/* Cost: what a training run takes, for --dry-run. */
#ifndef APPS_TRAIN_COST_H
#define APPS_TRAIN_COST_H

#include "train/fit.h"

/* collective | run a few steps, throw them away, and tell memory, work and time of the whole run.
 * fails: as par_feed_fill */
par_err cost_tell(app *a, network *n, par_feed *train, par_feed *validation);

#endif
