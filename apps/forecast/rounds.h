/* Rounds: the bank over all series of a rank, some blocks at a time, so that memory does not grow with the catalog.
 *
 * Of what is to come, and of past origins, by which those who answer in its place, or with it, are judged. After a round that
 * brought something new, ranks that were asked to stop leave together with a checkpoint. */
#ifndef APPS_FORECAST_ROUNDS_H
#define APPS_FORECAST_ROUNDS_H

#include "common/app.h"
#include "forecast/panel.h"
#include "forecast/plan.h"
#include "forecast/results.h"

#define ROUNDS_SERIES (8 * PANEL_BLOCK) /* that a rank reads at a time */

/* collective | r's forecasts, those at past origins too, and what is seen of series that are held back.
 * fails: PAR_E_MEMORY, PAR_E_AGAIN, as panel_units */
par_err rounds_forecast(app *a, const plan *f, panel *p, results *r);

#endif
