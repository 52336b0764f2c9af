/* Reduce: a smaller linear program with the same answer, and the way back (Andersen and Andersen 1995).
 *
 *	a row of one entry          becomes a bound of its column
 *	a row that cannot be broken is left out
 *	a row that can just be kept fixes its columns at the bounds with which it is
 *	a column whose reduced cost has one sign at all prices that rows allow is fixed at that bound
 *
 * one after another as long as something changes. All of it is taken back in turn: a row left out gets the price zero,
 * one that became a bound that holds gets the column's reduced cost, one that fixed its columns the price that turns
 * theirs the right way. A row that its columns' bounds cannot meet ends it; what proves that there is no point
 * goes back the same way. */
#ifndef APPS_PLAN_LP_REDUCE_H
#define APPS_PLAN_LP_REDUCE_H

#include "plan/lp/lp.h"

typedef struct {
	enum { ROW_BOUNDS, ROW_FIXES } kind;
	int row, entry; /* entry: of ROW_BOUNDS, the place of the column's in the rows */
	bool lower,
	    upper; /* the bounds that came from it; of ROW_FIXES: the row stands at that one */
} reduction_step;

typedef struct {
	const lp *m;             /* borrowed */
	lp small;                /* minimising, without names; owned */
	int *row_to, *column_to; /* of m's: theirs in small, or -1 */
	int *first, *column;     /* m by rows */
	double *value;
	double *lower, *upper; /* of m's columns by now; equal where they are fixed */
	int steps;
	reduction_step *step; /* in their order */
	int *fixed_by;        /* of columns: the step that fixed them, or -1 */
	int contradiction;    /* a row that cannot be met, or -1 ... */
	double side;          /* ... 1: its lower bound, -1: its upper one */
} reduction;

/* local | m is borrowed to the end. worth = false: little would go away, or m has no point or no end; to be closed all
 * the same. fails: PAR_E_MEMORY, PAR_E_DATA with 2^31 entries or more */
par_err reduction_open(reduction *r, const lp *m, bool *worth);
void reduction_close(reduction *r);

/* local | with a contradiction, prices of m's rows, for minimising, that prove it, up to roundings */
void reduction_ray(const reduction *r, double *y);

/* local | columns and prices of m from those of small */
void reduction_back(
    const reduction *r, const double *small_x, const double *small_y, double *x, double *y);

#endif
