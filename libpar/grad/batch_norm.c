#include "comm/reduce.h"
#include "grad/layers.h"
#include "grad/op.h"
#include "tensor/columns.h"
#include "tensor/map.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Statistics are sums over the global batch in double: of each shard, in its order of samples, then in
 * the canonical tree over shards. The running ones keep torch's conventions: the unbiased variance,
 * old += momentum (new - old). */
typedef struct {
	int64_t rows, cols; /* of a sample */
	int64_t classes;    /* rows of scale and shift; 1 unless conditional */
	bool conditional;
	double momentum, eps;
	par_reduce *sum;    /* of 2 cols doubles */
	double *shards;     /* 2 cols of each of my shards */
	double *one;        /* 2 cols of a sample */
	float *mean, *rstd; /* cols, of the last training run */
	float *scale;       /* classes x cols: rstd times the parameter */
	float *tilt, *lift; /* cols: coefficients of the way back */
} batch_norm;

enum { SCALE, SHIFT, RUNNING_MEAN, RUNNING_VARIANCE }; /* parameters */

static int64_t min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* the class of a local sample; -1 when its label is none */
static int64_t class_of(const batch_norm *b, const par_op *op, int64_t sample)
{
	if (!b->conditional)
		return 0;
	int32_t label = ((const int32_t *)op->x[1])[sample];
	return label >= 0 && label < b->classes ? label : -1;
}

/* real local samples of my k-th shard: [*lo, *hi) */
static void shard_samples(const par_run *r, int k, int64_t *lo, int64_t *hi)
{
	const par_shards *s = r->shards;
	*lo = min64(par_shards_first(s, s->shard_lo + k) - s->lo, r->real);
	*hi = min64(par_shards_first(s, s->shard_lo + k + 1) - s->lo, r->real);
}

/* my shards' sums go out; what comes back is that of the batch */
static const double *over_shards(const par_run *r, const batch_norm *b)
{
	size_t n = 2 * (size_t)b->cols;
	for (int k = 0; k < r->shards->shard_hi - r->shards->shard_lo; k++) {
		memcpy(par_reduce_next(b->sum), b->shards + (size_t)k * n, n * sizeof(double));
		par_reduce_born(b->sum);
	}
	return par_reduce_sum(b->sum);
}

static void take_statistics(const par_run *r, par_op *op)
{
	batch_norm *b = op->own;
	const float *x = op->x[0];
	float *mean = op->param[RUNNING_MEAN]->weights,
	      *variance = op->param[RUNNING_VARIANCE]->weights;
	for (int k = 0; k < r->shards->shard_hi - r->shards->shard_lo; k++) {
		int64_t lo, hi;
		shard_samples(r, k, &lo, &hi);
		par_columns_moments((hi - lo) * b->rows, b->cols, x + lo * b->rows * b->cols,
		    b->shards + 2 * b->cols * k);
	}
	const double *sum = over_shards(r, b);
	double n = (double)(r->count * b->rows), moving = r->moving > 0 ? r->moving : b->momentum;
	for (int64_t j = 0; j < b->cols && n > 0; j++) {
		double m = sum[j] / n, v = fmax(sum[b->cols + j] / n - m * m, 0);
		b->mean[j] = (float)m;
		b->rstd[j] = (float)(1 / sqrt(v + b->eps));
		double unbiased = n > 1 ? v * n / (n - 1) : v;
		mean[j] += (float)(moving * (m - (double)mean[j]));
		variance[j] += (float)(moving * (unbiased - (double)variance[j]));
	}
}

static void scale_classes(const batch_norm *b, const par_op *op, const float *rstd)
{
	for (int64_t c = 0; c < b->classes; c++)
		par_map_multiply(
		    b->cols, op->param[SCALE]->weights + c * b->cols, rstd, b->scale + c * b->cols);
}

/* a real sample whose label is none becomes NaN */
static void apply(const par_run *r, const par_op *op, const float *mean)
{
	const batch_norm *b = op->own;
	const float *x = op->x[0], *shift = op->param[SHIFT]->weights;
	float *y = op->y;
	int64_t each = b->rows * b->cols;
	if (!b->conditional) {
		par_columns_apply(r->samples * b->rows, b->cols, x, mean, b->scale, shift, y);
		return;
	}
	for (int64_t i = 0; i < r->samples; i++) {
		int64_t c = class_of(b, op, i), at = c < 0 ? 0 : c * b->cols;
		par_columns_apply(
		    b->rows, b->cols, x + i * each, mean, b->scale + at, shift + at, y + i * each);
		if (c < 0 && i < r->real)
			par_map_fill(each, NAN, y + i * each);
	}
}

static void forward(const par_run *r, par_op *op)
{
	batch_norm *b = op->own;
	if (r->training || r->moving > 0) {
		take_statistics(r, op);
		scale_classes(b, op, b->rstd);
		apply(r, op, b->mean);
		return;
	}
	const float *variance = op->param[RUNNING_VARIANCE]->weights;
	float *rstd = op->scratch;
	for (int64_t j = 0; j < b->cols; j++)
		rstd[j] = (float)(1 / sqrt((double)variance[j] + b->eps));
	scale_classes(b, op, rstd);
	apply(r, op, op->param[RUNNING_MEAN]->weights);
}

/* Way back. With g = dy scale and xh = (x - mean) rstd, sums over the n real rows of the batch:
 *	dx = rstd (g - sum g / n - xh sum(g xh) / n)
 * par_columns_slopes gives sums of dy and of dy xh. */
static void sum_slopes(const par_op *op, int64_t lo, int64_t hi, double *sums)
{
	const batch_norm *b = op->own;
	int64_t each = b->rows * b->cols;
	par_columns_slopes((hi - lo) * b->rows, b->cols, (const float *)op->x[0] + lo * each,
	    b->mean, b->rstd, op->dy + lo * each, sums);
}

/* sums of a sample times its class's scale */
static void add_scaled(const par_op *op, int64_t sample, double *sums)
{
	const batch_norm *b = op->own;
	int64_t c = class_of(b, op, sample);
	const float *scale = op->param[SCALE]->weights + (c < 0 ? 0 : c) * b->cols;
	sum_slopes(op, sample, sample + 1, b->one);
	for (int64_t j = 0; j < b->cols; j++) {
		sums[j] += b->one[j] * (double)scale[j];
		sums[b->cols + j] += b->one[b->cols + j] * (double)scale[j];
	}
}

/* each shard's sums: of dy and dy xh, or of g and g xh when the scale differs by sample */
static void sum_shards(const par_run *r, const par_op *op)
{
	const batch_norm *b = op->own;
	for (int k = 0; k < r->shards->shard_hi - r->shards->shard_lo; k++) {
		double *sums = b->shards + 2 * b->cols * k;
		int64_t lo, hi;
		shard_samples(r, k, &lo, &hi);
		if (!b->conditional) {
			sum_slopes(op, lo, hi, sums);
			continue;
		}
		memset(sums, 0, 2 * (size_t)b->cols * sizeof *sums);
		for (int64_t i = lo; i < hi; i++)
			add_scaled(op, i, sums);
	}
}

/* a shard's share of the gradient of shift (part 0) or scale (part 1) */
typedef struct {
	const par_run *run;
	const par_op *op;
	int part;
} share;

static void plain_share(void *ctx, int64_t lo, int64_t hi, float *out)
{
	const share *s = ctx;
	const batch_norm *b = s->op->own;
	const par_shards *shards = s->run->shards;
	int k = 0;
	(void)hi;
	while (par_shards_first(shards, shards->shard_lo + k) < lo)
		k++;
	for (int64_t j = 0; j < b->cols; j++)
		out[j] = (float)b->shards[(2 * k + s->part) * b->cols + j];
}

static void conditional_share(void *ctx, int64_t lo, int64_t hi, float *out)
{
	const share *s = ctx;
	const batch_norm *b = s->op->own;
	int64_t first = s->run->shards->lo, end = min64(hi - first, s->run->real);
	par_map_fill(b->classes * b->cols, 0, out);
	for (int64_t i = lo - first; i < end; i++) {
		int64_t c = class_of(b, s->op, i);
		sum_slopes(s->op, i, i + 1, b->one);
		for (int64_t j = 0; c >= 0 && j < b->cols; j++)
			out[c * b->cols + j] += (float)b->one[s->part * b->cols + j];
	}
}

static void give_parameters(const par_run *r, par_op *op)
{
	const batch_norm *b = op->own;
	for (int part = 0; part < 2; part++) {
		int k = part == 0 ? SHIFT : SCALE;
		if (par_op_wants(r, op, k))
			par_shards_sum(r->shards, b->conditional ? conditional_share : plain_share,
			    &(share){r, op, part}, b->classes * b->cols, op->param[k]->grad,
			    op->scratch);
	}
}

/* dx of one run of rows whose scale is that of class c */
static void back(const par_op *op, int64_t lo, int64_t hi, int64_t c)
{
	const batch_norm *b = op->own;
	int64_t each = b->rows * b->cols;
	par_columns_back((hi - lo) * b->rows, b->cols, (const float *)op->x[0] + lo * each, b->mean,
	    b->scale + c * b->cols, b->tilt, b->lift, op->dy + lo * each, op->dx[0] + lo * each);
}

static void give_input(const par_run *r, par_op *op)
{
	const batch_norm *b = op->own;
	const double *sum = over_shards(r, b);
	double n = (double)(r->count * b->rows);
	for (int64_t j = 0; j < b->cols && n > 0; j++) {
		double rstd = (double)b->rstd[j],
		       by = b->conditional ? 1 : (double)op->param[SCALE]->weights[j];
		b->lift[j] = (float)(rstd * by * sum[j] / n);
		b->tilt[j] = (float)(rstd * rstd * by * sum[b->cols + j] / n);
	}
	scale_classes(b, op, b->rstd);
	if (!b->conditional)
		back(op, 0, r->real, 0);
	for (int64_t i = 0; b->conditional && i < r->real; i++)
		back(op, i, i + 1, class_of(b, op, i) < 0 ? 0 : class_of(b, op, i));
	int64_t each = b->rows * b->cols;
	par_map_fill((r->samples - r->real) * each, 0, op->dx[0] + r->real * each);
}

static void backward(const par_run *r, par_op *op)
{
	sum_shards(r, op);
	give_parameters(r, op);
	if (op->dx[0])
		give_input(r, op);
}

static par_err plan(par_op *op, const par_shards *s)
{
	batch_norm *b = op->own;
	size_t cols = (size_t)b->cols, here = (size_t)(s->shard_hi - s->shard_lo);
	b->shards = calloc((here + 1) * 2 * cols, sizeof *b->shards);
	b->mean = calloc(cols * (size_t)(4 + b->classes), sizeof *b->mean);
	par_err e = b->shards && b->mean
			? PAR_OK
			: par_fail(PAR_E_MEMORY, "no memory for %zu statistics", cols);
	PAR_TRY_ALL(s->world, e);
	b->one = b->shards + 2 * cols * here;
	b->rstd = b->mean + cols;
	b->tilt = b->rstd + cols;
	b->lift = b->tilt + cols;
	b->scale = b->lift + cols;
	return par_reduce_plan(&b->sum, s->world, PAR_F64, 2 * b->cols, s->shards, 0);
}

static void close_plan(par_op *op)
{
	batch_norm *b = op->own;
	if (b->sum)
		par_reduce_free(b->sum);
	free(b->shards);
	free(b->mean);
}

static const par_op_kind kind = {.name = "batch norm",
    .reads = PAR_READS_IN,
    .forward = forward,
    .backward = backward,
    .plan = plan,
    .close = close_plan};

static bool make_params(par_op *op, const par_batch_norm_spec *spec, int64_t cols)
{
	int64_t shape[] = {spec->classes, cols};
	int nd = spec->classes > 0 ? 2 : 1;
	const int64_t *of = spec->classes > 0 ? shape : &cols;
	par_param *scale = par_op_param(
	    op, spec->name, "weight", PAR_PARAM_DENSE, nd, of, PAR_INIT_CONSTANT, 1);
	par_param *shift = par_op_param(
	    op, spec->name, "bias", PAR_PARAM_DENSE, nd, of, PAR_INIT_CONSTANT, 0);
	if (!scale || !shift)
		return false;
	scale->decays = shift->decays = false;
	return par_op_param(op, spec->name, "running_mean", PAR_PARAM_BUFFER, 1, &cols,
		   PAR_INIT_CONSTANT, 0) &&
	       par_op_param(op, spec->name, "running_variance", PAR_PARAM_BUFFER, 1, &cols,
		   PAR_INIT_CONSTANT, 1);
}

par_value par_batch_norm(
    par_graph *g, par_value x, par_value labels, const par_batch_norm_spec *spec)
{
	bool conditional = spec->classes > 0;
	par_op *op = par_op_new(
	    g, &kind, conditional ? 2 : 1, (par_value[]){x, labels}, sizeof(batch_norm));
	if (!op)
		return -1;
	int64_t cols = par_op_axis(g, x, -1), all = par_op_elements(g, x);
	if (all == 0)
		return par_op_fail(g, "batch norm %s over nothing", spec->name);
	if (conditional && (par_op_elements(g, labels) != 1 || par_op_type(g, labels) != PAR_I32))
		return par_op_fail(
		    g, "batch norm %s: labels are one whole number a sample", spec->name);
	batch_norm *b = op->own;
	*b = (batch_norm){.rows = all / cols,
	    .cols = cols,
	    .classes = conditional ? spec->classes : 1,
	    .conditional = conditional,
	    .momentum = spec->momentum != 0 ? spec->momentum : 0.1,
	    .eps = spec->eps != 0 ? spec->eps : 1e-5};
	if (!make_params(op, spec, cols))
		return -1;
	size_t sums = (size_t)par_shards_scratch(par_graph_shards(g)) * (size_t)b->classes;
	op->scratch_floats = (sums + 1) * (size_t)cols;
	return par_op_done_like(op, x);
}
