/* Stage: the network's part of a run: does it know better than the bank, and what does it expect.
 *
 * It first learns from all but the last horizons, up to four where the history has room for them, forecasts each of
 * these as if it were to come, and is held against the bank's errors of its rolling origins. Where it is better
 * it goes on to learn from everything, and what it says, means and quantiles, is joined with what the bank does, at the
 * share that errs least on the held-back horizons (share.h); at past origins too, by which quantiles are then held to what
 * happened (intervals/series.h). */
#ifndef APPS_FORECAST_NET_STAGE_H
#define APPS_FORECAST_NET_STAGE_H

#include "forecast/plan.h"
#include "forecast/results.h"
#include "forecast/why.h"

/* collective | setting forecast.network: no does nothing; auto does nothing where there is too little to learn from, or
 * where the bank proves better; yes asks neither. Changes mean, quantiles and model of series of r; w gets what
 * drivers are worth, and why the series it names are forecast as they are.
 * fails: as history_open, learn_train; PAR_E_CONFIG where yes is not possible */
par_err network_stage(app *a, const panel *p, const plan *f, results *r, why_parts *w);

/* what a run would take on this rank and all of them, as far as can be told before anything is read; zeros where there
 * will be none */
typedef struct {
	double bytes, flops, seconds; /* of memory on this rank; of all ranks; of this run */
} network_cost;
/* collective | fails: as keep_read, where the network of another night is to go on */
par_err network_cost_of(network_cost *out, const app *a, const panel *p, const plan *f);

#endif
