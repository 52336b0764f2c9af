/* Integer: a plan in whole units whose orders obey their terms, and how far it can be from the best.
 *
 * At given prices of the linking rows every SKU is searched alone (orders/whole.h). The bounds of these searches
 * make a Lagrangian bound that knows of whole units and terms, so that its distance from the best plan falls
 * as the number of SKUs grows (Shapley and Folkman; Bertsekas 1982). Their plans make a plan: what they
 * use beyond a limit is its overflow. From round to round prices follow what the limits have left, a
 * part of the SKUs, drawn anew, is planned again at them, and the best plan and the best bound are kept. */
#ifndef APPS_PLAN_ORDERS_INTEGER_H
#define APPS_PLAN_ORDERS_INTEGER_H

#include "plan/model/model.h"
#include "plan/solve/solution.h"

typedef struct {
	int rounds;    /* times that SKUs are searched */
	int nodes;     /* of one search, at most */
	double within; /* of a SKU's value: where its search may end */
	uint64_t seed;
} integer_spec;

typedef struct {
	double value,
	    bound; /* with the fixed costs of orders; value: INFINITY where no plan keeps hard limits */
	double gap;   /* of the value */
	double fixed; /* costs of orders */
	int64_t orders, nodes;
	int best_round;
	double *own; /* linking columns, on every rank */
	double *x;   /* of my blocks, each at the solution's place x_at */
} integer_plan;

/* collective | price: of linking rows, to begin with; s: whose blocks and places are taken. Dropped by
 * integer_drop, also after a failure. The same bits at any number of ranks.
 * fails: PAR_E_DATA where a block is no network, PAR_E_MEMORY */
par_err integer_make(integer_plan *out, const model *m, const solution *s, const double *price,
    const integer_spec *spec);
void integer_drop(integer_plan *v);

#endif
