/* np: 1 2 3 6 */
#include "grad/layers.h"
#include "opcheck.h"

enum { ROWS = 2, COLS = 11, GROUP = 4 };

static par_value build(par_graph *g, const par_value *in, const void *ctx)
{
	(void)ctx;
	return par_deviation(g, in[0], GROUP);
}

/* how many samples are real, and each feature's deviation by itself */
static void reference(
    int64_t samples, double *const *x, double *const *p, double *y, const void *ctx)
{
	int64_t real = *(const int64_t *)ctx;
	(void)p;
	(void)samples;
	for (int64_t i = 0; i < real; i++)
		for (int row = 0; row < ROWS; row++) {
			int64_t lo = i - i % GROUP, hi = lo + GROUP < real ? lo + GROUP : real;
			double all = 0;
			for (int j = 0; j < COLS; j++) {
				double sum = 0, squares = 0;
				for (int64_t k = lo; k < hi; k++) {
					double v = x[0][(k * ROWS + row) * COLS + j];
					sum += v;
					squares += v * v;
				}
				sum /= (double)(hi - lo);
				all += sqrt(squares / (double)(hi - lo) - sum * sum + 1e-8);
			}
			y[i * ROWS + row] = all / COLS;
		}
}

static void check(const par_world *w, const char *what, int64_t groups, int64_t real)
{
	opcheck_all(&(opcheck){.what = what,
			.batch = groups * GROUP,
			.count = real,
			.shards = (int)groups,
			.inputs = 1,
			.input = {{PAR_F32, 2, {ROWS, COLS}, 0, 0}},
			.build = build,
			.reference = reference,
			.ctx = &real},
	    w);
}

static void refuses(const par_world *w)
{
	par_graph *g;
	par_err e = par_graph_open(
	    &g, &(par_graph_spec){.world = w, .batch = 5 * GROUP, .shards = 3});
	par_value x = par_graph_input(g, "x", PAR_F32, 1, (int64_t[]){COLS});
	ok(e == PAR_OK && par_deviation(g, x, GROUP) < 0 && par_deviation(g, x, 0) < 0 &&
		par_graph_plan(g) == PAR_E_CONFIG &&
		strstr(par_err_why(), "groups of 4 do not divide the shards"),
	    "groups that lie in two shards are refused");
	par_graph_close(g);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	check(&w, "deviation", 13, 13 * GROUP);
	check(&w, "deviation in one group", 1, GROUP);
	check(&w, "deviation in a short batch", 8, 4 * GROUP + 3);
	refuses(&w);
	par_world_close(&w);
	return tap_end();
}
