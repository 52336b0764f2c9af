/* Covered: what the quantiles proved to cover of outcomes that were held back, in the result and in the summary. */
#ifndef APPS_FORECAST_TELL_COVERED_H
#define APPS_FORECAST_TELL_COVERED_H

#include "common/app.h"
#include "common/levels.h"
#include "forecast/intervals/coverage.h"
#include "io/store.h"

/* collective | scale level, names of the levels and then `series`, and coverage f64[level, quantile]; c has a row for
 * each, NaN is written where nothing was seen. of: the levels, NULL without a hierarchy. fails: as io/store.h */
par_err covered_put(par_store *s, const par_world *w, const levels_sums *of, const coverage *c);

/* rank 0 logs, and the report takes as coverage: an object of levels, of shares by quantile */
void covered_tell(app *a, const levels_sums *of, const coverage *c);

#endif
