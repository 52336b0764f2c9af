/* Cost: what a plan will take, for --dry-run. */
#ifndef APPS_PLAN_COST_H
#define APPS_PLAN_COST_H

#include "common/app.h"
#include "plan/model/model.h"

/* rank 0 | SKUs, columns, rows, limits: on the log, and in the report as skus, columns, rows, links */
void cost_tell_size(app *a, const model *m);

/* local, alike on every rank | memory of the fullest rank, and about how long: on the log, and in the report as
 * memory_mib and seconds. fails: PAR_E_MEMORY */
par_err cost_tell(app *a, const model *m);

#endif
