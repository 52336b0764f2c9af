/* Plan file: plan.h5 as inputs/schema.md has it, out of a model and its solved problem. */
#ifndef APPS_PLAN_TELL_PLAN_FILE_H
#define APPS_PLAN_TELL_PLAN_FILE_H

#include "common/app.h"
#include "plan/check/bound.h"
#include "plan/model/model.h"
#include "plan/tell/totals.h"

/* local | what the value may be above the best, as a share of it */
double plan_gap(const solution *s, const bound_report *bound);

/* collective | write and publish a->out, table by table: a rank holds the rows of its share of the SKUs of
 * one table at a time. bound: of the linear program, as s->value is. fails: PAR_E_IO, PAR_E_MEMORY, PAR_E_CREATE */
par_err plan_file_write(
    app *a, const model *m, const solution *s, const totals *t, const bound_report *bound);

#endif
