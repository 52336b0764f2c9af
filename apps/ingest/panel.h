/* Panel: demand as series (a SKU in a market) by periods, each rank a run of series. */
#ifndef APPS_INGEST_PANEL_H
#define APPS_INGEST_PANEL_H

#include "comm/blocks.h"
#include "ingest/ids.h"
#include "ingest/intake.h"

typedef struct {
	par_blocks blocks; /* series over ranks */
	int32_t *sku,
	    *market; /* owned: of every series, on every rank; ascending by sku, then market */
	axis time, future;        /* the history, and what follows it */
	bool price, promo, known; /* whether there are such values; known: the future's */
	float *units;             /* owned: [series here, time periods], NaN missing */
	int32_t *prices;          /* owned: the same shape, INTAKE_NO_PRICE */
	uint8_t *promos;
	int32_t *known_prices; /* owned: [series here, future periods] */
	uint8_t *known_promos;
	int64_t missing; /* cells without a value, over all ranks */
	int64_t inexact; /* sums of order lines that f32 rounds, over all ranks */
	int64_t late;    /* future rows that do not lie after the history, over all ranks */
} panel;

/* local | whether every cell is a whole number as it came */
bool panel_whole(const panel *p, const intake *demand);

/* collective | find the series of demand (sales or orders) and future, deal them, and bring every row
 * to its place; absent_zero: a period without a row after a series' first one is a zero
 * fails: PAR_E_DATA naming both rows of a double key, or a date between the axis' steps */
par_err panel_build(panel *p, const par_world *w, intake *demand, intake *future, const ids *skus,
    const ids *markets, bool absent_zero);

void panel_drop(panel *p);

/* local, pure | bytes of one rank's cells */
size_t panel_bytes(int64_t series_here, int64_t periods, int64_t future_periods);

#endif
