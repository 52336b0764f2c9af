/* Plan: what is to be forecast and how, settled from the settings and the catalog before any work.
 */
#ifndef APPS_FORECAST_PLAN_H
#define APPS_FORECAST_PLAN_H

#include "forecast/bank/bank.h"
#include "forecast/panel.h"

#define PLAN_QUANTILES 64
#define PLAN_ORIGINS 4 /* past ones, where the history has room for them in its later half */
#define PLAN_ERRORS 24 /* more of short horizons, until there are so many steps, to reconcile by */
#define PLAN_MANY 100000 /* series, beyond which two past origins must do */

typedef struct {
	bank_spec spec; /* borrows level */
	double level[PLAN_QUANTILES];
	int origins; /* past ones from which everything is forecast, too, to judge by */
} plan;

/* local, equal on every rank | fails: PAR_E_CONFIG naming the setting, PAR_E_DATA on a catalog
 * whose season is longer than the bank holds */
par_err plan_make(plan *f, const app *a, const panel *p);

/* local | are quantiles of so many series too many for a rank's memory (forecast.memory)? */
bool plan_spills(const plan *f, const app *a, int64_t rows);

#endif
