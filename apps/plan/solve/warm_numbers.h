/* Warm numbers: a point of solve/warm.h taken from an iterate, or given to it. Inside of solve/. */
#ifndef APPS_PLAN_SOLVE_WARM_NUMBERS_H
#define APPS_PLAN_SOLVE_WARM_NUMBERS_H

#include "plan/solve/iterate.h"
#include "plan/solve/warm.h"

/* local, every rank in step | keep where it is */
void warm_take(warm_point *w, const iterate *it);
/* collective | start near w. false, on every rank alike: it is too far from what the linking rows ask for, and
 * the iterate is not to be used */
bool warm_give(const warm_point *w, iterate *it);

#endif
