#include "plan/lp/sparse_inside.h"

#include <stdlib.h>
#include <string.h>

#define RAY_TOLERANCE 1e-10
#define POLISHES 3
#define FILE_SHARE 0.01 /* what a lack in the file's units counts: 1e-7 of it as 1e-9 */
#define PATIENCE 20     /* iterations without a better point */

/* the gap counts what the residuals do to the value at their worst: c'x - (b'y - u'w) is the sum of
 * products and of y'rp, w'ru and x'rd, which might cancel */
static double spread(const ipm *i)
{
	const point *v = &i->at;
	double sum = 0;
	for (int r = 0; r < i->m; r++)
		sum += fabs(v->y[r] * i->rp[r]);
	for (int j = 0; j < i->n; j++)
		sum += fabs(v->x[j] * i->rd[j]) + fabs(v->w[j] * i->ru[j]) + v->x[j] * v->z[j] +
		       v->s[j] * v->w[j];
	return sum / (v->t * v->t);
}

/* the largest lack of a row or upper bound in the file's units, relative to 1 + |the limit| */
static double lack_in_file(const ipm *i)
{
	const standard *p = i->p;
	double m = 0;
	for (int r = 0; r < i->m; r++) {
		double unit = p->right_scale / p->row_scale[r];
		m = fmax(m, fabs(i->rp[r]) * unit / (1 + fabs(p->right[r]) * unit));
	}
	for (int j = 0; j < i->n; j++) {
		double unit = p->right_scale * p->column_scale[j];
		if (ipm_bounded(i, j))
			m = fmax(m, fabs(i->ru[j]) * unit / (1 + p->upper[j] * unit));
	}
	return m / i->at.t;
}

static void measure(const ipm *i, sparse_answer *a)
{
	const standard *p = i->p;
	const point *v = &i->at;
	double value = ipm_dot(p->cost, v->x, i->n) / v->t;
	double off = fmax(ipm_most(i->rp, i->m), ipm_most(i->ru, i->n)) / v->t;
	a->primal = fmax(off / (1 + ipm_most(p->right, i->m)), FILE_SHARE * lack_in_file(i));
	a->dual = ipm_most(i->rd, i->n) / v->t / (1 + ipm_most(p->cost, i->n));
	a->gap = spread(i) / (1 / (p->right_scale * p->cost_scale) + fabs(value));
}

/* a ray is believed here at a loose tolerance; who tells the user checks it on the program itself */
static sparse_end ray(const ipm *i)
{
	const standard *p = i->p;
	const point *v = &i->at;
	double rises = ipm_dot(p->right, v->y, i->m) - ipm_upper_dot(i, v->w),
	       falls = -ipm_dot(p->cost, v->x, i->n);
	double off_dual = 0, off_primal = 0;
	for (int j = 0; j < i->n; j++) {
		off_dual = fmax(off_dual, fabs(p->cost[j] * v->t - i->rd[j]));
		if (ipm_bounded(i, j))
			off_primal = fmax(off_primal, v->x[j]);
	}
	for (int r = 0; r < i->m; r++)
		off_primal = fmax(off_primal, fabs(p->right[r] * v->t - i->rp[r]));
	if (rises > 0 && off_dual <= RAY_TOLERANCE * rises)
		return SPARSE_NO_POINT;
	return falls > 0 && off_primal <= RAY_TOLERANCE * falls ? SPARSE_NO_END : SPARSE_STOPPED;
}

static void keep(const ipm *i, sparse_answer *a, double t)
{
	for (int j = 0; j < i->n; j++)
		a->x[j] = i->at.x[j] / t;
	for (int r = 0; r < i->m; r++)
		a->y[r] = i->at.y[r] / t;
}

/* b - A x of the point that is kept, into r2; the largest of it */
static double missing(ipm *i, const double *x)
{
	memcpy(i->r2, i->p->right, (size_t)i->m * sizeof *i->r2);
	standard_times(i->p, -1, x, i->r2);
	return ipm_most(i->r2, i->m);
}

/* move x onto the rows, each column by theta, hence hardly those at a bound */
static void polish(ipm *i, double *x)
{
	double before = missing(i, x);
	memset(i->r1, 0, (size_t)i->n * sizeof *i->r1);
	for (int pass = 0; pass < POLISHES && before > 0; pass++) {
		normal_solve(i->normal, i->r1, i->r2, 1e-6, i->more_x, i->more_y);
		for (int j = 0; j < i->n; j++) {
			double moved = x[j] + i->more_x[j];
			if (!i->p->free[j])
				moved = fmin(fmax(moved, 0), i->p->upper[j]);
			i->want1[j] = moved;
		}
		double after = missing(i, i->want1);
		if (after >= before)
			return;
		memcpy(x, i->want1, (size_t)i->n * sizeof *x);
		before = after;
	}
}

typedef struct {
	double best; /* the largest of the three measures at the point that is kept */
	int since;   /* iterations since it fell */
	int short_steps;
} progress;

/* keep the present point as the best; true when that is enough */
static bool better(ipm *i, sparse_answer *a, double worst, progress *g, const sparse_watch *watch)
{
	g->best = worst;
	g->since = 0;
	keep(i, a, i->at.t);
	a->kept[0] = a->primal;
	a->kept[1] = a->dual;
	a->kept[2] = a->gap;
	if (worst > SPARSE_NEAR || a->iterations == 0)
		return false;
	polish(i, a->x);
	return watch->enough && watch->enough(watch->ctx, a);
}

/* true: the loop ends */
static bool look(ipm *i, sparse_answer *a, double tolerance, progress *g, const sparse_watch *watch)
{
	measure(i, a);
	double worst = fmax(fmax(a->primal, a->dual), a->gap);
	bool enough = worst < g->best && better(i, a, worst, g, watch);
	if (watch->told)
		watch->told(watch->ctx, a);
	if (enough || worst <= tolerance) {
		a->end = SPARSE_SOLVED;
		return true;
	}
	a->end = ray(i);
	if (a->end != SPARSE_STOPPED) {
		keep(i, a, 1);
		return true;
	}
	return ++g->since > PATIENCE || g->short_steps > 3 || !isfinite(worst);
}

static par_err iterate(ipm *i, sparse_answer *a, double tolerance, const sparse_watch *watch)
{
	progress g = {.best = INFINITY};
	for (;;) {
		ipm_residuals(i);
		if (look(i, a, tolerance, &g, watch) || a->iterations == SPARSE_ITERATIONS)
			break;
		double length;
		par_err e = ipm_step(i, &length, &a->correctors);
		if (e == PAR_E_NUMERIC)
			break;
		PAR_TRY(e);
		g.short_steps = length < 1e-4 ? g.short_steps + 1 : 0;
		a->iterations++;
	}
	if (a->end == SPARSE_STOPPED) {
		a->primal = a->kept[0];
		a->dual = a->kept[1];
		a->gap = a->kept[2];
	}
	return PAR_OK;
}

par_err sparse_solve(sparse_answer *out, const standard *s, double tolerance, sparse_watch watch)
{
	ipm i;
	*out = (sparse_answer){.end = SPARSE_STOPPED};
	out->x = calloc((size_t)s->columns + 1, sizeof *out->x);
	out->y = calloc((size_t)s->rows + 1, sizeof *out->y);
	par_err e = out->x && out->y ? ipm_open(&i, s)
				     : par_fail(PAR_E_MEMORY, "no memory for the solution");
	if (!out->x || !out->y) {
		sparse_drop(out);
		return e;
	}
	if (watch.careful)
		i.raise *= 100;
	if (e == PAR_OK)
		e = iterate(&i, out, tolerance, &watch);
	ipm_close(&i);
	if (e != PAR_OK)
		sparse_drop(out);
	return e;
}

void sparse_drop(sparse_answer *a)
{
	free(a->x);
	free(a->y);
	*a = (sparse_answer){0};
}
