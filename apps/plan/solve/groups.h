/* Groups: the numbers of this rank's blocks, eight interleaved, scaled for the method.
 *
 * A block of magnitude m has its x in units of m, linking row l is multiplied by its scale s, all costs by
 * one f:  cost f c m,  upper u / m,  right b / m,  B' s B m. So magnitudes and costs are near 1 and a linking
 * row's coefficients have mean 1. A price of a linking row is s p' / f of the scaled one, that of a
 * block's row y' / (f m). */
#ifndef APPS_PLAN_SOLVE_GROUPS_H
#define APPS_PLAN_SOLVE_GROUPS_H

#include "plan/solve/ahead.h"
#include "plan/solve/deal.h"
#include "plan/solve/pairs_kernels.h"
#include "plan/solve/symbolic.h"

/* where the numbers of one group are; arrays of eights */
typedef struct {
	const symbolic *s;
	int class, lanes;
	double *magnitude; /* one eight */
	pairs pairs;
	double *y; /* rows */
	double *cost, *upper, *right;
	double *link, *masked; /* of B; masked: 0 in lanes without a block of their own */
	double *factor;
	double *dy[SIDES]; /* rows, one behind the other */
	/* the next group: where all of it begins, and, at first, where what a direction needs does */
	const char *next;
	ahead ahead;
} group_view;

typedef struct {
	const problem *p;
	const deal *deal;
	symbolic **class;   /* of patterns, owned */
	double *link_scale; /* of linking rows, owned */
	double cost_scale;
	char *memory;  /* owned */
	size_t *first; /* of each of my groups, owned */
	size_t bytes;
} groups;

/* collective | analyse the patterns, read and scale my blocks. fails, agreed: PAR_E_MEMORY, PAR_E_DATA
 * naming a block with a number that is not finite */
par_err groups_open(groups *g, const problem *p, const deal *d);
void groups_close(groups *g);
/* local | my group i, counted from 0 */
void groups_view(const groups *g, int64_t i, group_view *v);

#endif
