/* Gather: rows that lie spread over the ranks become known to all of them. */
#ifndef PAR_COMM_GATHER_H
#define PAR_COMM_GATHER_H

#include "comm/world.h"

/* collective | every rank brings rows_here rows of row_bytes each (the same row_bytes everywhere)
 * and gets all rows in rank order: *all, malloc'd and owned by the caller, holds *rows of them.
 * fails: PAR_E_MEMORY */
par_err par_gather_rows(const par_world *w, const void *mine, int64_t rows_here, size_t row_bytes,
    void **all, int64_t *rows);

#endif
