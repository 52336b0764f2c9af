/* Recession: is there a way along which the value falls for ever?
 *
 *	minimise c'x + d'e  over  A_k x_k = 0, sum_k B_k x_k + E e = 0,
 *	0 <= x_k <= the block's size, 0 <= e <= what all blocks at their size can use of its row,
 *	0 where the problem has a bound
 *
 * has a solution, 0, and a bounded value: below 0 its solution is such a way, and there is none where the
 * value is 0. The solver is the problem's own, and the ray is checked by code of its own
 * (check/ray.h). */
#ifndef APPS_PLAN_PROVE_RECESSION_H
#define APPS_PLAN_PROVE_RECESSION_H

#include "plan/solve/interior.h"

/* collective | out is owned, solution_drop: SOLVED_UNBOUNDED with x and own to be checked, or SOLVED_STALLED
 * where there is no such way. spec, fails: as interior_solve */
par_err recession(solution *out, const problem *p, const deal *d, const interior_spec *spec);

#endif
