/* Levels: a hierarchy file laid over a catalog, so that every series knows its node in every level. */
#ifndef APPS_COMMON_LEVELS_H
#define APPS_COMMON_LEVELS_H

#include "common/hierarchy.h"
#include "io/store.h"

/* what a program has read of a catalog; all borrowed */
typedef struct {
	par_store *store;
	int64_t skus, markets, series;
	const char *sku, *market; /* ids, each NUL-terminated in its stride */
	int sku_stride, market_stride;
	const int32_t *series_sku, *series_market; /* [series] */
} levels_catalog;

/* collective | read the hierarchy at path and give every series its node: by sku, by market, and by what
 * the catalog says of skus (sku_NAME). Owned by the caller, hierarchy_free
 * fails: as common/hierarchy.h and io/store.h; *h is NULL then */
par_err levels_read(hierarchy **h, const par_world *w, const char *path, const levels_catalog *c);

/* local | whether some node of the level has more than one of the series: others only rename them */
bool levels_adds_up(const hierarchy_level *level, int64_t series);

#endif
