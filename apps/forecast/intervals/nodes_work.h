/* What makes quantiles of nodes works on: the parts of intervals/nodes.h, each for the nodes that are left to it. */
#ifndef APPS_FORECAST_INTERVALS_NODES_WORK_H
#define APPS_FORECAST_INTERVALS_NODES_WORK_H

#include "forecast/intervals/nodes.h"

typedef struct {
	const nodes_asked *a;
	int steps, quantiles;
	bool *known;     /* [nodes here] its quantiles are made */
	float *quantile; /* [nodes here][steps][quantiles] */
	double *row;     /* scratch: [quantiles], as the next */
	float *value;
	coverage *c;
} nodes_work;

/* each makes what it can of those that are not known and marks them
 * local | nodes that forecast themselves */
par_err nodes_by_windows(nodes_work *w);
/* collective | nodes of levels with outcomes at past origins */
par_err nodes_by_outcomes(nodes_work *w);
/* collective | any */
par_err nodes_by_series(nodes_work *w);

/* local | the level of one of my nodes */
int nodes_level(const nodes_work *w, int64_t row);
/* collective | whether some rank's node of a level (-1: of any) is not known */
bool nodes_left(const nodes_work *w, int level);
/* local | the number of an outcome of a node at a past origin */
int64_t nodes_outcome(const nodes_work *w, int origin, int64_t row, int step);

#endif
