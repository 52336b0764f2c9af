/* Cost: what a forecast will take, reckoned from its shape before any work, for --dry-run.
 *
 * Work is what the bank's loops do to a series: a search makes so many passes over the last
 * BANK_WINDOW steps at so many additions and multiplications a step, and the models go one path from
 * every origin. Time is that work at the rate measured for the kernel set, and a part that vectors do
 * not hasten: sorting the origins' errors into quantiles. Rates are of one core of a Xeon with
 * AVX-512 under gcc 12, taken over 2,048 made-up daily series at four shapes (200 and 1,913 periods, 8
 * and 28 steps): the estimate was within a factor of two of each. Series that need no model (empty,
 * constant) cost nothing, so that a sparse catalog takes less. */
#ifndef APPS_FORECAST_COST_H
#define APPS_FORECAST_COST_H

#include "forecast/panel.h"
#include "forecast/plan.h"
#include "forecast/reconcile/reconcile.h"
#include "forecast/totals/totals.h"

typedef struct {
	double bytes;   /* at most, on the rank that needs most */
	double flops;   /* of all ranks */
	double seconds; /* of the rank with most series, each rank having a core of its own */
} cost;

/* collective | at_once: series a rank reads at a time. fails: as network_cost_of */
par_err cost_of(cost *out, const app *a, const panel *p, const plan *f, const totals *t,
    const reconcile *c, int64_t at_once);

#endif
