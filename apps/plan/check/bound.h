/* Bound: a lower bound on the best value of a problem, by code that shares nothing with the solver.
 *
 * For any prices p of the linking rows, h'p + sum over own columns of min (d - E p) e + sum over blocks of
 * min { (c - B'p)' x : A x = b, 0 <= x <= u } is at most the best value (Lagrange). A block is a network
 * problem of its own where every column of A has at most one +1 and one -1, solved by the network
 * simplex; its answer is a vertex. Prices are first moved to where no own column without upper bound gains. */
#ifndef APPS_PLAN_CHECK_BOUND_H
#define APPS_PLAN_CHECK_BOUND_H

#include "plan/solve/solution.h"

/* a block's answer at given prices */
typedef struct {
	double value; /* (c - B'p)' x; -INFINITY when it falls for ever */
	bool feasible;
	double *x; /* columns, owned by the caller */
} block_answer;

/* the working room for blocks of one pattern */
typedef struct network network;

/* local | fails: PAR_E_DATA when the pattern is no network, PAR_E_MEMORY */
par_err network_open(network **out, const pattern *p);
void network_close(network *n);
/* local | minimise cost'x over A x = right, 0 <= x <= upper (of bounded columns); x is a vertex. cost is
 * priced already. start: NULL, or an x that is near to the answer and may help. */
void network_solve(network *n, const double *cost, const double *upper, const double *right,
    const double *start, block_answer *out);
/* local | the same, from the tree of the last answer: for numbers that differ little from those before.
 * Of several answers that are as good, which one is found depends on what was asked before. */
void network_solve_again(
    network *n, const double *cost, const double *upper, const double *right, block_answer *out);
/* local | the reduced cost of a column at the last answer */
double network_reduced(const network *n, int column);

typedef struct {
	double bound; /* -INFINITY when a block falls for ever */
	int64_t
	    hopeless; /* the first block that has no answer at all, or -1: then the problem has none */
	double moved; /* the largest move of a price, relative */
} bound_report;

/* collective | the bound at the prices given, one a linking row, the same bits at any number of ranks.
 * fails: as network_open */
par_err lagrangian_bound(bound_report *out, const problem *p, const deal *d, const double *price);

#endif
