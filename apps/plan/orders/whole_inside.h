/* Whole, inside: the network that orders/whole.c searches, made of a block's by whole_network.c.
 *
 * Columns: the block's; for every sale the unit that lies across its step's end; the orders.
 * Rows: the block's; the orders'. All sales, units across and orders have upper bounds. */
#ifndef APPS_PLAN_ORDERS_WHOLE_INSIDE_H
#define APPS_PLAN_ORDERS_WHOLE_INSIDE_H

#include "plan/orders/whole.h"

typedef struct {
	int first, steps; /* the columns of one market and period, step by step */
} whole_market;

/* the network of a class */
typedef struct {
	const pattern *of;
	pattern p; /* owned */
	network *network;
	int markets, orders;
	whole_market *market;
	int across; /* the first of their columns: of market i the steps' that follow its first's */
	int order;  /* the first of their columns */
	int *keeps; /* of the block's rows: the column that leaves goods there, or -1 */
	int *supplier; /* of orders */
} whole_class;

/* the numbers of a block in it; owned, free(cost) */
typedef struct {
	double *cost, *upper, *right; /* as p has them; orders cost 0 and have no bound yet */
	double *rest,
	    *kept; /* parts of units: of rows; of the block's columns, which keep them in stock */
	double *part;    /* of units across: what of each lies on which step */
	double constant; /* what is kept costs */
} whole_numbers;

/* local | fails: PAR_E_MEMORY, PAR_E_DATA */
par_err whole_class_open(whole_class *c, const pattern *p, const flow *f);
void whole_class_close(whole_class *c);
par_err whole_numbers_open(whole_numbers *n, const whole_class *c);
/* local | those of a block at its priced costs */
void whole_numbers_of(const whole_class *c, const block *b, const double *priced, whole_numbers *n);
/* local | x: the block's columns for columns y of the network */
void whole_columns(const whole_class *c, const whole_numbers *n, const double *y, double *x);

#endif
