/* Diff: a new plan against an older plan.h5: the largest changes in money, and what explains each.
 *
 * What a unit of a flow costs the plan is its own cost and, for every limit it counts towards, its amount times
 * the limit's price. So a change of units is explained by the term that moved: the price of a limit on the flow
 * itself, times the units; the price of a limit on other flows of the same SKU, which made these give way; the SKU's
 * demand; its stock and what was on its way. The largest of them in money is named. Where none is as much
 * as a thousandth of the change, its cause is in what plan.h5 does not hold, a cost or a price, or there is
 * none: the plan has a choice between flows that cost the same, or orders are whole units. */
#ifndef APPS_PLAN_DIFF_DIFF_H
#define APPS_PLAN_DIFF_DIFF_H

#include "plan/diff/old_plan.h"

#define DIFF_ROWS 1000 /* changes that are told at most, the largest */

typedef enum {
	REASON_LIMIT,     /* a limit that holds this flow */
	REASON_ELSEWHERE, /* a limit that holds another flow of the SKU */
	REASON_DEMAND,
	REASON_STOCK,
	REASON_OTHER,
	REASONS
} diff_reason;

typedef struct {
	int64_t sku;
	int table, cell; /* table: OLD_PURCHASE, OLD_SHIPMENT or OLD_SALES */
	int limit;       /* of the first two reasons, or -1 */
	diff_reason reason;
	double before, after; /* units */
	double money;         /* the change at what a unit costs or brings, above 0 */
} diff_change;

typedef struct {
	old_plan old;        /* owned */
	int64_t gone, added; /* SKUs of one plan alone; they are not compared */
	double money;        /* of all changes */
	int rows;            /* on rank 0, the largest first; 0 on the others */
	diff_change *row;    /* owned */
	double *moved;       /* of each limit: money of the changes that it explains; owned */
} diff;

/* collective | compare; the same at any number of ranks; diff_drop also after a failure
 * fails: as old_plan_open; PAR_E_MEMORY */
par_err diff_make(diff *d, const model *m, const solution *s, const char *path);
void diff_drop(diff *d);

#endif
