#include "grad/layers.h"
#include "grad/op.h"
#include "tensor/map.h"

/* a sample is parts of part floats each */
typedef struct {
	int64_t part, parts;
	float slope; /* below 0 */
} tangent;

/* what goes into the last part, by the signs of the one before */
static void by_signs(const tangent *t, const float *signs, const float *from, float *to)
{
	for (int64_t j = 0; j < t->part; j++)
		to[j] = signs[j] > 0 ? from[j] : t->slope * from[j];
}

static void forward(const par_run *r, par_op *op)
{
	const tangent *t = op->own;
	int64_t before = (t->parts - 1) * t->part, all = before + t->part;
	const float *x = op->x[0];
	float *y = op->y;
	for (int64_t i = 0; i < r->samples; i++, x += all, y += all) {
		par_map_leaky(before, t->slope, x, y);
		by_signs(t, x + before - t->part, x + before, y + before);
	}
}

static void backward(const par_run *r, par_op *op)
{
	const tangent *t = op->own;
	int64_t before = (t->parts - 1) * t->part, all = before + t->part;
	const float *x = op->x[0], *dy = op->dy;
	float *dx = op->dx[0];
	for (int64_t i = 0; dx && i < r->samples; i++, x += all, dy += all, dx += all) {
		par_map_leaky_back(before, t->slope, x, dy, dx);
		by_signs(t, x + before - t->part, dy + before, dx + before);
	}
}

par_value par_activate_tangent(par_graph *g, par_value x, par_act act)
{
	static const par_op_kind kind = {.name = "activate tangent",
	    .slices = true,
	    .reads = PAR_READS_IN,
	    .forward = forward,
	    .backward = backward};
	par_op *op = par_op_new(g, &kind, 1, &x, sizeof(tangent));
	if (!op)
		return -1;
	int64_t parts = par_op_axis(g, x, 0);
	if (parts < 2 || (act != PAR_ACT_RELU && act != PAR_ACT_LEAKY))
		return par_op_fail(
		    g, "activate tangent: wanted two parts or more and lines that bend at 0 alone");
	*(tangent *)op->own = (tangent){
	    par_op_elements(g, x) / parts, parts, act == PAR_ACT_LEAKY ? 0.2f : 0};
	return par_op_done_like(op, x);
}
