/* Reconcile: forecasts of series and of all their sums, made on their own, become one that adds up.
 *
 * With forecast.reconcile = ols, wls or mint every node of every level of the hierarchy is forecast by itself
 * (reconcile/base.h, reconcile/blend.h), errors at past origins say how sure each is and how they go together
 * (reconcile/covariance.h), and the coherent forecasts nearest to all of them are published
 * (reconcile/gls.h, reconcile/adjust.h). It takes the place of scaling series to sums (totals/join.h). */
#ifndef APPS_FORECAST_RECONCILE_RECONCILE_H
#define APPS_FORECAST_RECONCILE_RECONCILE_H

#include "forecast/reconcile/covariance.h"
#include "forecast/reconcile/immutable.h"
#include "forecast/results.h"
#include "forecast/totals/totals.h"

#define RECONCILE_MOST 256 /* steps of past origins whose errors are looked at, evenly chosen */

typedef struct {
	reconcile_kind kind; /* RECONCILE_NONE: nothing else is set */
	int origins;         /* past ones that it needs the forecasts of */
	hierarchy *h;        /* owned, as what follows */
	levels_sums levels;
	immutable fixed;
	clusters cut;
} reconcile;

/* collective | read forecast.reconcile, its levels and forecast.immutable; reconcile_close releases what was made,
 * also after a failure. fails: as common/levels.h; PAR_E_CONFIG where no level adds series up, and as
 * immutable_read */
par_err reconcile_open(reconcile *c, const app *a, const panel *p, const plan *f);
void reconcile_close(reconcile *c);

/* collective, in the place of totals_join | forecast all nodes and move mean, past means and quantiles of the series in r. Adds
 * "reconcile" to the report. fails: PAR_E_MEMORY, as gls_solve and io/store.h */
par_err reconcile_run(
    const reconcile *c, app *a, const panel *p, const plan *f, totals *t, results *r);

/* local | what it takes on a rank beside the forecasts; work of all ranks without that of the bank */
double reconcile_bytes(const reconcile *c, const panel *p, int horizon);
double reconcile_flops(const reconcile *c, int horizon);

#endif
