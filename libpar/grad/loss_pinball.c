#include "base/cpu.h"
#include "grad/layers.h"
#include "grad/loss_kernels.h"
#include "grad/op.h"

typedef struct {
	int64_t rows, n;
	float level[];
} pinball;

static void forward(const par_run *r, par_op *op)
{
	const pinball *l = op->own;
	KERNEL_CALL(
	    par_pinball_loss, r->samples, l->rows, l->n, l->level, op->x[0], op->x[1], op->y);
}

static void backward(const par_run *r, par_op *op)
{
	const pinball *l = op->own;
	KERNEL_CALL(par_pinball_back, r->samples, l->rows, l->n, l->level, op->x[0], op->x[1],
	    op->dy, op->dx[0], op->dx[1]);
}

static const par_op_kind kind = {.name = "loss pinball",
    .slices = true,
    .reads = PAR_READS_IN,
    .forward = forward,
    .backward = backward};

par_value par_loss_pinball(par_graph *g, par_value p, par_value t, int n, const double levels[])
{
	size_t bytes = sizeof(pinball) + (size_t)(n > 0 ? n : 0) * sizeof(float);
	par_op *op = par_op_new(g, &kind, 2, (par_value[]){p, t}, bytes);
	if (!op)
		return -1;
	int64_t all = par_op_elements(g, p);
	if (n < 1 || all == 0 || par_op_axis(g, p, -1) != n || par_op_elements(g, t) != all / n)
		return par_op_fail(g,
		    "loss pinball: %lld predictions for %lld targets at %d levels", (long long)all,
		    (long long)par_op_elements(g, t), n);
	pinball *l = op->own;
	l->rows = all / n;
	l->n = n;
	for (int i = 0; i < n; i++) {
		if (!(levels[i] > 0 && levels[i] < 1))
			return par_op_fail(g,
			    "loss pinball: level %g; wanted more than 0 and less than 1",
			    levels[i]);
		l->level[i] = (float)levels[i];
	}
	return par_op_done(op, PAR_F32, 1, (int64_t[]){1});
}
