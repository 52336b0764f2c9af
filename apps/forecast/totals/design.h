/* Design: the regressors of a sum over time, as sparse rows with a penalty for every column.
 *
 * Dummies of the season (weekday, hour, month: the place in the season); of the hour of the week for
 * hours; harmonics of the year, alone and for every place in the season; the day of the month, or the week
 * of it; events with days before and after, those that come often without but with weekends apart; a trend
 * with bends that ends with the history. What the history is too short for is left out. Penalties are of
 * the Gram matrix whose weights end at 1 (totals/direct.h). */
#ifndef APPS_FORECAST_TOTALS_DESIGN_H
#define APPS_FORECAST_TOTALS_DESIGN_H

#include "forecast/totals/calendar.h"
#include "forecast/totals/ridge.h"

typedef struct {
	int64_t begin, origin; /* the history, as periods of the calendar */
	int horizon;           /* periods after it */
	int season, season2;   /* as bank_spec has them */
} design_span;

/* local | the rows of periods [begin, origin + horizon) for a node whose series are spread over the
 * markets by weight; design_drop releases them, also after a failure. fails: PAR_E_MEMORY */
par_err design_make(ridge_rows *x, const calendar *c, const design_span *s,
    const calendar_event *event, int events, const double *weight);
void design_drop(ridge_rows *x);

#endif
