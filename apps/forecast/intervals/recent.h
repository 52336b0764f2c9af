/* Recent: the last periods of sums of series, and what was published for them at past origins. */
#ifndef APPS_FORECAST_INTERVALS_RECENT_H
#define APPS_FORECAST_INTERVALS_RECENT_H

#include "forecast/intervals/nodes.h"

#define RECENT_SPREAD 4 /* horizons of the past that tell how a sum disperses */

typedef struct {
	int horizon, origins;
	int64_t periods;
	double *
	    history; /* owned: [nodes here][periods] up to the last one; NaN where no series has a value */
	double *past; /* owned: [nodes here][origins][horizon] */
} recent;

/* collective | of the rank's nodes; recent_drop releases it, also after a failure. fails: PAR_E_MEMORY, as panel_units */
par_err recent_make(recent *s, const nodes_asked *a);
void recent_drop(recent *s);

/* local | what happened after a past origin: [horizon] */
const double *recent_outcome(const recent *s, int64_t row, int origin);
/* local | how the node disperses before a past origin; -1: before what is to come */
float recent_spread(const recent *s, int64_t row, int origin, bool counts);

/* local | bytes on a rank with so many series and nodes */
double recent_bytes(const panel *p, int horizon, int origins, double rows, double nodes_here);

#endif
