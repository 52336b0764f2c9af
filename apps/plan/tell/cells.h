/* Cells: where the numbers of a SKU stand in the tables of a plan.
 *
 * A table has a row a SKU; a row's cells are [who][period], who being a supplier, a lane, a node or a
 * market. What a cell holds is a sum of few of a block's numbers, so that a pattern's share of a table is
 * a list of picks: cell += times * number. Goods in a node follow from the rows of stock: a row's
 * entry is -1 where goods leave its node and +1 where they come in, and minus its right side is what
 * comes of orders before this plan. */
#ifndef APPS_PLAN_TELL_CELLS_H
#define APPS_PLAN_TELL_CELLS_H

#include "plan/model/model.h"
#include "plan/solve/solution.h"

typedef enum {
	CELLS_PURCHASE, /* supplier, period of the order */
	CELLS_SHIPMENT, /* lane, period of departure; from suppliers too */
	CELLS_STOCK,    /* node, at the end of a period */
	CELLS_SALES,    /* market */
	CELLS_LOST,     /* market: demand that is not sold */
	CELLS_BACKLOG,  /* market, at the end of a period */
	CELLS_SAFETY,   /* node: wanted at the end of a period */
	CELLS_BEFORE,   /* node: comes in of what was there or on its way before */
	CELLS_ARRIVING, /* node: comes in of the plan's purchases and shipments */
	CELLS_LEAVING,  /* node: shipments and deliveries */
	CELLS_TABLES
} cells_table;

typedef enum { PICK_X, PICK_UPPER, PICK_RIGHT } pick_source;

typedef struct {
	pick_source source;
	int from, cell;
	double times;
} pick;

typedef struct {
	int width; /* cells of a row: whos times periods */
	int patterns;
	int *n;     /* of each pattern: its picks ... */
	pick **all; /* ... owned */
	bool asks;  /* the block's own numbers are needed, not x alone */
} cells;

/* local | the picks of a table, alike on every rank; cells_drop also after a failure
 * fails: PAR_E_MEMORY */
par_err cells_open(cells *c, const model *m, cells_table t);
void cells_drop(cells *c);

/* local | how many whos a table has */
int64_t cells_whos(const model *m, cells_table t);

/* local | row[width] += what x and b (NULL where the table asks for none) bring to a table's row */
void cells_add(const cells *c, int class, const double *x, const block *b, double *row);

#endif
