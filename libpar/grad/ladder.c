#include "grad/layers.h"
#include "grad/op.h"
#include "tensor/map.h"

typedef struct {
	int64_t n, middle;
} ladder;

static int64_t elements(const par_run *r, const par_op *op)
{
	return r->samples * par_op_elements(op->graph, op->out);
}

static void forward(const par_run *r, par_op *op)
{
	const ladder *l = op->own;
	const float *x = op->x[0];
	float *y = op->y;
	int64_t all = elements(r, op);
	par_map_softplus(all, x, y);
	for (int64_t i = 0; i < all; i += l->n, x += l->n, y += l->n) {
		y[l->middle] = x[l->middle];
		for (int64_t k = l->middle + 1; k < l->n; k++)
			y[k] += y[k - 1];
		for (int64_t k = l->middle - 1; k >= 0; k--)
			y[k] = y[k + 1] - y[k];
	}
}

/* a step moves all rungs outside of it, the middle moves all */
static void backward(const par_run *r, par_op *op)
{
	const ladder *l = op->own;
	const float *x = op->x[0], *dy = op->dy;
	float *dx = op->dx[0];
	int64_t n = elements(r, op);
	if (!dx)
		return;
	for (int64_t i = 0, row = 0; i < n; i += l->n, row++) {
		float above = 0, below = 0;
		for (int64_t k = l->n - 1; k > l->middle; k--)
			dx[i + k] = above += dy[i + k];
		for (int64_t k = 0; k < l->middle; k++)
			dx[i + k] = below -= dy[i + k];
		dx[i + l->middle] = 0;
		op->scratch[row] = above - below + dy[i + l->middle];
	}
	par_map_softplus_back(n, x, dx, dx);
	for (int64_t i = l->middle, row = 0; i < n; i += l->n, row++)
		dx[i] = op->scratch[row];
}

static const par_op_kind kind = {.name = "ladder",
    .slices = true,
    .reads = PAR_READS_IN,
    .forward = forward,
    .backward = backward};

par_value par_ladder(par_graph *g, par_value x, int middle)
{
	par_op *op = par_op_new(g, &kind, 1, &x, sizeof(ladder));
	if (!op)
		return -1;
	int64_t n = par_op_axis(g, x, -1);
	if (par_op_elements(g, x) == 0 || middle < 0 || middle >= n)
		return par_op_fail(
		    g, "ladder: no rung %d of %lld to begin with", middle, (long long)n);
	*(ladder *)op->own = (ladder){n, middle};
	op->scratch_sample = (size_t)(par_op_elements(g, x) / n);
	return par_op_done_like(op, x);
}
