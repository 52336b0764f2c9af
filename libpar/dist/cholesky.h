/* Cholesky: symmetric positive definite systems.
 *
 * The matrix is scaled to a unit diagonal and factored; nothing is formed but the factor and the
 * solution. A matrix that is not positive definite, or so nearly singular that no digit of the
 * solution would be sure, is a failure that names a row to look at. */
#ifndef PAR_DIST_CHOLESKY_H
#define PAR_DIST_CHOLESKY_H

#include "dist/grid.h"

/* collective over the world | x solves a x = b for every column of b, in double
 *   a  n x n, symmetric: half of it is read; any placement
 *   b  n x k; x  n x k, in a placement of its own; may be the same tensor as b
 *   spec, report  may be NULL
 * fails, agreed: PAR_E_NUMERIC naming the first row (of the matrix, from 0) with an entry that is
 * not finite, that is not positive or that depends on the rows before it; PAR_E_MEMORY */
par_err par_cholesky_solve(par_tensor *x, const par_tensor *a, const par_tensor *b,
    const par_dist_spec *spec, par_dist_report *report);

#endif
