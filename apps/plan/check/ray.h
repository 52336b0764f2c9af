/* Ray: whether the proof a solver gives for "no plan" or for "no end" holds, by code of its own.
 *
 * No plan (Farkas): were there x, e within their bounds with A x = b and B x + E e = h, then
 *	b'y + h'p = sum of x (A'y + B'p) + e (E'p) <= sum over bounded columns of u max(0, A'y + B'p)
 * for prices y, p under which no column without upper bound has A'y + B'p > 0. So prices whose left side is
 * the larger one, by a gain, prove that there is none.
 * No end: x, e >= 0 with A x = 0 and B x + E e = 0, none of them bounded, whose cost is negative.
 *
 * Solvers end with rounding, so both hold up to a slack: what the misses could give back, were every
 * column as large as its block's largest bound or right side, must be small against the gain. */
#ifndef APPS_PLAN_CHECK_RAY_H
#define APPS_PLAN_CHECK_RAY_H

#include "plan/model/model.h"
#include "plan/solve/solution.h"

#define RAY_NAMED 8

/* a linking row or a block, and its part in the proof: of all linking rows' sizes, of all blocks' */
typedef struct {
	int64_t which;
	double share;
} ray_part;

typedef struct {
	bool holds;
	double gain;  /* of no plan: in the units of b'y; of no end: by how much the cost falls */
	double slack; /* what the misses come to, against the gain */
	int links, blocks;
	ray_part link[RAY_NAMED], block[RAY_NAMED]; /* the largest first */
} ray_report;

/* collective | s has the prices of SOLVED_INFEASIBLE. The same bits at any number of ranks.
 * fails: PAR_E_MEMORY */
par_err ray_check_no_plan(ray_report *out, const problem *p, const deal *d, const solution *s);
/* collective | s has the columns of SOLVED_UNBOUNDED; link stays empty */
par_err ray_check_no_end(ray_report *out, const problem *p, const deal *d, const solution *s);

/* local | "lane A-B of 2031-07-01 (62 %), ... and SKUs X (40 %), ...": who carries the proof, in at most
 * size bytes; returns out */
const char *ray_tell(char *out, size_t size, const ray_report *r, const model *m);

#endif
