/* Match: the names of an earlier result's scale, found among a model's. */
#ifndef APPS_PLAN_MODEL_MATCH_H
#define APPS_PLAN_MODEL_MATCH_H

#include "base/dict.h"
#include "io/store.h"
#include "plan/model/model.h"

/* collective | place[i], i < *n: where the i-th name of the scale stands in names, or -1; owned by the caller.
 * fails, agreed: PAR_E_MEMORY; PAR_E_DATA without such a scale */
par_err match_scale(int64_t **place, int64_t *n, const par_world *w, par_store *file,
    const char *scale, const par_dict *names);
/* the same with a model's list */
par_err match_names(int64_t **place, int64_t *n, const par_world *w, par_store *file,
    const char *scale, const model_names *names);

#endif
