/* Windows: quantiles of a sum of many series from what its forecasts missed in whole past windows.
 *
 * What decides the quantiles of a large sum is the level of the whole window, which no single day shows. So
 * relative errors are taken from many past windows at which sums forecast themselves, in units of each
 * node's own error, which is its errors' root mean square drawn towards its level's by as much as one window, and
 * pooled by level. Their variance may grow with the steps ahead. What is published, sums joined with their series, was
 * kept at fewer past windows: by how much its errors are smaller or larger there scales the pool of its level. The
 * median of a pool is left out: windows are too few to tell a bias from luck. */
#ifndef APPS_FORECAST_INTERVALS_WINDOWS_H
#define APPS_FORECAST_INTERVALS_WINDOWS_H

#include "common/levels.h"

typedef struct {
	const levels_sums *levels;
	int windows,
	    joined; /* past windows of the sums alone, the latest first, and of what is published */
	int horizon;
	/* [windows][nodes][horizon], the second [joined][...]; NaN where there is none */
	const double *direct, *published, *actual;
	int quantiles;
	const double *level; /* [quantiles] */
} windows_past;

typedef struct {
	const windows_past *past; /* borrowed */
	double *unit;   /* owned: [nodes] of the logarithm; NaN: this node's errors are not known */
	double *growth; /* owned: [horizon] by how much units grow with the step */
	double *pool;   /* owned: [levels][quantiles] ascending, in units */
} windows;

/* local | from all windows but `without` (-1: from all); windows_drop releases it, also after a failure
 * fails: PAR_E_MEMORY */
par_err windows_make(windows *w, const windows_past *past, int without);
void windows_drop(windows *w);

/* local | out[quantiles] of a node of a level around its mean; false, and nothing is written, where its errors are not
 * known or the mean is not above 0 */
bool windows_at(const windows *w, int level, int64_t node, int step, double mean, double *out);

#endif
