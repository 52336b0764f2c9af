/* Sparse: an interior point method for a linear program in standard form, one block with a sparse factor.
 *
 * The homogeneous self-dual embedding (Ye, Todd, Mizuno 1994; Xu, Hung, Ye 1996; Andersen and Andersen 2000)
 * needs no starting point and ends with a solution or with a ray that proves there is none:
 *
 *	A x - b t = 0,   x + s - u t = 0,   A'y + z - w - c t = 0,   b'y - u'w - c'x - k = 0
 *	x, s, z, w, t, k >= 0,   x z = s w = t k = mu towards 0
 *
 * t > 0 at the end: x / t, y / t solve the program; k > 0: y is a Farkas ray or x a ray of descent. Steps are Mehrotra's
 * predictor and corrector with Gondzio's multiple centrality correctors after them. */
#ifndef APPS_PLAN_LP_SPARSE_H
#define APPS_PLAN_LP_SPARSE_H

#include "plan/lp/normal.h"

#define SPARSE_ITERATIONS 200 /* at most */

typedef enum { SPARSE_SOLVED, SPARSE_NO_POINT, SPARSE_NO_END, SPARSE_STOPPED } sparse_end;

typedef struct {
	sparse_end end;
	int iterations, correctors;
	double primal, dual, gap; /* relative, of the scaled program */
	double *x,
	    *y; /* of the standard form; with SPARSE_NO_POINT y and with SPARSE_NO_END x is a ray */
	double kept[3]; /* private: the measures of the point that is kept */
} sparse_answer;

/* whoever watches a solve; either may be NULL */
typedef struct {
	/* called after every iteration */
	void (*told)(void *ctx, const sparse_answer *so_far);
	/* called with each better point from SPARSE_NEAR on: true ends the solve with it, as SPARSE_SOLVED */
	bool (*enough)(void *ctx, const sparse_answer *so_far);
	void *ctx;
	bool careful; /* steadier and slower to converge: for a second attempt */
} sparse_watch;

#define SPARSE_NEAR 1e-6

/* local | solve to a relative tolerance; the best point met when that is out of reach, which is
 * SPARSE_STOPPED. fails: PAR_E_MEMORY */
par_err sparse_solve(sparse_answer *out, const standard *s, double tolerance, sparse_watch watch);
void sparse_drop(sparse_answer *a);

#endif
