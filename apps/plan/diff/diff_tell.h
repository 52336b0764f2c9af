/* Diff tell: the changes of a plan as CSV, on the log and in the report. */
#ifndef APPS_PLAN_DIFF_DIFF_TELL_H
#define APPS_PLAN_DIFF_DIFF_TELL_H

#include "common/app.h"
#include "plan/diff/diff.h"

/* collective | publish plan.diff.csv beside a->out: sku, what, who, date, before, after, money, currency, reason,
 * limit, capacity_before, capacity_after, price_before, price_after; the largest change first. The log has the
 * first of them and the limits that explain most; the report the same under "diff".
 * fails: as io/pieces.h, PAR_E_MEMORY */
par_err diff_tell(app *a, const diff *d, const model *m, const solution *s);

#endif
