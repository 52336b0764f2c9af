/* h5 FILE...: read HDF5 inputs of the form that the corpus of bad files assumes: format
 * entrepot-input, version 1, /units of real numbers [n,4], all finite, /sku_id of 64-bit integers [n],
 * n > 0. One line a file, status and story; ends with the last file's status. */
#include "base/text.h"
#include "io/store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static par_err check_shape(par_store *s, const char *path, int64_t *rows)
{
	int64_t units[PAR_STORE_RANK] = {0}, ids[PAR_STORE_RANK] = {0};
	int type = par_store_type(s, "units");
	if (!par_store_has(s, "units") || !par_store_has(s, "sku_id"))
		return par_fail(PAR_E_DATA, "%s:/%s: is missing; wanted numbers", path,
		    par_store_has(s, "units") ? "sku_id" : "units");
	if (type != PAR_F32 && type != PAR_F64)
		return par_fail(PAR_E_DATA, "%s:/units: wanted real numbers", path);
	int rank = par_store_shape(s, "units", units);
	if (rank != 2 || units[0] == 0)
		return par_fail(PAR_E_DATA,
		    "%s:/units: %d dimensions, %lld rows; wanted 2 and some", path, rank,
		    (long long)units[0]);
	if (par_store_shape(s, "sku_id", ids) != 1 || ids[0] != units[0])
		return par_fail(PAR_E_DATA,
		    "%s:/sku_id: %lld entries; wanted %lld, the rows of /units", path,
		    (long long)ids[0], (long long)units[0]);
	*rows = units[0];
	return PAR_OK;
}

static par_err check_finite(
    const char *path, const void *x, par_dtype type, int64_t first, int64_t n, int64_t columns)
{
	for (int64_t i = 0; i < n; i++) {
		double v = type == PAR_F32 ? (double)((const float *)x)[i] : ((const double *)x)[i];
		if (!isfinite(v))
			return par_fail(PAR_E_DATA,
			    "%s:/units[%lld,%lld]: %s; wanted a finite number", path,
			    (long long)(first + i / columns), (long long)(i % columns),
			    isnan(v) ? "not a number" : "infinity");
	}
	return PAR_OK;
}

static par_err read_input(par_store *s, const par_world *w, const char *path)
{
	int64_t rows = 0, shape[PAR_STORE_RANK];
	PAR_TRY_ALL(w, check_shape(s, path, &rows));
	par_store_shape(s, "units", shape);
	par_dtype type = (par_dtype)par_store_type(s, "units");
	int64_t first = rows * w->rank / w->size, here = rows * (w->rank + 1) / w->size - first;
	void *units = malloc((size_t)(here * shape[1]) * 8 + 8);
	int64_t *ids = malloc((size_t)here * 8 + 8);
	par_err e = par_store_get(s, "units", type, NULL, first, here, units);
	if (e == PAR_OK)
		e = par_agree(w, check_finite(path, units, type, first, here * shape[1], shape[1]));
	if (e == PAR_OK)
		e = par_store_get(s, "sku_id", PAR_I64, NULL, first, here, ids);
	free(units);
	free(ids);
	return e;
}

static par_err read_file(const par_world *w, const char *path)
{
	par_store *s;
	PAR_TRY(par_store_open(&s, w, path, "entrepot-input", 1));
	par_err e = read_input(s, w, path);
	par_store_close(s);
	return e;
}

int main(int argc, char **argv)
{
	par_world w;
	par_err e = PAR_OK;
	int unused;
	MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &unused);
	par_world_open(&w, MPI_COMM_WORLD);
	for (int i = 1; i < argc; i++) {
		e = read_file(&w, argv[i]);
		if (w.rank == 0)
			printf("%d %s\n", par_err_status(e), e == PAR_OK ? argv[i] : par_err_why());
	}
	par_world_close(&w);
	MPI_Finalize();
	return par_err_status(e);
}
