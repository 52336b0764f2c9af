#include "grad/layers.h"
#include "grad/op.h"

#include <string.h>

/* a picture of h x w cells with block x block x c channels, and the same of block times the height and
 * width with c channels: runs of block * c floats change places */
typedef struct {
	int64_t pictures, h, w, block, c;
} space;

/* to_space: from the deep picture to the wide one */
static void move(const space *s, int64_t samples, const float *from, float *to, bool to_space)
{
	int64_t run = s->block * s->c;
	for (int64_t y = 0; y < samples * s->pictures * s->h; y++)
		for (int64_t dy = 0; dy < s->block; dy++)
			for (int64_t x = 0; x < s->w; x++) {
				int64_t deep = ((y * s->w + x) * s->block + dy) * run;
				int64_t wide = ((y * s->block + dy) * s->w + x) * run;
				memcpy(to + (to_space ? wide : deep),
				    from + (to_space ? deep : wide), (size_t)run * sizeof *to);
			}
}

static void forward_to_space(const par_run *r, par_op *op)
{
	move(op->own, r->samples, op->x[0], op->y, true);
}

static void backward_to_space(const par_run *r, par_op *op)
{
	if (op->dx[0])
		move(op->own, r->samples, op->dy, op->dx[0], false);
}

static void forward_to_depth(const par_run *r, par_op *op)
{
	move(op->own, r->samples, op->x[0], op->y, false);
}

static void backward_to_depth(const par_run *r, par_op *op)
{
	if (op->dx[0])
		move(op->own, r->samples, op->dy, op->dx[0], true);
}

static const par_op_kind to_space_kind = {.name = "depth to space",
    .slices = true,
    .forward = forward_to_space,
    .backward = backward_to_space};
static const par_op_kind to_depth_kind = {.name = "space to depth",
    .slices = true,
    .forward = forward_to_depth,
    .backward = backward_to_depth};

static par_value build(par_graph *g, par_value x, int64_t block, bool to_space)
{
	par_op *op = par_op_new(
	    g, to_space ? &to_space_kind : &to_depth_kind, 1, &x, sizeof(space));
	if (!op)
		return -1;
	int64_t shape[PAR_AXES];
	int nd = par_op_axes(g, x, shape);
	int64_t *at = shape + nd - 3;
	if (nd < 3 || block < 1 ||
	    (to_space ? at[2] % (block * block) : at[0] % block + at[1] % block) != 0)
		return par_op_fail(g, "%s: blocks of %lld do not divide the picture",
		    op->kind->name, (long long)block);
	space *s = op->own;
	*s = (space){.pictures = par_op_elements(g, x) / (at[0] * at[1] * at[2]),
	    .h = to_space ? at[0] : at[0] / block,
	    .w = to_space ? at[1] : at[1] / block,
	    .block = block,
	    .c = to_space ? at[2] / (block * block) : at[2]};
	at[0] = to_space ? s->h * block : s->h;
	at[1] = to_space ? s->w * block : s->w;
	at[2] = to_space ? s->c : s->c * block * block;
	return par_op_done(op, PAR_F32, nd, shape);
}

par_value par_depth_to_space(par_graph *g, par_value x, int64_t block)
{
	return build(g, x, block, true);
}

par_value par_space_to_depth(par_graph *g, par_value x, int64_t block)
{
	return build(g, x, block, false);
}
