/* Report: the scores as a table for people and as the JSON object of --json.
 *
 * The object holds series, horizon, mase_lag, season, weight_periods, levels (how the file's quantiles
 * are called is their number as text), and under "measures" those of the series (score/summary.h),
 * where wrmsse and wspl are means over the levels. Keys of every level: level, nodes, scored, wrmsse,
 * wspl, smape, mase, owa, naive2_smape, naive2_mase, mase_seasonal, rmsse, wape, wql, sql, spl, msis,
 * acd, pinball and coverage by quantile; null where there is nothing to tell. */
#ifndef APPS_SCORE_REPORT_H
#define APPS_SCORE_REPORT_H

#include "common/app.h"
#include "score/summary.h"

/* rank 0 logs, and the report takes: what the series came to, then each of n levels */
void report_scores(app *a, const item_rules *r, const summary *series, const summary *level, int n);

#endif
