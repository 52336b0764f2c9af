/* What if: the model under other limits and another demand than its tables have.
 *
 * plan.lane_capacity and its like scale all limits of a kind. A line of [what_if] scales those whose name begins
 * with its key, names being those of link in plan.h5: lane/NAME/2031-07-07 is one limit, lane/NAME that
 * of a lane in all periods, lane that of all lanes. */
#ifndef APPS_PLAN_WHAT_IF_H
#define APPS_PLAN_WHAT_IF_H

#include "common/app.h"
#include "plan/model/model.h"

/* collective, alike on every rank | fails: PAR_E_CONFIG where a line names no limit or has no factor, PAR_E_MEMORY */
par_err what_if(model *m, const app *a);

#endif
