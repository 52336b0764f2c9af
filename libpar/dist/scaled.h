/* Scaled: matrices whose columns have length 1 tell their condition and their dependences. Inside of
 * dist/. (Scaling a symmetric positive definite matrix to a unit diagonal is within a factor n of the
 * best that a diagonal can do for its condition: van der Sluis 1969.) */
#ifndef PAR_DIST_SCALED_H
#define PAR_DIST_SCALED_H

#include "dist/grid.h"

/* collective | by[i] = 1 / sqrt(a[i][i]); returns the first i whose a[i][i], left in by, is not
 * positive and finite, or -1 */
int64_t par_scaled_by(const par_grid *g, const par_tensor *a, double *by);

/* local | is a matrix of order n with this rcond singular as far as doubles can tell? */
bool par_scaled_singular(int64_t n, double rcond);
/* collective | r is a triangle whose columns have length 1: the one of which the columns before it
 * leave least. work: n doubles */
int64_t par_scaled_dependent(const par_grid *g, const par_tensor *r, double *work);

#endif
