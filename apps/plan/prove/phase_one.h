/* Phase one: is there a solution at all? If not, prices that prove it.
 *
 *	minimise  prices times (s + t) over all rows
 *	subject to  A_k x_k + s_k - t_k = b_k,  sum_k B_k x_k + E e + s - t = h,  bounds as they are
 *
 * has a solution whatever the problem is, off all bounds, and its prices are bounded, so that the interior
 * point method comes to an end. Its value is 0 where the problem has a solution. Where it is not, its dual solution
 * is a Farkas ray of the problem, which has the same rows and columns at cost 0: A'y + B'p <= 0, and
 * b'y + h'p > 0 is the value. A missing unit of a linking row costs as much as a unit of its mean
 * entry, one of a block's row a hundred times that, so that a proof leans on the linking rows
 * wherever their limits alone make one. */
#ifndef APPS_PLAN_PROVE_PHASE_ONE_H
#define APPS_PLAN_PROVE_PHASE_ONE_H

#include "plan/solve/interior.h"

/* collective | out is owned, solution_drop: SOLVED_INFEASIBLE with prices and row prices for check/ray.h to
 * prove, or SOLVED_STALLED where there is no proof. spec is not NULL; its tolerance is not looked at. fails: as
 * interior_solve */
par_err phase_one(solution *out, const problem *p, const deal *d, const interior_spec *spec);

#endif
