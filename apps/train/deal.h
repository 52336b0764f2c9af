/* Deal: the samples of one split become a feed, in the order of the file. */
#ifndef APPS_TRAIN_DEAL_H
#define APPS_TRAIN_DEAL_H

#include "train/samples.h"

/* collective | field 0 takes x, field 1 the truths when the samples have some; number says that the
 * graph takes truths as float (a class as 0 or 1). order.n is filled in. Owned by the caller; the
 * samples are no longer needed. fails: PAR_E_MEMORY */
par_err deal_feed(par_feed **out, const samples *s, const par_world *w, int split, bool number,
    par_sampler order);

#endif
