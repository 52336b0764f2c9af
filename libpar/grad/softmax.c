#include "grad/layers.h"
#include "grad/op.h"
#include "tensor/rows.h"

static int64_t cols(const par_op *op)
{
	return par_op_axis(op->graph, op->out, -1);
}

static int64_t rows(const par_run *r, const par_op *op)
{
	return r->samples * (par_op_elements(op->graph, op->out) / cols(op));
}

static void forward(const par_run *r, par_op *op)
{
	par_rows_softmax(rows(r, op), cols(op), op->x[0], op->y);
}

static void backward(const par_run *r, par_op *op)
{
	if (op->dx[0])
		par_rows_softmax_back(rows(r, op), cols(op), op->y, op->dy, op->dx[0]);
}

static const par_op_kind kind = {.name = "softmax",
    .slices = true,
    .reads = PAR_READS_OUT,
    .forward = forward,
    .backward = backward};

par_value par_softmax(par_graph *g, par_value x)
{
	par_op *op = par_op_new(g, &kind, 1, &x, 0);
	if (!op)
		return -1;
	if (par_op_elements(g, x) == 0)
		return par_op_fail(g, "softmax over nothing");
	return par_op_done_like(op, x);
}
