/* Redistribute: rows, one a SKU, go from the ranks that solve the SKUs to those that hold their part of a table, and
 * back.
 *
 * A solve deals SKUs to ranks by groups (solve/deal.h), a table of a file by contiguous ranges of its rows
 * (comm/blocks.h). The rows go a few thousand at a time, so that besides the table no rank holds more of them at
 * any number of SKUs. */
#ifndef APPS_PLAN_MODEL_REDISTRIBUTE_H
#define APPS_PLAN_MODEL_REDISTRIBUTE_H

#include "comm/blocks.h"
#include "plan/model/model.h"

/* local | row takes the bytes of a SKU, the i-th of mine in the order of solve/solution.h; it comes aligned to 8
 * bytes, with the bytes of an earlier SKU in it */
typedef void (*redistribute_give)(void *ctx, int64_t i, int64_t sku, void *row);

/* collective | out: my rows [table->lo, table->hi) of a table with a row of `bytes` bytes for each SKU of m
 * fails: PAR_E_MEMORY */
par_err redistribute_to_table(const model *m, const par_blocks *table, size_t bytes,
    redistribute_give give, void *ctx, void *out);

/* a table, perhaps of another plan, whose rows go to those that solve its SKUs in m */
typedef struct {
	int64_t rows; /* of the whole table */
	const int64_t *
	    sku; /* of each of them its SKU in m, or -1: it stays behind; on every rank. borrowed */
	size_t bytes; /* of a row */
	/* collective | rows [first, first + n), one behind the other; every rank its own */
	par_err (*read)(void *ctx, int64_t first, int64_t n, void *rows);
	/* local | row at of the table is that of a SKU, the i-th of mine; it lives until take returns, aligned to
	 * 8 bytes. Rows come in any order */
	par_err (*take)(void *ctx, int64_t i, int64_t at, const void *row);
	void *ctx;
} redistribute_source;

/* collective | fails: what read or take returned, PAR_E_MEMORY */
par_err redistribute_to_solvers(const model *m, const redistribute_source *from);

#endif
