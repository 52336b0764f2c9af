/* Catalog: what catalog.h5 says of its series and its time axis, and the same said again in a result.
 *
 * Everything a program needs before it reads a single sale: the axis, the ids, which sku and market
 * a series is of. All of it is small and stands on every rank, checked, so that no index and no
 * season that was read needs to be doubted later. */
#ifndef APPS_COMMON_CATALOG_H
#define APPS_COMMON_CATALOG_H

#include "base/period.h"
#include "io/store.h"

#define CATALOG_SEASON 1000 /* longest season */

typedef struct {
	const par_world *world; /* borrowed */
	const char *path;       /* borrowed */
	par_store *store;       /* owned */
	par_frequency frequency;
	int season;         /* periods, 1 to CATALOG_SEASON */
	int64_t first_time; /* days, or hours for hourly catalogs, since 1970-01-01 */
	int64_t length;     /* periods */
	int64_t skus, markets, series;
	char *sku, *market; /* owned: ids, each NUL-terminated in its stride */
	int sku_stride, market_stride;
	int32_t *series_sku, *series_market; /* owned: [series], each within skus and markets */
} catalog;

/* collective | open the catalog and read its description; catalog_close releases whatever was opened,
 * also after a failure
 * fails: PAR_E_INPUT, PAR_E_DATA, PAR_E_CHECKER as io/store.h; PAR_E_DATA naming FILE:/time or
 * FILE:/series_sku[i] where a value is none */
par_err catalog_open(catalog *c, const par_world *w, const char *path);
void catalog_close(catalog *c);

/* collective | the scales sku, market and series of a result over the same series
 * fails: PAR_E_MEMORY, PAR_E_IO */
par_err catalog_put_ids(const catalog *c, par_store *s);
/* collective | its variables series_sku and series_market; this rank brings series
 * [first, first + rows), in rank order without gaps. fails: PAR_E_IO */
par_err catalog_put_series(const catalog *c, par_store *s, int64_t first, int64_t rows);

/* local | the name of entry i, NUL-terminated */
typedef const char *(*catalog_name)(const void *ctx, int64_t i);
/* collective, same arguments on every rank | a text scale of n names, as wide as the longest
 * fails: PAR_E_MEMORY, PAR_E_IO */
par_err catalog_put_names(par_store *s, const par_world *w, const char *scale, int64_t n,
    catalog_name name, const void *ctx);

#endif
