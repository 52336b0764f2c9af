/* Curve: how training went, as SVG beside the model: the loss of training and validation by epoch and, with a
 * validation, what else it measures. */
#ifndef APPS_TRAIN_CURVE_H
#define APPS_TRAIN_CURVE_H

#include "train/fit.h"

/* collective | draw the history into NAME.svg; steps_an_epoch scales the axis. fails: as
 * par_publish_text */
par_err curve_write(app *a, const network *n, const par_history *h, int64_t steps_an_epoch);

#endif
