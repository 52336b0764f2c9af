/* np: 1 2 3 4 6 */
#include "dist/eigen.h"

#include "../tap.h"
#include "base/pin.h"
#include "dense.h"

#include <string.h>

static int64_t order; /* of the matrices below */

/* the second difference: its eigenvalues are 2 - 2 cos(k pi / (n + 1)), k = 1 to n */
static double difference(int64_t i, int64_t j)
{
	return i == j ? 2 : llabs(i - j) == 1 ? -1 : 0;
}

/* some positive, some negative, and entries that mix them */
static double symmetric(int64_t i, int64_t j)
{
	return noise(i < j ? i : j, i < j ? j : i);
}

/* eigenvalues 0 (n - 1 times) and n */
static double ones(int64_t i, int64_t j)
{
	(void)i;
	(void)j;
	return 1;
}

typedef struct {
	double *value, *vector; /* whole, on every rank */
	par_dist_report report;
	par_err failed;
} answer;

static answer decompose(const par_world *w, int64_t n, entry_fn fn, const par_dist_spec *spec,
    par_place of_a, par_place of_vectors)
{
	answer x = {0};
	par_mesh m;
	par_tensor values;
	order = n;
	x.failed = par_mesh_line(&m, w, w->size, "data");
	par_tensor a = matrix_of(&m, n, n, of_a, fn);
	par_tensor vectors = matrix_of(&m, n, n, of_vectors, NULL);
	par_err e = par_tensor_make(&values, &m, PAR_F64, 1, &n, &PAR_SHARDED(0));
	if (x.failed == PAR_OK && e == PAR_OK)
		x.failed = par_symmetric_eigen(&values, &vectors, &a, spec, &x.report);
	if (x.failed == PAR_OK) {
		x.value = whole_of(&m, &values);
		x.vector = whole_of(&m, &vectors);
	}
	par_tensor_free(&a);
	par_tensor_free(&values);
	par_tensor_free(&vectors);
	par_mesh_free(&m);
	return x;
}

static void answer_free(answer *x)
{
	free(x->value);
	free(x->vector);
}

/* |a v - value v| and |v v^T - 1|, the worst entry of each, by hand */
static double residual(const answer *x, entry_fn fn)
{
	double worst = 0;
	for (int64_t k = 0; k < order; k++)
		for (int64_t i = 0; i < order; i++) {
			double sum = -x->value[k] * x->vector[k * order + i];
			for (int64_t j = 0; j < order; j++)
				sum += fn(i, j) * x->vector[k * order + j];
			worst = fmax(worst, fabs(sum));
		}
	return worst;
}

static double skew(const answer *x)
{
	double worst = 0;
	for (int64_t k = 0; k < order; k++)
		for (int64_t l = 0; l < order; l++) {
			double sum = k == l ? -1 : 0;
			for (int64_t j = 0; j < order; j++)
				sum += x->vector[k * order + j] * x->vector[l * order + j];
			worst = fmax(worst, fabs(sum));
		}
	return worst;
}

static int ascending(const answer *x)
{
	for (int64_t i = 1; i < order; i++)
		if (x->value[i] < x->value[i - 1])
			return 0;
	return 1;
}

static void decomposes(
    const par_world *w, int64_t n, entry_fn fn, const char *name, const par_dist_spec *spec)
{
	answer x = decompose(w, n, fn, spec, PAR_SHARDED(0), PAR_SHARDED(1));
	double bound = 1e-14 * (double)n;
	ok(x.failed == PAR_OK && ascending(&x) && residual(&x, fn) < bound && skew(&x) < bound,
	    "%s of order %lld on %d x %d ranks: eigenpairs, orthonormal, ascending", name,
	    (long long)n, x.report.rows, x.report.cols);
	answer_free(&x);
}

static void known(const par_world *w, const par_dist_spec *spec)
{
	answer x = decompose(w, 50, difference, spec, PAR_PARTIAL, PAR_REPLICATED);
	/* as terms of a sum: every rank's difference, so size times it */
	int fine = x.failed == PAR_OK;
	for (int k = 0; k < 50 && fine; k++) {
		double want = w->size * (2 - 2 * cos((k + 1) * M_PI / 51));
		fine &= fabs(x.value[k] - want) < 1e-13 * w->size;
	}
	ok(fine, "eigenvalues of the second difference are the known ones");
	double condition = (2 - 2 * cos(50 * M_PI / 51)) / (2 - 2 * cos(M_PI / 51));
	ok(fabs(x.report.condition / condition - 1) < 1e-10, "... and so is its condition");
	answer_free(&x);
	x = decompose(w, 20, ones, spec, PAR_SHARDED(0), PAR_SHARDED(0));
	ok(x.failed == PAR_OK && fabs(x.value[19] - 20) < 1e-13 && fabs(x.value[18]) < 1e-13 &&
		x.report.condition > 1e14,
	    "a singular matrix has zeros among them and a condition that says so");
	answer_free(&x);
}

static void same_bits(const par_world *w, const par_dist_spec *spec, int fill, int64_t n)
{
	answer all = decompose(w, n, symmetric, spec, PAR_SHARDED(0), PAR_REPLICATED);
	for (int ranks = 1; ranks < w->size; ranks++) {
		par_world few;
		answer some = {0};
		bool full = ranks >= fill, in = smaller_world(&few, w, ranks);
		if (in)
			some = decompose(&few, n, symmetric, spec, PAR_SHARDED(1), PAR_SHARDED(0));
		int alike = !in || (some.value && all.value && some.report.same_bits == full);
		if (in && alike && full)
			alike = memcmp(some.value, all.value, (size_t)n * sizeof(double)) == 0 &&
				memcmp(some.vector, all.vector, (size_t)(n * n) * sizeof(double)) ==
				    0;
		else if (in && alike)
			alike = farthest(some.value, all.value, n) < 1e-12;
		ok(all.failed == PAR_OK && alike, "order %lld: %d ranks and %d give the same %s",
		    (long long)n, ranks, w->size, full ? "bits" : "eigenvalues");
		answer_free(&some);
		leave_world(&few);
	}
	answer_free(&all);
}

static double broken(int64_t i, int64_t j)
{
	return i == 6 && j == 3 ? INFINITY : symmetric(i, j);
}

int main(int argc, char **argv)
{
	par_err pinned = par_blas_pin(argv, par_cpu_best());
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK && pinned == PAR_OK, "a world opens");
	const par_dist_spec grid = {.whole = 1, .rows = 2, .cols = 2, .block = 8};
	const par_dist_spec *specs[] = {NULL, &grid};
	static const int64_t n[] = {1, 2, 7, 33, 96};
	for (int s = 0; s < 2; s++) {
		for (int i = 0; i < 5; i++)
			decomposes(&w, n[i], symmetric, "noise", specs[s]);
		decomposes(&w, 40, difference, "differences", specs[s]);
		known(&w, specs[s]);
		same_bits(&w, specs[s], s == 0 ? 1 : 4, 60);
		answer x = decompose(&w, 9, broken, specs[s], PAR_SHARDED(0), PAR_SHARDED(0));
		ok(x.failed == PAR_E_NUMERIC && strstr(par_err_why(), "row 6 of the matrix"),
		    "all ranks are told which row is not finite");
		answer_free(&x);
	}
	par_world_close(&w);
	return tap_end();
}
