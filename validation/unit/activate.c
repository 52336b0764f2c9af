/* np: 1 2 3 6 */
#include "grad/layers.h"
#include "opcheck.h"

static par_value build(par_graph *g, const par_value *in, const void *ctx)
{
	return par_activate(g, in[0], *(const par_act *)ctx);
}

static double apply(par_act act, double x)
{
	switch (act) {
	case PAR_ACT_RELU:
		return x > 0 ? x : 0;
	case PAR_ACT_LEAKY:
		return x > 0 ? x : 0.2 * x;
	case PAR_ACT_SIGMOID:
		return 1 / (1 + exp(-x));
	case PAR_ACT_TANH:
		return tanh(x);
	case PAR_ACT_GELU:
		return x * 0.5 * (1 + erf(x * M_SQRT1_2));
	case PAR_ACT_SOFTPLUS:
		return log1p(exp(x));
	case PAR_ACT_EXP:
		return exp(x);
	default:
		return x;
	}
}

static void reference(
    int64_t samples, double *const *x, double *const *p, double *y, const void *ctx)
{
	(void)p;
	for (int64_t i = 0; i < samples * 21; i++)
		y[i] = apply(*(const par_act *)ctx, x[0][i]);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	static const char *const name[] = {
	    "nothing", "ReLU", "leaky ReLU", "sigmoid", "tanh", "GELU", "softplus", "exponential"};
	for (int act = PAR_ACT_NONE; act <= PAR_ACT_EXP; act++) {
		par_act a = (par_act)act;
		opcheck_all(&(opcheck){.what = name[act],
				.batch = act % 2 ? 53 : 1,
				.inputs = 1,
				.input = {{PAR_F32, 2, {3, 7}, 0, 0}},
				.build = build,
				.reference = reference,
				.ctx = &a},
		    &w);
	}
	par_world_close(&w);
	return tap_end();
}
