/* Moments: sums of squares and products of a series' rows, all that a regression on them needs.
 *
 * Rows are mostly zeros (dummies), so products are taken of what is not. Matrices are [columns][columns], of which the
 * lower half is kept. */
#ifndef APPS_FORECAST_POOLED_MOMENTS_H
#define APPS_FORECAST_POOLED_MOMENTS_H

#include "base/err.h"

typedef struct {
	int columns;
	double n, yy, mean_y; /* rows; their centred sum of squares; mean */
	double *mean_x;       /* owned: [columns]; the next two belong to it */
	double *right;        /* [columns] */
	double *gram;         /* [columns][columns] */
} moments;

/* local | room; moments_close releases it, also after a failure. fails: PAR_E_MEMORY */
par_err moments_open(moments *m, int columns);
void moments_close(moments *m);

/* local | no rows */
void moments_clear(moments *m);
/* local | one more row */
void moments_add(moments *m, const double *x, double y);
/* local | once all rows are there: about their means from now on */
void moments_centre(moments *m);

#endif
