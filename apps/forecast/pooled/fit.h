/* Fit: one regression of the logarithm of demand over all series, and what it expects of each.
 *
 * Coefficients are drawn together by groups (pooled/shrink.h); a series' level is its mean residual, moved on by exponential
 * smoothing with errors cut at three standard deviations. The expected demand is that of a lognormal whose variance is that
 * of the smoothing's errors. Series that sell rarely, hardly ever or have hardly begun have no logarithm worth a
 * regression and get no answer.
 *
 * Why: usual is the series' mean; price, promotion and calendar bring what their columns do that differ from their
 * means, history where the level has moved. */
#ifndef APPS_FORECAST_POOLED_FIT_H
#define APPS_FORECAST_POOLED_FIT_H

#include "forecast/pooled/drivers.h"
#include "forecast/pooled/groups.h"
#include "forecast/why.h"

typedef struct {
	const drivers *of;
	const groups *groups;
	bool season;
	int64_t first, length; /* periods that are learnt from; the next are forecast */
	int horizon;
	bool counts;
	why_parts *why; /* gets the parts of the series it names; NULL: nobody asks */
} fit_spec;

/* collective | mean[place][horizon] of the series at that place of groups->member, on every rank: units a period, NaN
 * where there is no answer. fails: PAR_E_MEMORY, PAR_E_NUMERIC */
par_err fit_forecast(const fit_spec *s, par_shared *mean);

#endif
