/* Standard form: what the interior point method works on.
 *
 *	minimise c'x  subject to  A x = b,  0 <= x <= u or x free
 *
 * A program's inequalities get a slack column each, fixed columns go to the right side, others are moved to a lower bound of zero (or turned
 * over when they have an upper bound only), rows and columns are scaled by powers of two until the
 * largest entries of each are near one (Ruiz 2001), and b and c each by one number. All of it is undone
 * exactly on the way back, up to the roundings of the moves. */
#ifndef APPS_PLAN_LP_STANDARD_H
#define APPS_PLAN_LP_STANDARD_H

#include "plan/lp/lp.h"

typedef struct {
	int rows, columns;
	int *place;       /* of the program's columns: theirs here, or -1 of fixed ones */
	int *first, *row; /* by columns */
	double *value;
	double *cost, *right, *upper; /* upper is INFINITY where there is none */
	uint8_t *free;                /* 1: neither bound */
	double *row_scale, *column_scale;
	double right_scale, cost_scale; /* b and u, c are this many times larger in truth */
} standard;

/* local | fails: PAR_E_MEMORY, PAR_E_DATA with 2^31 entries or more */
par_err standard_open(standard *s, const lp *m);
void standard_close(standard *s);

/* local | the program's columns x from those of the standard form, within their bounds, and its row
 * prices y; a ray's x starts from zero instead of the bounds */
void standard_back(const standard *s, const lp *m, const double *x, const double *y, bool ray,
    double *columns, double *prices);

#endif
