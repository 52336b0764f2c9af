#include "base/cpu.h"
#include "grad/layers.h"
#include "grad/loss_kernels.h"
#include "grad/op.h"

typedef struct {
	int64_t rows, classes; /* of a sample */
	float smoothing;
} entropy;

enum { MOST, INVERSE }; /* saved, a float a row */

static void forward(const par_run *r, par_op *op)
{
	const entropy *l = op->own;
	KERNEL_CALL(par_entropy_loss, r->samples, l->rows, l->classes, l->smoothing, op->x[0],
	    op->x[1], op->saved[MOST], op->saved[INVERSE], op->y);
}

static void backward(const par_run *r, par_op *op)
{
	const entropy *l = op->own;
	if (op->dx[0])
		KERNEL_CALL(par_entropy_back, r->samples, l->rows, l->classes, l->smoothing,
		    op->x[0], op->x[1], op->saved[MOST], op->saved[INVERSE], op->dy, op->dx[0]);
}

static const par_op_kind kind = {.name = "loss cross-entropy",
    .slices = true,
    .reads = PAR_READS_IN,
    .forward = forward,
    .backward = backward};

par_value par_loss_cross_entropy(par_graph *g, par_value p, par_value label, double smoothing)
{
	par_op *op = par_op_new(g, &kind, 2, (par_value[]){p, label}, sizeof(entropy));
	if (!op)
		return -1;
	int64_t all = par_op_elements(g, p), classes = par_op_axis(g, p, -1);
	if (all == 0 || par_op_elements(g, label) != all / classes ||
	    par_op_type(g, label) != PAR_I32)
		return par_op_fail(g,
		    "loss cross-entropy: %lld labels for %lld logits of %lld classes; wanted one "
		    "whole number each",
		    (long long)par_op_elements(g, label), (long long)all, (long long)classes);
	if (!(smoothing >= 0 && smoothing < 1))
		return par_op_fail(g,
		    "loss cross-entropy: smoothing %g; wanted 0 or more, less than 1", smoothing);
	*(entropy *)op->own = (entropy){all / classes, classes, (float)smoothing};
	op->saved_floats[MOST] = op->saved_floats[INVERSE] = (size_t)(all / classes);
	return par_op_done(op, PAR_F32, 1, (int64_t[]){1});
}
