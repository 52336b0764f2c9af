#include "plan/lp/normal.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <suitesparse/cholmod.h>

/* operations an entry of the factor below which the BLAS is called for too little: pds-02 has 51 and takes 0.41 s
 * entry by entry, 0.56 s by supernodes; pds-06 342, 16 s and 4.5 s */
#define SMALL_SUPERNODES 100
#define RAISE_LEAST 1e-12
#define RAISES 9 /* each ten times the one before */
#define STEPS_MOST 20
#define PASSES_MOST 3
/* steps are about one long where the factor is right, and longer than this where the raise is all there is:
 * along rows that depend on others */
#define LENGTH_MOST 1e4
#define GAIN_LEAST 0.5 /* a pass that gains less moves prices along rows that depend on others */
#define HOPELESS 3     /* steps without a tenfold gain: the rest lies outside of what A reaches */

/* a column is dense that has more than this and many times the entries of the others */
#define DENSE_LEAST 100
#define DENSE_MOST 200 /* of them; the Woodbury part is kept densely */

struct normal {
	const standard *s;
	const double *theta;
	cholmod_common c;
	cholmod_sparse *scaled; /* D A sqrt(theta) without the dense columns */
	int *from;              /* the column of s behind each of scaled */
	cholmod_factor *factor;
	cholmod_dense *in, *out, *work_y, *work_e;
	double *unit; /* D, rows: one over the root of the diagonal */
	int dense, *dense_column;
	double *u,
	    *w; /* dense x rows: D A sqrt(theta) of those, and what the factor makes of them */
	double *inner; /* dense x dense: the Cholesky factor of I + u' w */
	double *residual, *direction, *image, *better, *sum; /* rows */
	double *part;                                        /* columns */
};

void standard_times(const standard *s, double f, const double *x, double *y)
{
	for (int j = 0; j < s->columns; j++) {
		double v = f * x[j];
		for (int e = s->first[j]; e < s->first[j + 1]; e++)
			y[s->row[e]] += v * s->value[e];
	}
}

void standard_times_t(const standard *s, double f, const double *y, double *x)
{
	for (int j = 0; j < s->columns; j++) {
		double sum = 0;
		for (int e = s->first[j]; e < s->first[j + 1]; e++)
			sum += s->value[e] * y[s->row[e]];
		x[j] += f * sum;
	}
}

static int entries_of(const standard *s, int j)
{
	return s->first[j + 1] - s->first[j];
}

/* dense columns are few and stand far above the rest: longer than ten times the mean and than a share
 * of the rows that shrinks with their number */
static bool is_dense(const standard *s, int j)
{
	double mean = (double)s->first[s->columns] / (s->columns + 1);
	double least = fmax(DENSE_LEAST, fmax(10 * mean, 10 * sqrt((double)s->rows)));
	return entries_of(s, j) > least;
}

static par_err find_dense(normal *k)
{
	const standard *s = k->s;
	for (int j = 0; j < s->columns; j++)
		k->dense += is_dense(s, j);
	if (k->dense > DENSE_MOST)
		k->dense = 0;
	size_t n = (size_t)k->dense, rows = (size_t)s->rows;
	k->dense_column = malloc((n + 1) * sizeof *k->dense_column);
	k->u = malloc((n * rows + 1) * sizeof *k->u);
	k->w = malloc((n * rows + 1) * sizeof *k->w);
	k->inner = malloc((n * n + 1) * sizeof *k->inner);
	if (!k->dense_column || !k->u || !k->w || !k->inner)
		return par_fail(PAR_E_MEMORY, "no memory for %d dense columns", k->dense);
	for (int j = 0, d = 0; d < k->dense; j++)
		if (is_dense(s, j))
			k->dense_column[d++] = j;
	return PAR_OK;
}

static par_err lay_out(normal *k)
{
	const standard *s = k->s;
	size_t rows = (size_t)s->rows, columns = (size_t)(s->columns - k->dense);
	k->scaled = cholmod_allocate_sparse(
	    rows, columns, (size_t)s->first[s->columns], false, true, 0, CHOLMOD_REAL, &k->c);
	k->in = cholmod_allocate_dense(rows, 1, rows, CHOLMOD_REAL, &k->c);
	k->from = malloc((columns + 1) * sizeof *k->from);
	if (!k->scaled || !k->in || !k->from)
		return par_fail(PAR_E_MEMORY, "no memory for the normal equations");
	int *first = k->scaled->p, *row = k->scaled->i, at = 0, c = 0;
	for (int j = 0; j < s->columns; j++) {
		if (k->dense > 0 && is_dense(s, j))
			continue;
		k->from[c] = j;
		first[c++] = at;
		memcpy(row + at, s->row + s->first[j], (size_t)entries_of(s, j) * sizeof *row);
		at += entries_of(s, j);
	}
	first[c] = at;
	return PAR_OK;
}

static par_err analyse(normal *k)
{
	k->factor = cholmod_analyze(k->scaled, &k->c);
	if (!k->factor)
		return par_fail(PAR_E_MEMORY,
		    "the normal equations cannot be laid out (CHOLMOD %d)", k->c.status);
	return PAR_OK;
}

static par_err build(normal *k)
{
	size_t rows = (size_t)k->s->rows + 1;
	PAR_TRY(find_dense(k));
	PAR_TRY(lay_out(k));
	k->unit = malloc(rows * sizeof *k->unit);
	k->residual = malloc(rows * sizeof *k->residual);
	k->direction = malloc(rows * sizeof *k->direction);
	k->image = malloc(rows * sizeof *k->image);
	k->better = malloc(rows * sizeof *k->better);
	k->sum = malloc(rows * sizeof *k->sum);
	k->part = malloc(((size_t)k->s->columns + 1) * sizeof *k->part);
	if (!k->unit || !k->residual || !k->direction || !k->image || !k->better || !k->sum ||
	    !k->part)
		return par_fail(PAR_E_MEMORY, "no memory for the normal equations");
	return analyse(k);
}

par_err normal_open(normal **out, const standard *s)
{
	normal *k = calloc(1, sizeof *k);
	*out = NULL;
	if (!k)
		return par_fail(PAR_E_MEMORY, "no memory for the normal equations");
	k->s = s;
	omp_set_max_active_levels(0); /* CHOLMOD would wake threads, and the cores have ranks */
	cholmod_start(&k->c);
	k->c.print = 0;
	k->c.try_catch = true;
	k->c.quick_return_if_not_posdef = true;
	k->c.final_ll = true; /* L D L' would go on past pivots below zero */
	k->c.supernodal_switch = SMALL_SUPERNODES;
	par_err e = build(k);
	if (e != PAR_OK) {
		normal_close(k);
		return e;
	}
	*out = k;
	return PAR_OK;
}

void normal_close(normal *k)
{
	if (!k)
		return;
	cholmod_free_sparse(&k->scaled, &k->c);
	cholmod_free_factor(&k->factor, &k->c);
	cholmod_free_dense(&k->in, &k->c);
	cholmod_free_dense(&k->out, &k->c);
	cholmod_free_dense(&k->work_y, &k->c);
	cholmod_free_dense(&k->work_e, &k->c);
	cholmod_finish(&k->c);
	free(k->from);
	free(k->dense_column);
	free(k->u);
	free(k->w);
	free(k->inner);
	free(k->unit);
	free(k->residual);
	free(k->direction);
	free(k->image);
	free(k->better);
	free(k->sum);
	free(k->part);
	free(k);
}

double normal_entries(const normal *k)
{
	return k->c.lnz;
}

double normal_flops(const normal *k)
{
	return k->c.fl;
}

static double dot(const double *a, const double *b, int n)
{
	double sum = 0;
	for (int i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

/* the factor alone: b becomes what solves for it */
static void back_solve(normal *k, double *b)
{
	size_t bytes = (size_t)k->s->rows * sizeof *b;
	memcpy(k->in->x, b, bytes);
	cholmod_solve2(
	    CHOLMOD_A, k->factor, k->in, NULL, &k->out, NULL, &k->work_y, &k->work_e, &k->c);
	memcpy(b, k->out->x, bytes);
}

/* Cholesky of a small dense matrix, its lower half in place; a pivot lost to roundings becomes one */
static void small_factor(double *a, int n)
{
	for (int j = 0; j < n; j++) {
		double *row = a + (size_t)j * (size_t)n;
		for (int i = 0; i < j; i++) {
			const double *other = a + (size_t)i * (size_t)n;
			row[i] = (row[i] - dot(row, other, i)) / other[i];
		}
		double pivot = row[j] - dot(row, row, j);
		row[j] = pivot > 0 ? sqrt(pivot) : 1;
	}
}

static void small_solve(const double *a, int n, double *b)
{
	for (int i = 0; i < n; i++)
		b[i] = (b[i] - dot(a + (size_t)i * (size_t)n, b, i)) /
		       a[(size_t)i * (size_t)n + (size_t)i];
	for (int i = n - 1; i >= 0; i--) {
		b[i] /= a[(size_t)i * (size_t)n + (size_t)i];
		for (int l = 0; l < i; l++)
			b[l] -= a[(size_t)i * (size_t)n + (size_t)l] * b[i];
	}
}

static void factor_dense(normal *k)
{
	const standard *s = k->s;
	size_t rows = (size_t)s->rows;
	int n = k->dense;
	memset(k->u, 0, (size_t)n * rows * sizeof *k->u);
	for (int d = 0; d < n; d++) {
		int j = k->dense_column[d];
		double *u = k->u + (size_t)d * rows, *w = k->w + (size_t)d * rows;
		for (int e = s->first[j]; e < s->first[j + 1]; e++)
			u[s->row[e]] = s->value[e] * sqrt(k->theta[j]) * k->unit[s->row[e]];
		memcpy(w, u, rows * sizeof *w);
		back_solve(k, w);
	}
	for (int a = 0; a < n; a++)
		for (int b = 0; b <= a; b++)
			k->inner[(size_t)a * (size_t)n + (size_t)b] =
			    (a == b) +
			    dot(k->u + (size_t)a * rows, k->w + (size_t)b * rows, s->rows);
	small_factor(k->inner, n);
}

static void fill_unit(normal *k)
{
	const standard *s = k->s;
	memset(k->unit, 0, (size_t)s->rows * sizeof *k->unit);
	for (int j = 0; j < s->columns; j++)
		for (int e = s->first[j]; e < s->first[j + 1]; e++)
			k->unit[s->row[e]] += s->value[e] * s->value[e] * k->theta[j];
	for (int i = 0; i < s->rows; i++)
		k->unit[i] = k->unit[i] > 0 ? 1 / sqrt(k->unit[i]) : 1;
}

static void fill_scaled(normal *k)
{
	const standard *s = k->s;
	double *v = k->scaled->x;
	int columns = s->columns - k->dense;
	for (int c = 0, at = 0; c < columns; c++) {
		int j = k->from[c];
		double root = sqrt(k->theta[j]);
		for (int e = s->first[j]; e < s->first[j + 1]; e++)
			v[at++] = s->value[e] * root * k->unit[s->row[e]];
	}
}

par_err normal_factor(normal *k, const double *theta)
{
	k->theta = theta;
	fill_unit(k);
	fill_scaled(k);
	double beta[2] = {RAISE_LEAST, 0};
	for (int try = 0; try < RAISES; try++, beta[0] *= 10) {
		k->c.status = CHOLMOD_OK;
		cholmod_factorize_p(k->scaled, beta, NULL, 0, k->factor, &k->c);
		if (k->c.status < CHOLMOD_OK)
			return par_fail(PAR_E_MEMORY, "no memory for the factor");
		if (k->c.status == CHOLMOD_OK && k->factor->minor == k->factor->n) {
			if (k->dense > 0)
				factor_dense(k);
			return PAR_OK;
		}
	}
	return par_fail(PAR_E_NUMERIC, "the normal equations cannot be factored");
}

/* the preconditioner: D (factor + u u')^-1 D */
static void precondition(normal *k, const double *r, double *out)
{
	int rows = k->s->rows;
	double small[DENSE_MOST];
	for (int i = 0; i < rows; i++)
		out[i] = r[i] * k->unit[i];
	back_solve(k, out);
	for (int d = 0; d < k->dense; d++)
		small[d] = dot(k->u + (size_t)d * (size_t)rows, out, rows);
	small_solve(k->inner, k->dense, small);
	for (int d = 0; d < k->dense; d++)
		for (int i = 0; i < rows; i++)
			out[i] -= k->w[(size_t)d * (size_t)rows + (size_t)i] * small[d];
	for (int i = 0; i < rows; i++)
		out[i] *= k->unit[i];
}

/* y = A theta A' x */
static void multiply(normal *k, const double *x, double *y)
{
	const standard *s = k->s;
	memset(k->part, 0, (size_t)s->columns * sizeof *k->part);
	standard_times_t(s, 1, x, k->part);
	for (int j = 0; j < s->columns; j++)
		k->part[j] *= k->theta[j];
	memset(y, 0, (size_t)s->rows * sizeof *y);
	standard_times(s, 1, k->part, y);
}

static double norm_scaled(const normal *k, const double *v)
{
	double sum = 0;
	for (int i = 0; i < k->s->rows; i++)
		sum += v[i] * v[i] * k->unit[i] * k->unit[i];
	return sqrt(sum);
}

/* preconditioned conjugate gradients from zero on, for the right side k->residual; answer in k->sum */
static int conjugate(normal *k, double stop)
{
	int rows = k->s->rows, step = 0;
	double rho = 0;
	memset(k->sum, 0, (size_t)rows * sizeof *k->sum);
	double size = norm_scaled(k, k->residual), begin = size;
	while (step < STEPS_MOST && size > stop && !(step >= HOPELESS && size > 0.1 * begin)) {
		precondition(k, k->residual, k->better);
		double next = dot(k->residual, k->better, rows), turn = step ? next / rho : 0;
		rho = next;
		for (int i = 0; i < rows; i++)
			k->direction[i] = k->better[i] + (step ? turn * k->direction[i] : 0);
		multiply(k, k->direction, k->image);
		double bend = dot(k->direction, k->image, rows);
		if (!(rho > 0) || !(rho < LENGTH_MOST * bend))
			break;
		double length = rho / bend;
		for (int i = 0; i < rows; i++) {
			k->sum[i] += length * k->direction[i];
			k->residual[i] -= length * k->image[i];
		}
		size = norm_scaled(k, k->residual);
		step++;
	}
	return step;
}

/* dx = theta (A' dy - r1), and what is left of r2 */
static double rest(normal *k, const double *r1, const double *r2, const double *dy, double *dx)
{
	const standard *s = k->s;
	for (int j = 0; j < s->columns; j++)
		dx[j] = -r1[j];
	standard_times_t(s, 1, dy, dx);
	for (int j = 0; j < s->columns; j++)
		dx[j] *= k->theta[j];
	memcpy(k->residual, r2, (size_t)s->rows * sizeof *r2);
	standard_times(s, -1, dx, k->residual);
	return norm_scaled(k, k->residual);
}

int normal_solve(
    normal *k, const double *r1, const double *r2, double tolerance, double *dx, double *dy)
{
	int rows = k->s->rows, steps = 0;
	memset(dy, 0, (size_t)rows * sizeof *dy);
	double begin = rest(k, r1, r2, dy, dx), left = begin;
	for (int pass = 0; pass < PASSES_MOST && left > tolerance * begin; pass++) {
		steps += conjugate(k, tolerance * begin);
		for (int i = 0; i < rows; i++)
			k->better[i] = dy[i] + k->sum[i];
		double next = rest(k, r1, r2, k->better, dx);
		if (!(next < GAIN_LEAST * left))
			break;
		memcpy(dy, k->better, (size_t)rows * sizeof *dy);
		left = next;
	}
	rest(k, r1, r2, dy, dx);
	return steps;
}
