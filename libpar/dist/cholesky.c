#include "dist/cholesky.h"

#include "dist/dense.h"
#include "dist/scaled.h"

#include <stdlib.h>

static par_err check_finite(const par_grid *g, const par_tensor *a, const par_tensor *b)
{
	int64_t in_a = par_dense_not_finite(g, a, 0), in_b = par_dense_not_finite(g, b, 0);
	if (in_a < 0 && in_b < 0)
		return PAR_OK;
	return par_fail(PAR_E_NUMERIC, "row %lld of %s holds a value that is not finite",
	    (long long)(in_a >= 0 ? in_a : in_b),
	    in_a >= 0 ? "the matrix" : "the right-hand sides");
}

/* a becomes the factor of the scaled matrix; every rank knows as much, so all fail alike */
static par_err factor(const par_grid *g, par_tensor *a, double *by, double *rcond)
{
	int64_t n = a->layout.shape[0], minor, row = par_scaled_by(g, a, by);
	if (row >= 0)
		return par_fail(PAR_E_NUMERIC,
		    "the matrix is not positive definite: row %lld has %g on the diagonal",
		    (long long)row, by[row]);
	par_dense_scale(a, by, by);
	PAR_TRY(par_dense_cholesky(g, a, &minor, rcond));
	if (minor > 0)
		return par_fail(PAR_E_NUMERIC,
		    "the matrix is not positive definite: its leading minor of order %lld, that "
		    "ends with row %lld, is not positive",
		    (long long)minor, (long long)minor - 1);
	if (!par_scaled_singular(n, *rcond))
		return PAR_OK;
	row = par_scaled_dependent(g, a, by);
	return par_fail(PAR_E_NUMERIC,
	    "the matrix is singular up to rounding (condition %.1e): row %lld depends on those "
	    "before it",
	    1 / *rcond, (long long)row);
}

/* with s the scale: (s a s) (x / s) = s b */
static par_err solve(const par_grid *g, par_tensor *a, par_tensor *b, double *by, double *rcond)
{
	const par_world *w = g->mesh.world;
	PAR_TRY_ALL(w, by ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for a scale"));
	PAR_TRY_ALL(w, check_finite(g, a, b));
	PAR_TRY_ALL(w, factor(g, a, by, rcond));
	par_dense_scale(b, by, NULL);
	par_dense_triangle_solve(g, a, true, b);
	par_dense_triangle_solve(g, a, false, b);
	par_dense_scale(b, by, NULL);
	return PAR_OK;
}

static par_err solve_on(const par_grid *g, par_tensor *x, const par_tensor *a, const par_tensor *b,
    par_dist_report *report)
{
	int64_t n = a->layout.shape[0];
	par_tensor f = {0}, y = {0};
	double *by = malloc((size_t)n * sizeof *by), rcond = 0;
	par_err e = par_grid_matrix(&f, g, n, n, a);
	if (e == PAR_OK)
		e = par_grid_matrix(&y, g, n, b->layout.shape[1], b);
	if (e == PAR_OK)
		e = solve(g, &f, &y, by, &rcond);
	if (e == PAR_OK)
		e = par_redistribute(x, &y);
	if (report)
		*report = (par_dist_report){.rows = g->mesh.size[0],
		    .cols = g->mesh.size[1],
		    .same_bits = g->same_bits,
		    .condition = 1 / rcond};
	free(by);
	par_tensor_free(&f);
	par_tensor_free(&y);
	return e;
}

par_err par_cholesky_solve(par_tensor *x, const par_tensor *a, const par_tensor *b,
    const par_dist_spec *spec, par_dist_report *report)
{
	const int64_t n = a->layout.shape[0], *of_b = b->layout.shape, *of_x = x->layout.shape;
	PAR_MUST(n > 0 && a->layout.shape[1] == n && of_b[0] == n && of_x[0] == n && of_b[1] > 0 &&
		     of_b[1] == of_x[1],
	    "a %lld x %lld, b %lld x %lld", (long long)n, (long long)a->layout.shape[1],
	    (long long)of_b[0], (long long)of_b[1]);
	par_grid g;
	PAR_TRY(par_grid_open(&g, a->layout.mesh->world, n, spec));
	par_err e = solve_on(&g, x, a, b, report);
	par_grid_close(&g);
	return e;
}
