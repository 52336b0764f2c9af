/* Panels: which rows of V are multiplied together. Inside of solve/. */
#ifndef APPS_PLAN_SOLVE_PANELS_H
#define APPS_PLAN_SOLVE_PANELS_H

#include "plan/solve/symbolic.h"

#include <stdbool.h>

/* local | panel_of[i] = the panel of row i of V, -1 when the row is empty; reached[i * links + t]: does row i
 * touch linking row t? Returns the number of panels through *panels. A panel of r rows over the union of
 * c linking rows costs (r + a) c^2: rows are merged while that saves. fails: PAR_E_MEMORY */
par_err panels_choose(int rows, int links, const bool *reached, int *panel_of, int *panels);

#endif
