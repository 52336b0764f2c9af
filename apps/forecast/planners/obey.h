/* Obey: the means of one step after the planners' words on it.
 *
 * A series goes by the narrowest word on it: on the series itself, else on its SKU, its market, everything. A word on a
 * sum gives what narrower words leave of it to the series that have none, in proportion to their means, equally
 * where these are all zero. So every word holds beside narrower ones; where these leave no series, or more
 * than the whole, the narrow ones hold. */
#ifndef APPS_FORECAST_PLANNERS_OBEY_H
#define APPS_FORECAST_PLANNERS_OBEY_H

#include "forecast/planners/words.h"

/* local | mean[series] and adjusted[series] of all series under words [lo, hi), which are of one period;
 * held[hi - lo] is what the series of each word come to. fails: PAR_E_MEMORY */
par_err obey(const word_list *w, int64_t lo, int64_t hi, const catalog *of, const float *mean,
    float *adjusted, double *held);

/* local | whether a sum is what a word says, to the rounding of float */
bool obey_holds(double units, double held);

#endif
