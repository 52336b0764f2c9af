/* Newcomers: quantiles of series without a history, from what became of others that were forecast as their like.
 *
 * At a past origin a held series (intervals/held.h) of which nothing had been observed would have been answered with the mean
 * of what was published for its like (cold.h); what it then sold, over that mean, is pooled (intervals/ratios.h). Where
 * too few were new, every held series stands in, as if it had been: how far series of a kind lie from each other is the
 * greater part of what is not known of a new one. Each rung of likeness for itself. */
#ifndef APPS_FORECAST_INTERVALS_NEWCOMERS_H
#define APPS_FORECAST_INTERVALS_NEWCOMERS_H

#include "common/app.h"
#include "forecast/panel.h"
#include "forecast/plan.h"
#include "forecast/results.h"

/* collective, after series_quantiles | quantiles of the series of r that are answered as their like, where there are past
 * origins. fails: PAR_E_MEMORY, as areas_read */
par_err newcomers_quantiles(app *a, const panel *p, const plan *f, results *r);

#endif
