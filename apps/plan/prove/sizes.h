/* Sizes: what is large and what is small in a problem, for problems that are made of it (prove/phase_one.h,
 * prove/recession.h), so that their prices and columns are of the size of its own. */
#ifndef APPS_PLAN_PROVE_SIZES_H
#define APPS_PLAN_PROVE_SIZES_H

#include "plan/solve/deal.h"

typedef struct {
	/* owned; of every linking row, of its entries times their blocks' sizes: what the row holds when
	 * every column is as large as its block. Both 1 for a row without entries. */
	double *link_mean, *link_sum;
} sizes;

/* collective | the same bits at any number of ranks; sizes_drop, also after a failure. fails, agreed: PAR_E_MEMORY */
par_err sizes_take(sizes *s, const problem *p, const deal *d);
void sizes_drop(sizes *s);

#endif
