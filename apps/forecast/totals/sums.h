/* Sums: the history of every node of the levels, added up from its series.
 *
 * A period that is missing inside a series' life (up to two seasons after its last observation, too:
 * those may come late) counts as the one a season before it. A node's period of which more than a third
 * was made up so is missing. Additions are in the order of series within PAR_SHARDS parts of them, and of
 * parts in the canonical tree, so bits do not depend on ranks. */
#ifndef APPS_FORECAST_TOTALS_SUMS_H
#define APPS_FORECAST_TOTALS_SUMS_H

#include "common/levels.h"
#include "forecast/panel.h"

/* collective | sum[nodes][length] gets the history of all nodes of the levels, NaN where missing; series
 * are read in blocks. fails: PAR_E_MEMORY, as io/store.h */
par_err sums_history(const panel *p, const levels_sums *levels, double *sum);
/* local | bytes that a rank takes for it, sum apart */
double sums_bytes(const panel *p, int64_t nodes);

/* local | one series y[n] with what is missing in its life made up in place, 0 outside of it; made[n] gets what was */
void sums_mend(float *y, int64_t n, int64_t season, double *made);
/* local | is a node's period missing, of which so much was made up? */
bool sums_lost(double sum, double made);

/* collective | sum[nodes][columns] gets the sums of rows that ranks hold as the panel deals them
 * fails: PAR_E_MEMORY */
par_err sums_rows(const panel *p, const levels_sums *levels, const float *mine, int64_t rows,
    int columns, double *sum);

#endif
