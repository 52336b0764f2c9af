/* np: 1 2 3 6 */
#include "base/rng.h"
#include "grad/layers.h"
#include "opcheck.h"

enum { EACH = 21, STEP = 11, SEED = 3, OPERATOR = 1 };

static const double chance = 0.3;

static par_value build(par_graph *g, const par_value *in, const void *ctx)
{
	(void)ctx;
	return par_dropout(g, in[0], chance);
}

/* which elements are kept is a matter of their place in the batch alone */
static bool kept(int64_t step, int64_t i)
{
	return par_rng_u32((par_rng){SEED, OPERATOR, (uint32_t)step}, i) >=
	       (uint32_t)(chance * 0x1p32);
}

static void reference(
    int64_t samples, double *const *x, double *const *p, double *y, const void *ctx)
{
	(void)p;
	(void)ctx;
	for (int64_t i = 0; i < samples * EACH; i++)
		y[i] = kept(STEP, i) ? x[0][i] / (1 - chance) : 0;
}

/* the share of elements that a training run keeps; an answer keeps all */
static void share(const par_world *w)
{
	enum { BATCH = 97, MANY = 1031 };
	par_graph *g;
	float *dx;
	par_graph_open(&g, &(par_graph_spec){.world = w, .batch = BATCH, .seed = SEED});
	par_value x = par_graph_input(g, "x", PAR_F32, 1, (int64_t[]){MANY});
	par_value leaf = opcheck_leaf(g, x, 0, &dx), y = par_dropout(g, leaf, chance);
	int pass = par_graph_pass(g, opcheck_probe(g, y), "model");
	int answer = par_graph_answer(g, 1, &y);
	ok(par_graph_plan(g) == PAR_OK, "dropout of %d samples: planned", BATCH);
	int64_t here = (par_graph_shards(g)->hi - par_graph_shards(g)->lo) * MANY;
	float *in = par_graph_at(g, x), *out = par_graph_at(g, y);
	for (int64_t i = 0; i < here; i++)
		in[i] = INFINITY;
	int64_t first = 0, second = 0, both = 0, odd = 0;
	bool *was = calloc((size_t)here + 1, sizeof *was);
	for (int step = 0; step < 2; step++) {
		par_graph_step(g, step, BATCH);
		par_graph_forward(g, pass);
		for (int64_t i = 0; i < here; i++) {
			bool now = out[i] == INFINITY;
			odd += !now && out[i] != 0;
			*(step ? &second : &first) += now;
			both += step && now && was[i];
			was[i] = now;
		}
	}
	double n = (double)BATCH * MANY, spread = 4 * sqrt(n * chance * (1 - chance));
	ok(fabs((double)par_world_sum(w, first) - n * (1 - chance)) < spread &&
		fabs((double)par_world_sum(w, second) - n * (1 - chance)) < spread,
	    "... seven of ten elements are kept");
	ok(fabs((double)par_world_sum(w, both) - n * 0.49) < spread, "... others at the next step");
	ok(odd == 0, "... what is dropped is 0, even an infinity");
	par_graph_forward(g, answer);
	int64_t all = 0;
	for (int64_t i = 0; i < here; i++)
		all += out[i] == INFINITY;
	ok(all == here, "... and an answer drops nothing");
	free(was);
	free(dx);
	par_graph_close(g);
}

static void refused(const par_world *w)
{
	par_graph *g;
	par_graph_open(&g, &(par_graph_spec){.world = w, .batch = 3});
	par_value x = par_graph_input(g, "x", PAR_F32, 1, (int64_t[]){4});
	ok(par_dropout(g, x, 0) == x && par_dropout(g, x, 1) < 0,
	    "dropout 0 is none, 1 is refused");
	par_graph_close(g);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	opcheck_all(&(opcheck){.what = "dropout",
			.batch = 53,
			.inputs = 1,
			.input = {{PAR_F32, 2, {3, 7}, 0, 0}},
			.build = build,
			.reference = reference},
	    &w);
	share(&w);
	refused(&w);
	par_world_close(&w);
	return tap_end();
}
