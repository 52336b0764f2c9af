/* MPS: a problem as a file in free MPS format, for solvers of other makers.
 *
 * Linking rows come first, as L0, L1 ...; row i of block k is Rk_i, its column j xk_j, an own column
 * oe. An own column without cost and bound is the slack that turns its row into an inequality and
 * is not written. Numbers have 17 digits, so that every reader has the same problem. Blocks stand
 * group by group, at any number of ranks in the same order. */
#ifndef APPS_PLAN_MODEL_MPS_WRITE_H
#define APPS_PLAN_MODEL_MPS_WRITE_H

#include "plan/solve/deal.h"

/* collective | write and publish a file, in the place of an older one of this kind. Asks for every block
 * three times, and holds a few MiB of text. fails: PAR_E_CREATE, PAR_E_IO, PAR_E_MEMORY */
par_err mps_write(const char *path, const problem *p, const deal *d);

#endif
