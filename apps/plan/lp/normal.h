/* Normal equations: the linear systems of the interior point method for one sparse block.
 *
 *	[ -1/theta  A' ] [dx]   [r1]
 *	[     A     0  ] [dy] = [r2]
 *
 * with theta > 0 by columns, by way of (A theta A') dy = r2 + A theta r1. CHOLMOD (Chen, Davis, Hager,
 * Rajamanickam 2008) factors A theta A', scaled to a unit diagonal and raised by a little of it, so that
 * rows that depend on others do no harm; conjugate gradients with that factor take back what the
 * raise and the roundings changed. Columns with very many entries would fill the matrix; they are left out of
 * it and put back by the Sherman-Morrison-Woodbury formula. */
#ifndef APPS_PLAN_LP_NORMAL_H
#define APPS_PLAN_LP_NORMAL_H

#include "plan/lp/standard.h"

typedef struct normal normal;

/* local | order the rows and lay out the factor; s is borrowed. fails: PAR_E_MEMORY */
par_err normal_open(normal **out, const standard *s);
void normal_close(normal *k);

/* local | factor for these thetas, borrowed until the next. fails: PAR_E_NUMERIC when no small raise makes the
 * matrix positive definite */
par_err normal_factor(normal *k, const double *theta);
/* local | solve; r1 and dx have columns, r2 and dy rows entries; steps of conjugate gradients end at a
 * residual of tolerance relative to r2 + A theta r1. Returns the steps. */
int normal_solve(
    normal *k, const double *r1, const double *r2, double tolerance, double *dx, double *dy);

/* local, pure | y += f A x, x += f A' y */
void standard_times(const standard *s, double f, const double *x, double *y);
void standard_times_t(const standard *s, double f, const double *y, double *x);

/* local | entries of the factor and operations to make it */
double normal_entries(const normal *k);
double normal_flops(const normal *k);

#endif
