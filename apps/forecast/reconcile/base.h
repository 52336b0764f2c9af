/* Base: forecasts of every node of a hierarchy by itself, and what they would have said at past origins.
 *
 * They are forecast from their summed history by the same bank of models as the series, a share of them a
 * rank; where totals/ has regressions of them too, reconcile/blend.h makes one of both. */
#ifndef APPS_FORECAST_RECONCILE_BASE_H
#define APPS_FORECAST_RECONCILE_BASE_H

#include "common/levels.h"
#include "forecast/panel.h"
#include "forecast/plan.h"

typedef struct {
	int64_t nodes;
	int horizon, origins;
	double *
	    said; /* owned: [nodes][1 + origins][horizon] forecast now and at past origins; NaN: none then */
	double *came; /* owned: [nodes][origins][horizon] what came; NaN: not known */
} base;

/* collective | all nodes of the levels, on every rank; base_drop releases
 * what was made, also after a failure. fails: PAR_E_MEMORY, as io/store.h */
par_err base_make(base *b, const panel *p, const plan *f, const levels_sums *levels, int origins);
void base_drop(base *b);

/* local | bytes a rank takes for so many nodes */
double base_bytes(const panel *p, int64_t nodes, int horizon, int origins);

#endif
