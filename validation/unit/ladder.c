/* np: 1 2 3 6 */
#include "grad/layers.h"
#include "opcheck.h"

enum { ROWS = 3, MOST = 23 };

typedef struct {
	int n, middle;
} rungs;

static par_value build(par_graph *g, const par_value *in, const void *ctx)
{
	return par_ladder(g, in[0], ((const rungs *)ctx)->middle);
}

static double softplus(double x)
{
	return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

/* each rung by itself: the middle and all steps up to it */
static void reference(
    int64_t samples, double *const *x, double *const *p, double *y, const void *ctx)
{
	const rungs *l = ctx;
	(void)p;
	for (int64_t row = 0; row < samples * ROWS; row++) {
		const double *in = x[0] + row * l->n;
		for (int k = 0; k < l->n; k++) {
			double sum = in[l->middle];
			for (int j = l->middle + 1; j <= k; j++)
				sum += softplus(in[j]);
			for (int j = k; j < l->middle; j++)
				sum -= softplus(in[j]);
			y[row * l->n + k] = sum;
		}
	}
}

/* whatever comes in: also steps that vanish, and numbers of any size */
static void never_descends(const par_world *w)
{
	enum { BATCH = 61, N = 17 };
	par_graph *g;
	par_err e = par_graph_open(&g, &(par_graph_spec){.world = w, .batch = BATCH});
	par_value x = par_graph_input(g, "x", PAR_F32, 2, (int64_t[]){ROWS, N});
	par_value y = par_ladder(g, x, 8);
	int pass = par_graph_answer(g, 1, &y);
	if (e == PAR_OK)
		e = par_graph_plan(g);
	const par_shards *s = par_graph_shards(g);
	int64_t each = (int64_t)ROWS * N, here = (s->hi - s->lo) * each;
	if (e == PAR_OK) {
		float *in = par_graph_at(g, x);
		par_rng_fill_normal((par_rng){7, 0, 0}, s->lo * each, here, in);
		for (int64_t i = 0; i < here; i++)
			in[i] *= i % 3 == 0 ? 1e4F : i % 3 == 1 ? 30 : 1e-3F;
		par_graph_step(g, 0, BATCH);
		par_graph_forward(g, pass);
	}
	const float *out = e == PAR_OK ? par_graph_at(g, y) : NULL;
	bool ascends = e == PAR_OK;
	for (int64_t i = 0; ascends && i < here; i++)
		ascends = isfinite(out[i]) && (i % N == 0 || out[i] >= out[i - 1]);
	ok(ascends, "no rung lies below the one before it");
	par_graph_close(g);
}

static void refuses(const par_world *w)
{
	par_graph *g;
	par_err e = par_graph_open(&g, &(par_graph_spec){.world = w, .batch = 4});
	par_value x = par_graph_input(g, "x", PAR_F32, 1, (int64_t[]){5});
	ok(e == PAR_OK && par_ladder(g, x, 5) < 0 && par_ladder(g, x, -1) < 0,
	    "a middle that is no rung is refused");
	par_graph_close(g);
}

int main(int argc, char **argv)
{
	static const rungs some[] = {{1, 0}, {2, 0}, {2, 1}, {17, 8}, {MOST, 0}, {MOST, MOST - 1}};
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
		char name[64];
		snprintf(name, sizeof name, "ladder of %d from rung %d", some[i].n, some[i].middle);
		opcheck_all(&(opcheck){.what = name,
				.batch = i % 2 ? 53 : 1,
				.inputs = 1,
				.input = {{PAR_F32, 2, {ROWS, some[i].n}, 0, 0}},
				.build = build,
				.reference = reference,
				.ctx = &some[i]},
		    &w);
	}
	never_descends(&w);
	refuses(&w);
	par_world_close(&w);
	return tap_end();
}
