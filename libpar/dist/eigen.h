/* Eigen: all eigenvalues and eigenvectors of a symmetric matrix, by divide and conquer. */
#ifndef PAR_DIST_EIGEN_H
#define PAR_DIST_EIGEN_H

#include "dist/grid.h"

/* collective over the world | a = sum over i of values[i] v_i v_i^T, in double
 *   a        n x n, symmetric: half of it is read; any placement
 *   values   n, ascending, in a placement of its own
 *   vectors  n x n, row i is v_i, of length 1; the sign is as it comes
 *   spec, report  may be NULL
 * fails, agreed: PAR_E_NUMERIC naming the first row with an entry that is not finite, or when an
 * eigenvalue was not found; PAR_E_MEMORY */
par_err par_symmetric_eigen(par_tensor *values, par_tensor *vectors, const par_tensor *a,
    const par_dist_spec *spec, par_dist_report *report);

#endif
