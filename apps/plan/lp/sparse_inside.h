/* The state of the interior point method (plan/lp/sparse.h): a point, and steps from it. */
#ifndef APPS_PLAN_LP_SPARSE_INSIDE_H
#define APPS_PLAN_LP_SPARSE_INSIDE_H

#include "plan/lp/sparse.h"

#include <math.h>

/* a point or a direction: one block of numbers */
typedef struct {
	double *x, *s, *z, *w; /* columns; s and w only where there is an upper bound */
	double *y;             /* rows */
	double t, k;
	double *all;
} point;

typedef struct {
	const standard *p;
	normal *normal;
	int n, m, pairs; /* pairs: of x z, s w and t k */
	point at, step, trial, extra;
	double *theta, *q, *rq; /* 1/(1/theta); the t column's solution: q of columns, rq of rows */
	double *rp, *ru, *rd;
	double rg, mu;
	double raise;        /* least 1/theta of columns that are not free */
	double enough;       /* a lack of the system that does no harm */
	double *xz, *sw, tk; /* wanted changes of the products */
	double *r1, *r2, *want1, *want2, *more_x, *more_y;
	double q_pivot; /* what divides the step of t */
} ipm;

static inline bool ipm_bounded(const ipm *i, int j)
{
	return !isinf(i->p->upper[j]);
}

/* local | the state at its first point; s is borrowed. fails: as normal_open, PAR_E_MEMORY; close in any case */
par_err ipm_open(ipm *i, const standard *s);
void ipm_close(ipm *i);

/* local | rp, ru, rd, rg, mu and enough at the present point */
void ipm_residuals(ipm *i);
/* local | one step from there; its length, and how many correctors lengthened it. fails: as normal_factor */
par_err ipm_step(ipm *i, double *length, int *correctors);

/* local, pure */
double ipm_dot(const double *a, const double *b, int n);
double ipm_most(const double *v, int n); /* the largest size */
double ipm_upper_dot(const ipm *i, const double *w);

#endif
