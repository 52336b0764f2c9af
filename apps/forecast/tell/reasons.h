/* Reasons: what moved forecasts, in the result and the summary. */
#ifndef APPS_FORECAST_REASONS_H
#define APPS_FORECAST_REASONS_H

#include "forecast/why.h"

/* collective | dimensions driver and explained, variables why, why_usual and driver_importance, as far as there is
 * something to tell (inputs/schema.md) */
par_err reasons_put(const app *a, par_store *s, const why_parts *w);
/* local | what drivers are worth: logged, and added to the report */
void reasons_tell(app *a, const why_parts *w);

#endif
