#include "base/rng.h"
#include "grad/layers.h"
#include "grad/op.h"

#include <string.h>

typedef struct {
	par_augment_spec spec;
	int64_t pictures, h, w, c; /* pictures of a sample */
} augment;

/* what is done to a picture: cell (y, x) takes that of (y + down, x + right), seen in a mirror if it is flipped; the
 * square from (top, left) on is cut out */
typedef struct {
	int64_t down, right, top, left;
	bool flipped;
} change;

enum { DOWN, RIGHT, TOP, LEFT, FLIPPED, DRAWS };

/* picture k of this rank's may be seen in a mirror */
static bool may_flip(const par_op *op, int64_t k)
{
	const augment *a = op->own;
	if (!a->spec.flips)
		return a->spec.flip;
	int32_t class = ((const int32_t *)op->x[1])[k];
	return class >= 0 && class < a->spec.classes && a->spec.flips[class];
}

/* a square may reach a fifth of its side over each border */
static change draw(const par_run *r, const par_op *op, int64_t k)
{
	const augment *a = op->own;
	const par_augment_spec *s = &a->spec;
	par_rng rng = {r->seed, (uint32_t)op->index, (uint32_t)r->step};
	int64_t at = (r->shards->lo * a->pictures + k) * DRAWS, over = s->cut / 5;
	int64_t rows = a->h - s->cut + 2 * over + 1, cols = a->w - s->cut + 2 * over + 1;
	return (change){
	    .down = par_rng_below(rng, at + DOWN, 2 * s->shift + 1) - s->shift,
	    .right = par_rng_below(rng, at + RIGHT, 2 * s->shift + 1) - s->shift,
	    .top = par_rng_below(rng, at + TOP, rows) - over,
	    .left = par_rng_below(rng, at + LEFT, cols) - over,
	    .flipped = may_flip(op, k) && par_rng_u32(rng, at + FLIPPED) >> 31,
	};
}

enum { OUTSIDE = -1, CUT = -2 };

/* the cell that cell (y, x) takes */
static int64_t source(const augment *a, const change *c, int64_t y, int64_t x)
{
	int64_t side = a->spec.cut, row = y + c->down;
	int64_t col = (c->flipped ? a->w - 1 - x : x) + c->right;
	if (y >= c->top && y < c->top + side && x >= c->left && x < c->left + side)
		return CUT;
	bool inside = row >= 0 && row < a->h && col >= 0 && col < a->w;
	return inside ? row * a->w + col : OUTSIDE;
}

static void fill(int64_t n, float value, float *to)
{
	for (int64_t i = 0; i < n; i++)
		to[i] = value;
}

static void forward(const par_run *r, par_op *op)
{
	const augment *a = op->own;
	const float *x = op->x[0];
	float *to = op->y;
	size_t cell = (size_t)a->c * sizeof *to;
	if (!r->training) {
		memcpy(to, x, (size_t)(r->samples * a->pictures * a->h * a->w) * cell);
		return;
	}
	for (int64_t k = 0; k < r->samples * a->pictures; k++, x += a->h * a->w * a->c) {
		change c = draw(r, op, k);
		for (int64_t i = 0; i < a->h * a->w; i++, to += a->c) {
			int64_t from = source(a, &c, i / a->w, i % a->w);
			if (from >= 0)
				memcpy(to, x + from * a->c, cell);
			else
				fill(a->c, from == CUT ? 0 : a->spec.outside, to);
		}
	}
}

static void backward(const par_run *r, par_op *op)
{
	const augment *a = op->own;
	const float *dy = op->dy;
	float *dx = op->dx[0];
	int64_t each = a->h * a->w * a->c;
	if (!dx)
		return;
	memset(dx, 0, (size_t)(r->samples * a->pictures * each) * sizeof *dx);
	for (int64_t k = 0; k < r->samples * a->pictures; k++, dx += each) {
		change c = draw(r, op, k);
		for (int64_t i = 0; i < a->h * a->w; i++, dy += a->c) {
			int64_t from = source(a, &c, i / a->w, i % a->w);
			if (from >= 0)
				memcpy(dx + from * a->c, dy, (size_t)a->c * sizeof *dx);
		}
	}
}

par_value par_augment(par_graph *g, par_value x, par_value labels, const par_augment_spec *spec)
{
	static const par_op_kind kind = {.name = "augment",
	    .slices = true,
	    .reads = PAR_READS_IN,
	    .forward = forward,
	    .backward = backward};
	par_op *op = par_op_new(
	    g, &kind, spec->flips ? 2 : 1, (par_value[]){x, labels}, sizeof(augment));
	if (!op)
		return -1;
	int64_t shape[PAR_AXES];
	int nd = par_op_axes(g, x, shape);
	const int64_t *at = shape + nd - 3;
	if (nd < 3)
		return par_op_fail(g, "augment: values of %d axes are no pictures", nd);
	if (spec->shift < 0 || spec->cut < 0 || spec->cut > at[0] || spec->cut > at[1])
		return par_op_fail(g, "augment: shifts by %lld, squares of %lld in %lld x %lld",
		    (long long)spec->shift, (long long)spec->cut, (long long)at[0],
		    (long long)at[1]);
	augment *a = op->own;
	*a = (augment){*spec, par_op_elements(g, x) / (at[0] * at[1] * at[2]), at[0], at[1], at[2]};
	if (spec->flips &&
	    (par_op_type(g, labels) != PAR_I32 || par_op_elements(g, labels) != a->pictures))
		return par_op_fail(g, "augment: wanted an integer label for each picture");
	return par_op_done_like(op, x);
}
