/* Shape: the pattern (plan/solve/problem.h) of a class of alike blocks.
 *
 * Its columns are those of the program in the order of the class, then the parts below zero of the free ones, then
 * the slacks of inequalities. Equalities that follow from those before them are left out: a solution that breaks one
 * says so when it is certified. Rows and columns are divided by powers of two, so that the largest entries of
 * each come near one; a network stays what it is. B has an entry wherever a block of the class has one. */
#ifndef APPS_PLAN_LP_SHAPE_H
#define APPS_PLAN_LP_SHAPE_H

#include "plan/lp/alike.h"
#include "plan/solve/problem.h"

typedef struct {
	pattern pattern;
	int columns;                      /* of the program */
	int splits, *split;               /* places of the free columns */
	int slacks, *slack;               /* rows of the pattern that are inequalities */
	int *place;                       /* of the pattern's rows: their places in the block */
	double *row_scale, *column_scale; /* x = column_scale x', y = row_scale y' */
} shape;

/* local | of class c; link: of the program's rows, the number of a linking one of links in all, or -1.
 * fails: PAR_E_MEMORY */
par_err shape_open(shape *s, const lp *m, const alike *a, int c, const int *link, int links);
void shape_close(shape *s);

/* local | the numbers of block k, of class c; from: what the program's rows have of columns at their
 * lower bounds */
void shape_fill(const shape *s, const lp *m, const alike *a, int64_t k, const int *link,
    const double *from, block *b);

#endif
