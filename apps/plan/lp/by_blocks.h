/* By blocks: solve a linear program with the block-angular interior point method, on all ranks. */
#ifndef APPS_PLAN_LP_BY_BLOCKS_H
#define APPS_PLAN_LP_BY_BLOCKS_H

#include "plan/lp/cut.h"
#include "plan/lp/optimise.h"
#include "plan/solve/interior.h"

typedef struct {
	bool fits;   /* the method was worth trying, ... */
	bool proved; /* ... and what it ended with is proved, as plan/lp/optimise.h wants it */
	int64_t blocks;
	int classes, links; /* of it, when it fits */
	lp_result
	    result; /* when proved: on rank 0 as lp_optimise leaves it; x and y are scratch on the others */
} by_blocks;

/* collective | m and c are rank 0's, empty on the others, which get the numbers of m. spec: its progress is
 * told, the rest is set here. fails, agreed: PAR_E_MEMORY */
par_err by_blocks_solve(
    by_blocks *out, lp *m, const cut *c, const par_world *w, interior_spec spec);
void by_blocks_drop(by_blocks *b);

#endif
