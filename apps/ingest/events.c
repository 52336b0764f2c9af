#include "ingest/events.h"

#include "comm/blocks.h"
#include "ingest/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static par_err put_text(events *v, const par_batch *b, int c, int64_t r)
{
	return blob_put_text(
	    &v->rows, c < 0 ? NULL : par_table_dict(&v->table, c), c < 0 ? -1 : b->column[c].id[r]);
}

static par_err take(void *ctx, const par_batch *b)
{
	events *v = ctx;
	for (int64_t r = 0; r < b->rows; r++) {
		PAR_TRY(put_text(v, b, v->market, r));
		PAR_TRY(put_text(v, b, v->event, r));
		PAR_TRY(put_text(v, b, v->type, r));
		PAR_TRY(blob_put(&v->rows, b->column[v->date].value[r]));
		axis_dates_add(&v->dates, b->column[v->date].value[r]);
	}
	return PAR_OK;
}

static par_err unite(events *v, const app *a)
{
	const par_dict *d = par_table_dict(&v->table, v->event);
	axis_dates_unite(&v->dates, &a->world);
	PAR_TRY(ids_unite(&v->names, &a->world, &d, 1));
	if (v->names.n > EVENTS_MOST)
		return par_fail(PAR_E_DATA,
		    "%s:1:1: %lld different events; wanted at most %d; give like ones one name",
		    v->table.source.name, (long long)v->names.n, EVENTS_MOST);
	return blob_unite(&v->rows, &a->world);
}

par_err events_read(events *v, app *a)
{
	memset(v, 0, sizeof *v);
	axis_dates_clear(&v->dates);
	if (!app_text(a, "calendar"))
		return PAR_OK;
	PAR_TRY(tables_open(a, "calendar", true, &v->schema, &v->table));
	v->open = true;
	v->market = tables_column(&v->table, "market");
	v->date = tables_column(&v->table, "date");
	v->event = tables_column(&v->table, "event");
	v->type = tables_column(&v->table, "type");
	PAR_TRY(par_table_read(&v->table, take, v));
	v->dates.timed = v->table.column[v->date].timed;
	return unite(v, a);
}

/* one row's bit into the cells of its period: of all markets when it names none, of all hours of its
 * day when the axis has hours and the calendar has not */
static void mark(const events *v, uint64_t *cell, const axis *x, const par_blocks *mine,
    int64_t markets, int32_t market, int32_t event, int64_t hour)
{
	int64_t lo = axis_within(x, axis_time(x->frequency, hour, false));
	int64_t hi = x->frequency == PAR_HOUR && !v->dates.timed ? lo + 24 : lo + 1;
	lo = lo > mine->lo ? lo : mine->lo;
	hi = hi < mine->hi ? hi : mine->hi;
	for (int64_t t = lo; t < hi; t++)
		for (int64_t m = market < 0 ? 0 : market; m < (market < 0 ? markets : market + 1);
		     m++)
			cell[(t - mine->lo) * markets + m] |= (uint64_t)1 << event;
}

static void mark_all(
    events *v, uint64_t *cell, const axis *x, const par_blocks *mine, const ids *markets)
{
	for (v->rows.at = 0; v->rows.at < v->rows.used;) {
		size_t n, k;
		const char *market = blob_get_text(&v->rows, &n);
		int32_t m = n > 0 ? ids_place(markets, market, n) : -1;
		const char *event = blob_get_text(&v->rows, &k);
		int32_t e = ids_place(&v->names, event, k);
		blob_get_text(&v->rows, &k);
		int64_t hour = blob_get(&v->rows);
		if (n == 0 || m >= 0)
			mark(v, cell, x, mine, markets->n, m, e, hour);
	}
}

static par_err put_cells(events *v, par_store *s, const par_world *w, const ids *markets,
    const axis *x, const par_store_var *var)
{
	par_blocks mine;
	par_blocks_deal(&mine, w, x->periods, 16);
	int64_t rows = mine.hi - mine.lo;
	uint64_t *cell = calloc((size_t)(rows * markets->n) + 1, sizeof *cell);
	par_err e = par_agree(w, cell ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for events"));
	if (e == PAR_OK) {
		mark_all(v, cell, x, &mine, markets);
		e = par_store_put(s, var, mine.lo, rows, cell);
	}
	free(cell);
	return e;
}

static int widest_type(events *v)
{
	int width = 1;
	size_t n;
	for (v->rows.at = 0; v->rows.at < v->rows.used;) {
		blob_get_text(&v->rows, &n);
		blob_get_text(&v->rows, &n);
		blob_get_text(&v->rows, &n);
		width = (int)n > width ? (int)n : width;
		blob_get(&v->rows);
	}
	return width;
}

/* the type of each event; of several the first in bytewise order */
static void find_types(events *v, char *chars, size_t width)
{
	size_t n;
	for (v->rows.at = 0; v->rows.at < v->rows.used;) {
		char type[4096 + 1] = {0};
		blob_get_text(&v->rows, &n);
		const char *event = blob_get_text(&v->rows, &n);
		char *had = chars + (size_t)ids_place(&v->names, event, n) * width;
		const char *text = blob_get_text(&v->rows, &n);
		memcpy(type, text, n);
		if (n > 0 && (!*had || memcmp(type, had, width) < 0))
			memcpy(had, type, width);
		blob_get(&v->rows);
	}
}

static par_err put_types(events *v, par_store *s, const par_world *w)
{
	int width = widest_type(v);
	char *chars = calloc((size_t)v->names.n + 1, (size_t)width);
	par_err e = par_agree(w, chars ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for events"));
	if (e == PAR_OK) {
		find_types(v, chars, (size_t)width);
		e = par_store_put_text(
		    s, "event_type", "event", v->names.n, width, chars, "type of each event");
	}
	free(chars);
	return e;
}

par_err events_put(events *v, par_store *s, const par_world *w, const ids *markets,
    const axis *time, const axis *future)
{
	const par_store_var past = {"events", PAR_U64, {"time", "market"}, NULL,
	    "events of each period: bit i stands for event i", NULL};
	const par_store_var ahead = {"known_events", PAR_U64, {"future_time", "market"}, NULL,
	    "events of each period ahead: bit i stands for event i", NULL};
	if (!v->open || v->names.n == 0)
		return PAR_OK;
	PAR_TRY(par_store_dim_text(s, "event", v->names.n, v->names.width, v->names.chars));
	if (v->type >= 0)
		PAR_TRY(put_types(v, s, w));
	PAR_TRY(put_cells(v, s, w, markets, time, &past));
	return future->periods > 0 ? put_cells(v, s, w, markets, future, &ahead) : PAR_OK;
}

void events_drop(events *v)
{
	if (v->open)
		par_table_close(&v->table);
	blob_drop(&v->rows);
	ids_drop(&v->names);
	memset(v, 0, sizeof *v);
}
