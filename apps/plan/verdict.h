/* Verdict: whether what the solver ended with is a plan that may be published. */
#ifndef APPS_PLAN_VERDICT_H
#define APPS_PLAN_VERDICT_H

#include "common/app.h"
#include "plan/check/bound.h"
#include "plan/solve/interior.h"
#include "plan/tell/totals.h"

/* collective | what s is, as the solver left it with this spec: a solution, if need be found in another way (prove/answer.h), or the
 * proof that there is none, told by the limits and SKUs that cannot go together, or by those whose value falls
 * for ever. A proof is an answer: the report has it, too. fails: PAR_E_DATA where one is proved; PAR_E_NUMERIC
 * for a solver that came to no end; PAR_E_MEMORY */
par_err verdict_solved(app *a, const model *m, solution *s, const interior_spec *spec);

/* collective | the bound at the solver's prices, and whether value, bound, costs and balances agree to plan.gap.
 * fails: PAR_E_GATE naming what does not; PAR_E_DATA where a SKU alone has no plan */
par_err verdict_certify(
    bound_report *out, const app *a, const model *m, const solution *s, const totals *t);

/* rank 0 | on the log, and in the report: status, value, bound, gap, residual, iterations, correctors */
void verdict_tell(const app *a, const solution *s, const totals *t, const bound_report *bound);

/* collective | the kind of plan that plan.orders asks for; auto: whole units where orders have terms */
usable_kind verdict_kind(const app *a, const model *m);

/* local, alike on every rank | whether the plan that is published costs what was said, balances, and obeys the terms
 * of all orders. fails: PAR_E_GATE */
par_err verdict_usable(const app *a, const totals *t);

/* rank 0 | on the log, and in the report: orders_kind, plan_value, plan_bound, plan_gap, and the parts of the gap.
 * asked: a kind that may not have been found */
void verdict_tell_usable(const app *a, const totals *t, usable_kind asked);

#endif
