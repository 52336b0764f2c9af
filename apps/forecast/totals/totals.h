/* Totals: forecasts of sums of many series by themselves, joined with those of the series.
 *
 * Noise that drowns the calendar in one series is small in a sum of hundreds, so sums are forecast
 * directly (totals/direct.h) and the series are scaled to them (totals/join.h): what is published adds up
 * as before. Levels are those of the hierarchy file, or of the catalog's own columns where there is none
 * and units are counted; those with at most TOTALS_NODES nodes, as far as memory goes. */
#ifndef APPS_FORECAST_TOTALS_TOTALS_H
#define APPS_FORECAST_TOTALS_TOTALS_H

#include "common/levels.h"
#include "forecast/panel.h"
#include "forecast/plan.h"
#include "forecast/results.h"
#include "forecast/totals/calendar.h"
#include "forecast/totals/join.h"

#define TOTALS_NODES 2000 /* at most in a level */
#define TOTALS_WINDOWS 12 /* past ones at which sums alone are forecast, which costs little */
#define TOTALS_CELLS ((int64_t)1 << 22) /* nodes times periods, at most */

typedef struct {
	hierarchy *h;       /* owned; NULL: no sums are forecast */
	levels_sums levels; /* owned: those whose nodes are */
	int64_t nodes;
	int horizon;
	calendar of;     /* owned */
	double *history; /* owned: [nodes][length] */
	double *weight;  /* owned: [nodes][markets] series in each market */
	double *direct;  /* owned: [nodes][horizon] NaN where a node has no forecast of its own */
	int origins;     /* past ones at which series and sums are compared */
	int windows;     /* past ones at which sums are forecast; at least origins */
	double *past;    /* owned: [windows][nodes][horizon] as direct, from past origins */
	double *joined;  /* owned: [origins][nodes][horizon] what is published, from past origins */
	join_choice choice;
} totals;

/* collective | choose the levels; totals_close releases what was made, also after a failure. Nothing is
 * chosen (h is NULL) when forecast.totals is no, or no level adds up. fails: as common/levels.h */
par_err totals_open(totals *t, const app *a, const panel *p, const plan *f);
void totals_close(totals *t);

/* collective, when levels were chosen and every series has its forecast and its past ones | forecast
 * the sums, choose how to join, and scale mean, past means and quantiles in r. fails: PAR_E_MEMORY, as io/store.h */
par_err totals_join(totals *t, app *a, const panel *p, const plan *f, results *r);

/* collective, in its place | forecast the sums, now and at past origins, and join nothing: that is another's.
 * fails: as totals_join */
par_err totals_forecast(totals *t, const panel *p, const plan *f);
/* collective, afterwards | joined gets the sums of the past means in r. fails: PAR_E_MEMORY */
par_err totals_published(totals *t, const panel *p, const results *r);

/* local | bytes that it keeps on a rank, and that it takes while it works */
double totals_kept(const totals *t, const panel *p);
double totals_bytes(const totals *t, const panel *p);

#endif
