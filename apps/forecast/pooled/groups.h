/* Groups: which series learn from each other: those of a SKU in all markets, or, where there is one market,
 * those of an area (history.h). */
#ifndef APPS_FORECAST_POOLED_GROUPS_H
#define APPS_FORECAST_POOLED_GROUPS_H

#include "forecast/history.h"

typedef struct {
	int64_t groups;
	int64_t *first;  /* owned: [groups + 1] */
	int64_t *member; /* owned: [series] series, group after group, ascending in each */
	int64_t *place;  /* owned: [series] where a series stands in member */
} groups;

/* local, equal on every rank | groups_close releases it, also after a failure. fails: PAR_E_MEMORY */
par_err groups_open(groups *g, const history *h);
void groups_close(groups *g);

#endif
