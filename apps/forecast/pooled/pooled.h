/* Pooled: what prices, promotions, events and seasons do to demand, learnt over all series, joined with the models of
 * single series.
 *
 * The regression (pooled/fit.h), with a season and without, forecasts the past origins that the models have forecast, too.
 * Of each the share is sought at which models and regression together have the least squared error, scaled as in RMSSE;
 * half is what is thought before. The better one is joined where its gain is more than chance. Quantiles go
 * with the means, and are held to what happened later (intervals/series.h). */
#ifndef APPS_FORECAST_POOLED_POOLED_H
#define APPS_FORECAST_POOLED_POOLED_H

#include "forecast/cost.h"
#include "forecast/results.h"
#include "forecast/why.h"

/* collective | change the rows of r that gain, also their forecasts of past origins: setting `pooled` is auto, there are
 * past origins, and no network answers. w gets why the series it names are forecast as they are. fails: PAR_E_MEMORY, as io/store.h */
par_err pooled_join(app *a, const panel *p, const plan *f, results *r, why_parts *w);
/* collective | what it may take: bytes on a rank, all ranks' work and this run's seconds */
cost pooled_cost(const app *a, const panel *p, const plan *f);

#endif
