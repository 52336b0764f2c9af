/* Iterate: the numbers between the iterations of solve/interior.h, and its steps. Inside of solve/. */
#ifndef APPS_PLAN_SOLVE_ITERATE_H
#define APPS_PLAN_SOLVE_ITERATE_H

#include "dist/spread.h"
#include "plan/solve/own.h"
#include "plan/solve/sweep.h"

typedef struct {
	groups groups;
	sweeper sweeper;
	own own;
	int links;
	double *memory;        /* owned */
	double *right, *price; /* of linking rows, scaled */
	double *dprice[SIDES];
	double *residual;             /* right - B x - E e */
	double *target;               /* right side of the Schur system */
	bool *aside;                  /* linking rows whose prices stay for this iteration */
	double *schur;                /* links x links; its factor in the lower half */
	par_spread spread;            /* of order 0: every rank factors alike */
	par_err failed;               /* of the spread factor, agreed */
	double right_size, cost_size; /* Euclidean, of all rows, of all costs */
	double pairs;                 /* products that there are */

	component component[COMPONENTS]; /* of the direction; the first is affine */
	int components, correctors;
	int taken;         /* components that are in the sums of dy and dprice */
	double longest[2]; /* move of the direction against its bounds, primal and dual */
	double primal_step, dual_step; /* that the direction allows; 0 components: there is none */
	double distance;               /* of the starting point: interior_spec */

	double value, dual_value, primal_residual, dual_residual, gap,
	    product; /* product: mean xz */
} iterate;

/* collective | fails, agreed: as groups_open */
par_err iterate_open(iterate *it, const problem *p, const deal *d);
void iterate_close(iterate *it);

/* collective | the starting point: least squares, moved inside (solve/start.c) */
void iterate_start(iterate *it);
/* collective | go the step, measure where that led and factor there (solve/build.c) */
void iterate_build(iterate *it);
/* collective | the affine direction and its corrections, and how far they may go (solve/direct.c) */
void iterate_direct(iterate *it);

/* collective | choose by whom the Schur complement is factored. fails, agreed: PAR_E_MEMORY, PAR_E_CONFIG */
par_err schur_open(iterate *it, const par_dist_spec *spec);
/* collective | schur from a sweep's sums and the own columns' theta, and its factor; it->failed */
void schur_factor(iterate *it, const sweep_sums *sums);
/* collective | price becomes the Schur system's solution; it->failed */
void schur_solve(iterate *it, double *price);

/* local | r of a group, in dy[k], is solved for and its share of the Schur system's right side added, with that
 * of q, which is lost */
void eliminate_group(const group_view *v, class_room *room, int k);
/* local | the last component's prices, a group's dy, into their sums */
void take_prices(iterate *it);
void take_rows(const iterate *it, const group_view *v);
/* local | with the linking rows' change known: dy[k] of a group */
void substitute_group(const iterate *it, const group_view *v, class_room *room, int k);

#endif
