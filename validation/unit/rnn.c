/* np: 1 2 3 6 */
#include "grad/layers.h"
#include "opcheck.h"

typedef struct {
	par_rnn_kind kind;
	int64_t time, in, hidden;
	bool sequence, one_bias;
} shape;

static par_value build(par_graph *g, const par_value *in, const void *ctx)
{
	const shape *s = ctx;
	return par_rnn(g, in[0],
	    &(par_rnn_spec){.name = "rnn",
		.kind = s->kind,
		.hidden = s->hidden,
		.sequence = s->sequence,
		.one_bias = s->one_bias});
}

static double sigmoid(double a)
{
	return 1 / (1 + exp(-a));
}

/* row j of a gate: bias and the products of column j with v */
static double affine(
    const double *w, const double *bias, const double *v, int64_t n, int64_t width, int64_t j)
{
	double sum = bias ? bias[j] : 0;
	for (int64_t k = 0; k < n; k++)
		sum += v[k] * w[k * width + j];
	return sum;
}

/* torch.nn.RNN, GRU and LSTM, one hidden unit after the other; after has room for the state */
static void step(
    const shape *s, const double *x, double *const *p, double *h, double *c, double *after)
{
	static const int gates[] = {1, 3, 4};
	int64_t n = s->hidden, width = gates[s->kind] * n;
	const double *state_bias = s->one_bias ? NULL : p[3];
	for (int64_t j = 0; j < n; j++) {
		double a[4] = {0}, b[4] = {0};
		for (int k = 0; k < gates[s->kind]; k++) {
			a[k] = affine(p[0], p[2], x, s->in, width, k * n + j);
			b[k] = affine(p[1], state_bias, h, n, width, k * n + j);
		}
		if (s->kind == PAR_RNN_SIMPLE) {
			after[j] = tanh(a[0] + b[0]);
		} else if (s->kind == PAR_RNN_GRU) {
			double r = sigmoid(a[0] + b[0]), z = sigmoid(a[1] + b[1]);
			after[j] = (1 - z) * tanh(a[2] + r * b[2]) + z * h[j];
		} else {
			double i = sigmoid(a[0] + b[0]), f = sigmoid(a[1] + b[1]);
			c[j] = f * c[j] + i * tanh(a[2] + b[2]);
			after[j] = sigmoid(a[3] + b[3]) * tanh(c[j]);
		}
	}
	memcpy(h, after, (size_t)n * sizeof *h);
}

static void reference(
    int64_t samples, double *const *x, double *const *p, double *y, const void *ctx)
{
	const shape *s = ctx;
	int64_t n = s->hidden;
	double *h = malloc(3 * (size_t)n * sizeof *h);
	for (int64_t i = 0; i < samples; i++) {
		memset(h, 0, 3 * (size_t)n * sizeof *h);
		for (int64_t t = 0; t < s->time; t++) {
			step(s, x[0] + (i * s->time + t) * s->in, p, h, h + n, h + 2 * n);
			if (s->sequence)
				memcpy(y + (i * s->time + t) * n, h, (size_t)n * sizeof *h);
		}
		if (!s->sequence)
			memcpy(y + i * n, h, (size_t)n * sizeof *h);
	}
	free(h);
}

static void check(
    const par_world *w, const char *what, int64_t batch, int64_t count, bool bf16, shape s)
{
	opcheck c = {.what = what,
	    .batch = batch,
	    .count = count,
	    .inputs = 1,
	    .input = {{PAR_F32, 2, {s.time, s.in}, 0, 0}},
	    .build = build,
	    .reference = reference,
	    .ctx = &s,
	    .bf16 = bf16,
	    .tolerance = bf16 ? 0.02 : 0};
	opcheck_all(&c, w);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	check(&w, "simple", 11, 0, false, (shape){PAR_RNN_SIMPLE, 4, 5, 7, false, false});
	check(&w, "simple, sequence, one bias", 5, 0, false,
	    (shape){PAR_RNN_SIMPLE, 3, 1, 17, true, true});
	check(&w, "simple, one step of one sample", 1, 0, false,
	    (shape){PAR_RNN_SIMPLE, 1, 3, 1, false, false});
	check(
	    &w, "simple, short batch", 9, 4, false, (shape){PAR_RNN_SIMPLE, 3, 3, 5, false, false});
	check(&w, "GRU", 7, 0, false, (shape){PAR_RNN_GRU, 4, 5, 6, false, false});
	check(&w, "GRU, sequence", 4, 0, false, (shape){PAR_RNN_GRU, 3, 2, 19, true, false});
	check(&w, "GRU, one bias", 2, 0, false, (shape){PAR_RNN_GRU, 2, 3, 4, true, true});
	check(&w, "LSTM", 7, 0, false, (shape){PAR_RNN_LSTM, 4, 5, 6, false, false});
	check(&w, "LSTM, sequence", 4, 0, false, (shape){PAR_RNN_LSTM, 3, 2, 19, true, false});
	check(&w, "LSTM, one bias", 2, 0, false, (shape){PAR_RNN_LSTM, 3, 3, 4, false, true});
	check(&w, "GRU, bf16", 5, 0, true, (shape){PAR_RNN_GRU, 3, 32, 16, true, false});
	check(&w, "LSTM, bf16", 5, 0, true, (shape){PAR_RNN_LSTM, 3, 32, 16, false, false});
	par_world_close(&w);
	return tap_end();
}
