#include "grad/layers.h"
#include "grad/op.h"
#include "tensor/map.h"
#include "tensor/rows.h"

typedef struct {
	int64_t rows, cols; /* of a sample */
	float factor;       /* 1, or of a mean 1 / how many are added */
} reduce_axes;

static void rows_forward(const par_run *r, par_op *op)
{
	const reduce_axes *a = op->own;
	for (int64_t i = 0; i < r->samples; i++)
		par_columns_sum(a->rows, a->cols, (const float *)op->x[0] + i * a->rows * a->cols,
		    (float *)op->y + i * a->cols);
	if (a->factor != 1)
		par_map_scale(r->samples * a->cols, a->factor, 0, op->y, op->y);
}

static void rows_backward(const par_run *r, par_op *op)
{
	const reduce_axes *a = op->own;
	for (int64_t i = 0; op->dx[0] && i < r->samples * a->rows; i++)
		par_map_scale(
		    a->cols, a->factor, 0, op->dy + i / a->rows * a->cols, op->dx[0] + i * a->cols);
}

static void last_forward(const par_run *r, par_op *op)
{
	const reduce_axes *a = op->own;
	par_rows_sum(r->samples * a->rows, a->cols, a->factor, op->x[0], op->y);
}

static void last_backward(const par_run *r, par_op *op)
{
	const reduce_axes *a = op->own;
	for (int64_t i = 0; op->dx[0] && i < r->samples * a->rows; i++)
		par_map_fill(a->cols, a->factor * op->dy[i], op->dx[0] + i * a->cols);
}

static par_op *reduction(par_graph *g, const par_op_kind *kind, par_value x, int64_t *cols)
{
	par_op *op = par_op_new(g, kind, 1, &x, sizeof(reduce_axes));
	if (!op)
		return NULL;
	*cols = par_op_axis(g, x, -1);
	if (par_op_elements(g, x) == 0) {
		par_op_fail(g, "%s over nothing", kind->name);
		return NULL;
	}
	*(reduce_axes *)op->own = (reduce_axes){par_op_elements(g, x) / *cols, *cols, 1};
	return op;
}

par_value par_reduce_rows(par_graph *g, par_value x, par_reduction how)
{
	static const par_op_kind kind = {.name = "reduce rows",
	    .slices = true,
	    .forward = rows_forward,
	    .backward = rows_backward};
	int64_t cols;
	par_op *op = reduction(g, &kind, x, &cols);
	if (!op)
		return -1;
	reduce_axes *a = op->own;
	if (how == PAR_MEAN)
		a->factor = 1 / (float)a->rows;
	return par_op_done(op, PAR_F32, 1, &cols);
}

par_value par_reduce_last(par_graph *g, par_value x, par_reduction how)
{
	static const par_op_kind kind = {.name = "reduce last",
	    .slices = true,
	    .forward = last_forward,
	    .backward = last_backward};
	int64_t cols, shape[PAR_AXES];
	par_op *op = reduction(g, &kind, x, &cols);
	if (!op)
		return -1;
	reduce_axes *a = op->own;
	if (how == PAR_MEAN)
		a->factor = 1 / (float)cols;
	int nd = par_op_axes(g, x, shape);
	return par_op_done(op, PAR_F32, nd > 0 ? nd - 1 : 0, shape);
}
