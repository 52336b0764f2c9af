/* Model file: model.h5, a network's weights with all that is needed to let it answer.
 *
 * Beside the parameters (train/state.h) stand the settings it was made by, so its layers can be built
 * again, the classes, the vocabulary or the scales of its inputs, the history of its training, and
 * what its test samples said. */
#ifndef APPS_TRAIN_MODEL_FILE_H
#define APPS_TRAIN_MODEL_FILE_H

#include "train/judge.h"
#include "train/trainer.h"

/* collective | write and publish the program's output; test may be NULL. fails: as par_store_publish */
par_err model_write(
    app *a, const network *n, const coding *c, const par_history *h, const judgement *test);

typedef struct {
	par_store *store; /* owned */
	par_conf *conf;   /* owned: [train] and [model] it was made by */
	coding coding;    /* owned */
} model;

/* collective | open a model. Closed by the caller, also after a failure. fails: as par_store_open,
 * PAR_E_DATA */
par_err model_open(model *m, app *a, const char *path);
void model_close(model *m);

#endif
