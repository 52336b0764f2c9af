#include "grad/layers.h"
#include "grad/op.h"
#include "grad/spectral.h"
#include "tensor/finish.h"
#include "tensor/gemm.h"

#include <math.h>

typedef struct {
	int64_t in, out, rows; /* rows of a sample */
	float slope;           /* of the activation that the product ends with; 1: none */
	int bias;              /* which parameter; 0: none */
	par_spectral spectral; /* of weights divided by their norm */
} linear;

static void forward(const par_run *r, par_op *op)
{
	linear *l = op->own;
	const float *w = l->spectral.weight ? par_spectral_weights(&l->spectral, r->training)
					    : op->param[0]->weights;
	par_finish finish = {l->bias ? op->param[l->bias]->weights : NULL, l->slope};
	(r->bf16 ? par_gemm_bf16 : par_gemm)(r->samples * l->rows, l->out, l->in, op->x[0], l->in,
	    PAR_AS_IS, w, l->out, PAR_AS_IS, op->y, l->out, false, &finish);
}

static void backward(const par_run *r, par_op *op)
{
	const linear *l = op->own;
	int64_t rows = r->samples * l->rows;
	const float *w = l->spectral.weight ? l->spectral.divided : op->param[0]->weights;
	bool bias = l->bias && par_op_wants(r, op, l->bias);
	par_finish_back(r->shards, l->rows, l->out, l->slope, op->y, op->dy,
	    bias ? op->param[l->bias]->grad : NULL, op->scratch);
	if (op->dx[0])
		(r->bf16 ? par_gemm_bf16 : par_gemm)(rows, l->in, l->out, op->dy, l->out, PAR_AS_IS,
		    w, l->out, PAR_TRANSPOSED, op->dx[0], l->in, false, NULL);
	if (par_op_wants(r, op, 0))
		(r->bf16 ? par_gemm_shards_bf16 : par_gemm_shards)(r->shards, l->rows, l->in,
		    l->out, op->x[0], l->in, op->dy, l->out, op->param[0]->grad);
}

static void close_linear(par_op *op)
{
	par_spectral_close(&((linear *)op->own)->spectral);
}

static const par_op_kind linear_kind = {.name = "linear",
    .slices = true,
    .reads = PAR_READS_IN | PAR_READS_OUT,
    .forward = forward,
    .backward = backward,
    .close = close_linear};

/* uniform bounds: torch.nn.Linear; He et al. 2015, eq. 10; Glorot and Bengio 2010, eq. 16 */
static double bound(par_first init, double in, double out)
{
	switch (init) {
	case PAR_FIRST_HE:
		return sqrt(6 / in);
	case PAR_FIRST_GLOROT:
		return sqrt(6 / (in + out));
	case PAR_FIRST_ZERO:
		return 0;
	default:
		return 1 / sqrt(in);
	}
}

static bool make_params(par_op *op, const par_linear_spec *spec, int64_t in)
{
	double scale = bound(spec->init, (double)in, (double)spec->out);
	par_param *w = par_op_param(op, spec->name, "weight", PAR_PARAM_DENSE, 2,
	    (int64_t[]){in, spec->out}, PAR_INIT_UNIFORM, scale);
	if (!w)
		return false;
	linear *l = op->own;
	w->rests_sharded = spec->rests_sharded;
	if (spec->spectral && !par_spectral_add(op, &l->spectral, spec->name, w))
		return false;
	if (spec->no_bias)
		return true;
	l->bias = op->params;
	double first = spec->init == PAR_FIRST_TORCH ? 1 / sqrt((double)in) : 0;
	return par_op_param(op, spec->name, "bias", PAR_PARAM_DENSE, 1, &spec->out,
		   PAR_INIT_UNIFORM, first) != NULL;
}

par_value par_linear(par_graph *g, par_value x, const par_linear_spec *spec)
{
	par_op *op = par_op_new(g, &linear_kind, 1, &x, sizeof(linear));
	if (!op)
		return -1;
	int64_t shape[PAR_AXES], in = par_op_axis(g, x, -1);
	int nd = par_op_axes(g, x, shape);
	if (nd == 0 || in < 1 || spec->out < 1)
		return par_op_fail(g, "linear %s: %lld features to %lld", spec->name, (long long)in,
		    (long long)spec->out);
	linear *l = op->own;
	bool fused = spec->act <= PAR_ACT_LEAKY;
	float slope = spec->act == PAR_ACT_RELU ? 0 : spec->act == PAR_ACT_LEAKY ? 0.2f : 1;
	*l = (linear){
	    .in = in, .out = spec->out, .rows = par_op_elements(g, x) / in, .slope = slope};
	if (!make_params(op, spec, in))
		return -1;
	op->flops = 2 * (double)l->rows * (double)in * (double)spec->out;
	op->scratch_floats = (size_t)par_shards_scratch(par_graph_shards(g)) * (size_t)spec->out;
	shape[nd - 1] = spec->out;
	par_value y = par_op_done(op, PAR_F32, nd, shape);
	return fused ? y : par_activate(g, y, spec->act);
}
