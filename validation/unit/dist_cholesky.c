/* np: 1 2 3 4 6 */
#include "dist/cholesky.h"

#include "../tap.h"
#include "base/pin.h"
#include "dense.h"

#include <string.h>

static int64_t order; /* of the matrices below */

/* diagonally dominant, so positive definite; lengths of rows that differ by 1e6 */
static double definite(int64_t i, int64_t j)
{
	double lo = noise(i < j ? i : j, i < j ? j : i);
	return (i == j ? (double)order + 1 : lo) * pow(10, (double)(i % 4 + j % 4) - 3);
}

static double wanted(int64_t i, int64_t j)
{
	return 1 + noise(i, j + 1000);
}

/* definite times wanted, summed by hand */
static double right_side(int64_t i, int64_t j)
{
	double sum = 0;
	for (int64_t k = 0; k < order; k++)
		sum += definite(i, k) * wanted(k, j);
	return sum;
}

/* a problem of that order with 3 right-hand sides on a world; the solution, free() */
static double *solve(const par_world *w, int64_t n, const par_dist_spec *spec,
    par_dist_report *report, par_place of_a, par_place of_x)
{
	par_mesh m;
	order = n;
	par_err e = par_mesh_line(&m, w, w->size, "data");
	par_tensor a = matrix_of(&m, n, n, of_a, definite);
	par_tensor x = matrix_of(&m, n, 3, of_x, right_side);
	if (e == PAR_OK)
		e = par_cholesky_solve(&x, &a, &x, spec, report);
	double *got = e == PAR_OK ? whole_of(&m, &x) : NULL;
	par_tensor_free(&a);
	par_tensor_free(&x);
	par_mesh_free(&m);
	return got;
}

/* componentwise backward error, by hand: rows of very different length count alike */
static double backward_error(const double *x)
{
	double worst = 0;
	for (int64_t i = 0; i < order; i++)
		for (int64_t j = 0; j < 3; j++) {
			double is = right_side(i, j), size = fabs(is), got = 0;
			for (int64_t k = 0; k < order; k++) {
				got += definite(i, k) * x[k * 3 + j];
				size += fabs(definite(i, k) * x[k * 3 + j]);
			}
			worst = fmax(worst, fabs(got - is) / size);
		}
	return worst;
}

static int is_wanted(const double *x)
{
	int fine = x != NULL;
	for (int64_t i = 0; i < order && fine; i++)
		for (int64_t j = 0; j < 3; j++)
			fine &= fabs(x[i * 3 + j] - wanted(i, j)) < 1e-10;
	return fine;
}

static void sizes(const par_world *w)
{
	static const int64_t n[] = {1, 2, 5, 31, 64, 130};
	static const par_dist_spec whole = {0},
				   grid = {.whole = 1, .rows = 2, .cols = 2, .block = 8},
				   flat = {.whole = 1, .rows = 3, .cols = 1, .block = 16};
	const par_dist_spec *specs[] = {&whole, &grid, &flat};
	for (int i = 0; i < 6; i++)
		for (int s = 0; s < 3; s++) {
			par_dist_report r = {0};
			double *x = solve(w, n[i], specs[s], &r, PAR_SHARDED(0), PAR_SHARDED(0));
			ok(is_wanted(x) && backward_error(x) < 1e-15 * (double)order,
			    "order %lld on %d x %d ranks: the solution, with a small backward "
			    "error",
			    (long long)n[i], r.rows, r.cols);
			free(x);
			ok(r.condition >= 1 && r.condition < 10,
			    "... of a well-conditioned matrix once its rows are scaled");
			ok(r.same_bits == (n[i] == 1 || w->size >= (s == 0      ? 1
								       : s == 1 ? 4
										: 3)),
			    "... and the report knows whether the grid was full");
		}
}

/* the solution on all ranks against that on fewer: equal bits or, where fewer do not fill the grid,
 * equal up to rounding */
static void same_bits(const par_world *w, const par_dist_spec *spec, int fill, int64_t n)
{
	par_dist_report r = {0}, r_few = {0};
	double *all = solve(w, n, spec, &r, PAR_SHARDED(0), PAR_REPLICATED);
	for (int ranks = 1; ranks < w->size; ranks++) {
		par_world few;
		double *some = NULL;
		if (smaller_world(&few, w, ranks))
			some = solve(&few, n, spec, &r_few, PAR_SHARDED(1), PAR_SHARDED(0));
		bool full = ranks >= fill;
		int alike = w->rank >= ranks || r_few.same_bits == full;
		if (some && all && full)
			alike &= memcmp(some, all, (size_t)n * 3 * sizeof *all) == 0;
		else if (some && all)
			alike &= farthest(some, all, n * 3) < 1e-10;
		ok(all && alike, "order %lld: %d ranks and %d give the same %s", (long long)n,
		    ranks, w->size, full ? "bits" : "solution");
		free(some);
		leave_world(&few);
	}
	free(all);
}

/* positive definite but for row 7, which is the sum of rows 2 and 3, or off by `bump` from it */
static double bump;

static double dependent(int64_t i, int64_t j)
{
	if (i == 7 && j == 7)
		return dependent(2, 2) + dependent(3, 3) + 2 * dependent(2, 3) + bump;
	if (i == 7)
		return dependent(2, j) + dependent(3, j);
	return j == 7 ? dependent(j, i) : definite(i, j);
}

static double broken(int64_t i, int64_t j)
{
	return i == 4 && j == 9 ? NAN : definite(i, j);
}

static double negative(int64_t i, int64_t j)
{
	return i == 5 && j == 5 ? -1 : definite(i, j);
}

static double hilbert(int64_t i, int64_t j)
{
	return 1 / (double)(i + j + 1);
}

static void fails(const par_world *w, const par_dist_spec *spec, entry_fn fn, const char *says)
{
	par_mesh m;
	par_err e = par_mesh_line(&m, w, w->size, "data");
	PAR_MUST(e == PAR_OK, "no line");
	par_tensor a = matrix_of(&m, order, order, PAR_SHARDED(0), fn);
	par_tensor x = matrix_of(&m, order, 1, PAR_SHARDED(0), wanted);
	e = par_cholesky_solve(&x, &a, &x, spec, NULL);
	ok(e == PAR_E_NUMERIC && strstr(par_err_why(), says), "all ranks are told \"%s\"", says);
	par_tensor_free(&a);
	par_tensor_free(&x);
	par_mesh_free(&m);
}

static void failures(const par_world *w, const par_dist_spec *spec)
{
	order = 40;
	bump = -1;
	fails(w, spec, dependent, "leading minor of order 8, that ends with row 7");
	bump = 0;
	fails(w, spec, dependent, "row 7");
	bump = 1e-13;
	fails(w, spec, dependent, "row 7");
	fails(w, spec, broken, "row 4 of the matrix holds a value that is not finite");
	fails(w, spec, negative, "row 5 has -1 on the diagonal");
	order = 14;
	fails(w, spec, hilbert, "the matrix is");
	order = 40;
	par_mesh m;
	par_err e = par_mesh_line(&m, w, w->size, "data");
	par_tensor a = matrix_of(&m, order, order, PAR_SHARDED(0), definite);
	par_tensor x = matrix_of(&m, order, 1, PAR_SHARDED(0), broken);
	par_tensor_free(&x);
	x = matrix_of(&m, order, 10, PAR_SHARDED(0), broken);
	if (e == PAR_OK)
		e = par_cholesky_solve(&x, &a, &x, spec, NULL);
	ok(e == PAR_E_NUMERIC && strstr(par_err_why(), "row 4 of the right-hand sides"),
	    "so is a right-hand side");
	par_tensor_free(&a);
	par_tensor_free(&x);
	par_mesh_free(&m);
}

int main(int argc, char **argv)
{
	par_err pinned = par_blas_pin(argv, par_cpu_best());
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK && pinned == PAR_OK, "a world opens");
	const par_dist_spec grid = {.whole = 1, .rows = 2, .cols = 2, .block = 8};
	sizes(&w);
	same_bits(&w, NULL, 1, 77);
	same_bits(&w, &grid, 4, 77);
	failures(&w, NULL);
	failures(&w, &grid);
	par_world_close(&w);
	return tap_end();
}
