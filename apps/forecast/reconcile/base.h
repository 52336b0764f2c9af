/* Base: forecasts of every node of a hierarchy by itself, and what they would have said at past origins.
 *
 * Nodes that totals/ forecasts directly have those. All others (levels of too many nodes, nodes too small or too
 * short for a regression) are forecast from their summed history by the same bank of models as the
 * series, a share of them a rank. */
#ifndef APPS_FORECAST_RECONCILE_BASE_H
#define APPS_FORECAST_RECONCILE_BASE_H

#include "forecast/totals/totals.h"

typedef struct {
	int64_t nodes;
	int horizon, origins;
	int64_t by_bank; /* nodes that the bank forecast */
	double *
	    said; /* owned: [nodes][1 + origins][horizon] forecast now and at past origins; NaN: none then */
	double *came; /* owned: [nodes][origins][horizon] what came; NaN: not known */
} base;

/* collective, after totals_forecast where t has levels | all nodes of the levels, on every rank; base_drop releases
 * what was made, also after a failure. fails: PAR_E_MEMORY, as io/store.h */
par_err base_make(base *b, const panel *p, const plan *f, const totals *t,
    const levels_sums *levels, int origins);
void base_drop(base *b);

/* local | the level of t that has this name, -1: none */
int base_level(const totals *t, const char *name);
/* local | bytes a rank takes for so many nodes, of which the bank forecasts `rest` */
double base_bytes(const panel *p, int64_t nodes, int64_t rest, int horizon, int origins);

#endif
