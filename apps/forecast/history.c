#include "forecast/history.h"

#include "forecast/sample.h"
#include "tensor/map.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUND 1024   /* series that all ranks together read at a time */
#define FORECASTS 4  /* horizons of forecasts that are kept of a series beside its history */
#define SUMS_SHARE 4 /* sums of SKUs take at most this part of the memory, sums of groups too */

static size_t bytes_a_series(const history *h)
{
	size_t periods = (size_t)(h->length + h->ahead);
	return (size_t)h->length * sizeof(float) + (h->prices ? periods * sizeof(float) : 0) +
	       (h->promos ? periods : 0) + sizeof(int64_t) +
	       FORECASTS * (size_t)h->ahead * sizeof(float);
}

/* ---- places in the node's memory ---- */

static size_t take(size_t *at, size_t bytes)
{
	size_t here = *at;
	*at += (bytes + 63) / 64 * 64;
	return here;
}

typedef struct {
	size_t units, price, promo, sku_sum, group_sum, members, area_price, first, all;
} places;

static places lay_out(const history *h)
{
	size_t at = 0, cells = (size_t)(h->kept * h->length);
	size_t more = (size_t)(h->kept * (h->length + h->ahead));
	const catalog *c = h->of;
	places p = {.units = take(&at, cells * sizeof(float))};
	p.price = take(&at, h->prices ? more * sizeof(float) : 0);
	p.promo = take(&at, h->promos ? more : 0);
	p.sku_sum = take(&at, h->sku_sums ? (size_t)(c->skus * h->length) * sizeof(float) : 0);
	p.group_sum = take(&at, (size_t)(h->groups * h->length) * sizeof(float));
	p.members = take(&at, (size_t)h->groups * sizeof(int64_t));
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
	h->sku_sum = h->sku_sums ? (float *)(void *)(base + p->sku_sum) : NULL;
	h->group_sum = (float *)(void *)(base + p->group_sum);
	h->members = (int64_t *)(void *)(base + p->members);
	h->area_price = h->prices ? (float *)(void *)(base + p->area_price) : NULL;
	h->first = (int64_t *)(void *)(base + p->first);
}

/* what groups SKUs becomes the history's */
static par_err find_areas(history *h)
{
	areas a;
	par_err e = areas_read(&a, h->of);
	h->areas = a.n;
	h->area_of = a.of;
	h->area = a.name;
	h->area_stride = a.stride;
	return e;
}

/* ---- reading ---- */

par_err history_part_open(history_part *r, const history *h, int64_t most)
{
	const catalog *c = h->of;
	int64_t future = par_store_extent(c->store, "future_time");
	*r = (history_part){.h = h,
	    .stored = par_store_extent(c->store, "time"),
	    .future = future > 0 ? future : 0};
	size_t rows = (size_t)(most > 0 ? most : 1), periods = (size_t)(h->length + h->ahead);
	size_t cells = rows * (size_t)r->stored + 1, more = rows * (size_t)r->future + 1;
	r->raw = malloc(cells * sizeof *r->raw);
	r->price_read = malloc(h->prices ? cells * sizeof *r->price_read : 1);
	r->known = malloc(h->prices_ahead ? more * sizeof *r->known : 1);
	r->promo_read = malloc(h->promos ? cells : 1);
	r->known_promo = malloc(h->promos_ahead ? more : 1);
	r->price = malloc(h->prices ? rows * periods * sizeof *r->price : 1);
	r->promo = malloc(h->promos ? rows * periods : 1);
	r->begin = malloc(rows * sizeof *r->begin);
	bool room = r->raw && r->price_read && r->known && r->promo_read && r->known_promo &&
		    r->price && r->promo && r->begin;
	return par_agree(c->world,
	    room ? PAR_OK
		 : par_fail(PAR_E_MEMORY, "no memory to read %lld series", (long long)most));
}

void history_part_close(history_part *r)
{
	free(r->raw);
	free(r->price_read);
	free(r->known);
	free(r->promo_read);
	free(r->known_promo);
	free(r->price);
	free(r->promo);
	free(r->begin);
	*r = (history_part){0};
}

static par_err read_rows(const history_part *r, int64_t lo, int64_t rows)
{
	const history *h = r->h;
	static const char *const past[] = {"series", "time", NULL};
	static const char *const later[] = {"series", "future_time", NULL};
	par_store *s = h->of->store;
	PAR_TRY(par_store_get(s, "units", PAR_F32, past, lo, rows, r->raw));
	if (h->prices)
		PAR_TRY(par_store_get(s, "price", PAR_I32, past, lo, rows, r->price_read));
	if (h->promos)
		PAR_TRY(par_store_get(s, "promo", PAR_U8, past, lo, rows, r->promo_read));
	if (h->prices_ahead)
		PAR_TRY(par_store_get(s, "known_price", PAR_I32, later, lo, rows, r->known));
	if (h->promos_ahead)
		PAR_TRY(par_store_get(s, "known_promo", PAR_U8, later, lo, rows, r->known_promo));
	return PAR_OK;
}

/* the price of period t of row i of the round, -1 none; known: also of what is to come */
static int32_t price_at(const history_part *r, int64_t i, int64_t t)
{
	const history *h = r->h;
	if (t >= h->length && !h->prices_ahead)
		return -1;
	if (t < r->stored)
		return r->price_read[i * r->stored + t];
	t -= r->stored;
	return t < r->future ? r->known[i * r->future + t] : -1;
}

static uint8_t promo_at(const history_part *r, int64_t i, int64_t t)
{
	const history *h = r->h;
	if (t >= h->length && !h->promos_ahead)
		return 0;
	if (t < r->stored)
		return r->promo_read[i * r->stored + t];
	t -= r->stored;
	return t < r->future ? r->known_promo[i * r->future + t] : 0;
}

/* a price that is missing between two, or ahead, is the one before */
static void take_prices(const history_part *r, int64_t i, float *out)
{
	const history *h = r->h;
	int32_t last = -1;
	for (int64_t t = 0; t < h->length + h->ahead; t++) {
		int32_t p = price_at(r, i, t);
		last = p > 0 ? p : last;
		out[t] = last > 0 ? (float)last : 1;
	}
	par_map_log(h->length + h->ahead, out, out);
	for (int64_t t = 0; t < h->length + h->ahead && price_at(r, i, t) <= 0; t++)
		out[t] = NAN;
}

/* a row's units to the front, where the history ends before the file does; its prices and promotions made up */
static void settle_row(history_part *r, int64_t i)
{
	const history *h = r->h;
	float *units = r->raw + i * h->length;
	int64_t periods = h->length + h->ahead, first = 0;
	if (h->prices)
		take_prices(r, i, r->price + i * periods);
	for (int64_t t = 0; h->promos && t < periods; t++)
		r->promo[i * periods + t] = promo_at(r, i, t);
	memmove(units, r->raw + i * r->stored, (size_t)h->length * sizeof *units);
	while (first < h->length && !isfinite(units[first]))
		first++;
	r->begin[i] = first;
}

par_err history_part_read(history_part *r, int64_t first, int64_t rows)
{
	r->first = first;
	r->rows = rows;
	PAR_TRY(read_rows(r, first, rows));
	for (int64_t i = 0; i < rows; i++)
		settle_row(r, i);
	return PAR_OK;
}

static history_series series_of(const history *h, int64_t series)
{
	const catalog *c = h->of;
	int32_t sku = c->series_sku[series], market = c->series_market[series];
	return (history_series){
	    .sku = sku, .market = market, .group = market * (int32_t)h->areas + h->area_of[sku]};
}

history_series history_part_at(const history_part *r, int64_t series)
{
	const history *h = r->h;
	int64_t i = series - r->first, periods = h->length + h->ahead;
	history_series s = series_of(h, series);
	s.units = r->raw + i * h->length;
	s.price = h->prices ? r->price + i * periods : NULL;
	s.promo = h->promos ? r->promo + i * periods : NULL;
	s.first = r->begin[i];
	return s;
}

history_series history_at(const history *h, int64_t i)
{
	int64_t periods = h->length + h->ahead;
	history_series s = series_of(h, sample_at(h->level, i));
	s.units = h->units + i * h->length;
	s.price = h->prices ? h->price + i * periods : NULL;
	s.promo = h->promos ? h->promo + i * periods : NULL;
	s.first = h->first[i];
	return s;
}

/* ---- those that are alike ---- */

static bool is_like(const history *h, cold_rung rung, const history_series *s, int64_t group)
{
	switch (rung) {
	case COLD_GROUP:
		return group == s->market * h->areas + h->area_of[s->sku];
	case COLD_AREA:
		return group % h->areas == h->area_of[s->sku];
	case COLD_MARKET:
		return group / h->areas == s->market;
	default:
		return true;
	}
}

cold_rung history_rung(const history *h, const history_series *s)
{
	cold_rung rung = h->area ? COLD_GROUP : COLD_MARKET;
	for (; rung < COLD_RUNGS; rung++)
		for (int64_t g = 0; g < h->groups; g++)
			if (h->members[g] > 0 && is_like(h, rung, s, g))
				return rung;
	return rung;
}

static void add_units(const history *h, const float *units, float *sum)
{
	for (int64_t t = 0; t < h->length; t++)
		sum[t] += isfinite(units[t]) ? units[t] : 0;
}

cold_rung history_like(const history *h, const history_series *s, float *units)
{
	cold_rung rung = history_rung(h, s);
	int64_t members = 0;
	memset(units, 0, (size_t)h->length * sizeof *units);
	for (int64_t g = 0; rung < COLD_RUNGS && g < h->groups; g++)
		if (h->members[g] > 0 && is_like(h, rung, s, g)) {
			members += h->members[g];
			add_units(h, h->group_sum + g * h->length, units);
		}
	for (int64_t t = 0; members > 0 && t < h->length; t++)
		units[t] /= (float)members;
	return rung;
}

/* ---- what every node holds ---- */

/* series [first, first + rows) on every node, for a moment */
typedef struct {
	par_shared shared;
	float *units, *price;
	uint8_t *promo;
	int64_t *begin;
	int64_t first, rows;
	float *prices_seen; /* owned: [areas][length + ahead] how many prices a mean is of */
	bool gaps, negative;
} passing;

static size_t offset(const par_shared *s, const void *at)
{
	return (size_t)((const char *)at - s->window.base);
}

static par_err passing_open(passing *p, const history *h)
{
	size_t periods = (size_t)(h->length + h->ahead), at = 0;
	size_t units = take(&at, ROUND * (size_t)h->length * sizeof(float));
	size_t price = take(&at, h->prices ? ROUND * periods * sizeof(float) : 0);
	size_t promo = take(&at, h->promos ? ROUND * periods : 0);
	size_t begin = take(&at, ROUND * sizeof(int64_t));
	*p = (passing){.prices_seen = calloc(
			   h->prices ? (size_t)h->areas * periods : 1, sizeof *p->prices_seen)};
	PAR_TRY_ALL(h->of->world,
	    p->prices_seen ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to average prices"));
	PAR_TRY(par_shared_open(&p->shared, h->of->world, at));
	p->units = (float *)(void *)(p->shared.window.base + units);
	p->price = (float *)(void *)(p->shared.window.base + price);
	p->promo = (uint8_t *)(p->shared.window.base + promo);
	p->begin = (int64_t *)(void *)(p->shared.window.base + begin);
	return PAR_OK;
}

static void passing_close(passing *p)
{
	par_shared_close(&p->shared);
	free(p->prices_seen);
}

/* collective | my part of the round */
static void pass(passing *p, const history_part *r)
{
	const history *h = r->h;
	size_t at = (size_t)(r->first - p->first), n = (size_t)r->rows;
	size_t row = (size_t)h->length * sizeof(float), periods = (size_t)(h->length + h->ahead);
	par_shared *s = &p->shared;
	par_shared_put(s, offset(s, p->units) + at * row, n * row, r->raw);
	row = periods * sizeof(float);
	if (h->prices)
		par_shared_put(s, offset(s, p->price) + at * row, n * row, r->price);
	if (h->promos)
		par_shared_put(s, offset(s, p->promo) + at * periods, n * periods, r->promo);
	row = sizeof *p->begin;
	par_shared_put(s, offset(s, p->begin) + at * row, n * row, r->begin);
}

/* the ranks of a node share the series that are kept and the rows of each sum; a row's series are added in their order */
static bool mine(const history *h, int64_t row)
{
	return row % h->shared.window.size == h->shared.window.rank;
}

static void keep_series(const history *h, passing *p, int64_t i)
{
	int64_t series = p->first + i, periods = h->length + h->ahead;
	const float *units = p->units + i * h->length;
	if (!mine(h, series))
		return;
	for (int64_t t = p->begin[i]; t < h->length; t++) {
		p->gaps |= !isfinite(units[t]);
		p->negative |= units[t] < 0;
	}
	if (!sample_has(h->level, series))
		return;
	int64_t at = sample_below(h->level, series);
	memcpy(h->units + at * h->length, units, (size_t)h->length * sizeof *units);
	if (h->prices)
		memcpy(h->price + at * periods, p->price + i * periods,
		    (size_t)periods * sizeof *p->price);
	if (h->promos)
		memcpy(h->promo + at * periods, p->promo + i * periods, (size_t)periods);
	h->first[at] = p->begin[i];
}

static void add_prices(const history *h, const float *price, float *sum, float *count)
{
	for (int64_t t = 0; t < h->length + h->ahead; t++)
		if (isfinite(price[t])) {
			sum[t] += price[t];
			count[t] += 1;
		}
}

static void add_series(const history *h, passing *p, int64_t i)
{
	history_series s = series_of(h, p->first + i);
	int64_t periods = h->length + h->ahead, area = s.group % h->areas;
	const float *units = p->units + i * h->length;
	if (h->sku_sum && mine(h, s.sku))
		add_units(h, units, h->sku_sum + s.sku * h->length);
	if (mine(h, s.group)) {
		add_units(h, units, h->group_sum + s.group * h->length);
		h->members[s.group] += p->begin[i] < h->length;
	}
	if (h->prices && mine(h, area))
		add_prices(h, p->price + i * periods, h->area_price + area * periods,
		    p->prices_seen + area * periods);
}

static void average_prices(const history *h, const passing *p)
{
	int64_t periods = h->length + h->ahead;
	for (int64_t area = 0; h->prices && area < h->areas; area++)
		for (int64_t c = area * periods; mine(h, area) && c < (area + 1) * periods; c++)
			h->area_price[c] =
			    p->prices_seen[c] > 0 ? h->area_price[c] / p->prices_seen[c] : NAN;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static par_err read_round(history *h, history_part *r, passing *p, int64_t each)
{
	int64_t end = p->first + p->rows, lo = least(p->first + h->of->world->rank * each, end);
	PAR_TRY(history_part_read(r, lo, least(each, end - lo)));
	pass(p, r);
	for (int64_t i = 0; i < p->rows; i++) {
		keep_series(h, p, i);
		add_series(h, p, i);
	}
	par_window_meet(&h->shared.window);
	par_world_alive();
	return PAR_OK;
}

static par_err read_all(history *h)
{
	const par_world *w = h->of->world;
	int64_t each = (ROUND + w->size - 1) / w->size;
	history_part r = {0};
	passing p = {0};
	par_err e = history_part_open(&r, h, each);
	if (e == PAR_OK)
		e = passing_open(&p, h);
	for (; e == PAR_OK && p.first < h->of->series; p.first += ROUND) {
		p.rows = least(ROUND, h->of->series - p.first);
		e = read_round(h, &r, &p, each);
	}
	if (e == PAR_OK) {
		average_prices(h, &p);
		h->gaps = par_world_max(w, p.gaps) != 0;
		h->negative = par_world_max(w, p.negative) != 0;
		par_window_meet(&h->shared.window);
	}
	passing_close(&p);
	history_part_close(&r);
	return e;
}

/* what fits: sums of SKUs where they are small enough, groups by market alone where there are too many, and as many
 * series as there is room for then */
static void choose(history *h, int64_t bytes)
{
	const catalog *c = h->of;
	int64_t row = h->length * (int64_t)sizeof(float), part = bytes / SUMS_SHARE;
	int64_t of_area = h->prices ? row + h->ahead * (int64_t)sizeof(float) : 0;
	h->sku_sums = c->markets > 1 && c->skus <= part / (row + 1);
	if (c->markets * h->areas * row + h->areas * of_area > part) {
		memset(h->area_of, 0, (size_t)c->skus * sizeof *h->area_of);
		free(h->area);
		h->area = NULL;
		h->areas = 1;
	}
	h->groups = c->markets * h->areas;
	int64_t left = bytes - (h->sku_sums ? c->skus * row : 0) - h->groups * row -
		       h->areas * of_area;
	int64_t most = left > 0 ? left / (int64_t)bytes_a_series(h) : 0;
	h->level = most > 0 ? sample_level(c->series, most) : 0;
	h->kept = most > 0 ? sample_below(h->level, c->series) : 0;
}

par_err history_open(history *h, const catalog *c, const rhythm *r, const history_spec *spec)
{
	*h = (history){.of = c, .rhythm = *r, .length = spec->length, .ahead = spec->ahead};
	h->prices = par_store_has(c->store, "price");
	h->promos = par_store_has(c->store, "promo");
	h->prices_ahead = h->prices && par_store_has(c->store, "known_price");
	h->promos_ahead = h->promos && par_store_has(c->store, "known_promo");
	PAR_TRY(find_areas(h));
	choose(h, spec->bytes);
	if (h->kept == 0)
		return PAR_OK;
	places at = lay_out(h);
	PAR_TRY(par_shared_open(&h->shared, c->world, at.all));
	point(h, &at);
	return read_all(h);
}

void history_close(history *h)
{
	par_shared_close(&h->shared);
	free(h->area_of);
	free(h->area);
	*h = (history){0};
}
