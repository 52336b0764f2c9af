/* Words: planners' overrides as columns of a result, the same in a catalog and in a forecast made from it. */
#ifndef APPS_COMMON_WORDS_H
#define APPS_COMMON_WORDS_H

#include "io/store.h"

/* [n] each, ascending by time, SKU and market */
typedef struct {
	int64_t n;
	const int32_t *sku, *market; /* places, -1: all of them */
	const int64_t *time;
	const float *units;
} words_columns;

/* collective, the same on every rank | override_sku, override_market, override_time and override_units along a dimension
 * `override` that is there. fails: as io/store.h */
par_err words_columns_put(par_store *s, const words_columns *c);

#endif
