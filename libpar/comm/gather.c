#include "comm/gather.h"

#include <limits.h>
#include <stdlib.h>

static void gather(
    const par_world *w, const void *mine, int rows_here, size_t row_bytes, void *all, int *counts)
{
	int *starts = counts + w->size;
	MPI_Datatype row;
	MPI_Allgather(&rows_here, 1, MPI_INT, counts, 1, MPI_INT, w->comm);
	for (int r = 0, at = 0; r < w->size; r++) {
		starts[r] = at;
		at += counts[r];
	}
	MPI_Type_contiguous((int)row_bytes, MPI_BYTE, &row);
	MPI_Type_commit(&row);
	MPI_Allgatherv(mine, rows_here, row, all, counts, starts, row, w->comm);
	MPI_Type_free(&row);
}

par_err par_gather_rows(const par_world *w, const void *mine, int64_t rows_here, size_t row_bytes,
    void **all, int64_t *rows)
{
	*all = NULL;
	*rows = par_world_sum(w, rows_here);
	PAR_MUST(*rows < INT_MAX && row_bytes < INT_MAX, "%lld rows of %zu bytes", (long long)*rows,
	    row_bytes);
	int *counts = malloc(2 * (size_t)w->size * sizeof *counts);
	*all = malloc((size_t)*rows * row_bytes + 1);
	par_err e = par_agree(w,
	    counts && *all ? PAR_OK
			   : par_fail(PAR_E_MEMORY, "no memory for %lld rows", (long long)*rows));
	if (e == PAR_OK) {
		gather(w, mine, (int)rows_here, row_bytes, *all, counts);
	} else {
		free(*all);
		*all = NULL;
	}
	free(counts);
	return e;
}
