/* np: 1 2 3 4 6 */
#include "dist/spread.h"

#include "../tap.h"
#include "base/pin.h"
#include "dense.h"
#include "dist/factor.h"

#include <string.h>

static double definite(int i, int j, int n)
{
	return i == j ? n + 1 : noise(i < j ? i : j, i < j ? j : i);
}

/* its upper half is not to be read */
static void fill(double *a, int n)
{
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++)
			a[i * n + j] = j <= i ? definite(i, j, n) : NAN;
}

/* the same on all ranks? */
static bool everywhere(const par_world *w, const double *x, int n)
{
	double *first = malloc((size_t)n * sizeof *first);
	memcpy(first, x, (size_t)n * sizeof *first);
	MPI_Bcast(first, n, MPI_DOUBLE, 0, w->comm);
	bool same = memcmp(first, x, (size_t)n * sizeof *first) == 0;
	free(first);
	return par_world_sum(w, same) == w->size;
}

static void against_one(const par_world *w, int n, const par_dist_spec *spec, const char *how)
{
	size_t size = (size_t)n;
	double *a = calloc(size * size + 2 * size, sizeof *a), *x = a + size * size, *y = x + n;
	par_spread s;
	int minor = -1;
	par_err e = par_spread_open(&s, w, n, spec);
	fill(a, n);
	if (e == PAR_OK)
		e = par_spread_factor(&s, a, &minor);
	ok(e == PAR_OK && minor == 0, "order %d, %s: factored", n, how);
	par_factor(a, n);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < n; i++)
			x[i] = y[i] = noise(i, round);
		if (e == PAR_OK)
			e = par_spread_solve(&s, x);
		par_factor_solve(a, n, y);
		ok(e == PAR_OK && farthest(x, y, n) < 1e-14 && everywhere(w, x, n),
		    "... right side %d is solved for as by one rank (%.1e), the same on all", round,
		    farthest(x, y, n));
	}
	fill(a, n);
	a[(n - 1) * n + n - 1] = -1;
	if (e == PAR_OK)
		e = par_spread_factor(&s, a, &minor);
	ok(e == PAR_OK && minor == n, "... a minor that is not positive is told");
	par_spread_close(&s);
	free(a);
}

int main(int argc, char **argv)
{
	par_kernels set = par_cpu_best();
	if (par_blas_pin(argv, set) != PAR_OK)
		return 1;
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	against_one(&w, 1, NULL, "on one rank");
	against_one(&w, 150, NULL, "on one rank");
	against_one(
	    &w, 150, &(par_dist_spec){.whole = 1, .rows = 2, .cols = 1, .block = 16}, "on two");
	against_one(
	    &w, 67, &(par_dist_spec){.whole = 1, .rows = 2, .cols = 2, .block = 8}, "on four");
	par_world_close(&w);
	return tap_end();
}
