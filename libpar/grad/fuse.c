/* Fusing: an operator whose value one other reads, and nobody outside, may do that one's work too. */
#include "grad/graph_inside.h"

/* the one operator that reads a value, in the shape it was made; NULL: none, several, or the value is
 * read from outside */
static const par_op *only_reader(const par_graph *g, par_value v)
{
	const par_op *only = NULL;
	if (g->value[v].kept)
		return NULL;
	for (int i = 0; i < g->ops; i++)
		for (int k = 0; k < g->op[i]->ins; k++) {
			par_value in = g->op[i]->in[k];
			if (par_root(g, in) != v)
				continue;
			if (only || in != v)
				return NULL;
			only = g->op[i];
		}
	return only;
}

/* op makes what next made, which nobody asks to run any more */
static void take_output(par_graph *g, par_op *op, const par_op *next)
{
	op->out = next->out;
	for (int v = 0; v < g->values; v++)
		if (g->value[v].maker == next->index)
			g->value[v].maker = op->index;
}

void par_graph_fuse(par_graph *g)
{
	for (int i = 0; i < g->ops; i++) {
		par_op *op = g->op[i];
		const par_op *next = op->kind->absorb ? only_reader(g, op->out) : NULL;
		if (next && op->kind->absorb(op, next))
			take_output(g, op, next);
	}
}
