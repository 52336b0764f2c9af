/* Plan: what is to be forecast and how, settled from the settings and the catalog before any work.
 */
#ifndef APPS_FORECAST_PLAN_H
#define APPS_FORECAST_PLAN_H

#include "forecast/bank/bank.h"
#include "forecast/panel.h"

#define PLAN_QUANTILES 64

typedef struct {
	bank_spec spec; /* borrows level */
	double level[PLAN_QUANTILES];
} plan;

/* local, equal on every rank | fails: PAR_E_CONFIG naming the setting, PAR_E_DATA on a catalog
 * whose season is longer than the bank holds */
par_err plan_make(plan *f, const app *a, const panel *p);

#endif
