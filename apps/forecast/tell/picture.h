/* Picture: the largest forecasts as one SVG file of small charts, for eyes before statistics. */
#ifndef APPS_FORECAST_PICTURE_H
#define APPS_FORECAST_PICTURE_H

#include "forecast/panel.h"

/* collective | draw the `pictures` series with the largest expected demand from the published
 * result beside it (forecast.h5 -> forecast.svg): history, mean, the intervals of 50 % and 95 %
 * when the result has their quantiles. fails: as io/store.h and io/publish.h */
par_err picture_write(app *a, panel *p);

#endif
