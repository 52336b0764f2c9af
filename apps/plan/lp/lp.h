/* LP: a linear program in memory, as a file states it.
 *
 *	minimise (or maximise)  c'x + constant
 *	subject to              row_lower <= A x <= row_upper
 *	                        lower <= x <= upper
 *
 * Bounds may be -INFINITY and INFINITY; an equality has equal ones. A is kept by columns, the objective apart
 * from it. Marks of integer columns are kept; whoever solves the program takes its relaxation. */
#ifndef APPS_PLAN_LP_LP_H
#define APPS_PLAN_LP_LP_H

#include "base/dict.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
	bool maximise;
	double constant;
	int rows, columns;
	int64_t
	    *first; /* entries of column j are [first[j], first[j + 1]); none twice in a column */
	int *row;
	double *value;
	double *cost, *lower, *upper; /* of columns */
	uint8_t *integer;             /* of columns: 1 where only whole numbers are meant */
	double *row_lower, *row_upper;
	par_dict row_name, column_name; /* number i names row or column i */
	char *warnings;                 /* one line each, NULL when the reader had none */
	int row_room, column_room;      /* private: how much the arrays hold */
	int64_t entry_room;
} lp;

/* local | one more row, free of bounds, or column, [0, INFINITY) without entries and cost; the name is put
 * by the caller. fails: PAR_E_MEMORY, PAR_E_DATA with more than 2^31 - 2 of them */
par_err lp_add_row(lp *m);
par_err lp_add_column(lp *m);
/* local | one more entry of the last column. fails: PAR_E_MEMORY */
par_err lp_add_entry(lp *m, int row, double value);
/* local | one more line of warnings. fails: PAR_E_MEMORY */
par_err lp_warn(lp *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* local, pure | c'x + constant */
double lp_value(const lp *m, const double *x);
/* local, pure | a column moved to a lower bound of zero, x = from + way x': turned over when it has
 * an upper bound only; a free one stays where it is */
double lp_way(const lp *m, int j);
double lp_from(const lp *m, int j);
/* local, pure | a row a'x of [low, high], where low < high, becomes a'x - slack = low, or a'x + slack = high
 * without a low: the right side, 0 of a row without bounds, and the slack's sign */
double lp_right(const lp *m, int i);
double lp_slack(const lp *m, int i);
/* local | frees everything and leaves a zeroed, empty program, which is how one begins */
void lp_drop(lp *m);

#endif
