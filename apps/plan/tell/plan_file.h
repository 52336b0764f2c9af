/* Plan file: plan.h5 as inputs/schema.md has it, out of a model and its solved problem. */
#ifndef APPS_PLAN_TELL_PLAN_FILE_H
#define APPS_PLAN_TELL_PLAN_FILE_H

#include "common/app.h"
#include "plan/check/bound.h"
#include "plan/model/model.h"

/* collective | write and publish a->out. fails: PAR_E_IO, PAR_E_MEMORY */
par_err plan_file_write(app *a, const model *m, const solution *s, const bound_report *bound);

#endif
