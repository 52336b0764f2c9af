#include "comm/lookup.h"
#include "grad/layers.h"
#include "grad/op.h"

#include <string.h>

typedef struct {
	par_lookup *lookup;
	int64_t ids; /* of a sample */
} embed;

/* samples that are not real name no rows, so that they do not count as looked up */
static void forward(const par_run *r, par_op *op)
{
	const embed *e = op->own;
	const par_param *table = op->param[0];
	int64_t width = table->shape[1], real = r->real * e->ids, all = r->samples * e->ids;
	float *y = op->y;
	par_lookup_fetch(e->lookup, table->weights, op->x[0], real, y);
	memset(y + real * width, 0, (size_t)((all - real) * width) * sizeof *y);
}

static void backward(const par_run *r, par_op *op)
{
	const embed *e = op->own;
	if (!par_op_wants(r, op, 0))
		return;
	par_lookup_rows sums = par_lookup_sum(e->lookup, op->dy);
	op->param[0]->rows = (par_grad_rows){sums.n, sums.id, sums.row};
}

static par_err plan(par_op *op, const par_shards *s)
{
	embed *e = op->own;
	par_param *table = op->param[0];
	PAR_TRY(par_lookup_plan(
	    &e->lookup, s->world, table->shape[0], table->shape[1], (s->hi - s->lo) * e->ids));
	par_lookup_mine(e->lookup, &table->row_lo, &table->row_hi);
	return PAR_OK;
}

static void close_lookup(par_op *op)
{
	embed *e = op->own;
	par_lookup_free(e->lookup);
}

static const par_op_kind embed_kind = {
    .name = "embed", .forward = forward, .backward = backward, .plan = plan, .close = close_lookup};

/* first values normal, as torch.nn.Embedding */
par_value par_embed(par_graph *g, par_value ids, const par_embed_spec *spec)
{
	par_op *op = par_op_new(g, &embed_kind, 1, &ids, sizeof(embed));
	if (!op)
		return -1;
	int64_t shape[PAR_AXES];
	int nd = par_op_axes(g, ids, shape);
	if (par_op_type(g, ids) != PAR_I32 || nd >= PAR_AXES)
		return par_op_fail(
		    g, "embed %s: wanted integers of at most %d axes", spec->name, PAR_AXES - 1);
	if (spec->rows < 1 || spec->rows > INT32_MAX || spec->width < 1)
		return par_op_fail(g, "embed %s: a table of %lld rows of %lld", spec->name,
		    (long long)spec->rows, (long long)spec->width);
	embed *e = op->own;
	e->ids = par_op_elements(g, ids);
	if (!par_op_param(op, spec->name, "weight", PAR_PARAM_TABLE, 2,
		(int64_t[]){spec->rows, spec->width}, PAR_INIT_NORMAL,
		spec->scale > 0 ? spec->scale : 1))
		return -1;
	shape[nd] = spec->width;
	return par_op_done(op, PAR_F32, nd + 1, shape);
}
