/* Nodes: quantiles of sums of series, from what forecasts of such sums missed at past origins.
 *
 * Nodes that forecast themselves have many past windows (intervals/windows.h). The many small ones that do not are held
 * to what was published for nodes of their level at the past origins: series' errors added up by date keep what they
 * have in common, and outcomes over means are pooled by mean and dispersion (intervals/ratios.h). Where the history has
 * no room for a past origin the series' own quantiles are added up as if the series knew nothing of each other.
 * Coverage is that of each past window by what is made from the other windows. */
#ifndef APPS_FORECAST_INTERVALS_NODES_H
#define APPS_FORECAST_INTERVALS_NODES_H

#include "forecast/intervals/coverage.h"
#include "forecast/panel.h"
#include "forecast/plan.h"
#include "forecast/results.h"
#include "forecast/totals/totals.h"

#define NODES_CASES ((int64_t)1 << 19) /* outcomes of a level that are pooled, at most */

typedef struct {
	const panel *p;
	const plan *f;
	const totals *t;
	const results *r;
	const levels_sums *of; /* the levels that are asked for */
	par_blocks blocks;     /* which of their nodes are mine */
	const double *mean;    /* [nodes here][horizon] what is published */
} nodes_asked;

/* collective | quantile[nodes here][horizon][quantiles], ascending in the last; c, of at least as many rows as levels,
 * counts what this rank saw. fails: PAR_E_MEMORY, as panel_units */
par_err nodes_quantiles(const nodes_asked *a, float *quantile, coverage *c);

/* local | bytes on a rank with so many series and nodes, the answer included */
double nodes_bytes(const panel *p, const plan *f, const totals *t, double rows, double nodes_here);

#endif
