/* Output: forecast.h5 and the text summary. */
#ifndef APPS_FORECAST_OUTPUT_H
#define APPS_FORECAST_OUTPUT_H

#include "forecast/panel.h"
#include "forecast/plan.h"
#include "forecast/planners/planners.h"
#include "forecast/results.h"
#include "forecast/totals/totals.h"
#include "forecast/why.h"

/* collective | write and publish forecast.h5 (inputs/schema.md) */
par_err output_write(app *a, const panel *p, const plan *f, const totals *t, const results *r,
    why_parts *w, const planners *o);

/* collective | series a model and a status, and mean errors of the rolling origins: logged, and
 * added to the report; the same at any rank count. Its keys: model and status, objects of counts by
 * name; series; mase, rmsse and smape, where some series has them. (A dry run: memory_mib a rank,
 * gflop, seconds.) */
par_err output_summary(app *a, const panel *p, const results *r, const why_parts *w);

#endif
