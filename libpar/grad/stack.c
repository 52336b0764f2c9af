#include "grad/layers.h"
#include "grad/op.h"
#include "tensor/map.h"

#include <string.h>

/* A sample of a stack is its parts one behind the other; part floats each. */
typedef struct {
	int64_t part, parts, at;
} stack;

static void copy(
    float *to, int64_t to_step, const float *from, int64_t from_step, int64_t n, int64_t samples)
{
	for (int64_t i = 0; i < samples; i++)
		memcpy(to + i * to_step, from + i * from_step, (size_t)n * sizeof *to);
}

static void stack_forward(const par_run *r, par_op *op)
{
	const stack *s = op->own;
	for (int k = 0; k < 2; k++)
		copy((float *)op->y + k * s->part, 2 * s->part, op->x[k], s->part, s->part,
		    r->samples);
}

static void stack_backward(const par_run *r, par_op *op)
{
	const stack *s = op->own;
	for (int k = 0; k < 2; k++)
		if (op->dx[k])
			copy(op->dx[k], s->part, op->dy + k * s->part, 2 * s->part, s->part,
			    r->samples);
}

par_value par_stack(par_graph *g, par_value a, par_value b)
{
	static const par_op_kind kind = {
	    .name = "stack", .slices = true, .forward = stack_forward, .backward = stack_backward};
	par_op *op = par_op_new(g, &kind, 2, (par_value[]){a, b}, sizeof(stack));
	if (!op)
		return -1;
	int64_t shape[PAR_AXES + 1] = {2};
	int nd = par_op_axes(g, a, shape + 1);
	if (!par_op_alike(g, a, b) || nd == PAR_AXES)
		return par_op_fail(g, "stack: values of different shapes or too many axes");
	*(stack *)op->own = (stack){.part = par_op_elements(g, a), .parts = 2};
	return par_op_done(op, PAR_F32, nd + 1, shape);
}

static void repeat_forward(const par_run *r, par_op *op)
{
	const stack *s = op->own;
	for (int64_t k = 0; k < s->parts; k++)
		copy((float *)op->y + k * s->part, s->parts * s->part, op->x[0], s->part, s->part,
		    r->samples);
}

static void repeat_backward(const par_run *r, par_op *op)
{
	const stack *s = op->own;
	for (int64_t i = 0; op->dx[0] && i < r->samples; i++) {
		float *dx = op->dx[0] + i * s->part;
		const float *dy = op->dy + i * s->parts * s->part;
		memcpy(dx, dy, (size_t)s->part * sizeof *dx);
		for (int64_t k = 1; k < s->parts; k++)
			par_map_add(s->part, dx, dy + k * s->part, dx);
	}
}

par_value par_repeat(par_graph *g, par_value x, int64_t n)
{
	static const par_op_kind kind = {.name = "repeat",
	    .slices = true,
	    .forward = repeat_forward,
	    .backward = repeat_backward};
	par_op *op = par_op_new(g, &kind, 1, &x, sizeof(stack));
	if (!op)
		return -1;
	int64_t shape[PAR_AXES + 1] = {n};
	int nd = par_op_axes(g, x, shape + 1);
	if (n < 1 || nd == PAR_AXES)
		return par_op_fail(g, "repeat: %lld times a value of %d axes", (long long)n, nd);
	*(stack *)op->own = (stack){.part = par_op_elements(g, x), .parts = n};
	return par_op_done(op, PAR_F32, nd + 1, shape);
}

static void slice_forward(const par_run *r, par_op *op)
{
	const stack *s = op->own;
	copy(op->y, s->part, (const float *)op->x[0] + s->at * s->part, s->parts * s->part, s->part,
	    r->samples);
}

static void slice_backward(const par_run *r, par_op *op)
{
	const stack *s = op->own;
	int64_t whole = s->parts * s->part;
	if (!op->dx[0])
		return;
	memset(op->dx[0], 0, (size_t)(r->samples * whole) * sizeof(float));
	copy(op->dx[0] + s->at * s->part, whole, op->dy, s->part, s->part, r->samples);
}

par_value par_slice(par_graph *g, par_value x, int64_t i)
{
	static const par_op_kind kind = {
	    .name = "slice", .slices = true, .forward = slice_forward, .backward = slice_backward};
	par_op *op = par_op_new(g, &kind, 1, &x, sizeof(stack));
	if (!op)
		return -1;
	int64_t shape[PAR_AXES];
	int nd = par_op_axes(g, x, shape);
	if (nd == 0 || i < 0 || i >= shape[0])
		return par_op_fail(g, "slice %lld of a first axis of %lld", (long long)i,
		    (long long)(nd == 0 ? 0 : shape[0]));
	*(stack *)op->own = (stack){par_op_elements(g, x) / shape[0], shape[0], i};
	return par_op_done(op, PAR_F32, nd - 1, shape + 1);
}
