/* Predictions: predictions.h5, a model's answer to every sample in the order of the file. */
#ifndef APPS_TRAIN_PREDICTIONS_H
#define APPS_TRAIN_PREDICTIONS_H

#include "train/judge.h"

/* collective | write and publish the program's output; with the truths and the measures when judged (test
 * not NULL). fails: as par_store_publish */
par_err predictions_write(
    app *a, const network *n, const coding *c, const answers *x, const judgement *test);

#endif
