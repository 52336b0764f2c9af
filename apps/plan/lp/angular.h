/* Angular: a linear program as the problem of the block-angular interior point method (plan/solve/problem.h).
 *
 * Columns are moved to a lower bound of zero (lp.h); free ones are split into the parts above and below zero.
 * Inequalities get a slack: in a block a column of the block, in a linking row a column of its own. A column that
 * stands in several linking rows and in no block gets a block: a copy of it, and the row that keeps the two equal. */
#ifndef APPS_PLAN_LP_ANGULAR_H
#define APPS_PLAN_LP_ANGULAR_H

#include "plan/lp/shape.h"
#include "plan/solve/solution.h"

/* what a linking column is in the program: one of its columns, along way, or a row's slack */
typedef struct {
	int column; /* -1: a slack */
	double way;
} angular_own;

typedef struct {
	const lp *m;       /* whole or the program itself, borrowed */
	lp whole;          /* with copies of columns; empty when there are none */
	int rows, columns; /* of the program, without the copies */
	alike alike;
	shape *shape;
	pattern *pattern; /* those of the shapes side by side, borrowed from them */
	int *link;        /* of rows: the number of a linking row, or -1 */
	angular_own *own;
	double *from; /* of rows: what they have of columns at their lower bounds */
	problem problem;
} angular;

/* local, alike on every rank | m is borrowed to the end. fits = false: the method would not pay, as blocks
 * are unlike, linking rows many or their entries in other places of each block; or the program is no task for
 * it. To be closed all the same. fails: PAR_E_MEMORY */
par_err angular_open(angular *a, const lp *m, const cut *c, bool *fits);
void angular_close(angular *a);

/* collective | the program's columns, within their bounds, and its row prices, on rank 0; on the others they
 * are room; columns and rows of a->m */
void angular_back(const angular *a, const deal *d, const solution *s, double *x, double *y);

#endif
