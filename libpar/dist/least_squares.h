/* Least squares: x minimises |a x - b| for every column of b.
 *
 * By the normal equations a^T a x = a^T b, columns of a scaled to length 1, where the condition of a
 * lets them keep half of the digits (up to PAR_NORMAL_CONDITION: about 1e-8); by a QR decomposition
 * otherwise.
 *
 * While n is at most spec->whole, rows are cut into blocks that know nothing of ranks. Each rank
 * makes a^T a, or the factor R, of its blocks; they are put together in the canonical tree (for R:
 * tall skinny QR, Demmel et al. 2012), and rank 0 solves. So the rows may be many, and the bits are
 * the same at any number of ranks. Above, all of it runs on a process grid (dist/grid.h). */
#ifndef PAR_DIST_LEAST_SQUARES_H
#define PAR_DIST_LEAST_SQUARES_H

#include "dist/grid.h"

#define PAR_NORMAL_CONDITION 1e4

/* collective over the world | in double
 *   a  m x n, m >= n >= 1, any placement; sharded along axis 0 moves least
 *   b  m x k; x  n x k, in a placement of its own
 *   spec, report  may be NULL
 * fails, agreed: PAR_E_NUMERIC naming the first column (from 0) with a value that is not finite,
 * that is all 0 or that depends on the columns before it; PAR_E_MEMORY */
par_err par_least_squares(par_tensor *x, const par_tensor *a, const par_tensor *b,
    const par_dist_spec *spec, par_dist_report *report);

#endif
