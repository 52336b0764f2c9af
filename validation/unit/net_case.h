/* A small daily catalog in memory, as histories and calendars hold it: three SKUs in two markets, with weeks, prices,
 * a promotion, a gap, a series that begins late, and a feast that closes shops. */
#ifndef VALIDATION_NET_CASE_H
#define VALIDATION_NET_CASE_H

#include "forecast/net/window.h"

#include <math.h>
#include <stdlib.h>

enum { SKUS = 3, MARKETS = 2, SERIES = SKUS * MARKETS, AREAS = 2, LENGTH = 700, AHEAD = 14 };
enum { PERIODS = LENGTH + AHEAD, LATE = 5, LATE_FIRST = 500, GAP = 640, FEAST = 200 };

typedef struct {
	par_world w;
	catalog of;
	history h;
	day_table c;
	int32_t sku[SERIES], market[SERIES], area_of[SKUS], class_of[MARKETS];
	float units[SERIES * LENGTH], price[SERIES * PERIODS];
	uint8_t promo[SERIES * PERIODS], closed[PERIODS];
	float sku_sum[SKUS * LENGTH], group_sum[MARKETS * AREAS * LENGTH],
	    area_price[AREAS * PERIODS];
	int64_t first[SERIES], row[PERIODS + 1];
	int32_t column[PERIODS];
	float one[PERIODS];
} net_case;

/* whole numbers, more on two days of the week */
static float net_units(int64_t i, int64_t t)
{
	return (float)((i * 7 + t * t * 13 + t * 5) % 5 + (t % 7 < 2 ? 6 * (i + 1) : i));
}

static void net_fill(net_case *n)
{
	for (int64_t i = 0; i < SERIES; i++) {
		n->sku[i] = (int32_t)(i / MARKETS);
		n->market[i] = (int32_t)(i % MARKETS);
		n->first[i] = i == LATE ? LATE_FIRST : 0;
		for (int64_t t = 0; t < PERIODS; t++) {
			bool none = i == LATE && t < LATE_FIRST;
			if (t < LENGTH)
				n->units[i * LENGTH + t] = none || (i == 1 && t == GAP) ? NAN
							   : t == FEAST || t == FEAST + 365
							       ? 0
							       : net_units(i, t);
			n->price[i * PERIODS + t] =
			    none ? NAN : logf(100 * (float)(i + 1) + (float)(t % 50 == 0));
			n->promo[i * PERIODS + t] = t % 90 == 0;
		}
	}
}

static void net_sums(net_case *n)
{
	for (int64_t i = 0; i < SERIES; i++)
		for (int64_t t = 0; t < LENGTH; t++) {
			float y = n->units[i * LENGTH + t];
			int64_t group = n->market[i] * AREAS + n->area_of[n->sku[i]];
			n->sku_sum[n->sku[i] * LENGTH + t] += isfinite(y) ? y : 0;
			n->group_sum[group * LENGTH + t] += isfinite(y) ? y : 0;
		}
	for (int64_t c = 0; c < (int64_t)AREAS * PERIODS; c++)
		n->area_price[c] = 5;
}

/* owned by the caller: free */
static net_case *net_open(const par_world *w)
{
	net_case *n = calloc(1, sizeof *n);
	n->w = *w;
	n->area_of[2] = 1;
	net_fill(n);
	net_sums(n);
	n->of = (catalog){.world = &n->w,
	    .path = "case",
	    .frequency = PAR_DAY,
	    .season = 7,
	    .length = LENGTH,
	    .skus = SKUS,
	    .markets = MARKETS,
	    .series = SERIES,
	    .series_sku = n->sku,
	    .series_market = n->market};
	n->h = (history){.of = &n->of,
	    .length = LENGTH,
	    .ahead = AHEAD,
	    .kept = SERIES,
	    .prices = true,
	    .promos = true,
	    .prices_ahead = true,
	    .promos_ahead = true,
	    .gaps = true,
	    .groups = MARKETS * AREAS,
	    .areas = AREAS,
	    .area_of = n->area_of,
	    .units = n->units,
	    .price = n->price,
	    .promo = n->promo,
	    .sku_sum = n->sku_sum,
	    .group_sum = n->group_sum,
	    .area_price = n->area_price,
	    .first = n->first};
	rhythm_of(&n->h.rhythm, PAR_DAY);
	for (int64_t t = 0; t < PERIODS; t++) {
		n->row[t + 1] = t + 1;
		n->column[t] = (int32_t)(t % 7);
		n->one[t] = 1;
		n->closed[t] = t % 365 == FEAST;
	}
	n->c = (day_table){.rows = {PERIODS, 7, n->row, n->column, n->one},
	    .periods = PERIODS,
	    .classes = 1,
	    .class_of = n->class_of,
	    .closed = n->closed};
	return n;
}

#endif
