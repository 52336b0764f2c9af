#include "base/cpu.h"
#include "base/rng.h"
#include "grad/dropout_kernels.h"
#include "grad/layers.h"
#include "grad/op.h"

#include <math.h>
#include <string.h>

/* An element is kept when its random word, found by its place in the global batch, reaches the limit;
 * the way back draws the words again. */
typedef struct {
	uint32_t limit; /* p 2^32 */
	float factor;   /* 1 / (1 - p) */
} dropout;

#define PIECE 1024

static void drop(const par_run *r, const par_op *op, const float *x, float *y)
{
	const dropout *d = op->own;
	int64_t each = par_op_elements(op->graph, op->out), n = r->samples * each;
	par_rng words = {r->seed, (uint32_t)op->index, (uint32_t)r->step};
	uint32_t word[PIECE];
	for (int64_t at = 0; at < n; at += PIECE) {
		int64_t here = n - at < PIECE ? n - at : PIECE;
		par_rng_fill_u32(words, r->shards->lo * each + at, here, word);
		KERNEL_CALL(par_dropout_keep, here, word, d->limit, d->factor, x + at, y + at);
	}
}

static void forward(const par_run *r, par_op *op)
{
	int64_t n = r->samples * par_op_elements(op->graph, op->out);
	if (r->training)
		drop(r, op, op->x[0], op->y);
	else
		memcpy(op->y, op->x[0], (size_t)n * sizeof(float));
}

static void backward(const par_run *r, par_op *op)
{
	if (op->dx[0])
		drop(r, op, op->dy, op->dx[0]);
}

static const par_op_kind kind = {
    .name = "dropout", .slices = true, .forward = forward, .backward = backward};

par_value par_dropout(par_graph *g, par_value x, double p)
{
	if (p == 0)
		return x;
	par_op *op = par_op_new(g, &kind, 1, &x, sizeof(dropout));
	if (!op)
		return -1;
	if (!(p > 0 && p < 1))
		return par_op_fail(g, "dropout %g; wanted 0 or more, less than 1", p);
	*(dropout *)op->own = (dropout){
	    (uint32_t)fmin(p * 0x1p32, UINT32_MAX), (float)(1 / (1 - p))};
	return par_op_done_like(op, x);
}
