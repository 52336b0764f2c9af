/* Limits: which flows a limit holds, and the linking rows that limits become.
 *
 * A limit's row is sum (amount x flow) + slack - overflow = capacity; that of a commitment, which
 * holds from below, sum (amount x flow) - surplus + shortfall = capacity. A hard limit, whose
 * overflow price is infinite, has no overflow. */
#ifndef APPS_PLAN_MODEL_LIMITS_H
#define APPS_PLAN_MODEL_LIMITS_H

#include "plan/model/model.h"

/* local | whether units of the flow count towards the limit. A budget holds purchases and shipments;
 * what deliveries cost is paid out of the sales. */
bool limit_counts(const limit *l, const flow *f);

/* local | the rows of n limits, row i that of limit i: its slack is column i, overflows follow
 * in their order. linking_close also after a failure. fails: PAR_E_MEMORY */
par_err limits_rows(linking *out, const limit *l, int n);

#endif
