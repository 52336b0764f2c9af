/* Blend: a node's forecasts of two kinds become one.
 *
 * A regression on the calendar (totals/direct.h) and the bank of models see different things in a node's history:
 * which errs less changes from one hierarchy to the next, and from level to level. Each level takes the share
 * of the regression that had the least squared error at past origins, drawn to a half (forecast/share.h); a node
 * counts by its size over its squared error. */
#ifndef APPS_FORECAST_RECONCILE_BLEND_H
#define APPS_FORECAST_RECONCILE_BLEND_H

#include "forecast/reconcile/base.h"
#include "forecast/totals/totals.h"

/* one level of forecasts; all of them [node][origin][horizon], origins the past ones */
typedef struct {
	int64_t nodes;
	int horizon, origins;
	const double *other; /* NaN: there is none */
	const double *said, *came;
} blend_level;

/* local | how far to go from said to other: 0 to 1 */
double blend_share(const blend_level *l);

/* local, equal on every rank | b, of the bank alone, gets its part of what t has of nodes of the same levels, and
 * t->direct what b says then. share[levels], NaN where t has nothing of a level. fails: PAR_E_MEMORY */
par_err blend_direct(base *b, totals *t, const levels_sums *levels, double *share);

#endif
