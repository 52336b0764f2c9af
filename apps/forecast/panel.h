/* Panel: the sales history of catalog.h5 as the forecast needs it. */
#ifndef APPS_FORECAST_PANEL_H
#define APPS_FORECAST_PANEL_H

#include "comm/blocks.h"
#include "common/app.h"
#include "common/catalog.h"

#define PANEL_BLOCK 256 /* series a block; fixed, so that results do not depend on ranks */

typedef struct {
	catalog of;        /* owned; its length is what is looked at */
	int64_t stored;    /* periods in the file */
	par_blocks blocks; /* which series are mine */
	bool whole;        /* every observation is a whole number */
} panel;

/* collective | open the catalog and read what describes it; panel_close releases it, also after a
 * failure. Of sales after forecast.until nothing is looked at.
 * fails: as catalog_open; PAR_E_CONFIG when that is no date, or before the history */
par_err panel_open(panel *p, const app *a);
void panel_close(panel *p);

/* collective | units f32[rows][of.length] of series [first, first + rows); ranks may ask for different
 * rows. units has room for rows x stored */
par_err panel_units(const panel *p, int64_t first, int64_t rows, float *units);

#endif
