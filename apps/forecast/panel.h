/* Panel: the sales history of catalog.h5 as the forecast needs it. */
#ifndef APPS_FORECAST_PANEL_H
#define APPS_FORECAST_PANEL_H

#include "base/period.h"
#include "comm/blocks.h"
#include "common/app.h"
#include "io/store.h"

#define PANEL_BLOCK 256 /* series a block; fixed, so that results do not depend on ranks */

typedef struct {
	par_store *store;       /* owned */
	par_blocks blocks;      /* which series are mine */
	int64_t series, length; /* of the whole catalog */
	int64_t skus, markets;
	char *sku, *market; /* owned: ids, each NUL-terminated in its stride */
	int sku_stride, market_stride;
	int32_t *series_sku, *series_market; /* owned, [series], on every rank */
	par_frequency frequency;
	int64_t first_time; /* days, or hours for hourly catalogs, since 1970-01-01 */
	int season;
	bool whole; /* every observation is a whole number */
} panel;

/* collective | open the catalog and read what describes it; closed by panel_close
 * fails: PAR_E_INPUT, PAR_E_DATA, PAR_E_CHECKER as io/store.h */
par_err panel_open(panel *p, const app *a);
void panel_close(panel *p);

/* collective | units f32[rows][length] of series [first, first + rows); ranks may ask for different
 * rows */
par_err panel_units(panel *p, int64_t first, int64_t rows, float *units);

#endif
