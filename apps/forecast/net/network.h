/* Network: one residual multilayer perceptron for all series, all steps ahead at once.
 *
 * The whole window goes through `wide` features three layers deep, the last two residual; a map of those gives
 * each step 16 features of its own, and with the step's numbers and its day's go through `step` features. The
 * logarithm of the mean, in units of the window's scale, comes of a step's features, of day x place (places
 * have weeks of their own) and of the window. Loss: Poisson's, which is right in the mean of demand whatever
 * its distribution (Gourieroux, Monfort and Trognon 1984), of open days, weighted by the window.
 *
 * Quantiles come of 16 features more of the same window and step: how far they lie from the mean, over it, on a ladder, so
 * that none crosses another. Their loss is the pinball's (Koenker and Bassett 1978), which does not reach what the mean is
 * made of. */
#ifndef APPS_FORECAST_NET_NETWORK_H
#define APPS_FORECAST_NET_NETWORK_H

#include "forecast/net/window.h"
#include "train/feed.h"

typedef struct {
	int wide, step; /* features; 0: 256, 96 */
	int64_t batch;  /* windows; 0: 1024 */
	uint64_t seed;
	bool bf16;
	int levels;          /* of quantiles; 0: the mean alone */
	const double *level; /* borrowed: [levels] ascending in (0, 1) */
} network_spec;

enum { NETWORK_FIELDS = 8 }; /* the fields of a window (net/window.h), in their order */

typedef struct {
	par_graph *graph; /* owned */
	par_value input[NETWORK_FIELDS], loss;
	par_value log_mean; /* [horizon] in units of the window's scale */
	/* where there are levels: [horizon][levels] distances from the mean, over it, ascending in the last */
	par_value quantile;
	int train, answer; /* passes */
	int levels;
	const double *level; /* borrowed */
	par_field field[NETWORK_FIELDS];
	/* the places: owned arrays of sparse rows that the graph borrows */
	int64_t *first[2];
	int32_t *column[2];
	float *value[2];
} network;

/* collective | build and plan; network_close releases it, also after a failure. fails: PAR_E_MEMORY */
par_err network_open(network *n, const window_kind *k, const network_spec *spec);
void network_close(network *n);

/* local | the window whose fields stand in field[] */
window network_window(void *const field[]);

#endif
