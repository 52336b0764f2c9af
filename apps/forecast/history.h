/* History: what windows (net/window.h) read of the catalog: units, prices and sums of groups, once a node.
 *
 * Sums are of all series; groups are the series of a SKU in all markets, and those of a market and area, which is the
 * department of a SKU, else its category, else everything. Of a catalog with more series than there is memory for,
 * a sample is kept; the network learns from those and forecasts all, which are read again in parts. Where there
 * are too many SKUs their sums are left out, and where there are too many groups areas are. */
#ifndef APPS_FORECAST_HISTORY_H
#define APPS_FORECAST_HISTORY_H

#include "comm/shared.h"
#include "forecast/cold.h"
#include "forecast/rhythm.h"

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
	int64_t length, ahead;
	int level;    /* of the sample that is kept (forecast/sample.h); 0: all series are */
	int64_t kept; /* of its series; 0: sums alone are too many; nothing was read */
	bool prices, promos;
	bool prices_ahead, promos_ahead; /* some are known of what is to come */
	bool gaps;                       /* some value is missing after the first */
	bool negative;                   /* some value is below 0 */
	bool sku_sums;
	int64_t groups, areas;
	int32_t *area_of; /* [skus] */
	char *
	    area; /* owned: [areas] names, each NUL-terminated in its stride; NULL: areas have none */
	int area_stride;
	/* the node's memory */
	par_shared shared;
	float *units, *price;
	uint8_t *promo;
	float *sku_sum;    /* [skus][length]; NULL where there is one market, or too many SKUs */
	float *group_sum;  /* [groups][length] */
	int64_t *members;  /* [groups] series of which something was observed */
	float *area_price; /* [areas][length + ahead] mean logarithm; NaN none */
	int64_t *first;    /* [kept] */
} history;

typedef struct {
	int64_t length, ahead; /* periods [0, length), and how many more of prices and promotions */
	int64_t
	    bytes; /* of a node, at most: history, sums, and four forecasts of the kept series */
} history_spec;

/* collective | read the catalog; a price that is not known ahead stays the last one. history_close releases it, also
 * after a failure. fails: as io/store.h, PAR_E_MEMORY */
par_err history_open(history *h, const catalog *c, const rhythm *r, const history_spec *spec);
void history_close(history *h);

/* local | the i-th kept series */
history_series history_at(const history *h, int64_t i);

/* local | of a series of which nothing was observed: from which rung its like are (cold.h); COLD_RUNGS: there are none */
cold_rung history_rung(const history *h, const history_series *s);
/* local | the same, and units[length]: the mean of those */
cold_rung history_like(const history *h, const history_series *s, float *units);

/* some series after another, read as they are wanted */
typedef struct {
	const history *h; /* borrowed */
	int64_t first, rows;
	/* the rest is its own */
	int64_t stored, future; /* periods in the file */
	float *raw, *price;
	int32_t *price_read, *known;
	uint8_t *promo, *promo_read, *known_promo;
	int64_t *begin;
} history_part;

/* collective | room for so many series; history_part_close releases it, also after a failure. fails: PAR_E_MEMORY */
par_err history_part_open(history_part *r, const history *h, int64_t most);
void history_part_close(history_part *r);
/* collective | series [first, first + rows); ranks may ask for different ones, or none. fails: as io/store.h */
par_err history_part_read(history_part *r, int64_t first, int64_t rows);
/* local | a series of those */
history_series history_part_at(const history_part *r, int64_t series);

#endif
