/* np: 1 2 3 6 */
#include "grad/layers.h"
#include "opcheck.h"

typedef struct {
	int64_t time, width, heads;
	bool causal;
} shape;

static par_value build(par_graph *g, const par_value *in, const void *ctx)
{
	const shape *s = ctx;
	return par_attention(g, in[0], &(par_attention_spec){"attention", s->heads, s->causal});
}

/* y = x w + b of one row */
static void affine(
    const double *x, int64_t in, const double *w, const double *b, int64_t out, double *y)
{
	for (int64_t j = 0; j < out; j++) {
		y[j] = b[j];
		for (int64_t k = 0; k < in; k++)
			y[j] += x[k] * w[k * out + j];
	}
}

/* step i of head h: the mean of v over steps, each weighed by e^(<q, k> / sqrt(each)) */
static void attend(const shape *s, const double *qkv, int64_t i, int64_t h, double *mixed)
{
	int64_t d = s->width, each = d / s->heads, seen = s->causal ? i + 1 : s->time;
	double total = 0;
	for (int64_t c = 0; c < each; c++)
		mixed[h * each + c] = 0;
	for (int64_t t = 0; t < seen; t++) {
		double dot = 0;
		for (int64_t c = 0; c < each; c++)
			dot += qkv[i * 3 * d + h * each + c] * qkv[t * 3 * d + d + h * each + c];
		double e = exp(dot / sqrt((double)each));
		total += e;
		for (int64_t c = 0; c < each; c++)
			mixed[h * each + c] += e * qkv[t * 3 * d + 2 * d + h * each + c];
	}
	for (int64_t c = 0; c < each; c++)
		mixed[h * each + c] /= total;
}

static void reference(
    int64_t samples, double *const *x, double *const *p, double *y, const void *ctx)
{
	const shape *s = ctx;
	int64_t d = s->width, row = s->time * d;
	double *qkv = malloc((size_t)(3 * row + d) * sizeof *qkv), *mixed = qkv + 3 * row;
	for (int64_t n = 0; n < samples; n++) {
		for (int64_t i = 0; i < s->time; i++)
			affine(x[0] + n * row + i * d, d, p[0], p[1], 3 * d, qkv + i * 3 * d);
		for (int64_t i = 0; i < s->time; i++) {
			for (int64_t h = 0; h < s->heads; h++)
				attend(s, qkv, i, h, mixed);
			affine(mixed, d, p[2], p[3], d, y + n * row + i * d);
		}
	}
	free(qkv);
}

static void check(const par_world *w, const char *what, int64_t batch, bool bf16, shape s)
{
	opcheck c = {.what = what,
	    .batch = batch,
	    .inputs = 1,
	    .input = {{PAR_F32, 2, {s.time, s.width}, 0, 0}},
	    .build = build,
	    .reference = reference,
	    .ctx = &s,
	    .bf16 = bf16,
	    .tolerance = bf16 ? 0.02 : 0};
	opcheck_all(&c, w);
}

static void refusals(const par_world *w)
{
	par_graph *g;
	par_graph_open(&g, &(par_graph_spec){.world = w, .batch = 2, .seed = 3});
	par_value x = par_graph_input(g, "x", PAR_F32, 2, (int64_t[]){3, 10});
	ok(par_attention(g, x, &(par_attention_spec){"attention", 4, false}) < 0 &&
		par_graph_plan(g) == PAR_E_CONFIG,
	    "heads that do not divide the features are refused");
	par_graph_close(g);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	check(&w, "two heads", 5, false, (shape){7, 6, 2, false});
	check(&w, "causal", 4, false, (shape){9, 4, 1, true});
	check(&w, "a head a feature", 3, false, (shape){3, 5, 5, false});
	check(&w, "longer than a vector", 2, false, (shape){19, 34, 2, true});
	check(&w, "one step", 1, false, (shape){1, 2, 1, true});
	check(&w, "bf16", 5, true, (shape){9, 32, 2, false});
	refusals(&w);
	par_world_close(&w);
	return tap_end();
}
