/* Catalog: what the catalog table says of each SKU. It is small beside the sales (a row a SKU), so
 * every rank ends up with all of it. */
#ifndef APPS_INGEST_CATALOG_H
#define APPS_INGEST_CATALOG_H

#include "common/app.h"
#include "ingest/blob.h"
#include "ingest/ids.h"
#include "io/store.h"
#include "io/table.h"

enum { CATALOG_TEXTS = 5, CATALOG_REALS = 2, CATALOG_WHOLES = 2 };

typedef struct {
	bool open;
	par_schema schema;
	par_table table;
	int sku;
	int text[CATALOG_TEXTS], real[CATALOG_REALS], whole[CATALOG_WHOLES]; /* columns, -1: none */
	blob rows;
} catalog;

/* collective | read the catalog table, if one is set; fails: as par_table_open and par_table_read */
par_err catalog_read(catalog *c, app *a);

/* collective | the variables sku_name, sku_category, sku_department, sku_brand, sku_currency (text),
 * sku_weight_g, sku_volume_cm3, sku_cost, sku_image, each when its column was there */
par_err catalog_put(catalog *c, par_store *s, const par_world *w, const ids *skus);

void catalog_drop(catalog *c);

#endif
