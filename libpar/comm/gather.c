#include "comm/gather.h"

#include <stdlib.h>
#include <string.h>

#define PASSED ((int64_t)4 << 20) /* bytes at a time */

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

typedef struct {
	const par_world *world;
	int64_t row_bytes, at_once; /* rows */
	char *room;
	par_rows_fn fn;
	void *ctx;
} passing;

/* rows [first, first + rows) of all, which rank r has at `from` */
static void pass_from(const passing *p, int r, const char *from, int64_t first, int64_t rows)
{
	for (int64_t done = 0; done < rows; done += p->at_once) {
		int64_t n = rows - done < p->at_once ? rows - done : p->at_once;
		if (r == p->world->rank)
			memcpy(p->room, from + done * p->row_bytes, (size_t)(n * p->row_bytes));
		MPI_Bcast(p->room, (int)(n * p->row_bytes), MPI_BYTE, r, p->world->comm);
		p->fn(p->ctx, first + done, n, p->room);
	}
}

par_err par_pass_rows(const par_world *w, const void *mine, int64_t rows_here, size_t row_bytes,
    par_rows_fn fn, void *ctx)
{
	passing p = {.world = w, .row_bytes = (int64_t)row_bytes, .fn = fn, .ctx = ctx};
	int64_t *rows = malloc((size_t)w->size * sizeof *rows), first = 0;
	p.at_once = p.row_bytes < PASSED ? PASSED / p.row_bytes : 1;
	p.room = malloc((size_t)(p.at_once * p.row_bytes));
	par_err e = par_agree(
	    w, rows && p.room ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for rows on their way"));
	if (e == PAR_OK)
		MPI_Allgather(&rows_here, 1, MPI_INT64_T, rows, 1, MPI_INT64_T, w->comm);
	for (int r = 0; r < w->size && e == PAR_OK; first += rows[r], r++)
		pass_from(&p, r, mine, first, rows[r]);
	free(p.room);
	free(rows);
	return e;
}
