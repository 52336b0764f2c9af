/* Expect: what a trained network says of series to come: of those that every node holds, or of all, read part by part
 * where a node does not hold them.
 *
 * Averaged weights forecast, batch by batch, of several members the mean of their means and of each of their quantiles; a
 * series' bits do not depend on the batch it is in. */
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
	/* local | series by series: said[origins][expect_width] */
	void (*take)(void *ctx, int64_t series, const float *said);
	/* collective | now and then: other than PAR_OK ends it */
	par_err (*pause)(void *ctx);
	void *ctx;
} expect_all_spec;
/* local | floats of what is said of a series: mean[horizon], then quantile[horizon][levels], all units a period and 0
 * where closed, quantiles ascending */
int64_t expect_width(const learner *l);
/* collective | means and quantiles of all series. fails: PAR_E_MEMORY, as io/store.h */
par_err expect_all(learner *l, const expect_all_spec *spec);

#endif
