/* Whole: the plan of one SKU in whole units whose orders obey their terms, at given prices.
 *
 * An order is what is bought of a supplier in a period, for whichever node: nothing, or at least so much and a
 * multiple of a lot, at a fixed cost. The rest is whole: shipments, deliveries, what a market is sold in a
 * period. A part of a unit that is there already stays in stock. A unit that lies on two steps of the demand
 * is worth the mean of both.
 *
 * Given the orders, this is a network with whole numbers, whose vertices are whole: every order becomes a
 * node of its own between the root and where its goods arrive. Over the orders the search branches:
 * at most what is allowed below what the network would order, or at least what is allowed above it. The fixed
 * cost counts in proportion until an order is certain (Land and Doig 1960; Balinski 1961). From one node to the next
 * few pivots lead (check/network_dual.c). */
#ifndef APPS_PLAN_ORDERS_WHOLE_H
#define APPS_PLAN_ORDERS_WHOLE_H

#include "plan/check/bound.h"
#include "plan/model/model.h"

typedef struct {
	bool found;
	double value; /* priced, with fixed costs */
	double bound; /* no plan in whole units is below */
	double fixed; /* costs of its orders */
	int orders, nodes;
	double *x; /* the block's columns, owned by the caller */
} whole_answer;

typedef struct whole whole;

/* local | fails: PAR_E_MEMORY, PAR_E_DATA where a block is no network */
par_err whole_open(whole **out, const model *m, bool rooms);
void whole_close(whole *w);
/* local | with rooms: what is left for the block of each linking row, and what a unit beyond it costs more; borrowed */
void whole_room(whole *w, const double *left, const double *over);
/* local | from here on every plan that a search meets is heard of whose value is not above the best one's by more
 * than slack; it lives until heard returns. bound and nodes say nothing there */
typedef void (*whole_heard)(void *ctx, const whole_answer *plan);
void whole_listen(whole *w, whole_heard heard, void *ctx, double slack);

typedef struct {
	double within; /* money: value and bound may differ by so much */
	int nodes;     /* at most */
	double
	    known; /* what the best plan known costs: only better ones are found. INFINITY: none is */
	const double *near; /* columns of a plan that may be near to the best; NULL */
} whole_effort;

/* local | take the numbers and the priced costs of block k, and search. out->value: of what is found or known */
void whole_solve(whole *w, int64_t k, const block *b, const double *priced,
    const whole_effort *effort, whole_answer *out);
/* local | the same with the orders of a plan x as they are: out->bound is of these alone */
void whole_route(
    whole *w, int64_t k, const block *b, const double *priced, const double *x, whole_answer *out);

#endif
