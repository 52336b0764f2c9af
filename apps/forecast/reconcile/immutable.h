/* Immutable: nodes whose forecasts reconciliation leaves as they are. */
#ifndef APPS_FORECAST_RECONCILE_IMMUTABLE_H
#define APPS_FORECAST_RECONCILE_IMMUTABLE_H

#include "common/app.h"
#include "common/levels.h"

typedef struct {
	int64_t count;
	uint8_t *node;   /* owned: [nodes of the levels that add up] 1 where it may not move */
	uint8_t *series; /* owned: [series] the same, of levels that name single series */
} immutable;

/* local, equal on every rank | read forecast.immutable: nodes as level/value/value, parted by commas.
 * immutable_drop releases what was made, also after a failure. fails: PAR_E_CONFIG naming the setting and a
 * node that is none, or one whose forecast follows from the others'; PAR_E_MEMORY */
par_err immutable_read(
    immutable *m, const app *a, const hierarchy *h, const levels_sums *of, int64_t series);
void immutable_drop(immutable *m);

/* local | the first of n nodes (of `of`) that is the sum, or a difference, of those before it, as far as the
 * series that may move go; -1: none is. fails: PAR_E_MEMORY */
par_err immutable_dependent(const levels_sums *of, int64_t series, const uint8_t *fixed,
    const int32_t *node, int n, int *which);

#endif
