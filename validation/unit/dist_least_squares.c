/* np: 1 2 3 4 6 */
#include "dist/least_squares.h"

#include "../tap.h"
#include "base/pin.h"
#include "dense.h"

#include <string.h>

/* lengths of columns that differ by 1e8 are no trouble */
static double easy(int64_t i, int64_t j)
{
	return noise(i, j) * pow(10, 4 * (double)(j % 3) - 4);
}

/* all columns within 1e-5 of the first one */
static double near(int64_t i, int64_t j)
{
	return noise(i, 0) + (j > 0 ? 1e-5 * noise(i, j) : 0);
}

/* column 3 is the sum of columns 1 and 2 */
static double dependent(int64_t i, int64_t j)
{
	return j == 3 ? dependent(i, 1) + dependent(i, 2) : noise(i, j);
}

static double with_zeros(int64_t i, int64_t j)
{
	return j == 2 ? 0 : noise(i, j);
}

static double broken(int64_t i, int64_t j)
{
	return i == 11 && j == 1 ? NAN : noise(i, j);
}

static double wanted(int64_t i, int64_t j)
{
	return 1 + noise(i, j + 1000);
}

/* a problem: rows x cols, two right-hand sides: the first is a times the wanted solution, the second
 * is noise */
static struct {
	int64_t rows, cols;
	entry_fn a;
} is;

static double right_side(int64_t i, int64_t j)
{
	double sum = 0;
	if (j == 1)
		return noise(i, 77);
	for (int64_t k = 0; k < is.cols; k++)
		sum += is.a(i, k) * wanted(k, 0);
	return sum;
}

typedef struct {
	double *x; /* cols x 2 on every rank */
	par_dist_report report;
	par_err failed;
} answer;

static answer solve(const par_world *w, int64_t rows, int64_t cols, entry_fn fn,
    const par_dist_spec *spec, par_place of_a, par_place of_x)
{
	par_mesh m;
	answer r = {0};
	is.rows = rows;
	is.cols = cols;
	is.a = fn;
	r.failed = par_mesh_line(&m, w, w->size, "data");
	par_tensor a = matrix_of(&m, rows, cols, of_a, fn);
	par_tensor b = matrix_of(&m, rows, 2, PAR_SHARDED(0), right_side);
	par_tensor x = matrix_of(&m, cols, 2, of_x, NULL);
	if (r.failed == PAR_OK)
		r.failed = par_least_squares(&x, &a, &b, spec, &r.report);
	if (r.failed == PAR_OK)
		r.x = whole_of(&m, &x);
	par_tensor_free(&a);
	par_tensor_free(&b);
	par_tensor_free(&x);
	par_mesh_free(&m);
	return r;
}

/* The gradient a^T (a x - b), each entry over the lengths of what is multiplied: 0 at the minimum. */
static double gradient(const double *x, int64_t side)
{
	double worst = 0;
	for (int64_t j = 0; j < is.cols; j++) {
		double sum = 0, of_a = 0, of_b = 0;
		for (int64_t i = 0; i < is.rows; i++) {
			double rest = -right_side(i, side);
			of_b += rest * rest;
			for (int64_t k = 0; k < is.cols; k++)
				rest += is.a(i, k) * x[k * 2 + side];
			sum += is.a(i, j) * rest;
			of_a += is.a(i, j) * is.a(i, j);
		}
		worst = fmax(worst, fabs(sum) / sqrt(of_a * of_b));
	}
	return worst;
}

static double length_of_column(int64_t j)
{
	double sum = 0;
	for (int64_t i = 0; i < is.rows; i++)
		sum += is.a(i, j) * is.a(i, j);
	return sqrt(sum);
}

/* each entry's share of a x, over all of a x: what rounding of b can do is 1e-16 times the condition
 */
static double error_of_first(const double *x)
{
	double worst = 0, all = 0;
	for (int64_t k = 0; k < is.cols; k++) {
		double length = length_of_column(k);
		worst = fmax(worst, length * fabs(x[k * 2] - wanted(k, 0)));
		all = fmax(all, length);
	}
	return worst / all;
}

static const par_dist_spec grid = {.whole = 1, .rows = 2, .cols = 2, .block = 8};

static void sizes(const par_world *w, const par_dist_spec *spec)
{
	static const int64_t size[][2] = {
	    {1, 1}, {2, 1}, {5, 5}, {40, 3}, {97, 20}, {400, 7}, {60, 60}};
	for (int i = 0; i < 7; i++) {
		answer r = solve(
		    w, size[i][0], size[i][1], easy, spec, PAR_SHARDED(0), PAR_SHARDED(0));
		bool square = size[i][0] == size[i][1] && size[i][0] > 1;
		double bound = square ? 1e-9 : 1e-11;
		ok(r.failed == PAR_OK && error_of_first(r.x) < bound,
		    "%lld x %lld on %d x %d ranks: the exact solution where there is one",
		    (long long)size[i][0], (long long)size[i][1], r.report.rows, r.report.cols);
		ok(r.failed == PAR_OK && gradient(r.x, 1) < 1e-11,
		    "... and the least squares where there is none (%s, condition %.0f)",
		    r.report.by_qr ? "QR" : "normal equations", r.report.condition);
		free(r.x);
	}
}

static void hard(const par_world *w, const par_dist_spec *spec)
{
	answer r = solve(w, 150, 6, easy, spec, PAR_SHARDED(1), PAR_REPLICATED);
	ok(r.failed == PAR_OK && !r.report.by_qr && r.report.condition < 10,
	    "normal equations serve a matrix whose columns are independent");
	free(r.x);
	r = solve(w, 150, 6, near, spec, PAR_SHARDED(0), PAR_REPLICATED);
	ok(r.failed == PAR_OK && r.report.by_qr && r.report.condition > 1e5 &&
		r.report.condition < 1e7,
	    "QR serves one whose columns are nearly alike, and the condition tells");
	/* 1e-10 is the condition times rounding; normal equations would be at 1e-4 */
	ok(r.failed == PAR_OK && error_of_first(r.x) < 1e-9,
	    "... with the digits that it can have");
	free(r.x);
}

static void same_bits(const par_world *w, const par_dist_spec *spec, int fill, entry_fn fn)
{
	answer all = solve(w, 211, 9, fn, spec, PAR_SHARDED(0), PAR_REPLICATED);
	for (int ranks = 1; ranks < w->size; ranks++) {
		par_world few;
		answer some = {0};
		bool full = ranks >= fill, in = smaller_world(&few, w, ranks);
		if (in)
			some = solve(&few, 211, 9, fn, spec, PAR_SHARDED(1), PAR_SHARDED(0));
		int alike = !in || (some.x && all.x && some.report.same_bits == full);
		if (in && alike && full)
			alike = memcmp(some.x, all.x, 18 * sizeof(double)) == 0;
		else if (in && alike)
			alike = farthest(some.x, all.x, 18) < (fn == near ? 1e-4 : 1e-5);
		ok(all.failed == PAR_OK && alike, "%s: %d ranks and %d give the same %s",
		    all.report.by_qr ? "QR" : "normal equations", ranks, w->size,
		    full ? "bits" : "solution");
		free(some.x);
		leave_world(&few);
	}
	free(all.x);
}

static void fails(const par_world *w, const par_dist_spec *spec, entry_fn fn, const char *says)
{
	answer r = solve(w, 50, 5, fn, spec, PAR_SHARDED(0), PAR_SHARDED(0));
	ok(r.failed == PAR_E_NUMERIC && strstr(par_err_why(), says), "all ranks are told \"%s\"",
	    says);
	free(r.x);
}

int main(int argc, char **argv)
{
	par_err pinned = par_blas_pin(argv, par_cpu_best());
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK && pinned == PAR_OK, "a world opens");
	const par_dist_spec *specs[] = {NULL, &grid};
	for (int s = 0; s < 2; s++) {
		sizes(&w, specs[s]);
		hard(&w, specs[s]);
		same_bits(&w, specs[s], s == 0 ? 1 : 4, easy);
		same_bits(&w, specs[s], s == 0 ? 1 : 4, near);
		fails(&w, specs[s], dependent, "column 3 of the matrix depends on those before");
		fails(&w, specs[s], with_zeros, "column 2 of the matrix is all 0");
		fails(&w, specs[s], broken, "column 1 of the matrix holds a value that is not");
	}
	par_world_close(&w);
	return tap_end();
}
