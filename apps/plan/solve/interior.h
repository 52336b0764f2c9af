/* Interior: a primal-dual interior point method for problems of many alike blocks (solve/problem.h).
 *
 * Each iteration eliminates the blocks: of block k stays M = A Theta A', of all of them the Schur complement of
 * the linking rows, which every rank factors alike. Blocks are worked eight at a time, and everything that
 * an iteration needs of a block stays with its rank. From the affine direction (Mehrotra 1992) on, corrections
 * with the same factors, each taken at the weights that let the primal and the dual step grow most
 * (Gondzio 1996; Colombo and Gondzio 2008), keep single products xz from holding up millions of others.
 * The result has the same bits at any number of ranks. */
#ifndef APPS_PLAN_SOLVE_INTERIOR_H
#define APPS_PLAN_SOLVE_INTERIOR_H

#include "dist/grid.h"
#include "plan/solve/solution.h"
#include "plan/solve/state.h"
#include "plan/solve/warm.h"

typedef struct {
	int iteration, correctors;              /* correctors: so far */
	double value, dual_value;               /* in the problem's units */
	double primal_residual, dual_residual;  /* relative, in the scale of solve/groups.h */
	double gap, mean_product;               /* mean_product: of x z */
	double primal_step, dual_step, seconds; /* the steps that led here */
} interior_progress;

typedef struct {
	double tolerance; /* of relative residuals and gap; 0: 1e-8 */
	int iterations;   /* at most; 0: 200 */
	/* reduced costs begin at so many times the usual; 0: 1. At 100 some four iterations more, but where
	 * limits of 0 leave a problem without inside, an end that is not found otherwise */
	double distance;
	/* how the Schur complement is factored: up to schur.whole linking rows by every rank alike, above by
	 * ScaLAPACK (dist/spread.h). {0}: the usual */
	par_dist_spec schur;
	/* on every rank after every iteration; NULL: none */
	void (*progress)(void *ctx, const interior_progress *now);
	void *ctx;
	const solve_pauses *pauses; /* NULL: the solve is not interrupted */
	/* where to begin, unless there is a state to go on from; NULL: the cold start. One that is too far, or
	 * leads nowhere, is given up for the cold start, whose iterations count on */
	const warm_point *near;
	warm_point *keep; /* takes where the solve stood on its way; NULL: nothing is kept */
} interior_spec;

/* collective | solve p, dealt as d. out is owned, solution_drop. spec: NULL for the usual.
 * fails, agreed: PAR_E_MEMORY; PAR_E_DATA naming a block with a number that is not finite; what pauses
 * return. A problem that is not solved is no failure: out->status says so */
par_err interior_solve(solution *out, const problem *p, const deal *d, const interior_spec *spec);

#endif
