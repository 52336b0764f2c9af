/* State: what a training run needs to go on, in global shape, so that any number of ranks can.
 *
 * Saved are the weights of every parameter, what the optimizers remember, the buffers of the graph
 * and the counts of steps; random numbers and the order of samples follow from the seed and the
 * step. A checkpoint goes through io/checkpoint.h, a finished model through io/store.h. */
#ifndef PAR_TRAIN_STATE_H
#define PAR_TRAIN_STATE_H

#include "io/checkpoint.h"
#include "train/optimizer.h"

#define PAR_MODEL_FORMAT "entrepot-model"
#define PAR_MODEL_VERSION 1

typedef struct {
	par_graph *graph;                /* planned */
	int optimizers;                  /* one a group */
	par_optimizer *const *optimizer; /* opened */
} par_state;

/* collective | publish checkpoint NAME.STEP.h5; `more` are arrays of the caller's own. note is what
 * resuming must find equal. fails: as par_checkpoint_save */
par_err par_state_save(const par_state *t, const char *name, int64_t step, const char *note,
    const par_checkpoint_array *more, int n);
/* collective | take over the newest sound checkpoint; *s is then open for par_checkpoint_get of the
 * caller's own arrays and is the caller's to close; NULL when there is no checkpoint.
 * fails: as par_checkpoint_open; PAR_E_DATA when a parameter is missing or of another size */
par_err par_state_resume(
    const par_state *t, const char *name, const char *note, par_store **s, int64_t *step);

/* collective | write the model into a store that the caller created with PAR_MODEL_FORMAT and will
 * publish: a variable a parameter or buffer in its own shape ("dense1/weight" becomes
 * dense1.weight), those that optimizers remember beside it (dense1.weight.first, .second,
 * .average), the attribute step. The sampler's position is that step.
 * fails: PAR_E_IO */
par_err par_state_put(const par_state *t, par_store *s, int64_t step);
/* collective | weights and buffers of the graph from an open model, for the optimizers to go on with
 * or for answers alone; what the optimizers remember begins anew.
 * fails: PAR_E_DATA naming the variable when one is missing or of another shape */
par_err par_state_get(const par_state *t, par_store *s);

#endif
