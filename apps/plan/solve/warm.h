/* Warm: where an earlier solve stood on its way, and a start near there.
 *
 * What is kept is no solution: at one, most x are 0, and a direction that must move them cannot go far. It is an
 * iterate on the way there, whose products xz are still alike. x of a block says all of it: with z = mean
 * product / x, y follows from one factor. What a share of the blocks changes shakes the others the less the more
 * they are, as 1 / sqrt(blocks), and so much later is the iterate kept.
 *
 * The start goes after the unblocking of Gondzio and Grothey (2008), with blocks in the place of single
 * columns. Blocks that changed, or are new, are centred alone at the kept prices of linking rows, with as many
 * Newton steps as they need, so that they hold nobody up. Then all blocks make room for what that leaves in the
 * linking rows: the prices take a Newton step, with the Schur complement of all blocks, and each block is
 * centred anew. That step counts as an iteration. The mean product is raised before it as far as the worth of
 * the linking rows' residual asks. */
#ifndef APPS_PLAN_SOLVE_WARM_H
#define APPS_PLAN_SOLVE_WARM_H

#include "plan/solve/deal.h"

#define WARM_GAP 0.03 /* over sqrt(blocks): the relative gap at which a point is kept */

/* in the problem's units; what is not known is NaN */
typedef struct {
	double product;      /* mean xz; 0: nothing is kept */
	double *price, *own; /* of linking rows, of linking columns: on every rank; owned */
	/* of my blocks, group by group and lane by lane as in solve/solution.h; each begins at its place. owned */
	int64_t *x_at;
	float *x;
} warm_point;

/* local | room for a point of p, dealt as d, of which nothing is known. fails: PAR_E_MEMORY; warm_close also then */
par_err warm_open(warm_point *w, const problem *p, const deal *d);
void warm_close(warm_point *w);

#endif
