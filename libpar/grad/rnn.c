#include "grad/layers.h"
#include "grad/op.h"
#include "tensor/gates.h"
#include "tensor/gemm.h"

#include <math.h>
#include <string.h>

/* Samples come first in every array, so that one product makes the inputs' share of the gates of all
 * steps and another the gradient of each weight matrix; a step's products and gates go from sample
 * to sample by strides. In between stand only the products with the state, whose weights are packed
 * once a call. These stay in float under bf16: rounding them would add up over time. */

enum { WEIGHT_IN, WEIGHT_STATE, BIAS_IN, BIAS_STATE };

/* saved, each [time, ...] of a sample: the state before each step; gates; cells of an LSTM and of a
 * GRU the state's share of the last gate */
enum { STATES, GATES, CELLS };

typedef struct {
	par_rnn_kind kind;
	int64_t time, in, hidden, width; /* width: of the gates of one step */
	bool sequence, one_bias;
	size_t packed, sums; /* parts of scratch */
} rnn;

static par_strip strip(const rnn *n, float *x, int64_t width, int64_t t)
{
	return (par_strip){x + t * width, n->time * width};
}

/* of the output or its gradient: that of step t, or the only one */
static par_strip of_output(const rnn *n, float *y, int64_t t)
{
	return n->sequence ? strip(n, y, n->hidden, t) : (par_strip){y, n->hidden};
}

/* the state after step t is the one before the next, or the last output */
static par_strip state_after(const rnn *n, const par_op *op, int64_t t)
{
	return t + 1 < n->time ? strip(n, op->saved[STATES], n->hidden, t + 1)
			       : of_output(n, op->y, t);
}

static par_gates step_at(const par_run *r, const par_op *op, float *gate, int64_t t)
{
	const rnn *n = op->own;
	par_gates s = {.samples = r->samples,
	    .n = n->hidden,
	    .first = t == 0,
	    .gate = strip(n, gate, n->width, t),
	    .h_before = strip(n, op->saved[STATES], n->hidden, t),
	    .h = state_after(n, op, t)};
	if (n->kind == PAR_RNN_SIMPLE)
		return s;
	s.c = s.q = strip(n, op->saved[CELLS], n->hidden, t);
	if (t > 0)
		s.c_before = strip(n, op->saved[CELLS], n->hidden, t - 1);
	return s;
}

/* all that is added to the gates besides products: both biases but for a GRU */
static const float *gate_bias(const rnn *n, const par_op *op, float *sum)
{
	const float *in = op->param[BIAS_IN]->weights;
	if (n->one_bias || n->kind == PAR_RNN_GRU)
		return in;
	for (int64_t j = 0; j < n->width; j++)
		sum[j] = in[j] + op->param[BIAS_STATE]->weights[j];
	return sum;
}

static void begin_states(const par_run *r, const par_op *op)
{
	const rnn *n = op->own;
	for (int64_t i = 0; i < r->samples; i++)
		memset(op->saved[STATES] + i * n->time * n->hidden, 0,
		    (size_t)n->hidden * sizeof(float));
}

static void step(const rnn *n, par_gates *s, const par_op *op, const float *packed, float *state)
{
	par_finish bias = {n->one_bias ? NULL : op->param[BIAS_STATE]->weights, 1};
	if (n->kind == PAR_RNN_GRU) {
		s->state = (par_strip){state, n->width};
		par_gemm_packed(s->samples, n->width, n->hidden, s->h_before.at, s->h_before.apart,
		    packed, state, n->width, false, &bias);
		par_gates_gru(s);
		return;
	}
	if (!s->first)
		par_gemm_packed(s->samples, n->width, n->hidden, s->h_before.at, s->h_before.apart,
		    packed, s->gate.at, s->gate.apart, true, NULL);
	(n->kind == PAR_RNN_LSTM ? par_gates_lstm : par_gates_simple)(s);
}

static void copy_sequence(const par_run *r, const par_op *op)
{
	const rnn *n = op->own;
	int64_t sample = n->time * n->hidden;
	for (int64_t i = 0; i < r->samples; i++)
		memcpy((float *)op->y + i * sample, op->saved[STATES] + i * sample + n->hidden,
		    (size_t)(sample - n->hidden) * sizeof(float));
}

static void forward(const par_run *r, par_op *op)
{
	const rnn *n = op->own;
	float *packed = op->scratch, *sums = packed + n->packed, *work = sums + n->sums;
	float *gate = n->kind == PAR_RNN_SIMPLE ? work : op->saved[GATES];
	par_finish bias = {gate_bias(n, op, sums), 1};
	(r->bf16 ? par_gemm_bf16 : par_gemm)(r->samples * n->time, n->width, n->in, op->x[0], n->in,
	    PAR_AS_IS, op->param[WEIGHT_IN]->weights, n->width, PAR_AS_IS, gate, n->width, false,
	    &bias);
	par_gemm_pack(
	    packed, n->hidden, n->width, op->param[WEIGHT_STATE]->weights, n->width, PAR_AS_IS);
	begin_states(r, op);
	for (int64_t t = 0; t < n->time; t++) {
		par_gates s = step_at(r, op, gate, t);
		step(n, &s, op, packed, work);
	}
	if (n->sequence)
		copy_sequence(r, op);
}

/* from the gradient of the last state to those of the sums the gates are made of */
static void steps_back(const par_run *r, par_op *op, float *dgate, float *dstate, float *dc)
{
	static void (*const back[])(const par_gates *) = {
	    par_gates_simple_back, par_gates_gru_back, par_gates_lstm_back};
	const rnn *n = op->own;
	const float *packed = op->scratch;
	float *gate = n->kind == PAR_RNN_SIMPLE ? dgate : op->saved[GATES];
	for (int64_t t = n->time - 1; t >= 0; t--) {
		par_gates s = step_at(r, op, gate, t);
		s.dh = of_output(n, op->dy, t);
		s.dgate = strip(n, dgate, n->width, t);
		s.dstate = strip(n, dstate, n->width, t);
		s.dc = (par_strip){dc, n->hidden};
		if (t > 0)
			s.dh_before = of_output(n, op->dy, t - 1);
		s.adds = n->sequence;
		back[n->kind](&s);
		if (t > 0)
			par_gemm_packed(r->samples, n->hidden, n->width, s.dstate.at,
			    s.dstate.apart, packed, s.dh_before.at, s.dh_before.apart,
			    n->sequence || n->kind == PAR_RNN_GRU, NULL);
	}
}

static void weight_gradient(
    const par_run *r, const par_op *op, int k, int64_t in, const float *x, const float *dgate)
{
	const rnn *n = op->own;
	if (par_op_wants(r, op, k))
		(r->bf16 ? par_gemm_shards_bf16 : par_gemm_shards)(
		    r->shards, n->time, in, n->width, x, in, dgate, n->width, op->param[k]->grad);
}

static void bias_gradient(
    const par_run *r, const par_op *op, int k, const float *dgate, float *scratch)
{
	const rnn *n = op->own;
	if (par_op_wants(r, op, k))
		par_shards_sum_rows(
		    r->shards, n->time, n->width, dgate, op->param[k]->grad, scratch);
}

/* without a GRU's reset gate the gradients of the two biases are one */
static void bias_gradients(
    const par_run *r, const par_op *op, const float *dgate, const float *dstate, float *scratch)
{
	const rnn *n = op->own;
	bias_gradient(r, op, BIAS_IN, dgate, scratch);
	if (n->one_bias)
		return;
	if (n->kind == PAR_RNN_GRU || !par_op_wants(r, op, BIAS_IN))
		bias_gradient(r, op, BIAS_STATE, dstate, scratch);
	else if (par_op_wants(r, op, BIAS_STATE))
		for (int i = 0; i < r->shards->nodes; i++)
			memcpy(op->param[BIAS_STATE]->grad[i], op->param[BIAS_IN]->grad[i],
			    (size_t)n->width * sizeof(float));
}

static void backward(const par_run *r, par_op *op)
{
	const rnn *n = op->own;
	int64_t rows = r->samples * n->time;
	float *packed = op->scratch, *sums = packed + n->packed, *dgate = sums + n->sums;
	float *after = dgate + rows * n->width;
	float *dstate = n->kind == PAR_RNN_GRU ? after : dgate;
	if (n->kind == PAR_RNN_LSTM)
		memset(after, 0, (size_t)(r->samples * n->hidden) * sizeof(float));
	par_gemm_pack(packed, n->width, n->hidden, op->param[WEIGHT_STATE]->weights, n->width,
	    PAR_TRANSPOSED);
	steps_back(r, op, dgate, dstate, after);
	if (op->dx[0])
		(r->bf16 ? par_gemm_bf16 : par_gemm)(rows, n->in, n->width, dgate, n->width,
		    PAR_AS_IS, op->param[WEIGHT_IN]->weights, n->width, PAR_TRANSPOSED, op->dx[0],
		    n->in, false, NULL);
	weight_gradient(r, op, WEIGHT_IN, n->in, op->x[0], dgate);
	weight_gradient(r, op, WEIGHT_STATE, n->hidden, op->saved[STATES], dstate);
	bias_gradients(r, op, dgate, dstate, sums);
}

static const par_op_kind rnn_kind = {
    .name = "rnn", .reads = PAR_READS_IN | PAR_READS_OUT, .forward = forward, .backward = backward};

/* all uniform with the bound 1 / sqrt(hidden), as torch.nn.RNNBase */
static bool make_params(par_op *op, const char *name, const rnn *n)
{
	double bound = 1 / sqrt((double)n->hidden);
	return par_op_param(op, name, "weight_in", PAR_PARAM_DENSE, 2, (int64_t[]){n->in, n->width},
		   PAR_INIT_UNIFORM, bound) &&
	       par_op_param(op, name, "weight_state", PAR_PARAM_DENSE, 2,
		   (int64_t[]){n->hidden, n->width}, PAR_INIT_UNIFORM, bound) &&
	       par_op_param(
		   op, name, "bias_in", PAR_PARAM_DENSE, 1, &n->width, PAR_INIT_UNIFORM, bound) &&
	       (n->one_bias || par_op_param(op, name, "bias_state", PAR_PARAM_DENSE, 1, &n->width,
				   PAR_INIT_UNIFORM, bound));
}

static size_t line_up(size_t floats)
{
	return (floats + 15) / 16 * 16;
}

static void plan_memory(par_op *op, rnn *n)
{
	size_t forth = par_gemm_packed_floats(n->hidden, n->width);
	size_t back = par_gemm_packed_floats(n->width, n->hidden);
	size_t sums = 1 + (size_t)par_shards_scratch(par_graph_shards(op->graph));
	n->packed = line_up(forth > back ? forth : back);
	n->sums = line_up(sums * (size_t)n->width);
	op->scratch_floats = n->packed + n->sums;
	size_t gates = (size_t)(n->time * n->width), states = (size_t)(n->time * n->hidden);
	op->scratch_sample = gates + (n->kind == PAR_RNN_GRU       ? gates
					 : n->kind == PAR_RNN_LSTM ? (size_t)n->hidden
								   : 0);
	op->saves = n->kind == PAR_RNN_SIMPLE ? 1 : 3;
	op->saved_floats[STATES] = op->saved_floats[CELLS] = states;
	op->saved_floats[GATES] = gates;
}

par_value par_rnn(par_graph *g, par_value x, const par_rnn_spec *spec)
{
	static const int64_t gates[] = {
	    [PAR_RNN_SIMPLE] = 1, [PAR_RNN_GRU] = 3, [PAR_RNN_LSTM] = 4};
	par_op *op = par_op_new(g, &rnn_kind, 1, &x, sizeof(rnn));
	if (!op)
		return -1;
	int64_t shape[PAR_AXES];
	int nd = par_op_axes(g, x, shape);
	if (nd != 2 || shape[0] < 1 || shape[1] < 1 || spec->hidden < 1)
		return par_op_fail(g, "rnn %s: an input of %d axes to %lld; wanted [time, in]",
		    spec->name, nd, (long long)spec->hidden);
	rnn *n = op->own;
	*n = (rnn){spec->kind, shape[0], shape[1], spec->hidden, gates[spec->kind] * spec->hidden,
	    spec->sequence, spec->one_bias, 0, 0};
	if (!make_params(op, spec->name, n))
		return -1;
	plan_memory(op, n);
	op->flops = 2 * (double)n->time * (double)(n->in + n->hidden) * (double)n->width;
	return n->sequence ? par_op_done(op, PAR_F32, 2, (int64_t[]){n->time, n->hidden})
			   : par_op_done(op, PAR_F32, 1, &n->hidden);
}
