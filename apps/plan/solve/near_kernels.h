/* Near: the passes over columns that only choose, in floats, sixteen to a vector where the set has them.
 *
 * How far a direction may go and what its next correction aims at need few digits, unlike the direction itself
 * (solve/pairs_kernels.h), so these passes work with relative changes: of a column without a bound
 *	dx/x = (a - r)/z - 1 + t/(xz),  dz/z = -(a - r)/z
 * (a correction: a/z + t/(xz), -a/z), and of a bounded one likewise z, w, v from dx. What cancels
 * is a - r, which is subtracted in double before it is rounded (plan_priced_near). Elements are worked alike
 * in all sets; the place of a float among lanes means nothing. */
#ifndef APPS_PLAN_SOLVE_NEAR_KERNELS_H
#define APPS_PLAN_SOLVE_NEAR_KERNELS_H

#include "plan/solve/ahead.h"
#include "plan/solve/pairs_kernels.h"

#define WEIGHTS 4     /* how much of a correction is taken: one of so many, or nothing */
#define MOST_LANES 16 /* floats of a maximum, those of the set in use first */

/* a - r of the sums as x and z take the components, and a of one that is not in them: eights of floats */
typedef struct {
	int components; /* in the sums */
	const component *component;
	int from, to;                      /* columns to work, of some `from` is the first in */
	const float *primal, *dual, *last; /* these */
	ahead *ahead;
} near_move;

/* Of the affine component: primal = max -dx/x and of w, dual likewise of z and v, MOST_LANES floats each, maxima
 * with what is there; sums += z'dx - v'dx, -(dx'dz - dx'dv) (two eights) */
void plan_affine(const pairs *p, const near_move *m, float *primal, float *dual, double *sums);
/* the targets of one more component after those of m */
void plan_target(const pairs *p, const near_move *m);
/* the maxima of plan_affine for m with weight[k] of its last: WEIGHTS times MOST_LANES each */
void plan_weights(
    const pairs *p, const near_move *m, const float *weight, float *primal, float *dual);

KERNELS_DECLARE(plan_affine);
KERNELS_DECLARE(plan_target);
KERNELS_DECLARE(plan_weights);

#endif
