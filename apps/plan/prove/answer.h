/* Answer: what is known of a problem whose solver came to no end.
 *
 * A problem without a solution, without a best one, or whose solutions have no inside (a limit of 0) can leave the
 * interior point method without an optimum. Then four questions are asked, the cheap ones first: are the numbers
 * it ended with a ray already, which is what they run along when there is one? Does it come to an end
 * from a starting point farther away? Has phase one (prove/phase_one.h) a proof that there is no solution? Is there a
 * way along which the value falls for ever (prove/recession.h)? A ray counts when code of its own
 * has proved it (check/ray.h). */
#ifndef APPS_PLAN_PROVE_ANSWER_H
#define APPS_PLAN_PROVE_ANSWER_H

#include "plan/check/ray.h"
#include "plan/solve/interior.h"

/* collective | s: as interior_solve left it with this spec; one that is not optimal becomes SOLVED_OPTIMAL
 * with that solution, SOLVED_INFEASIBLE or SOLVED_UNBOUNDED with a ray, whose proof is in r, or stays as
 * it was, SOLVED_STALLED. The same at any number of ranks. fails: as interior_solve */
par_err answer_find(
    solution *s, ray_report *r, const problem *p, const deal *d, const interior_spec *spec);

#endif
