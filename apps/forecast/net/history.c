#include "forecast/net/history.h"

#include "comm/blocks.h"
#include "tensor/map.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUND 256 /* series that a rank reads at a time */

static size_t bytes_a_series(const history *h)
{
	size_t periods = (size_t)(h->length + h->ahead);
	return (size_t)h->length * sizeof(float) + (h->prices ? periods * sizeof(float) : 0) +
	       (h->promos ? periods : 0) + sizeof(int64_t);
}

/* ---- places in the node's memory ---- */

static size_t take(size_t *at, size_t bytes)
{
	size_t here = *at;
	*at += (bytes + 63) / 64 * 64;
	return here;
}

typedef struct {
	size_t units, price, promo, sku_sum, group_sum, area_price, first, all;
} places;

static places lay_out(const history *h)
{
	size_t at = 0, cells = (size_t)(h->kept * h->length);
	size_t more = (size_t)(h->kept * (h->length + h->ahead));
	const catalog *c = h->of;
	places p = {.units = take(&at, cells * sizeof(float))};
	p.price = take(&at, h->prices ? more * sizeof(float) : 0);
	p.promo = take(&at, h->promos ? more : 0);
	p.sku_sum = take(&at, c->markets > 1 ? (size_t)(c->skus * h->length) * sizeof(float) : 0);
	p.group_sum = take(&at, (size_t)(h->groups * h->length) * sizeof(float));
	p.area_price = take(
	    &at, h->prices ? (size_t)(h->areas * (h->length + h->ahead)) * sizeof(float) : 0);
	p.first = take(&at, (size_t)h->kept * sizeof(int64_t));
	p.all = at;
	return p;
}

static void point(history *h, const places *p)
{
	char *base = h->shared.window.base;
	h->units = (float *)(void *)(base + p->units);
	h->price = h->prices ? (float *)(void *)(base + p->price) : NULL;
	h->promo = h->promos ? (uint8_t *)(base + p->promo) : NULL;
	h->sku_sum = h->of->markets > 1 ? (float *)(void *)(base + p->sku_sum) : NULL;
	h->group_sum = (float *)(void *)(base + p->group_sum);
	h->area_price = h->prices ? (float *)(void *)(base + p->area_price) : NULL;
	h->first = (int64_t *)(void *)(base + p->first);
}

/* ---- areas ---- */

/* what groups SKUs: the department, else the category */
static par_err find_areas(history *h)
{
	static const char *const names[] = {"sku_department", "sku_category"};
	const catalog *c = h->of;
	char *text = NULL;
	int64_t n = 0;
	int stride = 0;
	h->areas = 1;
	h->area_of = calloc((size_t)c->skus + 1, sizeof *h->area_of);
	PAR_TRY_ALL(c->world,
	    h->area_of ? PAR_OK
		       : par_fail(PAR_E_MEMORY, "no memory for %lld skus", (long long)c->skus));
	for (int k = 0; k < 2 && !text; k++)
		if (par_store_has(c->store, names[k]))
			PAR_TRY(par_store_get_text(c->store, names[k], &text, &n, &stride));
	/* numbered as they come; SKUs are sorted, and areas are few */
	int64_t areas = 0;
	for (int64_t i = 0; text && i < n; i++) {
		int64_t a = 0;
		while (a < areas && strcmp(text + a * stride, text + i * stride) != 0)
			a++;
		if (a == areas) /* its name moves to the front, where others were read already */
			memmove(text + areas++ * stride, text + i * stride, (size_t)stride);
		h->area_of[i] = (int32_t)a;
	}
	if (text)
		h->areas = areas;
	h->area = text;
	h->area_stride = stride;
	return PAR_OK;
}

/* ---- reading ---- */

typedef struct {
	float *units;
	int32_t *price, *known;
	uint8_t *promo, *known_promo;
	int64_t length, future; /* periods in the file */
} reader;

static par_err reader_open(reader *r, const history *h)
{
	const catalog *c = h->of;
	int64_t future = par_store_extent(c->store, "future_time");
	*r = (reader){
	    .length = par_store_extent(c->store, "time"), .future = future > 0 ? future : 0};
	size_t cells = (size_t)(ROUND * r->length + 1), more = (size_t)(ROUND * r->future + 1);
	r->units = malloc(cells * sizeof *r->units);
	r->price = malloc(cells * sizeof *r->price);
	r->known = malloc(more * sizeof *r->known);
	r->promo = malloc(cells);
	r->known_promo = malloc(more);
	bool room = r->units && r->price && r->known && r->promo && r->known_promo;
	return par_agree(
	    c->world, room ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to read %d series", ROUND));
}

static void reader_close(reader *r)
{
	free(r->units);
	free(r->price);
	free(r->known);
	free(r->promo);
	free(r->known_promo);
}

static par_err read_rows(reader *r, const history *h, int64_t lo, int64_t rows)
{
	static const char *const past[] = {"series", "time", NULL};
	static const char *const later[] = {"series", "future_time", NULL};
	par_store *s = h->of->store;
	PAR_TRY(par_store_get(s, "units", PAR_F32, past, lo, rows, r->units));
	if (h->prices)
		PAR_TRY(par_store_get(s, "price", PAR_I32, past, lo, rows, r->price));
	if (h->promos)
		PAR_TRY(par_store_get(s, "promo", PAR_U8, past, lo, rows, r->promo));
	if (h->prices_ahead)
		PAR_TRY(par_store_get(s, "known_price", PAR_I32, later, lo, rows, r->known));
	if (h->promos_ahead)
		PAR_TRY(par_store_get(s, "known_promo", PAR_U8, later, lo, rows, r->known_promo));
	return PAR_OK;
}

/* the price of period t of row i of the round, -1 none; known: also of what is to come */
static int32_t price_at(const history *h, const reader *r, int64_t i, int64_t t)
{
	if (t >= h->length && !h->prices_ahead)
		return -1;
	if (t < r->length)
		return r->price[i * r->length + t];
	t -= r->length;
	return t < r->future ? r->known[i * r->future + t] : -1;
}

static uint8_t promo_at(const history *h, const reader *r, int64_t i, int64_t t)
{
	if (t >= h->length && !h->promos_ahead)
		return 0;
	if (t < r->length)
		return r->promo[i * r->length + t];
	t -= r->length;
	return t < r->future ? r->known_promo[i * r->future + t] : 0;
}

/* a price that is missing between two, or ahead, is the one before */
static void take_prices(const history *h, const reader *r, int64_t i, float *out)
{
	int32_t last = -1;
	for (int64_t t = 0; t < h->length + h->ahead; t++) {
		int32_t p = price_at(h, r, i, t);
		last = p > 0 ? p : last;
		out[t] = last > 0 ? (float)last : 1;
	}
	par_map_log(h->length + h->ahead, out, out);
	for (int64_t t = 0; t < h->length + h->ahead && price_at(h, r, i, t) <= 0; t++)
		out[t] = NAN;
}

/* the kept series of a round, as they stand in the node's memory */
typedef struct {
	int64_t first_kept, rows;
	float *units, *price;
	uint8_t *promo;
	int64_t *first;
} parcel;

static par_err parcel_open(parcel *p, const history *h)
{
	size_t periods = (size_t)(h->length + h->ahead);
	*p = (parcel){.units = malloc(ROUND * (size_t)h->length * sizeof(float) + 1),
	    .price = malloc(ROUND * periods * sizeof(float)),
	    .promo = malloc(ROUND * periods),
	    .first = malloc(ROUND * sizeof(int64_t))};
	bool room = p->units && p->price && p->promo && p->first;
	return par_agree(h->of->world,
	    room ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to read %d series", ROUND));
}

static void parcel_close(parcel *p)
{
	free(p->units);
	free(p->price);
	free(p->promo);
	free(p->first);
}

static void add_row(parcel *p, const history *h, const reader *r, int64_t i)
{
	const float *from = r->units + i * r->length;
	int64_t periods = h->length + h->ahead, first = 0;
	memcpy(p->units + p->rows * h->length, from, (size_t)h->length * sizeof *from);
	while (first < h->length && !isfinite(from[first]))
		first++;
	p->first[p->rows] = first;
	if (h->prices)
		take_prices(h, r, i, p->price + p->rows * periods);
	for (int64_t t = 0; h->promos && t < periods; t++)
		p->promo[p->rows * periods + t] = promo_at(h, r, i, t);
	p->rows++;
}

/* collective */
static void send(history *h, const parcel *p)
{
	size_t at = (size_t)p->first_kept, n = (size_t)p->rows,
	       periods = (size_t)(h->length + h->ahead);
	const char *base = h->shared.window.base;
	size_t row = (size_t)h->length * sizeof(float);
	par_shared_put(&h->shared, (size_t)((char *)h->units - base) + at * row, n * row, p->units);
	row = periods * sizeof(float);
	if (h->prices)
		par_shared_put(
		    &h->shared, (size_t)((char *)h->price - base) + at * row, n * row, p->price);
	if (h->promos)
		par_shared_put(&h->shared, (size_t)((char *)h->promo - base) + at * periods,
		    n * periods, p->promo);
	row = sizeof *p->first;
	par_shared_put(&h->shared, (size_t)((char *)h->first - base) + at * row, n * row, p->first);
}

static par_err read_round(history *h, reader *r, parcel *p, int64_t lo, int64_t hi)
{
	PAR_TRY(read_rows(r, h, lo, hi - lo));
	p->first_kept = (lo + h->every - 1) / h->every;
	p->rows = 0;
	if (p->first_kept > h->kept)
		p->first_kept = h->kept;
	for (int64_t i = lo; i < hi; i++)
		if (i % h->every == 0)
			add_row(p, h, r, i - lo);
	send(h, p);
	par_world_alive();
	return PAR_OK;
}

static par_err read_all(history *h)
{
	const catalog *c = h->of;
	reader r;
	parcel p = {0};
	par_blocks b;
	par_blocks_deal(&b, c->world, c->series, ROUND);
	par_err e = reader_open(&r, h);
	if (e == PAR_OK)
		e = parcel_open(&p, h);
	for (int64_t k = 0, rounds = par_blocks_rounds(&b, 1); e == PAR_OK && k < rounds; k++) {
		int64_t lo = b.lo + k * ROUND < b.hi ? b.lo + k * ROUND : b.hi;
		e = read_round(h, &r, &p, lo, lo + ROUND < b.hi ? lo + ROUND : b.hi);
	}
	parcel_close(&p);
	reader_close(&r);
	return e;
}

/* ---- groups ---- */

/* the ranks of a node share the rows of each sum; a row's series are added in their order */
static bool mine(const history *h, int64_t row)
{
	return row % h->shared.window.size == h->shared.window.rank;
}

static void add_units(const history *h, const float *units, float *sum)
{
	for (int64_t t = 0; t < h->length; t++)
		sum[t] += isfinite(units[t]) ? units[t] : 0;
}

static void add_prices(const history *h, float *count)
{
	int64_t periods = h->length + h->ahead;
	for (int64_t i = 0; i < h->kept; i++) {
		int32_t area = history_at(h, i).group % (int32_t)h->areas;
		float *sum = h->area_price + area * periods;
		const float *price = h->price + i * periods;
		for (int64_t t = 0; mine(h, area) && t < periods; t++)
			if (isfinite(price[t])) {
				sum[t] += price[t];
				count[area * periods + t] += 1;
			}
	}
	for (int64_t area = 0; area < h->areas; area++)
		for (int64_t c = area * periods; mine(h, area) && c < (area + 1) * periods; c++)
			h->area_price[c] = count[c] > 0 ? h->area_price[c] / count[c] : NAN;
}

static void add_all_units(const history *h)
{
	for (int64_t i = 0; i < h->kept; i++) {
		history_series s = history_at(h, i);
		if (h->sku_sum && mine(h, s.sku))
			add_units(h, s.units, h->sku_sum + s.sku * h->length);
		if (mine(h, s.group))
			add_units(h, s.units, h->group_sum + s.group * h->length);
	}
}

static par_err add_groups(history *h)
{
	size_t cells = h->prices ? (size_t)(h->areas * (h->length + h->ahead)) : 0;
	float *count = calloc(cells + 1, sizeof *count);
	par_err e = par_agree(
	    h->of->world, count ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to average prices"));
	if (e == PAR_OK) {
		add_all_units(h);
		if (h->prices)
			add_prices(h, count);
		par_window_meet(&h->shared.window);
	}
	free(count);
	return e;
}

static bool has_gaps(const history *h)
{
	for (int64_t i = 0; i < h->kept; i++)
		for (int64_t t = h->first[i]; t < h->length; t++)
			if (!isfinite(h->units[i * h->length + t]))
				return true;
	return false;
}

par_err history_open(history *h, const catalog *c, const rhythm *r, int64_t length, int64_t ahead)
{
	*h = (history){.of = c, .rhythm = *r, .length = length, .ahead = ahead};
	h->prices = par_store_has(c->store, "price");
	h->promos = par_store_has(c->store, "promo");
	h->prices_ahead = h->prices && par_store_has(c->store, "known_price");
	h->promos_ahead = h->promos && par_store_has(c->store, "known_promo");
	int64_t bytes = c->series * (int64_t)bytes_a_series(h);
	h->every = bytes / HISTORY_BYTES + 1;
	h->kept = (c->series + h->every - 1) / h->every;
	PAR_TRY(find_areas(h));
	h->groups = c->markets * h->areas;
	places at = lay_out(h);
	PAR_TRY(par_shared_open(&h->shared, c->world, at.all));
	point(h, &at);
	PAR_TRY(read_all(h));
	h->gaps = has_gaps(h);
	return add_groups(h);
}

void history_close(history *h)
{
	par_shared_close(&h->shared);
	free(h->area_of);
	free(h->area);
	*h = (history){0};
}

history_series history_at(const history *h, int64_t i)
{
	const catalog *c = h->of;
	int64_t series = i * h->every, periods = h->length + h->ahead;
	int32_t sku = c->series_sku[series], market = c->series_market[series];
	return (history_series){.units = h->units + i * h->length,
	    .price = h->prices ? h->price + i * periods : NULL,
	    .promo = h->promos ? h->promo + i * periods : NULL,
	    .sku = sku,
	    .market = market,
	    .group = market * (int32_t)h->areas + h->area_of[sku],
	    .first = h->first[i]};
}
