/* np: 1 2 3 6 */
#include "grad/layers.h"
#include "opcheck.h"

typedef struct {
	int64_t pictures, h, w, in;
	par_conv_spec spec;
	bool up;
} shape;

static par_value build(par_graph *g, const par_value *in, const void *ctx)
{
	const shape *s = ctx;
	return (s->up ? par_conv2d_transposed : par_conv2d)(g, in[0], &s->spec);
}

static double activate(par_act act, double c)
{
	switch (act) {
	case PAR_ACT_RELU:
		return c > 0 ? c : 0;
	case PAR_ACT_LEAKY:
		return c > 0 ? c : 0.2 * c;
	case PAR_ACT_TANH:
		return tanh(c);
	default:
		return c;
	}
}

static int64_t side(const shape *s, int64_t n)
{
	int64_t stride = s->spec.stride ? s->spec.stride : 1;
	return s->up ? (n - 1) * stride - 2 * s->spec.pad + s->spec.kernel
		     : (n + 2 * s->spec.pad - s->spec.kernel) / stride + 1;
}

/* the input row (or column) that output row o meets at row k of the kernel; -1: none */
static int64_t met(const shape *s, int64_t o, int64_t k, int64_t rows)
{
	int64_t stride = s->spec.stride ? s->spec.stride : 1, pad = s->spec.pad;
	int64_t at = s->up ? o + pad - k : o * stride + k - pad;
	if (s->up && at % stride != 0)
		return -1;
	at = s->up ? at / stride : at;
	return at >= 0 && at < rows ? at : -1;
}

/* output cell (oy, ox), channel o */
static double cell(
    const shape *s, const double *x, double *const *p, int64_t oy, int64_t ox, int64_t o)
{
	int64_t k = s->spec.kernel, out = s->spec.out;
	const double *bias = s->spec.no_bias ? NULL : p[1];
	double sum = bias ? bias[o] : 0;
	for (int64_t tap = 0; tap < k * k; tap++) {
		int64_t iy = met(s, oy, tap / k, s->h), ix = met(s, ox, tap % k, s->w);
		for (int64_t i = 0; i < s->in && iy >= 0 && ix >= 0; i++)
			sum += x[(iy * s->w + ix) * s->in + i] * p[0][(tap * s->in + i) * out + o];
	}
	return activate(s->spec.act, sum);
}

static void reference(
    int64_t samples, double *const *x, double *const *p, double *y, const void *ctx)
{
	const shape *s = ctx;
	int64_t pool = s->spec.pool ? s->spec.pool : 1;
	int64_t h = side(s, s->h) / pool, w = side(s, s->w) / pool, out = s->spec.out;
	for (int64_t i = 0; i < samples * s->pictures * h * w * out; i++) {
		const double *picture = x[0] + i / (h * w * out) * s->h * s->w * s->in;
		int64_t oy = i / out / w % h * pool, ox = i / out % w * pool;
		y[i] = -INFINITY;
		for (int64_t k = 0; k < pool * pool; k++)
			y[i] = fmax(
			    y[i], cell(s, picture, p, oy + k / pool, ox + k % pool, i % out));
	}
}

static void check(const par_world *w, const char *what, int64_t batch, shape s)
{
	s.spec.name = "conv";
	opcheck c = {.what = what,
	    .batch = batch,
	    .inputs = 1,
	    .input = {{PAR_F32, 4, {s.pictures, s.h, s.w, s.in}, 0, 0}},
	    .build = build,
	    .reference = reference,
	    .ctx = &s};
	opcheck_all(&c, w);
}

static void refusals(const par_world *w)
{
	static const par_conv_spec wrong[] = {{"a", .out = 3, .kernel = 6},
	    {"a", .out = 0, .kernel = 2}, {"a", .out = 1, .kernel = 0},
	    {"a", .out = 1, .kernel = 2, .pad = -1}, {"a", .out = 1, .kernel = 2, .pool = 5}};
	for (int i = 0; i < 5; i++) {
		par_graph *g;
		par_graph_open(&g, &(par_graph_spec){.world = w, .batch = 4});
		par_value x = par_graph_input(g, "x", PAR_F32, 3, (int64_t[]){5, 5, 2});
		par_value y = par_conv2d(g, x, &wrong[i]);
		ok(y < 0 && par_graph_plan(g) == PAR_E_CONFIG, "wrong setting %d is refused", i);
		par_graph_close(g);
	}
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	check(&w, "3 x 3 with ReLU, one channel", 7,
	    (shape){1, 6, 5, 1, {.out = 18, .kernel = 3, .act = PAR_ACT_RELU}, false});
	check(&w, "4 x 4 stride 2 leaky, two pictures a sample", 5,
	    (shape){2, 6, 6, 3,
		{.out = 5, .kernel = 4, .stride = 2, .pad = 1, .act = PAR_ACT_LEAKY}, false});
	check(&w, "no bias, one sample", 1,
	    (shape){1, 3, 4, 2, {.out = 2, .kernel = 3, .pad = 1, .no_bias = true}, false});
	check(&w, "transposed 4 x 4 stride 2 to one channel, tanh", 5,
	    (shape){1, 3, 3, 6, {.out = 1, .kernel = 4, .stride = 2, .pad = 1, .act = PAR_ACT_TANH},
		true});
	check(&w, "transposed 3 x 3 stride 2 with ReLU", 7,
	    (shape){1, 3, 2, 4, {.out = 6, .kernel = 3, .stride = 2, .act = PAR_ACT_RELU}, true});
	check(&w, "5 x 5 leaky with pool", 7,
	    (shape){1, 9, 11, 2, {.out = 19, .kernel = 5, .act = PAR_ACT_LEAKY, .pool = 2}, false});
	check(&w, "3 x 3 with ReLU and pool 3, padded, two pictures a sample", 3,
	    (shape){2, 7, 6, 6, {.out = 4, .kernel = 3, .pad = 1, .act = PAR_ACT_RELU, .pool = 3},
		false});
	check(&w, "1 x 1 with tanh and pool", 3,
	    (shape){1, 4, 4, 2, {.out = 3, .kernel = 1, .act = PAR_ACT_TANH, .pool = 2}, false});
	refusals(&w);
	par_world_close(&w);
	return tap_end();
}
