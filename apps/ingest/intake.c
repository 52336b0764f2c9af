#include "ingest/intake.h"

#include "base/text.h"
#include "ingest/ids.h"
#include "ingest/tables.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* lookups read up to 16 bytes beyond a key */
static inline int32_t pair_of(intake *in, uint64_t pair)
{
	uint64_t key[3] = {pair, 0, 0};
	return par_dict_put(&in->pairs, (const char *)key, 8);
}

static par_err no_memory(const char *what)
{
	return par_fail(PAR_E_MEMORY, "no memory for %s; use more ranks", what);
}

static par_err facts_room(intake *in, int64_t more)
{
	if (in->facts + more <= in->room)
		return PAR_OK;
	int64_t room = 2 * (in->facts + more);
	void *p = realloc(in->fact, (size_t)room * sizeof *in->fact);
	if (!p)
		return no_memory("rows");
	in->fact = p;
	in->room = room;
	return PAR_OK;
}

static inline double units_of(const intake *in, const par_batch *b, int64_t r)
{
	if (in->units < 0)
		return NAN;
	const par_column *c = &b->column[in->units];
	return c->real ? c->real[r] : c->value[r] == PAR_COLUMN_NONE ? NAN : (double)c->value[r];
}

static inline int64_t value_of(const par_batch *b, int column, int64_t r)
{
	const int64_t *v = column < 0 ? NULL : b->column[column].value;
	return v ? v[r] : PAR_COLUMN_NONE;
}

static par_err take_facts(void *ctx, const par_batch *b)
{
	intake *in = ctx;
	PAR_TRY(facts_room(in, b->rows));
	const int32_t *sku = b->column[in->sku].id, *market = b->column[in->market].id;
	const int64_t *hour = b->column[in->date].value;
	for (int64_t r = 0; r < b->rows; r++) {
		double units = units_of(in, b, r);
		int64_t price = value_of(b, in->price, r), promo = value_of(b, in->promo, r);
		int32_t pair = pair_of(in, intake_pair(sku[r], market[r]));
		if (pair < 0)
			return no_memory("series");
		bool priced = price != PAR_COLUMN_NONE,
		     whole = isnan(units) || (units == rint(units) && fabs(units) <= INTAKE_EXACT);
		in->whole &= whole;
		in->inexact += fabs(units) > INTAKE_EXACT && (double)(float)units != units;
		in->free_rows += priced && price <= 0;
		if (priced && whole && !isnan(units))
			in->value += (__int128)(int64_t)units * price;
		in->fact[in->facts++] = (intake_fact){(uint32_t)pair, (int32_t)hour[r],
		    (float)units, priced ? (int32_t)price : INTAKE_NO_PRICE,
		    (uint64_t)b->at[r] << 8 | (promo == PAR_COLUMN_NONE ? 0 : (uint64_t)promo)};
		axis_dates_add(&in->dates, hour[r]);
	}
	return PAR_OK;
}

static par_err lines_room(intake *in, int64_t n)
{
	if (n <= in->line_room)
		return PAR_OK;
	free(in->line);
	in->line = malloc((size_t)n * sizeof *in->line);
	in->line_room = in->line ? n : 0;
	return in->line ? PAR_OK : no_memory("order lines");
}

static par_err take_orders(void *ctx, const par_batch *b)
{
	intake *in = ctx;
	PAR_TRY(lines_room(in, b->rows));
	const int32_t *sku = b->column[in->sku].id, *market = b->column[in->market].id;
	const int64_t *hour = b->column[in->date].value, *count = b->column[in->units].value;
	const int64_t *price = in->price < 0 ? NULL : b->column[in->price].value;
	int64_t last_hour = -1, time = 0, returns = 0, free_rows = 0, n = 0;
	__int128 value = 0;
	for (int64_t r = 0; r < b->rows; r++) {
		if (hour[r] != last_hour) { /* lines of one order share their date */
			last_hour = hour[r];
			time = axis_time(in->frequency, hour[r], true);
			axis_dates_add(&in->dates, hour[r]);
		}
		if (count[r] == PAR_COLUMN_NONE)
			continue;
		int64_t each = price && price[r] != PAR_COLUMN_NONE ? price[r] : 0;
		bool sale = count[r] > 0 && each > 0;
		returns += count[r] < 0;
		free_rows += price && price[r] != PAR_COLUMN_NONE && each <= 0;
		value += (__int128)count[r] * each;
		in->line[n++] = (sums_row){intake_pair(sku[r], market[r]), (int32_t)time, count[r],
		    sale ? count[r] : 0, sale ? count[r] * each : 0};
	}
	in->returns += returns;
	in->free_rows += free_rows;
	in->value += value;
	return sums_add(&in->sums, in->line, n);
}

static void find_columns(intake *in)
{
	in->sku = tables_column(&in->table, "sku");
	in->market = tables_column(&in->table, "market");
	in->date = tables_column(&in->table, "date");
	in->units = tables_column(&in->table, "units");
	in->price = tables_column(&in->table, "price");
	in->currency = tables_column(&in->table, "currency");
	in->promo = tables_column(&in->table, "promo");
	in->order = tables_column(&in->table, "order");
}

static void warn(const intake *in, const app *a)
{
	const par_table *t = &in->table;
	if (t->returns > 0 && t->returns < t->lines)
		app_warn(a, "%s: %lld of %lld lines end with CRLF, the others with LF",
		    t->source.name, (long long)t->returns, (long long)t->lines);
	if (t->rounded > 0)
		app_warn(a,
		    "%s: %lld amounts had more digits than the schema's scale and were "
		    "rounded half to even",
		    t->source.name, (long long)t->rounded);
}

par_err intake_read(intake *in, app *a, const char *name, par_frequency frequency)
{
	memset(in, 0, sizeof *in);
	axis_dates_clear(&in->dates);
	in->whole = true;
	in->frequency = frequency;
	in->orders = strcmp(name, "orders") == 0;
	in->units = in->price = in->promo = in->currency = in->order = -1;
	if (!app_text(a, name))
		return PAR_OK;
	/* facts of sales find their own double keys */
	bool keys = strcmp(name, "sales") != 0;
	PAR_TRY(tables_open(a, name, keys, &in->schema, &in->table));
	in->open = true;
	find_columns(in);
	PAR_TRY(par_table_read(&in->table, in->orders ? take_orders : take_facts, in));
	warn(in, a);
	in->dates.timed = in->table.column[in->date].timed;
	a->work += (double)in->table.rows;
	return PAR_OK;
}

/* collective | the one currency that money comes in */
static par_err one_currency(const intake *in, const app *a, char out[4])
{
	ids all;
	if (in->currency < 0)
		return PAR_OK;
	const par_dict *d = par_table_dict(&in->table, in->currency);
	PAR_TRY(ids_unite(&all, &a->world, &d, 1));
	par_err e = PAR_OK;
	if (all.n > 1)
		e = par_fail(PAR_E_DATA,
		    "%s:1:1: prices in %lld currencies (%.3s, %.3s); wanted one; convert them "
		    "first",
		    in->table.source.name, (long long)all.n, all.chars, all.chars + all.width);
	else if (all.n == 1 && all.width == 3)
		memcpy(out, all.chars, 3);
	ids_drop(&all);
	return par_agree(&a->world, e);
}

/* the sums' series get numbers, as the facts' have */
static par_err number_sums(intake *in)
{
	for (int64_t i = 0; i < in->sums.rows; i++) {
		int32_t pair = pair_of(in, in->sums.row[i].series);
		if (pair < 0)
			return no_memory("series");
		in->sums.row[i].series = (uint64_t)pair;
	}
	return PAR_OK;
}

static par_err count_orders(intake *in, const app *a)
{
	if (in->order < 0)
		return PAR_OK;
	const par_dict *d = par_table_dict(&in->table, in->order);
	par_keys keys = {0};
	par_err e = PAR_OK;
	for (int32_t i = 0; i < d->count && e == PAR_OK; i++) {
		size_t n;
		const char *s = par_dict_text(d, i, &n);
		e = par_keys_add(&keys, s, n, 0);
	}
	e = par_agree(&a->world, e);
	if (e == PAR_OK)
		e = par_keys_distinct(&keys, &a->world, &in->orders_met);
	par_keys_free(&keys);
	return e;
}

par_err intake_settle(intake *in, const app *a, char currency[4])
{
	const int64_t unit = 1000000000000;
	if (!in->open)
		return PAR_OK;
	PAR_TRY(one_currency(in, a, currency));
	PAR_TRY(count_orders(in, a));
	PAR_TRY_ALL(&a->world, number_sums(in));
	axis_dates_unite(&in->dates, &a->world);
	in->whole = par_world_max(&a->world, !in->whole) == 0;
	in->returns = par_world_sum(&a->world, in->returns);
	in->free_rows = par_world_sum(&a->world, in->free_rows);
	in->inexact = par_world_sum(&a->world, in->inexact);
	in->value_high = par_world_sum(&a->world, (int64_t)(in->value / unit));
	in->value_low = par_world_sum(&a->world, (int64_t)(in->value % unit));
	return PAR_OK;
}

int intake_scale(const intake *in)
{
	return in->open && in->price >= 0 ? in->schema.column[in->price].scale : 2;
}

void intake_drop(intake *in)
{
	if (in->open)
		par_table_close(&in->table);
	par_dict_free(&in->pairs);
	sums_drop(&in->sums);
	free(in->fact);
	free(in->line);
	memset(in, 0, sizeof *in);
}
