#include "grad/layers.h"
#include "grad/op.h"
#include "tensor/rows.h"

typedef struct {
	int64_t rows, cols; /* of a sample */
	float eps;
} layer_norm;

enum { SCALE, SHIFT }; /* parameters */
enum { MEAN, RSTD };   /* saved, a float a row */

static void forward(const par_run *r, par_op *op)
{
	const layer_norm *l = op->own;
	par_rows_normalise(r->samples * l->rows, l->cols, op->x[0], op->param[SCALE]->weights,
	    op->param[SHIFT]->weights, l->eps, op->y, op->saved[MEAN], op->saved[RSTD]);
}

typedef struct {
	const par_op *op;
	int64_t first;
} scale_sum;

static void add_scale(void *ctx, int64_t lo, int64_t hi, float *out)
{
	const scale_sum *s = ctx;
	const layer_norm *l = s->op->own;
	int64_t row = (lo - s->first) * l->rows;
	par_columns_sum_normalised((hi - lo) * l->rows, l->cols,
	    (const float *)s->op->x[0] + row * l->cols, s->op->saved[MEAN] + row,
	    s->op->saved[RSTD] + row, s->op->dy + row * l->cols, out);
}

static void backward(const par_run *r, par_op *op)
{
	const layer_norm *l = op->own;
	if (par_op_wants(r, op, SCALE))
		par_shards_sum(r->shards, add_scale, &(scale_sum){op, r->shards->lo}, l->cols,
		    op->param[SCALE]->grad, op->scratch);
	if (par_op_wants(r, op, SHIFT))
		par_shards_sum_rows(
		    r->shards, l->rows, l->cols, op->dy, op->param[SHIFT]->grad, op->scratch);
	if (op->dx[0])
		par_rows_normalise_back(r->samples * l->rows, l->cols, op->x[0], op->saved[MEAN],
		    op->saved[RSTD], op->param[SCALE]->weights, op->dy, op->dx[0]);
}

static const par_op_kind kind = {.name = "layer norm",
    .slices = true,
    .reads = PAR_READS_IN,
    .forward = forward,
    .backward = backward};

par_value par_layer_norm(par_graph *g, const char *name, par_value x, double eps)
{
	par_op *op = par_op_new(g, &kind, 1, &x, sizeof(layer_norm));
	if (!op)
		return -1;
	int64_t cols = par_op_axis(g, x, -1);
	if (cols < 1)
		return par_op_fail(g, "layer norm %s over nothing", name);
	*(layer_norm *)op->own = (layer_norm){
	    par_op_elements(g, x) / cols, cols, (float)(eps != 0 ? eps : 1e-5)};
	if (!par_op_param(op, name, "weight", PAR_PARAM_DENSE, 1, &cols, PAR_INIT_CONSTANT, 1) ||
	    !par_op_param(op, name, "bias", PAR_PARAM_DENSE, 1, &cols, PAR_INIT_CONSTANT, 0))
		return -1;
	op->saved_floats[MEAN] = op->saved_floats[RSTD] = (size_t)(par_op_elements(g, x) / cols);
	op->scratch_floats = (size_t)par_shards_scratch(par_graph_shards(g)) * (size_t)cols;
	return par_op_done_like(op, x);
}
