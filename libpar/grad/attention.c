#include "grad/layers.h"
#include "grad/op.h"
#include "tensor/gemm.h"
#include "tensor/map.h"
#include "tensor/rows.h"

#include <math.h>
#include <string.h>

/* A row of x goes to a row q k v by one product of three times its width; heads stand side by side
 * within each of the three, so a head's matrices are columns of the whole and nothing is moved. */

enum { WEIGHT_IN, BIAS_IN, WEIGHT_OUT, BIAS_OUT };

/* saved of a sample: [time, 3 width] with q scaled; [heads, time, time]; heads' results [time, width] */
enum { QKV, CHANCES, MIXED };

typedef __typeof__(par_gemm) product;
typedef __typeof__(par_gemm_shards) shard_product;

typedef struct {
	int64_t time, width, heads, each; /* each: width of a head */
	bool causal;
} attention;

static product *product_of(const par_run *r)
{
	return r->bf16 ? par_gemm_bf16 : par_gemm;
}

/* q / sqrt(each), so that products with k are logits */
static void scale_queries(const attention *a, int64_t rows, float *qkv)
{
	float factor = 1 / sqrtf((float)a->each);
	for (int64_t i = 0; i < rows; i++)
		par_map_scale(a->width, factor, 0, qkv + i * 3 * a->width, qkv + i * 3 * a->width);
}

/* logits become chances; causal: those of later steps are 0 */
static void to_chances(const attention *a, float *p)
{
	if (!a->causal) {
		par_rows_softmax(a->time, a->time, p, p);
		return;
	}
	for (int64_t i = 0; i < a->time; i++) {
		float *row = p + i * a->time;
		par_rows_softmax(1, i + 1, row, row);
		memset(row + i + 1, 0, (size_t)(a->time - i - 1) * sizeof *row);
	}
}

/* what one head of one sample reads and writes */
typedef struct {
	const float *q, *k, *v; /* rows 3 width apart, as of dq, dk, dv */
	float *p;               /* time x time */
	float *mixed;           /* rows width apart, as of dmixed */
	float *dq, *dk, *dv;
	const float *dmixed;
} head;

static head head_at(const attention *a, const par_op *op, int64_t sample, int64_t h)
{
	int64_t row = sample * a->time, at = h * a->each;
	const float *qkv = op->saved[QKV] + row * 3 * a->width + at;
	return (head){.q = qkv,
	    .k = qkv + a->width,
	    .v = qkv + 2 * a->width,
	    .p = op->saved[CHANCES] + (row * a->heads + h * a->time) * a->time,
	    .mixed = op->saved[MIXED] + row * a->width + at};
}

static void attend(const attention *a, product *multiply, const head *h)
{
	int64_t time = a->time, ld = 3 * a->width;
	multiply(time, time, a->each, h->q, ld, PAR_AS_IS, h->k, ld, PAR_TRANSPOSED, h->p, time,
	    false, NULL);
	to_chances(a, h->p);
	multiply(time, a->each, time, h->p, time, PAR_AS_IS, h->v, ld, PAR_AS_IS, h->mixed,
	    a->width, false, NULL);
}

static void forward(const par_run *r, par_op *op)
{
	const attention *a = op->own;
	int64_t rows = r->samples * a->time, d = a->width;
	product *multiply = product_of(r);
	par_finish in = {op->param[BIAS_IN]->weights, 1}, out = {op->param[BIAS_OUT]->weights, 1};
	multiply(rows, 3 * d, d, op->x[0], d, PAR_AS_IS, op->param[WEIGHT_IN]->weights, 3 * d,
	    PAR_AS_IS, op->saved[QKV], 3 * d, false, &in);
	scale_queries(a, rows, op->saved[QKV]);
	for (int64_t i = 0; i < r->samples * a->heads; i++) {
		head h = head_at(a, op, i / a->heads, i % a->heads);
		attend(a, multiply, &h);
	}
	multiply(rows, d, d, op->saved[MIXED], d, PAR_AS_IS, op->param[WEIGHT_OUT]->weights, d,
	    PAR_AS_IS, op->y, d, false, &out);
}

/* ds: time x time of scratch */
static void attend_back(const attention *a, product *multiply, const head *h, float *ds)
{
	int64_t time = a->time, each = a->each, d = a->width, ld = 3 * d;
	multiply(time, each, time, h->p, time, PAR_TRANSPOSED, h->dmixed, d, PAR_AS_IS, h->dv, ld,
	    false, NULL);
	multiply(time, time, each, h->dmixed, d, PAR_AS_IS, h->v, ld, PAR_TRANSPOSED, ds, time,
	    false, NULL);
	par_rows_softmax_back(time, time, h->p, ds, ds);
	multiply(
	    time, each, time, ds, time, PAR_AS_IS, h->k, ld, PAR_AS_IS, h->dq, ld, false, NULL);
	multiply(time, each, time, ds, time, PAR_TRANSPOSED, h->q, ld, PAR_AS_IS, h->dk, ld, false,
	    NULL);
}

static void heads_back(
    const par_run *r, const par_op *op, const float *dmixed, float *dqkv, float *ds)
{
	const attention *a = op->own;
	for (int64_t i = 0; i < r->samples * a->heads; i++) {
		head h = head_at(a, op, i / a->heads, i % a->heads);
		int64_t row = i / a->heads * a->time, at = i % a->heads * a->each;
		h.dmixed = dmixed + row * a->width + at;
		h.dq = dqkv + row * 3 * a->width + at;
		h.dk = h.dq + a->width;
		h.dv = h.dk + a->width;
		attend_back(a, product_of(r), &h, ds);
	}
	scale_queries(a, r->samples * a->time, dqkv);
}

/* of the map from x to dy's rows, n wide: parameters k and k + 1 */
static void map_gradients(const par_run *r, const par_op *op, int k, int64_t n, const float *x,
    const float *dy, float *scratch)
{
	const attention *a = op->own;
	shard_product *sum = r->bf16 ? par_gemm_shards_bf16 : par_gemm_shards;
	if (par_op_wants(r, op, k))
		sum(r->shards, a->time, a->width, n, x, a->width, dy, n, op->param[k]->grad);
	if (par_op_wants(r, op, k + 1))
		par_shards_sum_rows(r->shards, a->time, n, dy, op->param[k + 1]->grad, scratch);
}

static void backward(const par_run *r, par_op *op)
{
	const attention *a = op->own;
	int64_t rows = r->samples * a->time, d = a->width;
	float *dqkv = op->scratch, *dmixed = dqkv + rows * 3 * d, *ds = dmixed + rows * d;
	product *multiply = product_of(r);
	multiply(rows, d, d, op->dy, d, PAR_AS_IS, op->param[WEIGHT_OUT]->weights, d,
	    PAR_TRANSPOSED, dmixed, d, false, NULL);
	heads_back(r, op, dmixed, dqkv, ds);
	if (op->dx[0])
		multiply(rows, d, 3 * d, dqkv, 3 * d, PAR_AS_IS, op->param[WEIGHT_IN]->weights,
		    3 * d, PAR_TRANSPOSED, op->dx[0], d, false, NULL);
	map_gradients(r, op, WEIGHT_IN, 3 * d, op->x[0], dqkv, ds);
	map_gradients(r, op, WEIGHT_OUT, d, op->saved[MIXED], op->dy, ds);
}

static const par_op_kind attention_kind = {
    .name = "attention", .reads = PAR_READS_IN, .forward = forward, .backward = backward};

static bool make_params(par_op *op, const char *name, int64_t d)
{
	double bound = 1 / sqrt((double)d);
	int64_t three = 3 * d;
	return par_op_param(op, name, "weight_in", PAR_PARAM_DENSE, 2, (int64_t[]){d, three},
		   PAR_INIT_UNIFORM, bound) &&
	       par_op_param(
		   op, name, "bias_in", PAR_PARAM_DENSE, 1, &three, PAR_INIT_UNIFORM, bound) &&
	       par_op_param(op, name, "weight_out", PAR_PARAM_DENSE, 2, (int64_t[]){d, d},
		   PAR_INIT_UNIFORM, bound) &&
	       par_op_param(op, name, "bias_out", PAR_PARAM_DENSE, 1, &d, PAR_INIT_UNIFORM, bound);
}

static void plan_memory(par_op *op, const attention *a)
{
	size_t row = (size_t)a->width, square = (size_t)(a->time * a->time);
	size_t sums = (size_t)par_shards_scratch(par_graph_shards(op->graph)) * 3 * row;
	op->saves = 3;
	op->saved_floats[QKV] = (size_t)a->time * 3 * row;
	op->saved_floats[CHANCES] = (size_t)a->heads * square;
	op->saved_floats[MIXED] = (size_t)a->time * row;
	op->scratch_sample = (size_t)a->time * 4 * row;
	op->scratch_floats = square > sums ? square : sums;
}

par_value par_attention(par_graph *g, par_value x, const par_attention_spec *spec)
{
	par_op *op = par_op_new(g, &attention_kind, 1, &x, sizeof(attention));
	if (!op)
		return -1;
	int64_t shape[PAR_AXES];
	int nd = par_op_axes(g, x, shape);
	if (nd != 2 || shape[0] < 1 || shape[1] < 1)
		return par_op_fail(
		    g, "attention %s: an input of %d axes; wanted [time, feature]", spec->name, nd);
	if (spec->heads < 1 || shape[1] % spec->heads != 0)
		return par_op_fail(g,
		    "attention %s: %lld heads share %lld features; wanted equal "
		    "parts",
		    spec->name, (long long)spec->heads, (long long)shape[1]);
	attention *a = op->own;
	*a = (attention){shape[0], shape[1], spec->heads, shape[1] / spec->heads, spec->causal};
	if (!make_params(op, spec->name, a->width))
		return -1;
	plan_memory(op, a);
	op->flops = 2 * (double)a->time * (double)a->width *
		    (4 * (double)a->width + 2 * (double)a->time);
	return par_op_done(op, PAR_F32, 2, shape);
}
