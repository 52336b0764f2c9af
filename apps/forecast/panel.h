/* Panel: the sales history of catalog.h5 as the forecast needs it. */
#ifndef APPS_FORECAST_PANEL_H
#define APPS_FORECAST_PANEL_H

#include "comm/blocks.h"
#include "common/app.h"
#include "common/catalog.h"

#define PANEL_BLOCK 256 /* series a block; fixed, so that results do not depend on ranks */

typedef struct {
	catalog of;        /* owned */
	par_blocks blocks; /* which series are mine */
	bool whole;        /* every observation is a whole number */
} panel;

/* collective | open the catalog and read what describes it; panel_close releases it, also after a
 * failure. fails: as catalog_open */
par_err panel_open(panel *p, const app *a);
void panel_close(panel *p);

/* collective | units f32[rows][length] of series [first, first + rows); ranks may ask for different
 * rows */
par_err panel_units(panel *p, int64_t first, int64_t rows, float *units);

#endif
