/* Certify: what a solution or a ray is worth, recomputed from the program as the file states it.
 *
 * Shares nothing with the solver: sums run in long double over the original rows and columns. For any prices y
 *
 *	sum of y_i (row_lower where y_i > 0, row_upper where y_i < 0) + sum of d_j (lower where d_j > 0, upper
 *	where d_j < 0) + constant,   d = c - A'y
 *
 * is a lower bound (minimising; turned over when maximising). Prices of the wrong sign for their row count as
 * zero. A reduced cost of the wrong sign for a column without that bound takes the bound that the rows imply;
 * where they imply none it is a violation, small or not, and costs the bound its product with x. */
#ifndef APPS_PLAN_LP_CERTIFY_H
#define APPS_PLAN_LP_CERTIFY_H

#include "plan/lp/lp.h"

#define CERTIFY_VIOLATION 1e-6
#define CERTIFY_GAP 1e-8

typedef struct {
	double value, bound;
	double gap;    /* |value - bound| / (1 + |value|) */
	double primal; /* the largest violation of a row or bound, relative to 1 + |the limit| */
	double dual;   /* the largest reduced cost of the wrong sign, relative to 1 + |cost| */
	bool optimal;  /* all within CERTIFY_VIOLATION and CERTIFY_GAP */
} certificate;

/* local | value and bound of x (columns) and prices y (rows). fails: PAR_E_MEMORY */
par_err certify_point(certificate *out, const lp *m, const double *x, const double *y);
/* local | true when the prices y prove that no point exists: what the rows demand of y'A x is more than the bounds
 * of the columns allow. fails: PAR_E_MEMORY */
par_err certify_no_point(bool *proved, const lp *m, const double *y);
/* local | true when from any point of the program one may go along x for ever and gain. fails: PAR_E_MEMORY */
par_err certify_no_end(bool *proved, const lp *m, const double *x);

#endif
