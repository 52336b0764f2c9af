#include "plan/lp/sparse_inside.h"

#include <stdlib.h>
#include <string.h>

#define CORRECTORS_MOST 3
#define REFINEMENTS_MOST 2
#define GAIN_LEAST 0.5    /* of a refinement */
#define RAISE_FREE 1e-8   /* 1/theta of free columns: a proximal term, made up for by later steps */
#define RAISE_LEAST 1e-12 /* least 1/theta of others */
#define BACK_OFF 0.99     /* of the longest step, nearer to all of it as mu falls */

static double *take(double **from, int n)
{
	double *v = *from;
	*from += n;
	return v;
}

static bool point_open(point *v, int n, int m)
{
	v->all = calloc(4 * (size_t)n + (size_t)m + 1, sizeof *v->all);
	if (!v->all)
		return false;
	double *at = v->all;
	v->x = take(&at, n);
	v->s = take(&at, n);
	v->z = take(&at, n);
	v->w = take(&at, n);
	v->y = take(&at, m);
	return true;
}

static void begin(ipm *i)
{
	i->pairs = 1;
	for (int j = 0; j < i->n; j++) {
		bool is_free = i->p->free[j];
		i->at.x[j] = is_free ? 0 : 1;
		i->at.z[j] = is_free ? 0 : 1;
		i->at.s[j] = i->at.w[j] = ipm_bounded(i, j) ? 1 : 0;
		i->pairs += !is_free + ipm_bounded(i, j);
	}
	i->at.t = i->at.k = 1;
}

double ipm_dot(const double *a, const double *b, int n)
{
	double sum = 0;
	for (int i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

double ipm_most(const double *v, int n)
{
	double m = 0;
	for (int j = 0; j < n; j++)
		m = fmax(m, fabs(v[j]));
	return m;
}

double ipm_upper_dot(const ipm *i, const double *w)
{
	double sum = 0;
	for (int j = 0; j < i->n; j++)
		if (ipm_bounded(i, j))
			sum += i->p->upper[j] * w[j];
	return sum;
}

void ipm_residuals(ipm *i)
{
	const standard *p = i->p;
	const point *v = &i->at;
	for (int r = 0; r < i->m; r++)
		i->rp[r] = p->right[r] * v->t;
	standard_times(p, -1, v->x, i->rp);
	for (int j = 0; j < i->n; j++) {
		i->ru[j] = ipm_bounded(i, j) ? p->upper[j] * v->t - v->x[j] - v->s[j] : 0;
		i->rd[j] = p->cost[j] * v->t - v->z[j] + v->w[j];
	}
	standard_times_t(p, -1, v->y, i->rd);
	i->enough = fmax(1e-3 * fmin(ipm_most(i->rp, i->m), ipm_most(i->rd, i->n)), 1e-15 * v->t);
	i->rg = v->k + ipm_dot(p->cost, v->x, i->n) - ipm_dot(p->right, v->y, i->m) +
		ipm_upper_dot(i, v->w);
	i->mu = (ipm_dot(v->x, v->z, i->n) + ipm_dot(v->s, v->w, i->n) + v->t * v->k) / i->pairs;
}

/* 1/theta = z/x + w/s */
static void fill_theta(ipm *i)
{
	const point *v = &i->at;
	for (int j = 0; j < i->n; j++) {
		double d = i->p->free[j] ? RAISE_FREE : v->z[j] / v->x[j] + i->raise;
		if (ipm_bounded(i, j))
			d += v->w[j] / v->s[j];
		i->theta[j] = 1 / d;
	}
}

/* what the first two rows of the system still lack at d, with the true 1/theta; r1 and r2 are replaced.
 * Returns the largest lack. */
static double lack(ipm *i, const point *d)
{
	const standard *p = i->p;
	const point *v = &i->at;
	memcpy(i->r1, i->want1, (size_t)i->n * sizeof *i->r1);
	standard_times_t(p, -1, d->y, i->r1);
	for (int j = 0; j < i->n; j++) {
		double pull = ipm_bounded(i, j) ? v->w[j] / v->s[j] : 0;
		double slope = (p->free[j] ? 0 : v->z[j] / v->x[j]) + pull;
		i->r1[j] += slope * d->x[j] +
			    d->t * (p->cost[j] - (pull > 0 ? p->upper[j] * pull : 0));
	}
	for (int r = 0; r < i->m; r++)
		i->r2[r] = i->want2[r] + d->t * p->right[r];
	standard_times(p, -1, d->x, i->r2);
	return fmax(ipm_most(i->r1, i->n), ipm_most(i->r2, i->m));
}

/* refine the columns and prices of d on the system as it is, t kept */
static void refine(ipm *i, point *d)
{
	double before = lack(i, d);
	for (int pass = 0; pass < REFINEMENTS_MOST && before > i->enough; pass++) {
		normal_solve(i->normal, i->r1, i->r2, 1e-6, i->more_x, i->more_y);
		for (int j = 0; j < i->n; j++)
			d->x[j] += i->more_x[j];
		for (int r = 0; r < i->m; r++)
			d->y[r] += i->more_y[r];
		double after = lack(i, d);
		if (after < GAIN_LEAST * before) {
			before = after;
			continue;
		}
		for (int j = 0; j < i->n; j++)
			d->x[j] -= i->more_x[j];
		for (int r = 0; r < i->m; r++)
			d->y[r] -= i->more_y[r];
		break;
	}
}

/* what a step of t brings with it: q solves for the column of t. Its pivot k/t - b'rq + ... is written as a
 * sum of squares, which nothing cancels (A q = b and A'rq - q/theta = c - uw/s put into it) */
static void solve_for_t(ipm *i)
{
	const standard *p = i->p;
	const point *v = &i->at;
	for (int j = 0; j < i->n; j++)
		i->want1[j] = p->cost[j] -
			      (ipm_bounded(i, j) ? p->upper[j] * v->w[j] / v->s[j] : 0);
	memcpy(i->want2, p->right, (size_t)i->m * sizeof *i->want2);
	point d = {.x = i->q, .y = i->rq};
	normal_solve(i->normal, i->want1, i->want2, 1e-12, d.x, d.y);
	refine(i, &d);
	i->q_pivot = v->k / v->t;
	for (int j = 0; j < i->n; j++) {
		double beyond = ipm_bounded(i, j) ? i->q[j] - p->upper[j] : 0;
		if (!p->free[j])
			i->q_pivot += v->z[j] / v->x[j] * i->q[j] * i->q[j];
		if (ipm_bounded(i, j))
			i->q_pivot += v->w[j] / v->s[j] * beyond * beyond;
	}
}

/* the direction that takes away share of the residuals and changes products by xz, sw, tk */
static void solve(ipm *i, double share, point *d)
{
	const standard *p = i->p;
	const point *v = &i->at;
	double known = share * i->rg + i->tk / v->t;
	for (int j = 0; j < i->n; j++) {
		i->want1[j] = share * i->rd[j] - (p->free[j] ? 0 : i->xz[j] / v->x[j]);
		known -= i->q[j] * i->want1[j];
		if (!ipm_bounded(i, j))
			continue;
		double f = (i->sw[j] - v->w[j] * share * i->ru[j]) / v->s[j];
		i->want1[j] += f;
		known += (p->upper[j] - i->q[j]) * f;
	}
	for (int r = 0; r < i->m; r++)
		i->want2[r] = share * i->rp[r];
	normal_solve(i->normal, i->want1, i->want2, 1e-10, d->x, d->y);
	known += ipm_dot(i->rq, i->want2, i->m);
	for (int j = 0; j < i->n; j++) {
		double both = p->free[j] ? 0 : v->z[j] / v->x[j] * i->q[j];
		if (ipm_bounded(i, j))
			both += v->w[j] / v->s[j] * (i->q[j] - p->upper[j]);
		known -= 2 * both * d->x[j];
	}
	d->t = known / i->q_pivot;
	d->k = (i->tk - v->k * d->t) / v->t;
	for (int r = 0; r < i->m; r++)
		d->y[r] += d->t * i->rq[r];
	for (int j = 0; j < i->n; j++)
		d->x[j] += d->t * i->q[j];
	refine(i, d);
	for (int j = 0; j < i->n; j++) {
		d->z[j] = p->free[j] ? 0 : (i->xz[j] - v->z[j] * d->x[j]) / v->x[j];
		if (!ipm_bounded(i, j))
			continue;
		d->s[j] = share * i->ru[j] + p->upper[j] * d->t - d->x[j];
		d->w[j] = (i->sw[j] - v->w[j] * d->s[j]) / v->s[j];
	}
}

static double limit(double room, const double *v, const double *d, const uint8_t *skip, int n)
{
	for (int j = 0; j < n; j++)
		if (d[j] < 0 && !(skip && skip[j]) && -d[j] * room > v[j])
			room = -v[j] / d[j];
	return room;
}

/* the longest step, at most 1, that leaves nothing negative */
static double longest(const ipm *i, const point *d)
{
	const point *v = &i->at;
	double a = limit(1, v->x, d->x, i->p->free, i->n);
	a = limit(a, v->z, d->z, i->p->free, i->n);
	a = limit(a, v->s, d->s, NULL, i->n);
	a = limit(a, v->w, d->w, NULL, i->n);
	a = limit(a, &v->t, &d->t, NULL, 1);
	return limit(a, &v->k, &d->k, NULL, 1);
}

static void predictor(ipm *i)
{
	const point *v = &i->at;
	for (int j = 0; j < i->n; j++) {
		i->xz[j] = -v->x[j] * v->z[j];
		i->sw[j] = -v->s[j] * v->w[j];
	}
	i->tk = -v->t * v->k;
	solve(i, 1, &i->step);
}

static double corrector(ipm *i, double affine)
{
	const point *v = &i->at, *d = &i->step;
	double left = 1 - affine, kept = left * left * fmin(left, 0.5);
	double target = kept * i->mu;
	for (int j = 0; j < i->n; j++) {
		i->xz[j] = target - v->x[j] * v->z[j] - d->x[j] * d->z[j];
		if (ipm_bounded(i, j))
			i->sw[j] = target - v->s[j] * v->w[j] - d->s[j] * d->w[j];
	}
	i->tk = target - v->t * v->k - d->t * d->k;
	solve(i, 1 - kept, &i->trial);
	return target;
}

/* how far a product at the trial step is from the wanted range, moved at most that far */
static double pull_in(double product, double target)
{
	double low = 0.1 * target, high = 10 * target;
	if (product < low)
		return low - product;
	return product > high ? fmax(high - product, -high) : 0;
}

static void centrality(ipm *i, double a, double target)
{
	const point *v = &i->at, *d = &i->trial;
	for (int j = 0; j < i->n; j++) {
		i->xz[j] = i->p->free[j]
			       ? 0
			       : pull_in((v->x[j] + a * d->x[j]) * (v->z[j] + a * d->z[j]), target);
		if (ipm_bounded(i, j))
			i->sw[j] = pull_in(
			    (v->s[j] + a * d->s[j]) * (v->w[j] + a * d->w[j]), target);
	}
	i->tk = pull_in((v->t + a * d->t) * (v->k + a * d->k), target);
	solve(i, 0, &i->extra);
}

static void add(ipm *i, point *to, const point *from, double f)
{
	int all = 4 * i->n + i->m;
	for (int j = 0; j < all; j++)
		to->all[j] += f * from->all[j];
	to->t += f * from->t;
	to->k += f * from->k;
}

/* Gondzio's correctors as long as they lengthen the step; returns its length */
static double centre(ipm *i, double length, double target, int *count)
{
	for (int c = 0; c < CORRECTORS_MOST && length < 0.9; c++) {
		centrality(i, fmin(1, 1.3 * length + 0.08), target);
		add(i, &i->trial, &i->extra, 1);
		double longer = longest(i, &i->trial);
		if (longer < length + 0.02) {
			add(i, &i->trial, &i->extra, -1);
			break;
		}
		length = longer;
		(*count)++;
	}
	return length;
}

/* the embedding is a cone: keep its numbers near one */
static void rescale(ipm *i)
{
	double size = fmax(i->at.t, i->at.k);
	if (size > 1e-3 && size < 1e3)
		return;
	double f = 1 / size;
	int all = 4 * i->n + i->m;
	for (int j = 0; j < all; j++)
		i->at.all[j] *= f;
	i->at.t *= f;
	i->at.k *= f;
}

par_err ipm_step(ipm *i, double *length, int *correctors)
{
	fill_theta(i);
	PAR_TRY(normal_factor(i->normal, i->theta));
	solve_for_t(i);
	predictor(i);
	double target = corrector(i, longest(i, &i->step));
	*length = centre(i, longest(i, &i->trial), target, correctors);
	double back = fmax(BACK_OFF, 1 - i->mu);
	add(i, &i->at, &i->trial, *length * fmin(back, 0.9999));
	rescale(i);
	return PAR_OK;
}

par_err ipm_open(ipm *i, const standard *s)
{
	int n = s->columns, m = s->rows;
	*i = (ipm){.p = s, .n = n, .m = m, .raise = RAISE_LEAST};
	double **column[] = {
	    &i->theta, &i->q, &i->ru, &i->rd, &i->xz, &i->sw, &i->r1, &i->want1, &i->more_x};
	double **row[] = {&i->rq, &i->rp, &i->r2, &i->want2, &i->more_y};
	bool all = point_open(&i->at, n, m) && point_open(&i->step, n, m) &&
		   point_open(&i->trial, n, m) && point_open(&i->extra, n, m);
	for (size_t k = 0; k < sizeof column / sizeof *column; k++)
		all &= (*column[k] = calloc((size_t)n + 1, sizeof(double))) != NULL;
	for (size_t k = 0; k < sizeof row / sizeof *row; k++)
		all &= (*row[k] = calloc((size_t)m + 1, sizeof(double))) != NULL;
	if (!all)
		return par_fail(PAR_E_MEMORY, "no memory for the interior point method");
	begin(i);
	return normal_open(&i->normal, s);
}

void ipm_close(ipm *i)
{
	double *mine[] = {i->want1, i->more_x, i->want2, i->more_y, i->theta, i->q, i->ru, i->rd,
	    i->xz, i->sw, i->r1, i->rq, i->rp, i->r2, i->at.all, i->step.all, i->trial.all,
	    i->extra.all};
	for (size_t k = 0; k < sizeof mine / sizeof *mine; k++)
		free(mine[k]);
	normal_close(i->normal);
}
