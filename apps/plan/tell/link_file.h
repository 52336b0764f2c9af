/* Link file: what plan.h5 says of the limits: their scale, use, capacity and worth. */
#ifndef APPS_PLAN_TELL_LINK_FILE_H
#define APPS_PLAN_TELL_LINK_FILE_H

#include "io/store.h"
#include "plan/tell/totals.h"

/* collective | the scale link and the variables over it; after the scales lane, node and supplier
 * fails: PAR_E_IO, PAR_E_MEMORY */
par_err link_file_put(par_store *out, const model *m, const solution *s, const totals *t);

#endif
