/* Vertex: from the prices of an interior solution to a plan that stands at vertices.
 *
 * At the final prices every block has a cheapest vertex, a network problem of its own. Nearly all blocks of
 * the interior solution are there already. The others, the mixed ones, share a limit that binds: a basic
 * solution has no more of them than binding linking rows. They are put together again in one small linear
 * program over what the others leave, each as a mean of its vertices (Dantzig and Wolfe 1960). Its
 * prices are kept in a box around the final ones, which is widened as long as the box and not the plan
 * gives way (du Merle, Villeneuve, Desrosiers and Hansen 1999). */
#ifndef APPS_PLAN_ORDERS_VERTEX_H
#define APPS_PLAN_ORDERS_VERTEX_H

#include "plan/solve/solution.h"

typedef struct {
	double value;  /* c'x + d'e */
	double missed; /* by linking rows, the largest, against what passes through the row */
	int asked;     /* blocks that were put together again */
	int mixed;     /* of these, how many stand between vertices */
	int rounds, vertices, pivots;
	double *price; /* of linking rows, on every rank: those of the small program */
	double *own;   /* linking columns, on every rank */
	double *x;     /* of my blocks, each at the solution's place x_at */
} vertex_plan;

/* collective | make the plan; dropped by vertex_drop, also after a failure. The same bits at any number
 * of ranks. fails: PAR_E_DATA where a block is no network, PAR_E_NUMERIC, PAR_E_MEMORY */
par_err vertex_make(vertex_plan *out, const problem *p, const deal *d, const solution *s);
void vertex_drop(vertex_plan *v);

#endif
