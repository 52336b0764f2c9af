/* Sweep: one walk over this rank's groups, whose sums have the same bits at any number of ranks.
 *
 * What groups add up lies in a shard's room: eights for sums of blocks, packed tiles for V'V. At the end of a shard
 * they become one vector of doubles, and the vectors of shards are added in the canonical tree
 * (comm/reduce.h). */
#ifndef APPS_PLAN_SOLVE_SWEEP_H
#define APPS_PLAN_SOLVE_SWEEP_H

#include "comm/reduce.h"
#include "plan/solve/groups.h"
#include "plan/solve/near_kernels.h"
#include "plan/solve/products_kernels.h"

#define SUMS 8 /* single numbers that a sweep adds up */
#define MAXIMA (2 * WEIGHTS)

/* of a class: its part of a shard's sums and the work of a group */
typedef struct {
	double *right, *activity; /* eights: touched linking rows */
	double *cross;            /* eights: of B theta B' */
	double *packed;           /* of V'V */
	double *v;                /* the batch */
	int in_batch;
	double *theta, *q, *r;           /* of the group at hand: columns, columns, rows */
	double *priced;                  /* SIDE_LAST times columns */
	float *near;                     /* SIDES times NEAR_COLUMNS: of a near_move */
	double *weighed, *slots, *items; /* of plan_factor */
} class_room;

typedef struct {
	const groups *groups;
	class_room *class;
	double *sums;  /* eights: SUMS, of the shard */
	double *own;   /* eights: SUMS, of the group at hand */
	float *maxima; /* MAXIMA times MOST_LANES, of this rank */
	double *memory;
	par_reduce *small, *large;
	int links;
} sweeper;

/* what a sweep of links rows adds up: right sides of linking rows, SUMS numbers; a large one also B x and
 * the lower half of B theta B' - V'V, row by row */
typedef struct {
	const double *right, *sums, *activity, *schur;
} sweep_sums;

/* collective | fails, agreed: PAR_E_MEMORY */
par_err sweep_open(sweeper *w, const groups *g);
void sweep_close(sweeper *w);

typedef void (*sweep_fn)(void *ctx, sweeper *w, group_view *v, class_room *room);

/* collective | run fn over my groups and add up. large: fn calls sweep_factor */
sweep_sums sweep_run(sweeper *w, sweep_fn fn, void *ctx, bool large);
/* collective | run fn over my groups; most[i] is the maximum over all ranks, n <= MAXIMA, at least 0 */
void sweep_most(sweeper *w, sweep_fn fn, void *ctx, double *most, int n);
/* collective | both of them */
sweep_sums sweep_both(sweeper *w, sweep_fn fn, void *ctx, double *most, int n);

/* local, within fn | factor the group at room->theta, its V into the batch */
void sweep_factor(sweeper *w, group_view *v, class_room *room);

#endif
