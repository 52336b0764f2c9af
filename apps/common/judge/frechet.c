#include "common/judge/frechet.h"

#include "dist/eigen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 512 /* rows */

/* ---- moments ---- */

typedef struct {
	const features *f;
	const double *mean;
} summing;

static par_err add_rows(void *ctx, int64_t lo, int64_t hi, double *sums)
{
	const features *f = ((const summing *)ctx)->f;
	for (int64_t i = lo; i < hi; i++)
		for (int j = 0; j < f->width; j++)
			sums[j] += (double)f->row[i * f->width + j];
	return PAR_OK;
}

/* products of what is left after the mean, the lower half */
static par_err add_products(void *ctx, int64_t lo, int64_t hi, double *sums)
{
	const summing *s = ctx;
	int width = s->f->width;
	double *off = malloc((size_t)width * sizeof *off);
	if (!off)
		return par_fail(PAR_E_MEMORY, "no memory for %d features", width);
	for (int64_t i = lo; i < hi; i++) {
		double *to = sums;
		for (int j = 0; j < width; j++)
			off[j] = (double)s->f->row[i * width + j] - s->mean[j];
		for (int j = 0; j < width; to += ++j)
			for (int k = 0; k <= j; k++)
				to[k] += off[j] * off[k];
	}
	free(off);
	return PAR_OK;
}

static par_err add_up(moments *m, const par_world *w, const features *f, double *sums)
{
	par_blocks b;
	summing s = {f, m->mean};
	int width = f->width, products = width * (width + 1) / 2;
	par_blocks_deal(&b, w, f->n, BLOCK);
	PAR_TRY(par_blocks_run(&b, add_rows, &s, m->mean, width));
	for (int j = 0; j < width; j++)
		m->mean[j] /= (double)f->n;
	PAR_TRY(par_blocks_run(&b, add_products, &s, sums, products));
	for (int j = 0; j < width; sums += ++j)
		for (int k = 0; k <= j; k++)
			m->covariance[j * width + k] = m->covariance[k * width + j] =
			    sums[k] / (double)(f->n - 1);
	return PAR_OK;
}

par_err moments_of(moments *m, const par_world *w, const features *f)
{
	size_t square = (size_t)f->width * (size_t)f->width;
	*m = (moments){
	    f->width, calloc((size_t)f->width, sizeof(double)), calloc(square, sizeof(double))};
	double *sums = calloc(square, sizeof *sums);
	par_err e = PAR_OK;
	if (f->n < 2)
		e = par_fail(PAR_E_DATA, "%lld pictures have no spread", (long long)f->n);
	else if (!m->mean || !m->covariance || !sums)
		e = par_fail(PAR_E_MEMORY, "no memory for the moments of %d features", f->width);
	e = par_agree(w, e);
	if (e == PAR_OK)
		e = add_up(m, w, f, sums);
	free(sums);
	return e;
}

void moments_drop(moments *m)
{
	free(m->mean);
	free(m->covariance);
	*m = (moments){0};
}

/* ---- the distance ---- */

/* matrices n x n and what a decomposition gives, whole on every rank */
typedef struct {
	const par_world *w;
	par_mesh mesh;
	int64_t n;
	double *value, *vector, *root, *half, *product; /* owned */
} algebra;

static par_err algebra_open(algebra *a, const par_world *w, int64_t n)
{
	size_t square = (size_t)(n * n) * sizeof(double);
	*a = (algebra){.w = w, .n = n};
	PAR_TRY(par_mesh_line(&a->mesh, w, w->size, "data"));
	a->value = malloc((size_t)n * sizeof(double));
	a->vector = malloc(square);
	a->root = malloc(square);
	a->half = malloc(square);
	a->product = malloc(square);
	return par_agree(
	    w, a->value && a->vector && a->root && a->half && a->product
		   ? PAR_OK
		   : par_fail(PAR_E_MEMORY, "no memory for matrices of %lld", (long long)n));
}

static void algebra_close(algebra *a)
{
	free(a->value);
	free(a->vector);
	free(a->root);
	free(a->half);
	free(a->product);
	par_mesh_free(&a->mesh);
}

static par_err decompose(algebra *a, double *matrix)
{
	int64_t shape[] = {a->n, a->n};
	par_place whole[] = {PAR_REPLICATED};
	par_tensor of, values, vectors;
	par_tensor_view(&of, &a->mesh, PAR_F64, 2, shape, whole, matrix);
	par_tensor_view(&values, &a->mesh, PAR_F64, 1, shape, whole, a->value);
	par_tensor_view(&vectors, &a->mesh, PAR_F64, 2, shape, whole, a->vector);
	return par_symmetric_eigen(&values, &vectors, &of, NULL, NULL);
}

/* to = x y of symmetric x: row by row */
static void multiply(int64_t n, const double *x, const double *y, double *to)
{
	memset(to, 0, (size_t)(n * n) * sizeof *to);
	for (int64_t i = 0; i < n; i++)
		for (int64_t k = 0; k < n; k++)
			for (int64_t j = 0; j < n; j++)
				to[i * n + j] += x[i * n + k] * y[k * n + j];
}

/* the square root of what was decomposed; what roundings made negative is 0 */
static void take_root(algebra *a)
{
	int64_t n = a->n;
	memset(a->root, 0, (size_t)(n * n) * sizeof *a->root);
	for (int64_t k = 0; k < n; k++) {
		double root = sqrt(fmax(a->value[k], 0));
		const double *v = a->vector + k * n;
		for (int64_t i = 0; i < n; i++)
			for (int64_t j = 0; j < n; j++)
				a->root[i * n + j] += root * v[i] * v[j];
	}
}

static par_err distance(algebra *a, const moments *real, const moments *made, double *out)
{
	int64_t n = a->n;
	double sum = 0;
	memcpy(a->half, real->covariance, (size_t)(n * n) * sizeof *a->half);
	PAR_TRY(decompose(a, a->half));
	take_root(a);
	multiply(n, a->root, made->covariance, a->half);
	multiply(n, a->half, a->root, a->product);
	PAR_TRY(decompose(a, a->product));
	for (int64_t k = 0; k < n; k++) {
		double d = real->mean[k] - made->mean[k];
		sum += d * d + real->covariance[k * n + k] + made->covariance[k * n + k] -
		       2 * sqrt(fmax(a->value[k], 0));
	}
	*out = sum;
	return PAR_OK;
}

par_err frechet_distance(double *out, const par_world *w, const moments *real, const moments *made)
{
	algebra a;
	PAR_MUST(real->width == made->width, "%d and %d features", real->width, made->width);
	par_err e = algebra_open(&a, w, real->width);
	if (e == PAR_OK)
		e = distance(&a, real, made, out);
	algebra_close(&a);
	return e;
}
