/* Picture: a plan as one SVG: stocks and sales over the periods, how far each limit is used and what
 * one hundredth more of it would save. */
#ifndef APPS_PLAN_TELL_PICTURE_H
#define APPS_PLAN_TELL_PICTURE_H

#include "common/app.h"
#include "plan/tell/totals.h"

/* collective | draw and publish it beside a->out (plan.h5 -> plan.svg). fails: as io/publish.h */
par_err picture_write(app *a, const model *m, const solution *s, const totals *t);

#endif
