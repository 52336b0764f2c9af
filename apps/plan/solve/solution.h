/* Solution: what a solver of a problem (solve/problem.h) ends with. */
#ifndef APPS_PLAN_SOLVE_SOLUTION_H
#define APPS_PLAN_SOLVE_SOLUTION_H

#include "plan/solve/deal.h"

typedef enum {
	SOLVED_OPTIMAL,
	SOLVED_INFEASIBLE, /* price and row_price are a Farkas ray: b'y + h'p > 0 with A'y + B'p <= 0 */
	SOLVED_UNBOUNDED, /* x and own are a ray along which the value falls for ever */
	SOLVED_STALLED    /* neither was proved; the numbers are the best that was met */
} solved;

typedef struct {
	solved status;
	double value, dual_value;                   /* in the problem's units */
	double primal_residual, dual_residual, gap; /* relative, of the whole problem */
	int iterations, correctors;
	bool warm;      /* it began near an earlier solve and came from there */
	bool same_bits; /* as at any other number of ranks (dist/grid.h) */
	double *price;  /* of linking rows, on every rank */
	double *own;    /* linking columns, on every rank */
	/* of my blocks, group by group and lane by lane; each block's begins at its place */
	int64_t blocks;
	int64_t *block;         /* its number */
	int64_t *x_at, *row_at; /* its place in x, in row_price */
	double *x, *row_price;
} solution;

void solution_drop(solution *s);

#endif
