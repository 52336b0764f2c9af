/* Expect: what a trained network says of series to come: of those that every node holds, or of all, read part by part.
 *
 * Averaged weights forecast, batch by batch, of several members the mean of their means; a series' bits do not
 * depend on the batch it is in. */
#ifndef APPS_FORECAST_NET_EXPECT_H
#define APPS_FORECAST_NET_EXPECT_H

#include "forecast/net/learn.h"

/* collective | mean[i * horizon + step] of kept series i, on every rank that `mean` (a node's memory or its own, put by
 * par_shared_put) belongs to: units a period, 0 where closed. fails: PAR_E_MEMORY */
par_err expect_kept(learner *l, int64_t origin, par_shared *mean);

typedef struct {
	int origins;
	const int64_t *origin;
	int64_t lo, hi; /* this rank wants series [lo, hi) */
	/* local | series by series: mean[origins][horizon] */
	void (*take)(void *ctx, int64_t series, const float *mean);
	/* collective | now and then: other than PAR_OK ends it */
	par_err (*pause)(void *ctx);
	void *ctx;
} expect_all_spec;
/* collective | the means of all series, read again in parts of a batch. fails: PAR_E_MEMORY, as io/store.h */
par_err expect_all(learner *l, const expect_all_spec *spec);

#endif
