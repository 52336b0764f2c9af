/* Draw: which windows the network learns from.
 *
 * Window number p is a function of (seed, p) alone. Its series is drawn by the square root of what it brought in last
 * year: together with the loss, which divides by the root of the scale, that is likelihood in units with a mild
 * tilt to money. Its origin is drawn by age, newer ones more often. */
#ifndef APPS_FORECAST_NET_DRAW_H
#define APPS_FORECAST_NET_DRAW_H

#include "base/rng.h"
#include "forecast/net/window.h"

typedef struct {
	const window_kind *kind; /* borrowed */
	int64_t from, to;        /* origins [from, to): targets end before to + horizon */
	double *series, *origin; /* owned: sums of weights up to each, both ascending to 1 */
} draw;

/* local, equal on every rank | windows whose targets lie before period `until`; draw_close releases it, also after a
 * failure. fails: PAR_E_MEMORY; PAR_E_DATA where the history is too short for one */
par_err draw_open(draw *d, const window_kind *k, int64_t until);
void draw_close(draw *d);

/* local | window p of a stream of draws */
void draw_at(const draw *d, par_rng r, int64_t p, int64_t *series, int64_t *origin);

#endif
