/* Report: the scores as a table for people and as the JSON object of --json.
 *
 * The object holds unknown and outside, the rows of actual values that are of no series and of no step;
 * mase_lag, season and horizon; "measures", those of the series, where wrmsse and wspl
 * are means over the levels (null when one level has none); and "levels", in the hierarchy's order,
 * just the series without one. Keys of each: level, nodes, scored (nodes with a scale and an actual
 * value), wrmsse, wspl, smape, mase, owa, naive2_smape, naive2_mase, mase_seasonal, rmsse, wape, wql,
 * sql, spl, msis, acd, and pinball, coverage and coverage_randomised by quantile; null where there is nothing to tell.
 * (A dry run: memory_mib a rank, seconds.)
 */
#ifndef APPS_SCORE_REPORT_H
#define APPS_SCORE_REPORT_H

#include "common/app.h"
#include "score/summary.h"

/* rank 0 logs, and the report takes: what the series came to, then each of n levels */
void report_scores(app *a, const item_rules *r, const summary *series, const summary *level, int n);

#endif
