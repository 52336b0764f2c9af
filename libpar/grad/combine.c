#include "grad/layers.h"
#include "grad/op.h"
#include "tensor/map.h"

#include <string.h>

static int64_t elements(const par_run *r, const par_op *op)
{
	return r->samples * par_op_elements(op->graph, op->out);
}

static void copy(float *to, const float *from, int64_t n)
{
	memcpy(to, from, (size_t)n * sizeof *to);
}

static void add_forward(const par_run *r, par_op *op)
{
	par_map_add(elements(r, op), op->x[0], op->x[1], op->y);
}

static void add_backward(const par_run *r, par_op *op)
{
	for (int i = 0; i < 2; i++)
		if (op->dx[i])
			copy(op->dx[i], op->dy, elements(r, op));
}

static void multiply_forward(const par_run *r, par_op *op)
{
	par_map_multiply(elements(r, op), op->x[0], op->x[1], op->y);
}

static void multiply_backward(const par_run *r, par_op *op)
{
	for (int i = 0; i < 2; i++)
		if (op->dx[i])
			par_map_multiply(elements(r, op), op->dy, op->x[1 - i], op->dx[i]);
}

/* ---- rows of a times a number each ---- */

static int64_t width(const par_op *op)
{
	return par_op_axis(op->graph, op->out, -1);
}

static void rows_forward(const par_run *r, par_op *op)
{
	const float *a = op->x[0], *b = op->x[1];
	float *y = op->y;
	for (int64_t i = 0, n = width(op); i < elements(r, op); i += n, b++)
		for (int64_t j = i; j < i + n; j++)
			y[j] = a[j] * *b;
}

static void rows_backward(const par_run *r, par_op *op)
{
	const float *a = op->x[0], *b = op->x[1], *dy = op->dy;
	for (int64_t i = 0, row = 0, n = width(op); i < elements(r, op); i += n, row++) {
		float sum = 0;
		for (int64_t j = i; op->dx[0] && j < i + n; j++)
			op->dx[0][j] = dy[j] * b[row];
		for (int64_t j = i; op->dx[1] && j < i + n; j++)
			sum += dy[j] * a[j];
		if (op->dx[1])
			op->dx[1][row] = sum;
	}
}

/* is b of a's shape without its last axis? */
static bool is_factor_of_rows(const par_graph *g, par_value a, par_value b)
{
	int64_t rows[PAR_AXES], shape[PAR_AXES];
	int nd = par_op_axes(g, a, shape);
	return nd > 1 && par_op_axes(g, b, rows) == nd - 1 &&
	       memcmp(rows, shape, (size_t)(nd - 1) * sizeof *rows) == 0;
}

static par_value multiply_rows(par_graph *g, par_value a, par_value b)
{
	static const par_op_kind kind = {.name = "multiply rows",
	    .slices = true,
	    .reads = PAR_READS_IN,
	    .forward = rows_forward,
	    .backward = rows_backward};
	par_op *op = par_op_new(g, &kind, 2, (par_value[]){a, b}, 0);
	return op ? par_op_done_like(op, a) : -1;
}

static par_value of_two(par_graph *g, const par_op_kind *kind, par_value a, par_value b)
{
	par_op *op = par_op_new(g, kind, 2, (par_value[]){a, b}, 0);
	if (!op)
		return -1;
	if (!par_op_alike(g, a, b))
		return par_op_fail(g, "%s: values of different shapes", kind->name);
	return par_op_done_like(op, a);
}

par_value par_add_values(par_graph *g, par_value a, par_value b)
{
	static const par_op_kind kind = {
	    .name = "add", .slices = true, .forward = add_forward, .backward = add_backward};
	return of_two(g, &kind, a, b);
}

par_value par_multiply(par_graph *g, par_value a, par_value b)
{
	static const par_op_kind kind = {.name = "multiply",
	    .slices = true,
	    .reads = PAR_READS_IN,
	    .forward = multiply_forward,
	    .backward = multiply_backward};
	if (a >= 0 && b >= 0 && is_factor_of_rows(g, a, b))
		return multiply_rows(g, a, b);
	return of_two(g, &kind, a, b);
}

typedef struct {
	float factor, shift;
} line;

static void scale_forward(const par_run *r, par_op *op)
{
	const line *l = op->own;
	par_map_scale(elements(r, op), l->factor, l->shift, op->x[0], op->y);
}

static void scale_backward(const par_run *r, par_op *op)
{
	const line *l = op->own;
	if (op->dx[0])
		par_map_scale(elements(r, op), l->factor, 0, op->dy, op->dx[0]);
}

par_value par_scale(par_graph *g, par_value a, double factor, double shift)
{
	static const par_op_kind kind = {
	    .name = "scale", .slices = true, .forward = scale_forward, .backward = scale_backward};
	par_op *op = par_op_new(g, &kind, 1, &a, sizeof(line));
	if (!op)
		return -1;
	*(line *)op->own = (line){(float)factor, (float)shift};
	return par_op_done_like(op, a);
}

static void detach_forward(const par_run *r, par_op *op)
{
	copy(op->y, op->x[0], elements(r, op));
}

par_value par_detach(par_graph *g, par_value x)
{
	static const par_op_kind kind = {
	    .name = "detach", .slices = true, .forward = detach_forward};
	par_op *op = par_op_new(g, &kind, 1, &x, 0);
	return op ? par_op_done_like(op, x) : -1;
}

/* Concat: row by row, input k's part begins at column from[k]. */
typedef struct {
	int64_t rows; /* of a sample */
	int64_t from[PAR_OP_INS + 1];
} concat;

static void concat_forward(const par_run *r, par_op *op)
{
	const concat *c = op->own;
	int64_t all = c->from[op->ins];
	for (int k = 0; k < op->ins; k++) {
		int64_t width = c->from[k + 1] - c->from[k];
		for (int64_t i = 0; i < r->samples * c->rows; i++)
			copy((float *)op->y + i * all + c->from[k],
			    (const float *)op->x[k] + i * width, width);
	}
}

static void concat_backward(const par_run *r, par_op *op)
{
	const concat *c = op->own;
	int64_t all = c->from[op->ins];
	for (int k = 0; k < op->ins; k++) {
		int64_t width = c->from[k + 1] - c->from[k];
		for (int64_t i = 0; op->dx[k] && i < r->samples * c->rows; i++)
			copy(op->dx[k] + i * width, op->dy + i * all + c->from[k], width);
	}
}

par_value par_concat(par_graph *g, int n, const par_value x[])
{
	static const par_op_kind kind = {.name = "concat",
	    .slices = true,
	    .forward = concat_forward,
	    .backward = concat_backward};
	if (n < 1 || n > PAR_OP_INS)
		return par_op_fail(g, "concat of %d values; wanted 1 to %d", n, PAR_OP_INS);
	par_op *op = par_op_new(g, &kind, n, x, sizeof(concat));
	if (!op)
		return -1;
	concat *c = op->own;
	int64_t shape[PAR_AXES], other[PAR_AXES];
	int nd = par_op_axes(g, x[0], shape);
	for (int k = 0; k < n; k++) {
		bool fits = nd > 0 && par_op_axes(g, x[k], other) == nd &&
			    par_op_type(g, x[k]) == par_op_type(g, x[0]) &&
			    memcmp(shape, other, (size_t)(nd - 1) * sizeof *shape) == 0;
		if (!fits)
			return par_op_fail(
			    g, "concat: value %d differs in type or more than its last axis", k);
		c->from[k + 1] = c->from[k] + other[nd - 1];
	}
	c->rows = 1;
	for (int i = 0; i < nd - 1; i++)
		c->rows *= shape[i];
	shape[nd - 1] = c->from[n];
	return par_op_done(op, par_op_type(g, x[0]), nd, shape);
}
