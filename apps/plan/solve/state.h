/* State: where the method of solve/interior.h stands between two iterations, as numbers that can be saved.
 *
 * x, z, w, v and y of every group stand in a row of their own, in the order of groups (solve/deal.h), which
 * is the same at any number of ranks; what all ranks hold alike stands apart. They are the very numbers that the
 * method works with, scaled as in solve/groups.h, so that a solve which goes on from them has the same
 * bits as one that was never interrupted, on any number of ranks. */
#ifndef APPS_PLAN_SOLVE_STATE_H
#define APPS_PLAN_SOLVE_STATE_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct {
	int iteration;
	int64_t groups, columns; /* of all ranks: rows of the array, and numbers in each */
	int64_t first, here;     /* my rows: [first, first + here) */
	double *group;           /* [here][columns], owned */
	int64_t shared;
	double *alike; /* [shared], owned: prices, linking columns, how the iterations went */
} solve_state;

/* How a solve is interrupted and gone on with; all of it collective, and asked on every rank alike. */
typedef struct {
	/* before the first iteration | fill group and alike, which are zeros, set iteration and *found;
	 * NULL: there is nothing to go on from */
	par_err (*load)(void *ctx, solve_state *s, bool *found);
	/* after each iteration | is the state to be saved? NULL: it never is */
	bool (*due)(void *ctx, int iteration);
	/* save it; anything but PAR_OK ends the solve, and interior_solve returns it */
	par_err (*save)(void *ctx, const solve_state *s);
	void *ctx;
} solve_pauses;

#endif
