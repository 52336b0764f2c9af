/* Explain: what moved the network's forecasts, and what its drivers are worth.
 *
 * Without a driver, a window has that driver's part of another window: of windows drawn as in training (net/draw.h), at
 * origins a whole number of seasons before. History is all that the series, its SKU and its group have sold, and the scale
 * that follows; place is which SKU, market and area the window is of. */
#ifndef APPS_FORECAST_NET_EXPLAIN_H
#define APPS_FORECAST_NET_EXPLAIN_H

#include "forecast/net/learn.h"
#include "forecast/why.h"

/* collective | why the series that w names, as far as the history keeps them, are forecast as they are from its last
 * period. fails: PAR_E_MEMORY, as draw_open */
par_err explain_series(learner *l, why_parts *w);

/* collective | w->importance, from windows at an origin that the network has not learnt from. fails: PAR_E_MEMORY, as
 * draw_open */
par_err explain_importance(learner *l, int64_t origin, why_parts *w);

#endif
