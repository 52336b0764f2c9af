/* Dense: what LAPACK does, to row-major matrices on a grid of one rank or of many. Inside of dist/.
 *
 * Matrices are par_grid_matrix's. Every call is collective over the world and gives its numbers to
 * all ranks; idle ones do no more than that. fails, agreed: PAR_E_MEMORY */
#ifndef PAR_DIST_DENSE_H
#define PAR_DIST_DENSE_H

#include "dist/grid.h"

/* d[i] = a[i][i], 0 <= i < columns */
void par_dense_diagonal(const par_grid *g, const par_tensor *a, double *d);
/* a[i][j] *= row[i] col[j]; NULL: 1 */
void par_dense_scale(par_tensor *a, const double *row, const double *col);
/* the first row (axis 0) or column (axis 1) with an entry that is not finite; -1: none */
int64_t par_dense_not_finite(const par_grid *g, const par_tensor *a, int axis);

/* gram (n x n) gets the upper half of a^T a, right (n x k) gets a^T b */
void par_dense_normal(const par_grid *g, const par_tensor *a, const par_tensor *b, par_tensor *gram,
    par_tensor *right);

/* a symmetric, read from its upper half, becomes r there: a = r^T r
 *   minor  the order of the first leading minor that is not positive, 0: all are
 *   rcond  1 / condition in the 1-norm, estimated; 0 when some minor is not positive */
par_err par_dense_cholesky(const par_grid *g, par_tensor *a, int64_t *minor, double *rcond);
/* a (m x n, m >= n) gets r in its upper half, b (m x k) becomes q^T b, where a = q r */
par_err par_dense_qr(const par_grid *g, par_tensor *a, par_tensor *b);
/* of the upper triangle in the first rows of r */
par_err par_dense_triangle_rcond(const par_grid *g, const par_tensor *r, double *rcond);
/* b's first n rows become r^-1 b, or r^-T b when transposed */
void par_dense_triangle_solve(
    const par_grid *g, const par_tensor *r, bool transposed, par_tensor *b);

/* vectors' rows are the eigenvectors of a, which is read from its upper half and lost
 *   values  n doubles on the ranks of the grid; *found: all of them were */
par_err par_dense_eigen(
    const par_grid *g, par_tensor *a, double *values, par_tensor *vectors, bool *found);

#endif
