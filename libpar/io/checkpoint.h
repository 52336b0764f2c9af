/* Checkpoint: the state of a long job in its global shape, so that any number of ranks can resume.
 *
 * Each save is a store file NAME.STEP.h5, published whole and summed (io/store.h); the last two stay.
 * Resuming takes the newest that is sound: a damaged one is passed over, with a warning, and renamed to
 * NAME.STEP.h5.damaged, so that its step can be saved again. It stays until a person removes it. */
#ifndef PAR_IO_CHECKPOINT_H
#define PAR_IO_CHECKPOINT_H

#include "io/store.h"

#define PAR_CHECKPOINT_FORMAT "entrepot-checkpoint"

typedef struct {
	const char *name; /* unique within the checkpoint */
	par_dtype type;
	int64_t rows, columns;         /* of the whole array */
	int64_t first_here, rows_here; /* what this rank brings, in rank order without gaps */
	const void *data;              /* rows_here x columns */
} par_checkpoint_array;

/* collective | publish NAME.STEP.h5 and remove all but the last two; note is text that resuming must
 * find equal (the resolved configuration, say). Steps only grow. fails: as par_store_publish */
par_err par_checkpoint_save(const par_world *w, const char *name, int64_t step, const char *note,
    const par_checkpoint_array *arrays, int n);

/* collective | open the newest sound checkpoint: *s owned by the caller, read by par_store_get and closed
 * by par_store_close, and its step. *s is NULL and the result PAR_OK when there is none at all.
 * Damaged ones are set aside once a sound one is open; when none is, all stay as they are.
 * fails: PAR_E_DATA when there are some and none is sound, PAR_E_CONFIG when note differs */
par_err par_checkpoint_open(
    par_store **s, const par_world *w, const char *name, const char *note, int64_t *step);

/* collective | rows [first, first + rows) of an array of an open checkpoint. fails: as par_store_get */
par_err par_checkpoint_get(
    par_store *s, const char *array, par_dtype type, int64_t first, int64_t rows, void *out);

/* collective | remove every checkpoint called name, and what killed runs left of others: the work is done */
void par_checkpoint_clear(const par_world *w, const char *name);

#endif
