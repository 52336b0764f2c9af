/* Old plan: an earlier plan.h5 seen from a new model: which of its cells and limits are which of the new.
 *
 * SKUs, suppliers, lanes, nodes and markets are the same when their names are, periods when they begin on the same
 * day, limits when kind, whose and first day are. What the new model does not have stays behind. */
#ifndef APPS_PLAN_DIFF_OLD_PLAN_H
#define APPS_PLAN_DIFF_OLD_PLAN_H

#include "io/store.h"
#include "plan/tell/cells.h"

enum { OLD_PURCHASE, OLD_SHIPMENT, OLD_SALES, OLD_LOST, OLD_BEFORE, OLD_TABLES };

typedef struct {
	const char *name, *who;
	int *place; /* owned: of each cell of an old row, the new cell or -1 */
	int width;  /* cells of an old row */
	cells_table table;
} old_table;

typedef struct {
	const model *m;  /* borrowed: the new one */
	par_store *file; /* owned */
	int64_t skus;
	int64_t *sku; /* owned: of each old SKU, the new one or -1 */
	old_table table[OLD_TABLES];
	int width; /* of all tables, one behind the other */
	/* owned, of each of the new limits: what it was and what one more unit was worth; a limit that did not
	 * stand is INFINITY and worth nothing */
	double *capacity, *worth;
} old_plan;

/* collective | fails: as par_store_open; PAR_E_DATA when a variable is missing; PAR_E_MEMORY.
 * old_plan_close also after a failure */
par_err old_plan_open(old_plan *o, const model *m, const char *path);
void old_plan_close(old_plan *o);

/* collective | rows [first, first + n) of the old file, n x width: a SKU's cells of all tables, one behind the other.
 * fails: as par_store_get; PAR_E_MEMORY */
par_err old_plan_rows(old_plan *o, int64_t first, int64_t n, float *rows);

#endif
