/* Tall: what least squares need of a matrix with many rows and few columns. Inside of dist/.
 *
 * Rows are cut into blocks that follow from the shape alone. Each rank reduces its own blocks to a
 * square and these are put together in the canonical tree (dist/fold.h), for rank 0 to go on with. b
 * goes along as more columns of a. */
#ifndef PAR_DIST_TALL_H
#define PAR_DIST_TALL_H

#include "dist/grid.h"

typedef struct {
	par_mesh mesh;       /* a line of all ranks */
	par_tensor a, right; /* m x n and m x k, sharded by blocks of rows */
} par_tall;

/* collective over the world | fails, agreed: PAR_E_MEMORY */
par_err par_tall_open(par_tall *t, const par_tensor *a, const par_tensor *b);
void par_tall_close(par_tall *t);

/* collective | on a grid of one: gram (n x n) gets the upper half of a^T a, right (n x k) a^T b */
par_err par_tall_normal(const par_tall *t, par_tensor *gram, par_tensor *right);
/* collective | on a grid of one: r gets the triangle of a = q r, right q^T b (tall skinny QR, Demmel
 * et al. 2012) */
par_err par_tall_qr(const par_tall *t, par_tensor *r, par_tensor *right);

#endif
