#include "grad/layers.h"
#include "grad/op.h"
#include "tensor/map.h"

/* the leaky forms' slope below 0 */
static float slope_of(par_act act)
{
	return act == PAR_ACT_LEAKY ? 0.2f : 0;
}

static int64_t count(const par_run *r, const par_op *op)
{
	return r->samples * par_op_elements(op->graph, op->out);
}

static void forward(const par_run *r, par_op *op)
{
	par_act act = *(const par_act *)op->own;
	int64_t n = count(r, op);
	switch (act) {
	case PAR_ACT_SIGMOID:
		par_map_sigmoid(n, op->x[0], op->y);
		break;
	case PAR_ACT_TANH:
		par_map_tanh(n, op->x[0], op->y);
		break;
	case PAR_ACT_GELU:
		par_map_gelu(n, op->x[0], op->y);
		break;
	case PAR_ACT_SOFTPLUS:
		par_map_softplus(n, op->x[0], op->y);
		break;
	case PAR_ACT_EXP:
		par_map_exp(n, op->x[0], op->y);
		break;
	default:
		par_map_leaky(n, slope_of(act), op->x[0], op->y);
	}
}

static void backward(const par_run *r, par_op *op)
{
	par_act act = *(const par_act *)op->own;
	int64_t n = count(r, op);
	if (!op->dx[0])
		return;
	switch (act) {
	case PAR_ACT_SIGMOID:
		par_map_sigmoid_back(n, op->y, op->dy, op->dx[0]);
		break;
	case PAR_ACT_TANH:
		par_map_tanh_back(n, op->y, op->dy, op->dx[0]);
		break;
	case PAR_ACT_GELU:
		par_map_gelu_back(n, op->x[0], op->dy, op->dx[0]);
		break;
	case PAR_ACT_SOFTPLUS:
		par_map_softplus_back(n, op->x[0], op->dy, op->dx[0]);
		break;
	case PAR_ACT_EXP:
		par_map_multiply(n, op->y, op->dy, op->dx[0]);
		break;
	default:
		par_map_leaky_back(n, slope_of(act), op->y, op->dy, op->dx[0]);
	}
}

static const par_op_kind from_output = {.name = "activate",
    .slices = true,
    .reads = PAR_READS_OUT,
    .forward = forward,
    .backward = backward};
static const par_op_kind from_input = {.name = "activate",
    .slices = true,
    .reads = PAR_READS_IN,
    .forward = forward,
    .backward = backward};

par_value par_activate(par_graph *g, par_value x, par_act act)
{
	if (act == PAR_ACT_NONE)
		return x;
	bool by_input = act == PAR_ACT_GELU || act == PAR_ACT_SOFTPLUS;
	par_op *op = par_op_new(g, by_input ? &from_input : &from_output, 1, &x, sizeof(par_act));
	if (!op)
		return -1;
	*(par_act *)op->own = act;
	return par_op_done_like(op, x);
}
