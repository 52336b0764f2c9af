/* Common part: what a Lagrangian bound has of the linking rows and of the columns that belong to no block. */
#ifndef APPS_PLAN_CHECK_COMMON_PART_H
#define APPS_PLAN_CHECK_COMMON_PART_H

#include "comm/exact.h"
#include "plan/solve/problem.h"

/* local | moved: the prices nearest to these at which no own column without upper bound gains, which may be
 * price itself; largest_move: relative to the largest price. false: no price is enough, so that the value
 * falls for ever */
bool common_prices(const linking *l, const double *price, double *moved, double *largest_move);
/* local | add h'p + sum of min(0, d - E p) w over own columns with an upper bound w */
void common_add(par_exact *sum, const linking *l, const double *price);

#endif
