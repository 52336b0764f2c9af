#include "tensor/conv.h"

#include "grad/layers.h"
#include "grad/op.h"
#include "grad/pool.h"
#include "grad/spectral.h"
#include "tensor/finish.h"

#include <math.h>

typedef struct {
	par_conv_map map;
	bool up;               /* transposed: from the coarse grid to the fine one */
	int64_t pictures;      /* of a sample */
	par_pool_map pool;     /* taken over; size 0: none */
	float slope;           /* of the activation that the product ends with; 1: none */
	int bias;              /* which parameter; 0: none */
	par_spectral spectral; /* of weights divided by their norm */
} conv;

static int64_t channels_out(const conv *c)
{
	return c->up ? c->map.fine : c->map.coarse;
}

static int64_t cells_out(const conv *c)
{
	if (c->pool.size > 0)
		return par_pool_floats(&c->pool) / c->map.coarse;
	return c->up ? c->map.fine_h * c->map.fine_w : c->map.coarse_h * c->map.coarse_w;
}

static void forward(const par_run *r, par_op *op)
{
	conv *c = op->own;
	int64_t pictures = r->samples * c->pictures;
	const float *w = c->spectral.weight ? par_spectral_weights(&c->spectral, r->training)
					    : op->param[0]->weights;
	par_finish finish = {c->bias ? op->param[c->bias]->weights : NULL, c->slope};
	if (c->up)
		par_conv_up(
		    &c->map, pictures, op->x[0], w, PAR_TRANSPOSED, &finish, op->y, op->scratch);
	else if (c->pool.size > 0)
		par_conv_down_pool(&c->map, &c->pool, pictures, op->x[0], w, PAR_AS_IS, &finish,
		    op->y, (uint8_t *)op->saved[0], op->scratch);
	else
		par_conv_down(
		    &c->map, pictures, op->x[0], w, PAR_AS_IS, &finish, op->y, op->scratch);
}

static void backward_input(const par_run *r, par_op *op)
{
	conv *c = op->own;
	int64_t pictures = r->samples * c->pictures;
	const float *w = c->spectral.weight ? c->spectral.divided : op->param[0]->weights;
	par_conv_pooled pooled = {c->pool, op->dy, (const uint8_t *)op->saved[0]};
	if (c->up)
		par_conv_down(
		    &c->map, pictures, op->dy, w, PAR_TRANSPOSED, NULL, op->dx[0], op->scratch);
	else if (c->pool.size > 0)
		par_conv_up_pooled(
		    &c->map, pictures, &pooled, w, PAR_AS_IS, op->dx[0], op->scratch);
	else
		par_conv_up(&c->map, pictures, op->dy, w, PAR_AS_IS, NULL, op->dx[0], op->scratch);
}

static void backward_weights(const par_run *r, par_op *op)
{
	conv *c = op->own;
	float *const *grad = op->param[0]->grad;
	par_conv_pooled pooled = {c->pool, op->dy, (const uint8_t *)op->saved[0]};
	if (c->up)
		par_conv_shards(&c->map, r->shards, c->pictures, op->dy, op->x[0], PAR_TRANSPOSED,
		    grad, op->scratch);
	else if (c->pool.size > 0)
		par_conv_shards_pooled(&c->map, r->shards, c->pictures, op->x[0], &pooled,
		    PAR_AS_IS, grad, op->scratch);
	else
		par_conv_shards(&c->map, r->shards, c->pictures, op->x[0], op->dy, PAR_AS_IS, grad,
		    op->scratch);
}

static void backward(const par_run *r, par_op *op)
{
	conv *c = op->own;
	bool bias = c->bias && par_op_wants(r, op, c->bias);
	par_finish_back(r->shards, c->pictures * cells_out(c), channels_out(c), c->slope, op->y,
	    op->dy, bias ? op->param[c->bias]->grad : NULL, op->scratch);
	if (op->dx[0])
		backward_input(r, op);
	if (par_op_wants(r, op, 0))
		backward_weights(r, op);
}

static void close_conv(par_op *op)
{
	par_spectral_close(&((conv *)op->own)->spectral);
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static void plan_memory(par_op *op)
{
	const conv *c = op->own;
	const par_conv_map *m = &c->map;
	const par_shards *s = par_graph_shards(op->graph);
	bool pool = c->pool.size > 0;
	size_t sums = (size_t)(par_shards_scratch(s) * channels_out(c));
	op->scratch_floats = larger(pool ? par_conv_pool_scratch(m) : par_conv_scratch(m),
	    larger(par_conv_shards_scratch(m, s), sums));
	if (pool) /* a byte each */
		op->saved_floats[0] = (size_t)(c->pictures * par_pool_floats(&c->pool) + 3) / 4;
}

/* Where windows overlap, a cell may be the maximum of several and the gradient be added up before the
 * activation's slope, or after: other bits. */
static bool absorb(par_op *op, const par_op *next)
{
	conv *c = op->own;
	const par_pool_map *pool = par_pool_maxima(next);
	if (c->up || !pool || pool->stride < pool->size)
		return false;
	c->pool = *pool;
	plan_memory(op);
	return true;
}

static const par_op_kind conv_kind = {.name = "conv2d",
    .reads = PAR_READS_IN | PAR_READS_OUT,
    .forward = forward,
    .backward = backward,
    .close = close_conv,
    .absorb = absorb};

/* uniform bounds as in a dense layer with the cells that a kernel sees; torch.nn takes the kernel of
 * a transposed convolution from the other side */
static double bound(const par_conv_spec *spec, double in, double out, bool up)
{
	double cells = (double)(spec->kernel * spec->kernel);
	switch (spec->init) {
	case PAR_FIRST_HE:
		return sqrt(6 / (cells * in));
	case PAR_FIRST_GLOROT:
		return sqrt(6 / (cells * (in + out)));
	case PAR_FIRST_ZERO:
		return 0;
	default:
		return 1 / sqrt(cells * (up ? out : in));
	}
}

static bool make_params(par_op *op, const par_conv_spec *spec, int64_t in)
{
	conv *c = op->own;
	double scale = bound(spec, (double)in, (double)spec->out, c->up);
	par_param *w = par_op_param(op, spec->name, "weight", PAR_PARAM_DENSE, 4,
	    (int64_t[]){spec->kernel, spec->kernel, in, spec->out}, PAR_INIT_UNIFORM, scale);
	if (!w || (spec->spectral && !par_spectral_add(op, &c->spectral, spec->name, w)))
		return false;
	if (spec->no_bias)
		return true;
	c->bias = op->params;
	return par_op_param(op, spec->name, "bias", PAR_PARAM_DENSE, 1, &spec->out,
		   PAR_INIT_UNIFORM, spec->init == PAR_FIRST_TORCH ? scale : 0) != NULL;
}

static int64_t wider(int64_t n, int64_t stride, const par_conv_spec *spec)
{
	return (n - 1) * stride - 2 * spec->pad + spec->kernel;
}

static par_conv_map map_of(const par_conv_spec *spec, bool up, const int64_t in[3])
{
	int64_t k = spec->kernel, stride = spec->stride > 0 ? spec->stride : 1, pad = spec->pad;
	if (up)
		return (par_conv_map){k, stride, pad, wider(in[0], stride, spec),
		    wider(in[1], stride, spec), spec->out, in[0], in[1], in[2]};
	return (par_conv_map){k, stride, pad, in[0], in[1], in[2],
	    par_conv_coarse(in[0], k, stride, pad), par_conv_coarse(in[1], k, stride, pad),
	    spec->out};
}

static par_value finish_op(par_op *op, int nd, int64_t *shape)
{
	conv *c = op->own;
	const par_conv_map *m = &c->map;
	op->flops = 2 * (double)(c->pictures * m->coarse_h * m->coarse_w * m->coarse) *
		    (double)(m->kernel * m->kernel * m->fine);
	plan_memory(op);
	shape[nd - 3] = c->up ? m->fine_h : m->coarse_h;
	shape[nd - 2] = c->up ? m->fine_w : m->coarse_w;
	shape[nd - 1] = channels_out(c);
	return par_op_done(op, PAR_F32, nd, shape);
}

static par_value build(par_graph *g, par_value x, const par_conv_spec *spec, bool up)
{
	par_op *op = par_op_new(g, &conv_kind, 1, &x, sizeof(conv));
	if (!op)
		return -1;
	int64_t shape[PAR_AXES];
	int nd = par_op_axes(g, x, shape);
	if (nd < 3 || spec->out < 1 || spec->kernel < 1 || spec->stride < 0 || spec->pad < 0)
		return par_op_fail(g,
		    "convolution %s: wanted pictures [h, w, channel], %lld > 0 channels, kernel "
		    "%lld > 0, stride %lld and padding %lld not negative",
		    spec->name, (long long)spec->out, (long long)spec->kernel,
		    (long long)spec->stride, (long long)spec->pad);
	conv *c = op->own;
	const int64_t *in = shape + nd - 3;
	bool fused = spec->act <= PAR_ACT_LEAKY;
	*c = (conv){.map = map_of(spec, up, in),
	    .up = up,
	    .pictures = par_op_elements(g, x) / (in[0] * in[1] * in[2]),
	    .slope = spec->act == PAR_ACT_RELU    ? 0
		     : spec->act == PAR_ACT_LEAKY ? 0.2f
						  : 1};
	if (cells_out(c) < 1 || c->map.fine_h < 1 || c->map.fine_w < 1)
		return par_op_fail(g,
		    "convolution %s: a kernel of %lld and padding %lld leave nothing of %lld x "
		    "%lld cells",
		    spec->name, (long long)spec->kernel, (long long)spec->pad, (long long)in[0],
		    (long long)in[1]);
	if (!make_params(op, spec, in[2]))
		return -1;
	par_value y = finish_op(op, nd, shape);
	if (!fused)
		y = par_activate(g, y, spec->act);
	return spec->pool ? par_pool2d(g, y, PAR_POOL_MAX, spec->pool, spec->pool) : y;
}

par_value par_conv2d(par_graph *g, par_value x, const par_conv_spec *spec)
{
	return build(g, x, spec, false);
}

par_value par_conv2d_transposed(par_graph *g, par_value x, const par_conv_spec *spec)
{
	return build(g, x, spec, true);
}
