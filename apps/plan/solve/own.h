/* Own: the columns that belong to no block, each in one linking row. Every rank holds all of them and works
 * them alike. Eight stand in an eight, so that they run through the kernels of solve/pairs_kernels.h;
 * those without an upper bound come first, and eights that are not full repeat their last column. */
#ifndef APPS_PLAN_SOLVE_OWN_H
#define APPS_PLAN_SOLVE_OWN_H

#include "plan/solve/pairs_kernels.h"
#include "plan/solve/problem.h"

typedef struct {
	int free_columns, bounded_columns; /* that exist */
	int bounded_from;                  /* place of the first bounded one: a multiple of 8 */
	int places;                        /* a multiple of 8 */
	int *column;                       /* of a place: the problem's */
	int *row;
	double *sign;         /* its coefficient in the scaled row: 1 or -1 */
	double *scale;        /* its x is that of the problem times this */
	double *cost, *upper; /* upper: from bounded_from */
	double *theta, *priced, *q;
	float *near; /* SIDES times places */
	pairs pairs;
	double *memory; /* owned */
	int *numbers;   /* owned */
} own;

/* local | row_scale, cost_scale: as in solve/groups.h. fails: PAR_E_MEMORY */
par_err own_open(own *o, const linking *l, const double *row_scale, double cost_scale);
void own_close(own *o);

/* does a place hold a column of its own? */
static inline bool own_counts(const own *o, int place)
{
	return place < o->bounded_from ? place < o->free_columns
				       : place - o->bounded_from < o->bounded_columns;
}

/* out[place] = sign price[row] */
void own_priced(const own *o, const double *price, double *out);
/* the same less `residual`, which may be NULL, rounded */
void own_near(const own *o, const double *price, const float *residual, float *out);
/* sum[row] += by sign q[place] */
void own_links(const own *o, double by, const double *q, double *sum);

#endif
