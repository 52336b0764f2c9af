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
	double *stack; /* width x the rows of a block, or of two triangles */
	double *work;  /* owns stack and tau too */
	int works;
	double *tau;
} reduction;

/* a^T a upon a^T b, both as LAPACK sees their transposes */
static void normal_leaf(void *ctx, int64_t at, int64_t rows, double *out)
{
	const reduction *r = ctx;
	const double one = 1, zero = 0, *a = r->a + at * r->n, *b = r->b + at * r->k;
	int m = (int)rows;
	memset(out, 0, (size_t)r->n * (size_t)r->n * sizeof *out);
	dsyrk_("L", "N", &r->n, &m, &one, a, &r->n, &zero, out, &r->n, 1, 1);
	dgemm_("N", "T", &r->k, &r->n, &m, &one, b, &r->k, a, &r->n, &zero,
	    out + (size_t)r->n * (size_t)r->n, &r->k, 1, 1);
}

static void normal_merge(void *ctx, double *into, const double *other)
{
	const reduction *r = ctx;
	par_add(PAR_F64, into, into, other, (size_t)r->n * (size_t)r->width * sizeof *into, false);
}

/* the triangle of the rows in the stack, its lower half 0 */
static void reduce_stack(const reduction *r, int rows, double *out)
{
	int info, width = r->width, kept = rows < width ? rows : width;
	dgelqf_(&width, &rows, r->stack, &width, r->tau, r->work, &r->works, &info);
	memset(out, 0, (size_t)width * (size_t)width * sizeof *out);
	for (int64_t i = 0; i < kept; i++)
		memcpy(out + i * width + i, r->stack + i * width + i,
		    (size_t)(width - i) * sizeof *out);
}

static void qr_leaf(void *ctx, int64_t at, int64_t rows, double *out)
{
	const reduction *r = ctx;
	for (int64_t i = 0; i < rows; i++) {
		double *row = r->stack + i * r->width;
		memcpy(row, r->a + (at + i) * r->n, (size_t)r->n * sizeof *row);
		memcpy(row + r->n, r->b + (at + i) * r->k, (size_t)r->k * sizeof *row);
	}
	reduce_stack(r, (int)rows, out);
}

static void qr_merge(void *ctx, double *into, const double *other)
{
	const reduction *r = ctx;
	size_t bytes = (size_t)r->width * (size_t)r->width * sizeof *into;
	memcpy(r->stack, into, bytes);
	memcpy((char *)r->stack + bytes, other, bytes);
	reduce_stack(r, 2 * r->width, into);
}

static reduction reduction_of(const par_tall *t)
{
	int n = (int)t->a.layout.shape[1], k = (int)t->right.layout.shape[1];
	return (reduction){.n = n, .k = k, .width = n + k, .a = t->a.data, .b = t->right.data};
}

/* columns [from, to) of the first rows of a matrix on rank 0 */
static void take_columns(par_tensor *t, const double *from, int64_t width)
{
	int64_t cols = t->layout.held[1].n;
	for (int64_t i = 0; i < t->layout.held[0].n; i++)
		memcpy((double *)t->data + i * cols, from + i * width, (size_t)cols * sizeof *from);
}

par_err par_tall_normal(const par_tall *t, par_tensor *gram, par_tensor *right)
{
	reduction r = reduction_of(t);
	size_t n = (size_t)r.n * (size_t)r.width;
	double *sum = malloc(n * sizeof *sum);
	par_fold f = {(int64_t)n, normal_leaf, normal_merge, &r};
	par_err e = par_fold_rows(&t->a.layout, &f, sum);
	if (e == PAR_OK) {
		take_columns(gram, sum, r.n);
		take_columns(right, sum + (size_t)r.n * (size_t)r.n, r.k);
	}
	free(sum);
	return e;
}

static par_err make_room(reduction *r, int64_t block)
{
	int ask = -1, info, rows = (int)(block > 2 * r->width ? block : 2 * r->width);
	double works, none = 0;
	dgelqf_(&r->width, &rows, &none, &r->width, &none, &works, &ask, &info);
	r->works = (int)works;
	size_t stack = (size_t)r->width * (size_t)rows;
	r->stack = malloc((stack + (size_t)r->works + (size_t)r->width) * sizeof *r->stack);
	r->work = r->stack + stack;
	r->tau = r->work + r->works;
	return r->stack ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for %d rows", rows);
}

par_err par_tall_qr(const par_tall *t, par_tensor *r, par_tensor *right)
{
	reduction red = reduction_of(t);
	size_t n = (size_t)red.width * (size_t)red.width;
	double *triangle = malloc(n * sizeof *triangle);
	par_fold f = {(int64_t)n, qr_leaf, qr_merge, &red};
	par_err e = par_agree(t->mesh.world, make_room(&red, t->a.layout.place[0].block));
	if (e == PAR_OK)
		e = par_fold_rows(&t->a.layout, &f, triangle);
	if (e == PAR_OK) {
		take_columns(r, triangle, red.width);
		take_columns(right, triangle + red.n, red.width);
	}
	free(triangle);
	free(red.stack);
	return e;
}
