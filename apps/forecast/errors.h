/* Errors: how much what is published would have missed at the past origins.
 *
 * Where the network answers, or models joined with the regression, errors of the bank's models say nothing of what is
 * published. Of these series they are those of the means that would have been published at the latest past origins at which
 * whoever answers was asked, sums joined or nodes reconciled, in the bank's scales of the whole history. */
#ifndef APPS_FORECAST_ERRORS_H
#define APPS_FORECAST_ERRORS_H

#include "forecast/panel.h"
#include "forecast/plan.h"
#include "forecast/results.h"

/* collective, when past means are final | mase, rmsse and smape of series of r that no model of the bank answers alone;
 * nothing is read where there is none. fails: PAR_E_MEMORY, as panel_units */
par_err errors_of_published(const panel *p, const plan *f, results *r);

/* means mean[h] against y[h], added up; y missing adds nothing */
typedef struct {
	double absolute, squared, relative,
	    n; /* relative: 200 |e| / (|y| + |mean|), 0 of nothing at all */
} errors_sum;
/* local */
void errors_add(errors_sum *s, const float *y, const float *mean, int horizon);

#endif
