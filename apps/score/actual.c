#include "comm/gather.h"
#include "io/table.h"
#include "score/input.h"

#include <libgen.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID 64                      /* bytes of an identifier at most */
#define AT_ONCE ((int64_t)1 << 20) /* values a rank tells the others in one go */

/* more columns are fine; an empty number is a missing value, like a row that is not there */
static const char schema_text[] = "[table]\n"
				  "name = actual\n"
				  "key = sku, market, date\n"
				  "extra = allow\n"
				  "empty = allow\n"
				  "[sku]\n"
				  "type = id\n"
				  "[market]\n"
				  "type = id\n"
				  "[date]\n"
				  "type = date\n"
				  "[units]\n"
				  "type = real\n"
				  "empty = yes\n";

enum { SKU, MARKET, DATE, UNITS };

typedef struct {
	int32_t series, step;
	float units;
} value;

typedef struct {
	int64_t pair; /* sku * markets + market */
	int32_t series;
} place;

typedef struct {
	const input *in;
	const par_table *table;
	par_dict skus, markets;      /* the history's ids, numbered as there */
	place *places;               /* of every series, by pair */
	int32_t *sku_of, *market_of; /* of the table's numbers, -1 unknown; -2 not yet looked up */
	int64_t sku_room, market_room;
	value *values;
	int64_t count, room, unknown, outside, rows;
	int64_t from, to; /* hours since 1970 of the rows */
} reader;

static par_err no_memory(void)
{
	return par_fail(PAR_E_MEMORY, "no memory for the actual values");
}

/* a copy that may be read 16 bytes beyond its end, as dictionaries do; identifiers are short */
static const char *padded(char copy[ID + 16], const char *s, size_t n)
{
	PAR_MUST(n <= ID, "an identifier of %zu bytes", n);
	memset(copy, 0, ID + 16);
	memcpy(copy, s, n);
	return copy;
}

static par_err number_ids(par_dict *d, const char *ids, int64_t n, int stride)
{
	char copy[ID + 16];
	for (int64_t i = 0; i < n; i++) {
		size_t bytes = strlen(ids + i * stride);
		if (par_dict_put(d, padded(copy, ids + i * stride, bytes), bytes) < 0)
			return no_memory();
	}
	return PAR_OK;
}

static int by_pair(const void *a, const void *b)
{
	int64_t x = ((const place *)a)->pair, y = ((const place *)b)->pair;
	return (x > y) - (x < y);
}

static par_err list_places(reader *r)
{
	const input *in = r->in;
	r->places = malloc(((size_t)in->of.series + 1) * sizeof *r->places);
	if (!r->places)
		return no_memory();
	for (int64_t i = 0; i < in->of.series; i++)
		r->places[i] = (place){
		    in->of.series_sku[i] * in->of.markets + in->of.series_market[i], (int32_t)i};
	qsort(r->places, (size_t)in->of.series, sizeof *r->places, by_pair);
	return PAR_OK;
}

static par_err prepare(reader *r)
{
	const input *in = r->in;
	PAR_TRY(number_ids(&r->skus, in->of.sku, in->of.skus, in->of.sku_stride));
	PAR_TRY(number_ids(&r->markets, in->of.market, in->of.markets, in->of.market_stride));
	return list_places(r);
}

/* what the history calls entry id of the table's column; *known caches it */
static int32_t translate(
    const reader *r, int column, const par_dict *ids, int32_t *known, int32_t id)
{
	if (known[id] == -2) {
		size_t n;
		char copy[ID + 16];
		const char *s = par_dict_text(par_table_dict(r->table, column), id, &n);
		known[id] = par_dict_find(ids, padded(copy, s, n), n);
	}
	return known[id];
}

static par_err widen(const reader *r, int column, int32_t **known, int64_t *room)
{
	int64_t n = par_table_dict(r->table, column)->count;
	if (n <= *room)
		return PAR_OK;
	int32_t *more = realloc(*known, (size_t)(2 * n) * sizeof *more);
	if (!more)
		return no_memory();
	for (; *room < 2 * n; (*room)++)
		more[*room] = -2;
	*known = more;
	return PAR_OK;
}

static int64_t find_series(const reader *r, int32_t sku, int32_t market)
{
	if (sku < 0 || market < 0)
		return -1;
	place want = {sku * r->in->of.markets + market, 0};
	const place *at = bsearch(&want, r->places, (size_t)r->in->of.series, sizeof want, by_pair);
	return at ? at->series : -1;
}

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* hours since 1970 to the forecast's step, -1 when it has none then */
static int64_t find_step(const input *in, int64_t hours)
{
	int64_t time = in->of.frequency == PAR_HOUR ? hours : hours / 24;
	if (in->of.frequency != PAR_HOUR && hours % 24 != 0)
		return -1;
	const int64_t *at = bsearch(&time, in->step, (size_t)in->horizon, sizeof time, by_time);
	return at ? at - in->step : -1;
}

static par_err keep(reader *r, int64_t series, int64_t step, double units)
{
	if (r->count == r->room) {
		int64_t room = r->room ? 2 * r->room : 4096;
		value *more = realloc(r->values, (size_t)room * sizeof *more);
		if (!more)
			return no_memory();
		r->values = more;
		r->room = room;
	}
	r->values[r->count++] = (value){(int32_t)series, (int32_t)step, (float)units};
	return PAR_OK;
}

static par_err take_batch(void *ctx, const par_batch *b)
{
	reader *r = ctx;
	r->rows += b->rows;
	PAR_TRY(widen(r, SKU, &r->sku_of, &r->sku_room));
	PAR_TRY(widen(r, MARKET, &r->market_of, &r->market_room));
	for (int64_t i = 0; i < b->rows; i++) {
		int64_t hours = b->column[DATE].value[i], step = find_step(r->in, hours);
		int64_t series = find_series(r,
		    translate(r, SKU, &r->skus, r->sku_of, b->column[SKU].id[i]),
		    translate(r, MARKET, &r->markets, r->market_of, b->column[MARKET].id[i]));
		r->from = hours < r->from ? hours : r->from;
		r->to = hours > r->to ? hours : r->to;
		r->outside += step < 0;
		r->unknown += step >= 0 && series < 0;
		if (step >= 0 && series >= 0)
			PAR_TRY(keep(r, series, step, b->column[UNITS].real[i]));
	}
	return PAR_OK;
}

/* a packed table is unpacked beside the output, or here; both are seen by all ranks */
static par_err read_table(reader *r, const app *a)
{
	char folder[4096];
	snprintf(folder, sizeof folder, "%s", a->out ? a->out : "./");
	const par_table_options options = {
	    .block = (size_t)par_conf_int(a->conf, "run", "table_block"),
	    .scratch = dirname(folder),
	    .most = par_conf_int(a->conf, "run", "unpack_limit") << 20,
	    .keys = true};
	par_schema *schema = malloc(sizeof *schema);
	par_table *table = calloc(1, sizeof *table);
	par_err e = schema && table ? PAR_OK : no_memory();
	if (e == PAR_OK)
		e = par_schema_parse(schema, "actual", schema_text, sizeof schema_text - 1);
	e = par_agree(r->in->world, e);
	if (e == PAR_OK)
		e = par_table_open(table, r->in->world, app_text(a, "actual"), schema, &options);
	r->table = table;
	if (e == PAR_OK)
		e = par_table_read(table, take_batch, r);
	if (table)
		par_table_close(table);
	free(table);
	free(schema);
	return e;
}

static const char *hours_text(char *out, par_frequency f, int64_t hours)
{
	return par_period_text(out, f, f == PAR_HOUR ? hours : hours / 24);
}

/* rows that all miss the forecast are another time's, or another catalog's */
static par_err check_used(const reader *r, const app *a)
{
	const input *in = r->in;
	char from[20], to[20], first[20], last[20];
	int64_t rows = par_world_sum(in->world, r->rows), used = par_world_sum(in->world, r->count);
	int64_t unknown = par_world_sum(in->world, r->unknown);
	int64_t least = -par_world_max(in->world, -r->from), most = par_world_max(in->world, r->to);
	if (rows == 0 || used > 0)
		return PAR_OK;
	par_frequency f = in->of.frequency;
	return par_fail(PAR_E_DATA,
	    "%s: none of its %lld rows is of the forecast: they are of %s to %s, the forecast of "
	    "%s "
	    "to %s, and %lld of these times are of no series of the history; give the values of "
	    "the "
	    "forecast's own steps",
	    app_text(a, "actual"), (long long)rows, hours_text(from, f, least),
	    hours_text(to, f, most), par_period_text(first, f, in->step[0]),
	    par_period_text(last, f, in->step[in->horizon - 1]), (long long)unknown);
}

/* every rank's values into in->actual on every rank */
static par_err share(const reader *r, input *in)
{
	int64_t most = par_world_max(in->world, r->count), rows;
	for (int64_t done = 0; done < most; done += AT_ONCE) {
		int64_t at = done < r->count ? done : r->count;
		int64_t n = r->count - at < AT_ONCE ? r->count - at : AT_ONCE;
		value *all;
		PAR_TRY(par_gather_rows(
		    in->world, r->values + at, n, sizeof *all, (void **)&all, &rows));
		for (int64_t i = 0; i < rows; i++)
			in->actual[all[i].series * in->horizon + all[i].step] = all[i].units;
		free(all);
	}
	return PAR_OK;
}

static par_err make_actual(input *in)
{
	int64_t cells = in->of.series * in->horizon;
	in->actual = malloc(((size_t)cells + 1) * sizeof *in->actual);
	if (!in->actual)
		return no_memory();
	for (int64_t i = 0; i < cells; i++)
		in->actual[i] = NAN;
	return PAR_OK;
}

/* what the history itself holds of the steps, a block of series at a time, on every rank */
static par_err take_history(input *in, const app *a)
{
	int64_t n = in->of.length, steps = n - in->history, block = AT_ONCE / (n + 1) + 1;
	steps = steps < in->horizon ? steps : in->horizon;
	if (steps < 1)
		return par_fail(PAR_E_CONFIG,
		    "%s holds nothing of the forecast's steps; give what came as score.actual",
		    app_text(a, "history"));
	float *units = malloc((size_t)(block * n) * sizeof *units);
	par_err e = par_agree(in->world, units ? PAR_OK : no_memory());
	for (int64_t first = 0; e == PAR_OK && first < in->of.series; first += block) {
		int64_t rows = in->of.series - first < block ? in->of.series - first : block;
		e = input_units(in, first, rows, units);
		for (int64_t i = 0; e == PAR_OK && i < rows; i++)
			memcpy(in->actual + (first + i) * in->horizon, units + i * n + in->history,
			    (size_t)steps * sizeof *units);
	}
	free(units);
	return e;
}

static par_err take_table(input *in, app *a)
{
	reader r = {.in = in, .from = INT64_MAX, .to = -INT64_MAX};
	par_err e = par_agree(in->world, prepare(&r));
	if (e == PAR_OK)
		e = read_table(&r, a);
	if (e == PAR_OK)
		e = par_agree(in->world, check_used(&r, a));
	if (e == PAR_OK)
		e = share(&r, in);
	in->unknown = par_world_sum(in->world, r.unknown);
	in->outside = par_world_sum(in->world, r.outside);
	par_dict_free(&r.skus);
	par_dict_free(&r.markets);
	free(r.places);
	free(r.sku_of);
	free(r.market_of);
	free(r.values);
	return e;
}

par_err input_read_actual(input *in, app *a)
{
	PAR_TRY_ALL(in->world, make_actual(in));
	return app_text(a, "actual") ? take_table(in, a) : take_history(in, a);
}
