/* Series: quantiles of series, held to what happened in past windows.
 *
 * Whoever answered a series said its own quantiles of it, and of some series at past origins (results_hear and
 * results_hear_past; intervals/held.h); they go with the means that are published. Tried are shares of them, from none to
 * all, and of ratios pooled over all series (intervals/ratios.h; averages of quantiles: Lichtendahl, Grushka-Cockayne and
 * Winkler 2013), and each the same with every distance from the median stretched by as much as covers what it should
 * (conformal: Romano, Patterson and Candes 2019, split by whole windows; crosswise: Vovk 2015). What loses least in
 * windows that were left out when it was made, and less than the series' own in the latest, is taken; where one window
 * is all there is, halves of the series take the place of windows. Quantiles of counts are whole numbers. */
#ifndef APPS_FORECAST_INTERVALS_SERIES_H
#define APPS_FORECAST_INTERVALS_SERIES_H

#include "common/app.h"
#include "forecast/panel.h"
#include "forecast/plan.h"
#include "forecast/results.h"

/* collective, when means are final | quantiles in r, and r->covered, the same on every rank. fails: PAR_E_MEMORY */
par_err series_quantiles(app *a, const panel *p, const plan *f, results *r);

#endif
