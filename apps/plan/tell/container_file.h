/* Container file: what plan.h5 has of containers, where lanes have any: volume, lane_container, lane_rate,
 * containers (inputs/schema.md). */
#ifndef APPS_PLAN_TELL_CONTAINER_FILE_H
#define APPS_PLAN_TELL_CONTAINER_FILE_H

#include "io/store.h"
#include "plan/model/model.h"
#include "plan/tell/totals.h"

/* collective | fails: PAR_E_IO, PAR_E_MEMORY */
par_err container_file_put(par_store *out, const model *m, const totals *t);

#endif
