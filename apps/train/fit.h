/* Fit: train a network on feeds, with validation, checkpoints and a progress line. */
#ifndef APPS_TRAIN_FIT_H
#define APPS_TRAIN_FIT_H

#include "train/feed.h"
#include "train/network.h"
#include "train/trainer.h"

/* what a validation's means are called: metric k of FIT_METRICS; 0 is the loss */
enum { FIT_METRICS = 3 };
const char *fit_metric(const network *n, int k);

/* collective | the run that [train] describes; validation may be NULL. The history is the caller's to
 * drop, also after a failure. fails: as par_train */
par_err fit(app *a, network *n, par_feed *train, par_feed *validation, par_history *h);

/* collective | the model is published: its checkpoints go */
void fit_clear(app *a);

/* local | steps of the whole run; the rate of each is settled by schedule_of */
int64_t fit_steps(const app *a, par_feed *train);

#endif
