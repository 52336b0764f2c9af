/* Master: a small linear program whose columns come one after the other, as in column generation.
 *
 *	minimise c'l subject to M l = right, 0 <= l <= upper
 *
 * The bounded primal simplex with the basis inverse as a dense matrix, for some hundred rows. Columns may be
 * added, and costs changed, between solves; the basis stays. The same calls give the same bits. */
#ifndef APPS_PLAN_ORDERS_MASTER_H
#define APPS_PLAN_ORDERS_MASTER_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct {
	int rows, columns;
	double *right;        /* owned, as is all below */
	double *cost, *upper; /* of columns; upper may be infinite */
	int64_t *first;       /* entries of column j are [first[j], first[j + 1]) */
	int *row;
	double *entry;
	int *place;            /* of columns: its row of the basis, or one of the below */
	int *basis;            /* of rows: a column */
	double *level;         /* of rows: the value of that column */
	double *price;         /* of rows: what one more unit on the right costs */
	double *inverse, *way; /* rows x rows by columns of the right side; rows */
	int64_t entries_room;
	int columns_room;
	int pivots;
} master;

enum { MASTER_LOWER = -1, MASTER_UPPER = -2 };

/* local | a program without columns; right is copied. fails: PAR_E_MEMORY */
par_err master_open(master *m, int rows, const double *right);
void master_close(master *m);
/* local | one more column, out of the basis at 0; entries that are 0 are left out. fails: PAR_E_MEMORY */
par_err master_add(
    master *m, double cost, double upper, const int *row, const double *entry, int n);
/* local | begin with these columns in the basis, one a row: they must be independent and their levels within
 * bounds. fails: PAR_E_NUMERIC */
par_err master_start(master *m, const int *basis);
/* local | to the best; false: it falls for ever, or rounding keeps it from ending */
bool master_solve(master *m);
/* local | of a column, after a solve */
double master_level(const master *m, int column);

#endif
