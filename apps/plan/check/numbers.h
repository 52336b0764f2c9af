/* Numbers: room for one block of a problem, of whatever pattern. */
#ifndef APPS_PLAN_CHECK_NUMBERS_H
#define APPS_PLAN_CHECK_NUMBERS_H

#include "plan/solve/problem.h"

/* local | b: arrays for the largest of the patterns; fails: PAR_E_MEMORY */
par_err numbers_open(block *b, const problem *p);
void numbers_close(block *b);

static inline const pattern *pattern_of(const problem *p, int64_t k)
{
	return &p->pattern[p->class[k]];
}

#endif
