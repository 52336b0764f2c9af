#include "grad/layers.h"
#include "grad/op.h"

#include <string.h>

/* the graph has gone back from in[0] to in[1] */
static void forward(const par_run *r, par_op *op)
{
	int64_t n = r->samples * par_op_elements(op->graph, op->out);
	memcpy(op->y, op->dx[1], (size_t)n * sizeof(float));
}

par_value par_gradient(par_graph *g, par_value y, par_value x)
{
	static const par_op_kind kind = {.name = "gradient", .gradient = true, .forward = forward};
	par_op *op = par_op_new(g, &kind, 2, (par_value[]){y, x}, 0);
	if (!op)
		return -1;
	if (par_op_type(g, y) != PAR_F32 || par_op_type(g, x) != PAR_F32)
		return par_op_fail(g, "gradient: of floats by floats alone");
	return par_op_done_like(op, x);
}
