#include "dist/tall.h"

#include "comm/add.h"
#include "dist/fold.h"
#include "dist/lapack.h"

#include <stdlib.h>
#include <string.h>

#define BLOCKS 48 /* at most */

/* a block has at least as many rows as its result, so that a result is smaller than what it is of */
static int64_t rows_of_block(int64_t m, int64_t width)
{
	int64_t even = (m + BLOCKS - 1) / BLOCKS;
	return even > width ? even : width;
}

static par_err take_rows(par_tensor *t, const par_mesh *m, const par_tensor *from, int64_t block)
{
	par_place place = PAR_SHARDED_BLOCKS(0, block);
	par_err e = par_tensor_make(t, m, PAR_F64, 2, from->layout.shape, &place);
	PAR_TRY_ALL(m->world, e);
	return par_redistribute(t, from);
}

par_err par_tall_open(par_tall *t, const par_tensor *a, const par_tensor *b)
{
	const par_world *w = a->layout.mesh->world;
	int64_t block = rows_of_block(a->layout.shape[0], a->layout.shape[1] + b->layout.shape[1]);
	*t = (par_tall){0};
	PAR_TRY(par_mesh_line(&t->mesh, w, w->size, "rows"));
	PAR_TRY(take_rows(&t->a, &t->mesh, a, block));
	return take_rows(&t->right, &t->mesh, b, block);
}

void par_tall_close(par_tall *t)
{
	par_tensor_free(&t->a);
	par_tensor_free(&t->right);
	par_mesh_free(&t->mesh);
}

typedef struct {
	int n, k, width; /* of a, of b, together */
	const double *a, *b;
	double
	    *stack; /* owns: rows of a and b side by side, as many as a block or two triangles have;
			  their place in memory is the same wherever they come from */
	double *work; /* owns: works of them and then tau, one for each of width */
	int works;
} reduction;

static void stack_rows(const reduction *r, int64_t at, int64_t rows)
{
	for (int64_t i = 0; i < rows; i++) {
		double *row = r->stack + i * r->width;
		memcpy(row, r->a + (at + i) * r->n, (size_t)r->n * sizeof *row);
		memcpy(row + r->n, r->b + (at + i) * r->k, (size_t)r->k * sizeof *row);
	}
}

static size_t result_bytes(const reduction *r)
{
	return (size_t)r->width * (size_t)r->width * sizeof(double);
}

/* LAPACK sees the transpose of the rows, so what is upper here is "L" there */
static void normal_leaf(void *ctx, int64_t at, int64_t rows, double *out)
{
	const reduction *r = ctx;
	const double one = 1, zero = 0;
	int m = (int)rows;
	stack_rows(r, at, rows);
	memset(out, 0, result_bytes(r));
	dsyrk_("L", "N", &r->width, &m, &one, r->stack, &r->width, &zero, out, &r->width, 1, 1);
}

static void normal_merge(void *ctx, double *into, const double *other)
{
	par_add(PAR_F64, into, into, other, result_bytes(ctx), false);
}

/* the triangle of the rows in the stack, its lower half 0 */
static void reduce_stack(const reduction *r, int rows, double *out)
{
	int info, width = r->width, kept = rows < width ? rows : width;
	dgelqf_(&width, &rows, r->stack, &width, r->work + r->works, r->work, &r->works, &info);
	memset(out, 0, result_bytes(r));
	for (int64_t i = 0; i < kept; i++)
		memcpy(out + i * width + i, r->stack + i * width + i,
		    (size_t)(width - i) * sizeof *out);
}

static void triangle_leaf(void *ctx, int64_t at, int64_t rows, double *out)
{
	const reduction *r = ctx;
	stack_rows(r, at, rows);
	reduce_stack(r, (int)rows, out);
}

static void triangle_merge(void *ctx, double *into, const double *other)
{
	const reduction *r = ctx;
	memcpy(r->stack, into, result_bytes(r));
	memcpy((char *)r->stack + result_bytes(r), other, result_bytes(r));
	reduce_stack(r, 2 * r->width, into);
}

static void *aligned(size_t bytes)
{
	return aligned_alloc(64, (bytes + 63) / 64 * 64);
}

static par_err reduction_open(reduction *r, const par_tall *t)
{
	int64_t block = t->a.layout.place[0].block;
	int n = (int)t->a.layout.shape[1], k = (int)t->right.layout.shape[1], ask = -1, info;
	*r = (reduction){.n = n, .k = k, .width = n + k, .a = t->a.data, .b = t->right.data};
	int rows = (int)(block > 2 * r->width ? block : 2 * r->width);
	double works, none = 0;
	dgelqf_(&r->width, &rows, &none, &r->width, &none, &works, &ask, &info);
	r->works = (int)works;
	r->stack = aligned((size_t)r->width * (size_t)rows * sizeof(double));
	r->work = aligned(((size_t)r->works + (size_t)r->width) * sizeof(double));
	return r->stack && r->work
		   ? PAR_OK
		   : par_fail(PAR_E_MEMORY, "no memory for %d rows of %d", rows, r->width);
}

/* columns [at, ...) of the first rows of a result on rank 0 */
static void take_columns(par_tensor *t, const double *result, int64_t at, int64_t width)
{
	int64_t cols = t->layout.held[1].n;
	for (int64_t i = 0; i < t->layout.held[0].n; i++)
		memcpy((double *)t->data + i * cols, result + i * width + at,
		    (size_t)cols * sizeof *result);
}

static par_err reduce(const par_tall *t, bool by_qr, par_tensor *left, par_tensor *right)
{
	reduction r;
	par_err e = par_agree(t->mesh.world, reduction_open(&r, t));
	double *result = e == PAR_OK ? aligned(result_bytes(&r)) : NULL;
	par_fold f = {(int64_t)r.width * r.width, by_qr ? triangle_leaf : normal_leaf,
	    by_qr ? triangle_merge : normal_merge, &r};
	if (e == PAR_OK)
		e = par_fold_rows(&t->a.layout, &f, result);
	if (e == PAR_OK) {
		take_columns(left, result, 0, r.width);
		take_columns(right, result, r.n, r.width);
	}
	free(result);
	free(r.stack);
	free(r.work);
	return e;
}

par_err par_tall_normal(const par_tall *t, par_tensor *gram, par_tensor *right)
{
	return reduce(t, false, gram, right);
}

par_err par_tall_qr(const par_tall *t, par_tensor *r, par_tensor *right)
{
	return reduce(t, true, r, right);
}
