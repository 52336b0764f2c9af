/* Grid: on how many ranks a problem of dense linear algebra runs.
 *
 * Up to a size a problem runs whole on rank 0 through LAPACK and the result is spread: one rank's
 * bits are everyone's, and the others rest. Above, it runs through ScaLAPACK on a process grid that
 * follows from the problem and the settings, never from the number of ranks; ranks beyond the grid
 * rest. BLACS adds in an order that repeats. So the result has the same bits at any number of ranks
 * that fill the grid. A job with fewer runs on a smaller grid, says so in its report and promises
 * what a backward stable method does: the same solution up to the problem's condition.
 *
 * From inside LAPACK no sign of life reaches the watchdog: a phase's limit (par_phase) allows for the
 * whole of a call. */
#ifndef PAR_DIST_GRID_H
#define PAR_DIST_GRID_H

#include "tensor/redistribute.h"

/* {0} is the usual choice */
typedef struct {
	int64_t whole;  /* problems of this order at most run on one rank; 0: PAR_DIST_WHOLE */
	int rows, cols; /* the grid above; 0: as square as can be, PAR_DIST_SHARE a rank at most */
	int64_t block;  /* of the block-cyclic layout; 0: PAR_DIST_BLOCK */
} par_dist_spec;

#define PAR_DIST_WHOLE 4096 /* order n: 23 GFLOP of Cholesky, 128 MiB */
#define PAR_DIST_SHARE 4096 /* a rank's share of a matrix is this square at most */
#define PAR_DIST_BLOCK 64

typedef struct {
	int rows, cols; /* of the grid it ran on; 1 x 1: whole on one rank */
	bool same_bits; /* as at any other number of ranks */
	/* of the matrix with its columns scaled to equal length, estimated (Higham 1988), at worst a
	 * factor of its order from the 2-norm's; of an eigenproblem: the ratio of the eigenvalues
	 * furthest from and nearest to 0 */
	double condition;
	bool by_qr; /* least squares: the normal equations were not good enough */
} par_dist_report;

/* Inside of dist/: the grid of one problem. */
typedef struct {
	par_mesh mesh; /* rows x cols */
	int64_t block;
	bool same_bits;
	int context; /* of BLACS; -1 on idle ranks and on a grid of one */
	int handle;  /* of BLACS, for the communicator */
} par_grid;

/* collective | choose and open the grid for a problem of order n. Tensors on it borrow g->mesh. */
par_err par_grid_open(par_grid *g, const par_world *w, int64_t n, const par_dist_spec *spec);
/* collective */
void par_grid_close(par_grid *g);
/* local | does the problem run whole on rank 0? */
bool par_grid_is_one(const par_grid *g);

/* collective | m x n doubles dealt to the grid, with the entries of from unless it is NULL. A
 * row-major tensor on rows x cols is, to ScaLAPACK, its transpose.
 * fails, agreed: PAR_E_MEMORY, PAR_E_CONFIG when a rank's share is more than ScaLAPACK counts */
par_err par_grid_matrix(
    par_tensor *t, const par_grid *g, int64_t m, int64_t n, const par_tensor *from);
/* local | ScaLAPACK's nine numbers of the transpose (n x m) */
void par_grid_describe(const par_grid *g, const par_tensor *t, int desc[9]);

#endif
