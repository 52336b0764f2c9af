/* Synthetic: the made pictures of an augment.h5, by the categories of a catalog. */
#ifndef APPS_JUDGE_SYNTHETIC_H
#define APPS_JUDGE_SYNTHETIC_H

#include "common/judge/made.h"

typedef struct {
	made_set made; /* the first of each category */
	float *
	    share; /* owned: [categories] of made pictures among those of a category, as their weights have it */
	int64_t items;  /* of the file */
	int64_t *known; /* owned: [categories] of them of a category */
} synthetic;

/* collective | up to `most` pictures of each category of g; synthetic_close releases them, also after a failure.
 * fails: as par_store_open; PAR_E_DATA naming FILE:/variable, where pictures have another size or no category is known */
par_err synthetic_open(
    synthetic *x, const par_world *w, const gallery *g, const char *path, int64_t most);
void synthetic_close(synthetic *x);

#endif
