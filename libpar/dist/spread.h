/* Spread: dist/factor.h for matrices that are too large for every rank to factor them alone.
 *
 * Every rank has the matrix and the right sides whole, in plain memory, as there. The factor is made on the grid
 * that dist/grid.h chooses, by ScaLAPACK where it is more than one rank, and stays there for any
 * number of solutions, which come back to all ranks with the same bits. */
#ifndef PAR_DIST_SPREAD_H
#define PAR_DIST_SPREAD_H

#include "dist/grid.h"

typedef struct {
	int n;
	par_mesh line; /* all ranks, each with everything */
	par_grid grid;
	par_tensor factor, side; /* n x n and n x 1, on the grid */
} par_spread;

/* collective | room for matrices of order n, at least 1; par_spread_close, also after a failure.
 * spec: NULL for the usual. fails, agreed: PAR_E_MEMORY, PAR_E_CONFIG */
par_err par_spread_open(par_spread *s, const par_world *w, int n, const par_dist_spec *spec);
void par_spread_close(par_spread *s);

/* collective | factor a (n x n, rows of n, read from its lower half, the same on every rank), which stays as it is.
 * minor: as par_factor returns it. fails, agreed: PAR_E_MEMORY */
par_err par_spread_factor(par_spread *s, const double *a, int *minor);
/* collective | x, the same on every rank, becomes a^-1 x on all. fails, agreed: PAR_E_MEMORY */
par_err par_spread_solve(par_spread *s, double *x);

#endif
