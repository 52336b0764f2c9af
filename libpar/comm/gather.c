#include "comm/gather.h"

#include <stdlib.h>
#include <string.h>

/* one broadcast a rank, in pieces that an int can count */
static void pass_around(const par_world *w, const void *mine, const int64_t *bytes, char *all)
{
	for (int r = 0; r < w->size; r++) {
		if (r == w->rank && bytes[r] > 0)
			memcpy(all, mine, (size_t)bytes[r]);
		for (int64_t done = 0; done < bytes[r];) {
			int64_t left = bytes[r] - done, piece = left < 1 << 30 ? left : 1 << 30;
			MPI_Bcast(all + done, (int)piece, MPI_BYTE, r, w->comm);
			done += piece;
		}
		all += bytes[r];
	}
}

par_err par_gather_rows(const par_world *w, const void *mine, int64_t rows_here, size_t row_bytes,
    void **all, int64_t *rows)
{
	int64_t *bytes = malloc((size_t)w->size * sizeof *bytes);
	int64_t my_bytes = rows_here * (int64_t)row_bytes;
	*rows = par_world_sum(w, rows_here);
	*all = malloc((size_t)*rows * row_bytes + 1);
	par_err e = par_agree(
	    w, bytes && *all ? PAR_OK
			     : par_fail(PAR_E_MEMORY, "no memory for %lld rows", (long long)*rows));
	if (e == PAR_OK) {
		MPI_Allgather(&my_bytes, 1, MPI_INT64_T, bytes, 1, MPI_INT64_T, w->comm);
		pass_around(w, mine, bytes, *all);
	} else {
		free(*all);
		*all = NULL;
	}
	free(bytes);
	return e;
}
