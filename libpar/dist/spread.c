#include "dist/spread.h"

#include "dist/dense.h"

par_err par_spread_open(par_spread *s, const par_world *w, int n, const par_dist_spec *spec)
{
	PAR_MUST(n > 0, "a matrix of order %d", n);
	*s = (par_spread){.n = n, .grid.context = -1};
	PAR_TRY(par_mesh_line(&s->line, w, w->size, "all"));
	PAR_TRY(par_grid_open(&s->grid, w, n, spec));
	PAR_TRY(par_grid_matrix(&s->factor, &s->grid, n, n, NULL));
	return par_grid_matrix(&s->side, &s->grid, n, 1, NULL);
}

void par_spread_close(par_spread *s)
{
	if (s->n == 0)
		return;
	par_tensor_free(&s->factor);
	par_tensor_free(&s->side);
	par_grid_close(&s->grid);
	par_mesh_free(&s->line);
	*s = (par_spread){0};
}

/* dist/dense.h reads the upper half */
par_err par_spread_factor(par_spread *s, const double *a, int *minor)
{
	double *to = s->factor.data, rcond;
	int64_t n = par_tensor_entries(&s->factor), first;
	for (int64_t k = 0; k < n; k++) {
		int64_t at[2];
		par_tensor_index(&s->factor, k, at);
		to[k] = at[0] < at[1] ? a[at[1] * s->n + at[0]] : a[at[0] * s->n + at[1]];
	}
	par_err e = par_dense_cholesky(&s->grid, &s->factor, &first, &rcond);
	*minor = (int)first;
	return e;
}

par_err par_spread_solve(par_spread *s, double *x)
{
	const par_place everywhere[] = {PAR_REPLICATED};
	par_tensor all;
	par_tensor_view(&all, &s->line, PAR_F64, 2, (const int64_t[]){s->n, 1}, everywhere, x);
	PAR_TRY(par_redistribute(&s->side, &all));
	par_dense_triangle_solve(&s->grid, &s->factor, true, &s->side);
	par_dense_triangle_solve(&s->grid, &s->factor, false, &s->side);
	return par_redistribute(&all, &s->side);
}
