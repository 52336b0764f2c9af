/* Nodes: the mean forecast added up over the levels of a hierarchy, bottom-up, and quantiles of the sums. */
#ifndef APPS_FORECAST_NODES_H
#define APPS_FORECAST_NODES_H

#include "forecast/panel.h"
#include "forecast/totals/totals.h"

/* collective | add to the result, when forecast.hierarchy is set, the levels that add series up:
 * scales level and node (names as level/value/value), node_level i32[node], node_mean f64[node, step] (the sum
 * of the published means, to the rounding of double); and, when sums were forecast, node_direct f32[node,
 * step], what each said of itself; and, when adjusted is not NULL, node_adjusted f64[node, step], sums of adjusted f32[rows, step]. And node_quantiles f32[node, step, quantile] (intervals/nodes.h), and coverage of
 * held-back outcomes (tell/covered.h), which is logged, too; of the series also without a hierarchy.
 * Sums run over the series in catalog order, so they are the same bits at any rank count.
 * fails: as common/levels.h and io/store.h, PAR_E_MEMORY */
par_err nodes_put(app *a, par_store *s, const panel *p, const plan *f, const totals *sums,
    const results *r, const float *adjusted);

#endif
