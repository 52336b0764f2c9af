/* store_write FILE MEGABYTES: write one variable of that size with checksums from all ranks, synced and
 * published; prints the seconds from creating to published. */
#include "io/store.h"

#include <stdio.h>
#include <stdlib.h>

#define COLUMNS 1000

static par_err write_one(const par_world *w, const char *path, int64_t rows, const float *x)
{
	par_store *s;
	int64_t lo = rows * w->rank / w->size, hi = rows * (w->rank + 1) / w->size;
	PAR_TRY(par_store_create(&s, w, path, "entrepot-bench", 1, rows * COLUMNS * 4));
	par_err e = par_store_dim(s, "row", rows, PAR_I64, NULL);
	if (e == PAR_OK)
		e = par_store_dim(s, "column", COLUMNS, PAR_I64, NULL);
	par_store_var v = {.name = "x", .type = PAR_F32, .dims = {"row", "column"}};
	if (e == PAR_OK)
		e = par_store_put(s, &v, lo, hi - lo, x);
	if (e == PAR_OK)
		return par_store_publish(s, PAR_OK);
	par_store_discard(s);
	return e;
}

int main(int argc, char **argv)
{
	par_world w;
	int unused;
	MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &unused);
	par_world_open(&w, MPI_COMM_WORLD);
	int64_t rows = argc == 3 ? atoll(argv[2]) * 1000000 / (4 * COLUMNS) : 0;
	size_t n = (size_t)(rows / w.size + 1) * COLUMNS;
	float *x = malloc(n * sizeof *x);
	for (size_t i = 0; i < n; i++)
		x[i] = (float)i * 0.5F;
	MPI_Barrier(w.comm);
	double begin = MPI_Wtime();
	par_err e = write_one(&w, argc == 3 ? argv[1] : "", rows, x);
	if (w.rank == 0 && e == PAR_OK)
		printf("%.6f\n", MPI_Wtime() - begin);
	if (w.rank == 0 && e != PAR_OK)
		fprintf(stderr, "store_write: error: %s\n", par_err_why());
	free(x);
	par_world_close(&w);
	MPI_Finalize();
	return par_err_status(e);
}
