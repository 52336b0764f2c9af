#include "dist/eigen.h"

#include "dist/dense.h"

#include <math.h>
#include <stdlib.h>

/* every rank knows as much, so all fail alike */
static par_err decompose(const par_grid *g, par_tensor *a, double *values, par_tensor *vectors)
{
	bool found;
	int64_t row = par_dense_not_finite(g, a, 0);
	if (row >= 0)
		return par_fail(PAR_E_NUMERIC,
		    "row %lld of the matrix holds a value that is not finite", (long long)row);
	PAR_TRY(par_dense_eigen(g, a, values, vectors, &found));
	return found ? PAR_OK
		     : par_fail(PAR_E_NUMERIC, "not all eigenvalues of %lld were found",
			   (long long)a->layout.shape[0]);
}

static double condition(const double *values, int64_t n)
{
	double nearest = INFINITY, furthest = 0;
	for (int64_t i = 0; i < n; i++) {
		nearest = fmin(nearest, fabs(values[i]));
		furthest = fmax(furthest, fabs(values[i]));
	}
	return furthest / nearest;
}

static par_err eigen_on(const par_grid *g, par_tensor *values, par_tensor *vectors,
    const par_tensor *a, par_dist_report *report)
{
	const par_place everywhere[] = {PAR_REPLICATED, PAR_REPLICATED};
	const par_world *w = g->mesh.world;
	int64_t n = a->layout.shape[0];
	par_tensor m = {0}, z = {0}, v = {0};
	par_err e = par_grid_matrix(&m, g, n, n, a);
	if (e == PAR_OK)
		e = par_grid_matrix(&z, g, n, n, NULL);
	if (e == PAR_OK)
		e = par_agree(w, par_tensor_make(&v, &g->mesh, PAR_F64, 1, &n, everywhere));
	if (e == PAR_OK)
		e = par_agree(w, decompose(g, &m, v.data, &z));
	if (e == PAR_OK)
		e = par_redistribute(values, &v);
	if (e == PAR_OK)
		e = par_redistribute(vectors, &z);
	if (e == PAR_OK && report) {
		*report = (par_dist_report){.rows = g->mesh.size[0],
		    .cols = g->mesh.size[1],
		    .same_bits = g->same_bits,
		    .condition = w->rank == 0 ? condition(v.data, n) : 0};
		MPI_Bcast(&report->condition, 1, MPI_DOUBLE, 0, w->comm);
	}
	par_tensor_free(&m);
	par_tensor_free(&z);
	par_tensor_free(&v);
	return e;
}

par_err par_symmetric_eigen(par_tensor *values, par_tensor *vectors, const par_tensor *a,
    const par_dist_spec *spec, par_dist_report *report)
{
	int64_t n = a->layout.shape[0];
	PAR_MUST(n > 0 && a->layout.shape[1] == n, "a %lld x %lld", (long long)n,
	    (long long)a->layout.shape[1]);
	par_grid g;
	PAR_TRY(par_grid_open(&g, a->layout.mesh->world, n, spec));
	par_err e = eigen_on(&g, values, vectors, a, report);
	par_grid_close(&g);
	return e;
}
