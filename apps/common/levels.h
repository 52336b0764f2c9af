/* Levels: a hierarchy file laid over a catalog, so that every series knows its node in every level. */
#ifndef APPS_COMMON_LEVELS_H
#define APPS_COMMON_LEVELS_H

#include "common/catalog.h"
#include "common/hierarchy.h"

/* collective | read the hierarchy at path and give every series its node: by sku, by market, and by what
 * the catalog says of skus (sku_NAME). Owned by the caller, hierarchy_free
 * fails: as common/hierarchy.h and io/store.h; *h is NULL then */
par_err levels_read(hierarchy **h, const char *path, const catalog *c);

/* collective | levels from the catalog's own columns, where there is no file: the total, markets,
 * categories, departments and brands, and each of these in every market. *h is NULL when it has no such
 * column. fails: as levels_read */
par_err levels_default(hierarchy **h, const catalog *c);

/* the levels that add up: some node has more than one series. Others only rename the series. Their
 * nodes are numbered level after level. */
typedef struct {
	int count;
	const hierarchy_level **level; /* owned array of borrowed levels */
	int64_t *
	    first; /* owned: [count + 1] where a level's nodes begin; the last: how many there are */
} levels_sums;

/* local | choose them from a hierarchy of that many series, in its order; levels_drop releases what was
 * made, also after a failure. fails: PAR_E_MEMORY */
par_err levels_choose(levels_sums *s, const hierarchy *h, int64_t series);
void levels_drop(levels_sums *s);

#endif
