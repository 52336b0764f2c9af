#include "grad/layers.h"
#include "grad/op.h"
#include "tensor/rows.h"

static int64_t each(const par_op *op)
{
	return par_op_elements(op->graph, op->out);
}

static void forward(const par_run *r, par_op *op)
{
	par_rows_scale(r->samples, each(op), op->x[1], op->x[0], op->y);
}

static void backward(const par_run *r, par_op *op)
{
	if (op->dx[0])
		par_rows_scale(r->samples, each(op), op->x[1], op->dy, op->dx[0]);
	if (op->dx[1])
		par_rows_dot(r->samples, each(op), op->x[0], op->dy, op->dx[1]);
}

static const par_op_kind kind = {.name = "weigh",
    .slices = true,
    .reads = PAR_READS_IN,
    .forward = forward,
    .backward = backward};

par_value par_weigh(par_graph *g, par_value loss, par_value weight)
{
	par_op *op = par_op_new(g, &kind, 2, (par_value[]){loss, weight}, 0);
	if (!op)
		return -1;
	if (par_op_elements(g, weight) != 1)
		return par_op_fail(
		    g, "%lld weights a sample; wanted one", (long long)par_op_elements(g, weight));
	return par_op_done_like(op, loss);
}
