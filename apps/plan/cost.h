/* Cost: what a plan will take, for --dry-run. */
#ifndef APPS_PLAN_COST_H
#define APPS_PLAN_COST_H

#include "common/app.h"
#include "plan/model/model.h"

typedef struct {
	int64_t columns, rows; /* of all blocks and the linking rows */
	double bytes;          /* of the fullest rank */
	double seconds;        /* about */
} cost;

/* local, alike on every rank | fails: PAR_E_MEMORY */
par_err cost_of(cost *out, const model *m);
/* rank 0 | on the log, and in the report: skus, columns, rows, links */
void cost_tell(app *a, const model *m, const cost *c);

#endif
