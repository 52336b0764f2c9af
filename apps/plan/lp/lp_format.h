/* LP format: reading linear programs in the CPLEX LP format.
 *
 *	\ a comment
 *	minimize | maximize
 *	 name: 3 x1 - 2.5 x2 + 7
 *	subject to
 *	 name: x1 + x2 >= 2        (<=, =<, <, >=, =>, >, =)
 *	 name: -1 <= x1 - x2 <= 4
 *	bounds
 *	 0 <= x1 <= 4    x2 >= -inf    x3 = 5    x4 free
 *	general | integers | binary   x1 x2
 *	end
 *
 * Names may be left out (rows are then R1, R2 ... by their place), statements may go over lines, words of
 * sections are known in any case. A column that comes only in the bounds is a column. A term may come
 * several times in a row; its numbers add up. An upper bound below zero without lower one leaves none, with a
 * warning. Quadratic terms, sos, semi-continuous columns and general constraints are refused. */
#ifndef APPS_PLAN_LP_LP_FORMAT_H
#define APPS_PLAN_LP_LP_FORMAT_H

#include "plan/lp/lp.h"

/* local | as mps_read. A file without `end` is refused at its last line */
par_err lp_format_read(lp *m, const char *file, const char *text, size_t n);

#endif
