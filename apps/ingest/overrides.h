/* Overrides: what planners say will be sold, a word on a series, a SKU, a market or everything in one
 * period. They are few beside the sales, so every rank ends up with all of them. */
#ifndef APPS_INGEST_OVERRIDES_H
#define APPS_INGEST_OVERRIDES_H

#include "common/app.h"
#include "ingest/blob.h"
#include "ingest/panel.h"
#include "io/table.h"

/* one row as it came */
typedef struct {
	int32_t sku, market, reason, author; /* the table's numbers, -1: none */
	int64_t hour, at;                    /* since 1970; file offset */
	double units;
} overrides_row;

/* one word: sku and market are places, -1 for all of them */
typedef struct {
	int64_t time, at;
	int32_t sku, market;
	double units;
	size_t reason, author; /* where their texts stand in the blob */
} overrides_word;

typedef struct {
	bool open;
	par_schema schema;
	par_table table;
	int sku, market, date, units, reason, author; /* columns, -1: none */
	overrides_row *row;                           /* owned: mine */
	int64_t rows, room;
	blob texts;           /* after overrides_settle: of all ranks */
	overrides_word *word; /* owned: of all ranks, ascending by time, sku and market */
	int64_t words;
} overrides;

/* collective | read the table, if one is set. fails: as par_table_open and par_table_read */
par_err overrides_read(overrides *o, app *a);

/* collective | bring every row to its SKU, market and period; summed: dates lie in periods and need not
 * begin them. fails: PAR_E_DATA naming the row whose SKU, market or series is not in the other tables, whose
 * date is no step of the axis or before the history, or whose SKU, market and period stand twice */
par_err overrides_settle(overrides *o, const par_world *w, const ids *skus, const ids *markets,
    const panel *p, bool summed);

/* collective | dimension override and its variables override_sku, override_market, override_time,
 * override_units, override_reason and override_author; nothing without words */
par_err overrides_put(const overrides *o, par_store *s, const par_world *w);

void overrides_drop(overrides *o);

#endif
