/* Usable: the plan of a linear program turned into one that can be ordered.
 *
 * The linear program's plan lies inside: it has parts of units and splits orders that a supplier would
 * refuse. A whole plan (orders/integer.h) obeys all terms of an order; a vertex plan (orders/vertex.h) costs what
 * the linear program's does and leaves few SKUs in between. */
#ifndef APPS_PLAN_ORDERS_USABLE_H
#define APPS_PLAN_ORDERS_USABLE_H

#include "plan/orders/integer.h"

typedef enum { USABLE_CONTINUOUS, USABLE_VERTEX, USABLE_WHOLE } usable_kind;

typedef struct {
	usable_kind kind;
	/* of the plan with the fixed costs of its orders and its containers' empty space; no plan of its kind costs
	 * less than bound */
	double value, bound, gap;
	double fixed;              /* costs of orders */
	double unfilled;           /* of containers' empty space */
	double unsearched, passed; /* parts of the gap (orders/integer.h) */
	int64_t wrong;             /* SKUs with an order that its terms do not allow: none */
	int64_t mixed;             /* SKUs of a vertex plan between vertices */
} usable;

/* collective | has any order of any SKU, or any lane, terms that a linear program does not know? */
bool usable_has_terms(const model *m);

/* collective | columns of s, x and own, become those of a plan of this kind; prices and all else stay the linear
 * program's, of which bound is known. u->kind: USABLE_CONTINUOUS where no plan in whole units that keeps hard
 * limits was found (orders/integer.h); then s is as it was. fails: PAR_E_DATA, PAR_E_NUMERIC, PAR_E_MEMORY */
par_err usable_make(
    usable *u, const model *m, solution *s, usable_kind kind, double bound, uint64_t seed);

/* the name of a kind: "whole", "vertex", "continuous" */
const char *usable_text(usable_kind kind);

#endif
