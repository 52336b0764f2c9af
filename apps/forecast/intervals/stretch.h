/* Stretch: by how much distances of quantiles from the median must grow to cover what they should.
 *
 * An outcome's distance from the median over a quantile's is counted in bins, window by window; the share of outcomes
 * up to the stretched quantile is then its level. Drawn to 1 by STRETCH_PRIOR outcomes. */
#ifndef APPS_FORECAST_INTERVALS_STRETCH_H
#define APPS_FORECAST_INTERVALS_STRETCH_H

#include "base/err.h"

#include <stdint.h>

#define STRETCH_PRIOR 100

typedef struct {
	int windows, quantiles, middle; /* the quantile nearest to .5 */
	const double *level;            /* borrowed */
	int32_t *count;                 /* owned: [windows][quantiles][bins] */
} stretch;

/* local | nothing counted; stretch_drop releases it, also after a failure. fails: PAR_E_MEMORY */
par_err stretch_make(stretch *s, int windows, int quantiles, const double *level);
void stretch_drop(stretch *s);
/* local | count an outcome of a window */
void stretch_add(stretch *s, int window, const float *quantile, double outcome);
/* local | by[quantiles] from all windows but `without` (-1: from all) */
void stretch_factors(const stretch *s, int without, double *by);
/* local | stretch quantiles in place; they stay ascending */
void stretch_apply(const stretch *s, const double *by, float *quantile);

#endif
