/* Elastic: the problem with two more columns in every row, one each way, at a price.
 *
 *	minimise  c'x + d'e + prices times (s + t)
 *	subject to  A_k x_k + s_k - t_k = b_k,  sum_k B_k x_k + E e + s - t = h,  bounds as they are
 *
 * Such a problem has solutions off all bounds whatever the problem is, and prices that are bounded, so that the
 * interior point method comes to an end where a problem without solutions, or all of whose solutions are at
 * a bound, leaves it without. Two questions are asked in this way.
 *
 * Phase one: is there a solution at all? Without costs the value is 0 where there is one. Where it is not,
 * the dual solution is a Farkas ray of the problem, which has the same rows and columns at cost 0:
 * A'y + B'p <= 0, and b'y + h'p > 0 is the value. A missing unit of a linking row costs as much as a unit of
 * its mean entry, one of a block's row a hundred times that, so that a proof leans on the linking rows
 * wherever their limits alone make one.
 *
 * Penalised: what is the best one? Prices of linking rows far above the problem's own are an exact penalty
 * (Bertsekas 1975): where no s or t is left the solution is the problem's. Block rows stay as they are. */
#ifndef APPS_PLAN_PROVE_ELASTIC_H
#define APPS_PLAN_PROVE_ELASTIC_H

#include "plan/solve/interior.h"

/* Both are collective; out is owned, solution_drop; spec as interior_solve's; fail as it does. */

/* out: SOLVED_INFEASIBLE with prices and row prices for check/ray.h to prove, or SOLVED_STALLED where there
 * is no proof */
par_err elastic_phase_one(
    solution *out, const problem *p, const deal *d, const interior_spec *spec);
/* out: SOLVED_OPTIMAL, or SOLVED_STALLED also where a row could not be kept at that price */
par_err elastic_penalised(
    solution *out, const problem *p, const deal *d, const interior_spec *spec);

#endif
