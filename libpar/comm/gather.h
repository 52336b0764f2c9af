/* Gather: rows that lie spread over the ranks become known to all of them. */
#ifndef PAR_COMM_GATHER_H
#define PAR_COMM_GATHER_H

#include "comm/world.h"

/* collective | every rank brings rows_here rows of row_bytes each (the same row_bytes everywhere)
 * and gets all rows in rank order: *all, malloc'd and owned by the caller, holds *rows of them.
 * fails: PAR_E_MEMORY */
par_err par_gather_rows(const par_world *w, const void *mine, int64_t rows_here, size_t row_bytes,
    void **all, int64_t *rows);

/* local, on every rank | rows [first, first + rows) of all, one after another */
typedef void (*par_rows_fn)(void *ctx, int64_t first, int64_t rows, const void *row);
/* collective | the same without holding all rows: fn sees them in rank order, some MiB at a time
 * fails: PAR_E_MEMORY, before fn sees any */
par_err par_pass_rows(const par_world *w, const void *mine, int64_t rows_here, size_t row_bytes,
    par_rows_fn fn, void *ctx);

#endif
