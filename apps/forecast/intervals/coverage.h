/* Coverage: how many held-back outcomes lay up to each quantile, by level of the hierarchy.
 *
 * An outcome that stands on several quantiles counts for its part of each (common/pit.h). */
#ifndef APPS_FORECAST_INTERVALS_COVERAGE_H
#define APPS_FORECAST_INTERVALS_COVERAGE_H

#include "comm/world.h"

typedef struct {
	int rows, quantiles;
	const double *level; /* [quantiles]; borrowed */
	int64_t *upto;       /* owned: [rows][quantiles] */
	int64_t *seen;       /* owned: [rows] */
} coverage;

/* local | nothing seen; coverage_drop releases it, also after a failure. fails: PAR_E_MEMORY */
par_err coverage_make(coverage *c, int rows, int quantiles, const double *level);
void coverage_drop(coverage *c);

/* local | an outcome against its quantiles[quantiles]; `id` of it, which its draw goes by */
void coverage_add(coverage *c, int row, const double *quantile, double outcome, int64_t id);
/* local | a row is what a row of another was, of the same quantiles */
void coverage_take(coverage *c, int row, const coverage *from, int from_row);
/* collective | what the ranks have seen, together on every rank */
void coverage_share(coverage *c, const par_world *w);
/* local | the share of outcomes up to a quantile, NaN where none was seen */
double coverage_at(const coverage *c, int row, int quantile);

#endif
