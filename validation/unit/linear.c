/* np: 1 2 3 6 */
#include "grad/layers.h"
#include "opcheck.h"

typedef struct {
	int64_t rows, in, out;
	par_act act;
	bool no_bias;
} shape;

static par_value build(par_graph *g, const par_value *in, const void *ctx)
{
	const shape *s = ctx;
	return par_linear(g, in[0],
	    &(par_linear_spec){
		.name = "dense", .out = s->out, .act = s->act, .no_bias = s->no_bias});
}

static void reference(
    int64_t samples, double *const *x, double *const *p, double *y, const void *ctx)
{
	const shape *s = ctx;
	for (int64_t i = 0; i < samples * s->rows; i++)
		for (int64_t j = 0; j < s->out; j++) {
			double sum = s->no_bias ? 0 : p[1][j];
			for (int64_t k = 0; k < s->in; k++)
				sum += x[0][i * s->in + k] * p[0][k * s->out + j];
			double slope = s->act == PAR_ACT_RELU    ? 0
				       : s->act == PAR_ACT_LEAKY ? 0.2
								 : 1;
			y[i * s->out + j] = sum > 0 ? sum : slope * sum;
		}
}

static void check(const par_world *w, const char *what, int64_t batch, shape s)
{
	opcheck c = {.what = what,
	    .batch = batch,
	    .inputs = 1,
	    .input = {{PAR_F32, 2, {s.rows, s.in}, 0, 0}},
	    .build = build,
	    .reference = reference,
	    .ctx = &s};
	opcheck_all(&c, w);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	check(&w, "linear 5 x 7 to 3", 11, (shape){5, 7, 3, PAR_ACT_NONE, false});
	check(&w, "linear with ReLU, one feature", 53, (shape){1, 1, 17, PAR_ACT_RELU, false});
	check(&w, "linear leaky, no bias, one sample", 1, (shape){3, 33, 1, PAR_ACT_LEAKY, true});
	par_world_close(&w);
	return tap_end();
}
