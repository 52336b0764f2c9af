/* Warm file: the point of solve/warm.h beside a plan (plan.warm.h5), by names.
 *
 * SKUs, limits and columns stand there under the words of plan.h5, so that another night finds what it still has: a
 * column by kind, supplier, lane, node, market, first day of its period and step. SKUs, lanes and weeks that are
 * new stay unknown, what is gone is left behind.
 *
 *	link_price(link)       of one more of the limit, money
 *	link_slack, link_overflow(link)  units of the limit that are left, and above it
 *	mean_product(one)      money
 *	pattern_columns(pattern), place_column(place)  columns of the networks, one behind the other
 *	sku_pattern(sku)       the network of a SKU
 *	x(sku, slot)           units, in the columns of the SKU's network */
#ifndef APPS_PLAN_WARM_WARM_FILE_H
#define APPS_PLAN_WARM_WARM_FILE_H

#include "common/app.h"
#include "plan/model/model.h"
#include "plan/solve/warm.h"

#define FLOW_NAME 512

/* local | "shipment/-/ANTWERP-LYON-rail/LYON/-/2031-07-07/-". Identifiers hold no slash. Returns out */
const char *flow_name(const model *m, const flow *f, char out[FLOW_NAME]);

/* collective | publish w, in which something is kept, beside a->out. fails: PAR_E_MEMORY, PAR_E_IO */
par_err warm_file_write(app *a, const model *m, const warm_point *w);

/* collective | w, open for m, takes what the file knows of it; *known: SKUs of all ranks with all their columns.
 * fails: as par_store_open, PAR_E_DATA naming FILE:/variable, PAR_E_MEMORY */
par_err warm_file_read(warm_point *w, const model *m, const char *path, int64_t *known);

#endif
