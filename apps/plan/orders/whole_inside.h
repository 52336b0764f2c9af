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

/* a column whose use of one linking row may be cheap as long as there is room: beyond it flows its twin */
typedef struct {
	int column, row, link; /* link: the place of its number among the block's */
} whole_twin;

/* the network of a class */
typedef struct {
	const pattern *of;
	pattern p; /* owned */
	network *network;
	int markets, orders;
	whole_market *market;
	int across; /* the first of their columns: of market i the steps' that follow its first's */
	int order;  /* the first of their columns */
	int twins;  /* 0 where the network knows of no room */
	whole_twin *twin;
	int beyond; /* the first of their columns */
	int *keeps; /* of the block's rows: the first column that leaves goods there, or -1 */
	bool *
	    step; /* of the block's columns: a step of the stock, which the next one goes on with */
	int *supplier; /* of orders */
	/* of orders: whether all that is bought for them is bounded, and per column whether its goods can come there */
	bool *bounded, *reach;
} whole_class;

/* the numbers of a block in it; owned, free(cost) */
typedef struct {
	double *cost, *upper, *right; /* as p has them; orders cost 0 and have no bound yet */
	double *rest,
	    *kept; /* parts of units: of rows; of the block's columns, which keep them in stock */
	double *most;    /* of the block's columns that are bounded: by how much */
	double *part;    /* of units across: what of each lies on which step */
	double constant; /* what is kept costs */
} whole_numbers;

/* local | fails: PAR_E_MEMORY, PAR_E_DATA */
par_err whole_class_open(whole_class *c, const model *m, int class, bool rooms);
void whole_class_close(whole_class *c);
par_err whole_numbers_open(whole_numbers *n, const whole_class *c);
/* local | those of a block at its priced costs */
void whole_numbers_of(const whole_class *c, const block *b, const double *priced, whole_numbers *n);
/* local | what is left for the block of each linking row, and what a unit beyond costs more */
void whole_rooms_of(
    const whole_class *c, const block *b, const double *left, const double *over, whole_numbers *n);
/* local | size: of the orders of a plan x of the block */
void whole_orders(const whole_class *c, const double *x, double *size);
/* local | x: the block's columns for columns y of the network */
void whole_columns(const whole_class *c, const whole_numbers *n, const double *y, double *x);

#endif
