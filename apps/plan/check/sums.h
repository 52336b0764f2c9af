/* Sums: one exact sum for every linking row (comm/exact.h), over what all ranks add. */
#ifndef APPS_PLAN_CHECK_SUMS_H
#define APPS_PLAN_CHECK_SUMS_H

#include "comm/exact.h"

typedef struct {
	int64_t n;
	par_exact *of; /* owned */
} sums;

/* local | n sums of nothing; fails: PAR_E_MEMORY */
par_err sums_open(sums *s, int64_t n);
void sums_close(sums *s);
/* collective | the sums over all ranks; afterwards they are of nothing again */
void sums_finish(sums *s, const par_world *w, double *value);

#endif
