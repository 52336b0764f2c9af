/* Integer: a plan in whole units whose orders obey their terms, and how far it can be from the best.
 *
 * At given prices of the linking rows every SKU is searched alone (orders/whole.h). The bounds of these searches
 * make a Lagrangian bound that knows of whole units and terms, so that its distance from the best plan falls
 * as the number of SKUs grows (Shapley and Folkman; Bertsekas 1982).
 *
 * The first plans are searched for at prices that are steered: SKUs are planned in turns, and before each turn the
 * price of a row moves against what the plans so far take more of it than the linear program's plan did
 * (orders/steer.c). All plans that searches meet are kept (orders/pool.h). Of these, one is chosen for every SKU,
 * one SKU after the other, where passing a limit costs little at first and in the end what it does; where prices balance
 * on the way, the next plans are searched for, and the bound is taken at the last of such prices
 * (orders/choose.c). Where SKUs are few they are planned again one after the other as if what all others leave of a
 * lane or a space were theirs alone and more of it cost what passing the limit costs, and a plan is taken where all
 * together cost less (orders/mend.c).
 *
 * Lanes with containers are paid for full ones (orders/boxes.h), of which the bound knows nothing. When plans are
 * chosen, the first m3 of a container come to cost more than the last. */
#ifndef APPS_PLAN_ORDERS_INTEGER_H
#define APPS_PLAN_ORDERS_INTEGER_H

#include "plan/model/model.h"
#include "plan/solve/solution.h"

typedef struct {
	/* how often every SKU is planned: at steered prices; where prices balance; again, one after the other */
	int steered, balanced, mended;
	int nodes;     /* of such a search, at most */
	int proof;     /* of a search for the bound, at most */
	double within; /* where a search ends: of the value of a usual SKU */
	uint64_t seed;
} integer_spec;

typedef struct {
	/* With the fixed costs of orders, the value with containers' empty space, too. No plan that obeys the terms of
	 * its orders costs less than the bound. A finite value is that of such a plan, which also keeps hard limits;
	 * INFINITY: none was met, though there may be one, as steering and mending do not try them all (of tiny
	 * programs about one in twenty is missed, unit/plan_integer) */
	double value, bound;
	double gap;      /* of the value */
	double fixed;    /* costs of orders */
	double unfilled; /* paid for containers' empty space (orders/boxes.h) */
	/* where the gap comes from, of the value: searches that ended early, limits passed beyond what the linear
	 * program passes */
	double unsearched, passed;
	int64_t orders, nodes;
	double *own; /* linking columns, on every rank */
	double *x;   /* of my blocks, each at the solution's place x_at */
} integer_plan;

/* collective | s: the linear program's, whose prices, plan and places are begun with. Dropped by
 * integer_drop, also after a failure. The same bits at any number of ranks.
 * fails: PAR_E_DATA where a block is no network, PAR_E_MEMORY */
par_err integer_make(
    integer_plan *out, const model *m, const solution *s, const integer_spec *spec);
void integer_drop(integer_plan *v);

#endif
