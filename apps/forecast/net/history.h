/* History: what windows (net/window.h) read of the catalog: units, prices and sums of groups, once a node.
 *
 * Of a catalog with more series than HISTORY_BYTES hold, every so-manieth is kept; the network learns from those and
 * forecasts all. Groups are the series of a SKU in all markets, and those of a market and area, which is the
 * department of a SKU, else its category, else everything. */
#ifndef APPS_FORECAST_NET_HISTORY_H
#define APPS_FORECAST_NET_HISTORY_H

#include "comm/shared.h"
#include "common/catalog.h"
#include "forecast/net/rhythm.h"

#define HISTORY_BYTES ((int64_t)1 << 30)

/* a series as windows see it */
typedef struct {
	const float *units; /* [length], NaN missing */
	const float *
	    price; /* [length + ahead] logarithm of the price, NaN none; NULL: the catalog has no prices */
	const uint8_t *promo;       /* [length + ahead]; NULL: it has none */
	int32_t sku, market, group; /* group: of market and area */
	int64_t first;              /* observed first; length: never */
} history_series;

typedef struct {
	const catalog *of; /* borrowed */
	rhythm rhythm;
	int64_t length, ahead, every, kept;
	bool prices, promos;
	bool prices_ahead, promos_ahead; /* some are known of what is to come */
	bool gaps;                       /* some value is missing after the first */
	int64_t groups, areas;
	int32_t *area_of; /* [skus] */
	char *
	    area; /* owned: [areas] names, each NUL-terminated in its stride; NULL: areas have none */
	int area_stride;
	/* the node's memory */
	par_shared shared;
	float *units, *price;
	uint8_t *promo;
	float *sku_sum;    /* [skus][length]; NULL where there is one market */
	float *group_sum;  /* [groups][length] */
	float *area_price; /* [areas][length + ahead] mean logarithm; NaN none */
	int64_t *first;    /* [kept] */
} history;

/* collective | read the catalog's periods [0, length) and the prices and promotions of `ahead` more, as far as they
 * are known; a price that is not known ahead stays the last one. history_close releases it, also after a failure.
 * fails: as io/store.h, PAR_E_MEMORY */
par_err history_open(history *h, const catalog *c, const rhythm *r, int64_t length, int64_t ahead);
void history_close(history *h);

/* local | the i-th kept series */
history_series history_at(const history *h, int64_t i);

#endif
