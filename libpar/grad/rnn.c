#include "base/memory.h"
#include "grad/layers.h"
#include "grad/op.h"
#include "tensor/gates.h"
#include "tensor/gemm.h"

#include <math.h>
#include <string.h>

/* A step multiplies its inputs and the state by packed weights into sums that stay in a cache until
 * they have become gates. What only steps read stands time first, each step in one piece; inputs,
 * states and the sums' gradients stand samples first, so that the gradients of inputs and weights
 * are one product each. Products with the state stay in float under bf16: rounding them would add up
 * over time. */

enum { WEIGHT_IN, WEIGHT_STATE, BIAS_IN, BIAS_STATE };

/* saved: the state before each step, samples first; gates, time first; and time first, the cells of
 * an LSTM, of a GRU the state's share of the last gate */
enum { STATES, GATES, CELLS };

typedef struct {
	par_rnn_kind kind;
	int64_t time, in, hidden, width; /* width: of the gates of one step */
	bool sequence, one_bias;
	size_t packed_in, packed_state, sums; /* parts of scratch */
} rnn;

/* step t of an array that has samples or time first */
static par_strip samples_first(const rnn *n, float *x, int64_t width, int64_t t)
{
	return (par_strip){x + t * width, n->time * width};
}

static par_strip time_first(const par_run *r, float *x, int64_t width, int64_t t)
{
	return (par_strip){x + t * r->samples * width, width};
}

/* of the output or its gradient: that of step t, or the only one */
static par_strip of_output(const rnn *n, float *y, int64_t t)
{
	return n->sequence ? samples_first(n, y, n->hidden, t) : (par_strip){y, n->hidden};
}

/* the state after step t is the one before the next, or the last output */
static par_strip state_after(const rnn *n, const par_op *op, int64_t t)
{
	return t + 1 < n->time ? samples_first(n, op->saved[STATES], n->hidden, t + 1)
			       : of_output(n, op->y, t);
}

/* a step's rows of an array with samples first lie far apart: they are asked of memory a step ahead,
 * so that the wait hides behind products */
__attribute__((always_inline)) static inline void ask_ahead(
    const par_run *r, par_strip s, int64_t width)
{
	for (int64_t i = 0; i < r->samples; i++)
		par_prefetch(s.at + i * s.apart, (size_t)width * sizeof *s.at);
}

static par_gates step_at(const par_run *r, const par_op *op, int64_t t)
{
	const rnn *n = op->own;
	par_gates s = {.samples = r->samples,
	    .n = n->hidden,
	    .first = t == 0,
	    .h_before = samples_first(n, op->saved[STATES], n->hidden, t),
	    .h = state_after(n, op, t)};
	if (n->kind == PAR_RNN_SIMPLE)
		return s;
	s.gate = time_first(r, op->saved[GATES], n->width, t);
	s.c = s.q = time_first(r, op->saved[CELLS], n->hidden, t);
	if (t > 0)
		s.c_before = time_first(r, op->saved[CELLS], n->hidden, t - 1);
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

/* scratch of a forward call */
typedef struct {
	float *in, *state; /* weights, packed */
	const float *bias;
	float *sum, *state_sum; /* of one step, samples x width; the latter GRU's */
} forward_scratch;

static void step_sums(
    const par_run *r, const par_op *op, int64_t t, const forward_scratch *f, const par_gates *s)
{
	const rnn *n = op->own;
	const float *x = (const float *)op->x[0] + t * n->in;
	par_finish bias = {f->bias, 1};
	if (r->bf16)
		par_gemm_bf16(s->samples, n->width, n->in, x, n->time * n->in, PAR_AS_IS,
		    op->param[WEIGHT_IN]->weights, n->width, PAR_AS_IS, f->sum, n->width, false,
		    &bias);
	else
		par_gemm_packed(s->samples, n->width, n->in, x, n->time * n->in, f->in, f->sum,
		    n->width, false, &bias);
	if (n->kind == PAR_RNN_GRU) {
		par_finish state_bias = {n->one_bias ? NULL : op->param[BIAS_STATE]->weights, 1};
		par_gemm_packed(s->samples, n->width, n->hidden, s->h_before.at, s->h_before.apart,
		    f->state, f->state_sum, n->width, false, &state_bias);
	} else if (!s->first) {
		par_gemm_packed(s->samples, n->width, n->hidden, s->h_before.at, s->h_before.apart,
		    f->state, f->sum, n->width, true, NULL);
	}
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
	static void (*const gates[])(const par_gates *) = {
	    par_gates_simple, par_gates_gru, par_gates_lstm};
	const rnn *n = op->own;
	float *at = op->scratch;
	forward_scratch f = {.in = at, .state = at + n->packed_in};
	at += n->packed_in + n->packed_state;
	f.bias = gate_bias(n, op, at);
	f.sum = at + n->sums;
	f.state_sum = f.sum + r->samples * n->width;
	par_gemm_pack(f.in, n->in, n->width, op->param[WEIGHT_IN]->weights, n->width, PAR_AS_IS);
	par_gemm_pack(
	    f.state, n->hidden, n->width, op->param[WEIGHT_STATE]->weights, n->width, PAR_AS_IS);
	begin_states(r, op);
	for (int64_t t = 0; t < n->time; t++) {
		par_gates s = step_at(r, op, t);
		s.sum = (par_strip){f.sum, n->width};
		s.state = (par_strip){f.state_sum, n->width};
		if (t + 1 < n->time) {
			ask_ahead(r, samples_first(n, op->x[0], n->in, t + 1), n->in);
			ask_ahead(r, state_after(n, op, t + 1), n->hidden);
		}
		step_sums(r, op, t, &f, &s);
		gates[n->kind](&s);
	}
	if (n->sequence)
		copy_sequence(r, op);
}

/* gradients of the sums that gates are made of, samples first: with the inputs' share and, another
 * only in a GRU, the state's of the last gate; and of an LSTM's cells */
typedef struct {
	float *dgate, *dstate, *dc;
} backward_scratch;

static void step_back(const par_run *r, const par_op *op, int64_t t, const backward_scratch *b)
{
	static void (*const back[])(const par_gates *) = {
	    par_gates_simple_back, par_gates_gru_back, par_gates_lstm_back};
	const rnn *n = op->own;
	par_gates s = step_at(r, op, t);
	s.dh = of_output(n, op->dy, t);
	s.dgate = samples_first(n, b->dgate, n->width, t);
	s.dstate = samples_first(n, b->dstate, n->width, t);
	s.dc = (par_strip){b->dc, n->hidden};
	s.adds = n->sequence;
	if (t > 0)
		s.dh_before = of_output(n, op->dy, t - 1);
	back[n->kind](&s);
	if (t == 0)
		return;
	ask_ahead(r, samples_first(n, b->dgate, n->width, t - 1), n->width);
	if (n->kind == PAR_RNN_SIMPLE)
		ask_ahead(r, state_after(n, op, t - 1), n->hidden);
	par_gemm_packed(r->samples, n->hidden, n->width, s.dstate.at, s.dstate.apart, op->scratch,
	    s.dh_before.at, s.dh_before.apart, n->sequence || n->kind == PAR_RNN_GRU, NULL);
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
	float *packed = op->scratch, *sums = packed + n->packed_state, *dgate = sums + n->sums;
	float *end = dgate + rows * n->width;
	backward_scratch b = {dgate, n->kind == PAR_RNN_GRU ? end : dgate, end};
	if (n->kind == PAR_RNN_LSTM)
		memset(b.dc, 0, (size_t)(r->samples * n->hidden) * sizeof(float));
	par_gemm_pack(packed, n->width, n->hidden, op->param[WEIGHT_STATE]->weights, n->width,
	    PAR_TRANSPOSED);
	for (int64_t t = n->time - 1; t >= 0; t--)
		step_back(r, op, t, &b);
	if (op->dx[0])
		(r->bf16 ? par_gemm_bf16 : par_gemm)(rows, n->in, n->width, dgate, n->width,
		    PAR_AS_IS, op->param[WEIGHT_IN]->weights, n->width, PAR_TRANSPOSED, op->dx[0],
		    n->in, false, NULL);
	weight_gradient(r, op, WEIGHT_IN, n->in, op->x[0], dgate);
	weight_gradient(r, op, WEIGHT_STATE, n->hidden, op->saved[STATES], b.dstate);
	bias_gradients(r, op, dgate, b.dstate, sums);
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
	n->packed_in = line_up(par_gemm_packed_floats(n->in, n->width));
	n->packed_state = line_up(forth > back ? forth : back);
	n->sums = line_up(sums * (size_t)n->width);
	op->scratch_floats = n->packed_in + n->packed_state + n->sums;
	size_t gates = (size_t)(n->time * n->width), states = (size_t)(n->time * n->hidden);
	/* backward: gradients of the sums, of a GRU two kinds, of an LSTM's cell; forward: a step's
	 * sums, of a GRU two kinds */
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
	    spec->sequence, spec->one_bias, 0, 0, 0};
	if (!make_params(op, spec->name, n))
		return -1;
	plan_memory(op, n);
	op->flops = 2 * (double)n->time * (double)(n->in + n->hidden) * (double)n->width;
	return n->sequence ? par_op_done(op, PAR_F32, 2, (int64_t[]){n->time, n->hidden})
			   : par_op_done(op, PAR_F32, 1, &n->hidden);
}
