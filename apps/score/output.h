/* Output: scores.h5, every measure of every series and of every level.
 *
 * Format entrepot-scores, version 1. Dimensions sku, market, series, level, and quantile when the
 * forecast has some. series_sku and series_market tell what a series is; each measure of score/item.h
 * is f64[series] under its name, pinball and coverage f64[series, quantile]. Of levels there are
 * level_nodes, level_NAME for the mean of each measure, and level_wrmsse, level_wspl, level_owa,
 * level_wape, level_wql and level_acd, all [level]. NaN is what could not be measured. */
#ifndef APPS_SCORE_OUTPUT_H
#define APPS_SCORE_OUTPUT_H

#include "score/series.h"
#include "score/summary.h"

/* collective | write and publish a->out; n summaries of levels, the same on every rank
 * fails: PAR_E_CREATE, PAR_E_IO, PAR_E_MEMORY */
par_err output_write(app *a, const input *in, const item_rules *r, const series_scores *s,
    const summary *level, int n);

#endif
