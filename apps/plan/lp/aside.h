/* Aside: programs beside a program, always with a point and an end, whose answers say what it lacks itself. */
#ifndef APPS_PLAN_LP_ASIDE_H
#define APPS_PLAN_LP_ASIDE_H

#include "plan/lp/lp.h"

/* local | out, an empty program: the least sum by which the rows of m are missed within the bounds of its columns,
 * which come first. Its row prices are a Farkas ray of m when that is more than zero. fails: PAR_E_MEMORY,
 * PAR_E_DATA when too large */
par_err aside_misses(lp *out, const lp *m);

/* local | the most that m gains along a direction without end of size one at most: the same columns and rows, with bounds
 * that are zero where m has one. More than zero: its columns are a ray of m. fails: as above */
par_err aside_gains(lp *out, const lp *m);

#endif
