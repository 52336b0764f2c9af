/* Share: a linear program that rank 0 read, on every rank. */
#ifndef APPS_PLAN_LP_SHARE_H
#define APPS_PLAN_LP_SHARE_H

#include "comm/world.h"
#include "plan/lp/lp.h"

/* collective | m is rank 0's and empty on the others, which get its numbers; names and warnings stay where they
 * are. fails, agreed: PAR_E_MEMORY */
par_err lp_share(lp *m, const par_world *w);

#endif
