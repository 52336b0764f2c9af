#include "ingest/overrides.h"

#include "common/words.h"
#include "ingest/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static par_err no_memory(void)
{
	return par_fail(PAR_E_MEMORY, "no memory for overrides");
}

static int32_t id_of(const par_batch *b, int column, int64_t r)
{
	return column < 0 ? -1 : b->column[column].id[r];
}

static par_err take(void *ctx, const par_batch *b)
{
	overrides *o = ctx;
	if (o->rows + b->rows > o->room) {
		int64_t room = 2 * (o->rows + b->rows);
		overrides_row *more = realloc(o->row, (size_t)room * sizeof *more);
		if (!more)
			return no_memory();
		o->row = more;
		o->room = room;
	}
	for (int64_t r = 0; r < b->rows; r++)
		o->row[o->rows++] = (overrides_row){.sku = id_of(b, o->sku, r),
		    .market = id_of(b, o->market, r),
		    .reason = id_of(b, o->reason, r),
		    .author = id_of(b, o->author, r),
		    .hour = b->column[o->date].value[r],
		    .at = b->at[r],
		    .units = b->column[o->units].real[r]};
	return PAR_OK;
}

par_err overrides_read(overrides *o, app *a)
{
	memset(o, 0, sizeof *o);
	if (!app_text(a, "overrides"))
		return PAR_OK;
	PAR_TRY(tables_open(a, "overrides", true, &o->schema, &o->table));
	o->open = true;
	o->sku = tables_column(&o->table, "sku");
	o->market = tables_column(&o->table, "market");
	o->date = tables_column(&o->table, "date");
	o->units = tables_column(&o->table, "units");
	o->reason = tables_column(&o->table, "reason");
	o->author = tables_column(&o->table, "author");
	return par_table_read(&o->table, take, o);
}

/* what the rows are held against */
typedef struct {
	const overrides *o;
	const ids *skus, *markets;
	const panel *p;
	bool summed;
} sorter;

static const char *name_of(const overrides *o, int column, int32_t id, size_t *n)
{
	return par_dict_text(par_table_dict(&o->table, column), id, n);
}

/* the place of a row's sku or market, -1 for all of them */
static par_err find_place(const sorter *s, const overrides_row *r, int column, int32_t id,
    const ids *known, int32_t *place)
{
	size_t n;
	char what[160];
	*place = -1;
	if (id < 0)
		return PAR_OK;
	const char *name = name_of(s->o, column, id, &n);
	*place = ids_place(known, name, n);
	if (*place >= 0)
		return PAR_OK;
	const char *kind = s->o->schema.column[column].name;
	snprintf(what, sizeof what, "%s %.*s is not in the sales; wanted a %s that is, or none",
	    kind, (int)n, name, kind);
	return par_table_fail(&s->o->table, r->at, what);
}

/* whether some series is of the SKU, and of the market where that is not -1 */
static bool has_series(const panel *p, int32_t sku, int32_t market)
{
	int64_t lo = 0, hi = p->blocks.n;
	while (lo < hi) {
		int64_t mid = (lo + hi) / 2;
		bool before = p->sku[mid] < sku || (p->sku[mid] == sku && p->market[mid] < market);
		lo = before ? mid + 1 : lo;
		hi = before ? hi : mid;
	}
	return lo < p->blocks.n && p->sku[lo] == sku && (market < 0 || p->market[lo] == market);
}

static par_err check_series(const sorter *s, const overrides_row *r, const overrides_word *w)
{
	size_t n, k = 0;
	char what[240];
	if (w->sku < 0 || has_series(s->p, w->sku, w->market))
		return PAR_OK;
	const char *sku = name_of(s->o, s->o->sku, r->sku, &n);
	const char *market = w->market < 0 ? "any market"
					   : name_of(s->o, s->o->market, r->market, &k);
	snprintf(what, sizeof what, "sku %.*s was never sold in %.*s; wanted a series of the sales",
	    (int)n, sku, w->market < 0 ? 10 : (int)k, market);
	return par_table_fail(&s->o->table, r->at, what);
}

static par_err find_time(const sorter *s, const overrides_row *r, int64_t *time)
{
	const axis *x = &s->p->time;
	char what[200], date[20], first[20];
	*time = axis_time(x->frequency, r->hour, s->summed);
	if (axis_find(x, *time) >= 0)
		return PAR_OK;
	snprintf(what, sizeof what,
	    "date %s is no step of the %s axis that begins %s; see ingest.frequency",
	    par_period_text(date, x->frequency, *time), par_frequency_name(x->frequency),
	    par_period_text(first, x->frequency, x->first));
	return par_table_fail(&s->o->table, r->at, what);
}

static par_err put_row(const sorter *s, blob *to, const overrides_row *r)
{
	overrides_word w = {.units = r->units};
	const overrides *o = s->o;
	int64_t bits;
	PAR_TRY(find_place(s, r, o->sku, r->sku, s->skus, &w.sku));
	PAR_TRY(find_place(s, r, o->market, r->market, s->markets, &w.market));
	PAR_TRY(check_series(s, r, &w));
	PAR_TRY(find_time(s, r, &w.time));
	memcpy(&bits, &w.units, sizeof bits);
	PAR_TRY(blob_put(to, w.time));
	PAR_TRY(blob_put(to, r->at));
	PAR_TRY(blob_put(to, w.sku));
	PAR_TRY(blob_put(to, w.market));
	PAR_TRY(blob_put(to, bits));
	PAR_TRY(blob_put_text(
	    to, o->reason < 0 ? NULL : par_table_dict(&o->table, o->reason), r->reason));
	return blob_put_text(
	    to, o->author < 0 ? NULL : par_table_dict(&o->table, o->author), r->author);
}

static par_err put_rows(const sorter *s, blob *to)
{
	for (int64_t i = 0; i < s->o->rows; i++)
		PAR_TRY(put_row(s, to, &s->o->row[i]));
	return PAR_OK;
}

static int by_cell(const void *a, const void *b)
{
	const overrides_word *x = a, *y = b;
	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	if (x->sku != y->sku)
		return x->sku < y->sku ? -1 : 1;
	if (x->market != y->market)
		return x->market < y->market ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static par_err list_words(overrides *o)
{
	blob *b = &o->texts;
	o->words = 0;
	o->word = malloc((size_t)(o->table.rows + 1) * sizeof *o->word);
	if (!o->word)
		return no_memory();
	for (b->at = 0; b->at < b->used;) {
		size_t n;
		overrides_word *w = &o->word[o->words++];
		w->time = blob_get(b);
		w->at = blob_get(b);
		w->sku = (int32_t)blob_get(b);
		w->market = (int32_t)blob_get(b);
		int64_t bits = blob_get(b);
		memcpy(&w->units, &bits, sizeof bits);
		w->reason = b->at;
		blob_get_text(b, &n);
		w->author = b->at;
		blob_get_text(b, &n);
	}
	qsort(o->word, (size_t)o->words, sizeof *o->word, by_cell);
	return PAR_OK;
}

/* collective | two dates can lie in one period */
static par_err refuse_doubles(const overrides *o, const par_world *w)
{
	int64_t line, before;
	for (int64_t i = 1; i < o->words; i++) {
		const overrides_word *a = &o->word[i - 1], *b = &o->word[i];
		if (a->time != b->time || a->sku != b->sku || a->market != b->market)
			continue;
		PAR_TRY(par_table_line(&o->table, b->at, &line));
		PAR_TRY(par_table_line(&o->table, a->at, &before));
		return par_agree(w,
		    par_fail(PAR_E_DATA,
			"%s:%lld:1: this SKU, market and period stand on line %lld already; wanted "
			"each once",
			o->table.source.name, (long long)line, (long long)before));
	}
	return PAR_OK;
}

par_err overrides_settle(overrides *o, const par_world *w, const ids *skus, const ids *markets,
    const panel *p, bool summed)
{
	const sorter s = {o, skus, markets, p, summed};
	if (!o->open)
		return PAR_OK;
	PAR_TRY_ALL(w, put_rows(&s, &o->texts));
	PAR_TRY(blob_unite(&o->texts, w));
	PAR_TRY_ALL(w, list_words(o));
	return refuse_doubles(o, w);
}

/* the words as columns */
typedef struct {
	int64_t *time;
	int32_t *sku, *market;
	float *units;
} columns;

static void columns_drop(columns *c)
{
	free(c->time);
	free(c->sku);
	free(c->market);
	free(c->units);
}

static par_err columns_make(columns *c, const overrides *o)
{
	size_t n = (size_t)o->words;
	*c = (columns){malloc(n * sizeof *c->time), malloc(n * sizeof *c->sku),
	    malloc(n * sizeof *c->market), malloc(n * sizeof *c->units)};
	if (!c->time || !c->sku || !c->market || !c->units)
		return no_memory();
	for (size_t i = 0; i < n; i++) {
		c->time[i] = o->word[i].time;
		c->sku[i] = o->word[i].sku;
		c->market[i] = o->word[i].market;
		c->units[i] = (float)o->word[i].units;
	}
	return PAR_OK;
}

/* text k of each word, 0 the reason and 1 the author, after its length in the blob */
static const char *text_of(const overrides *o, int64_t i, int k, size_t *n)
{
	blob at = o->texts;
	at.at = k == 0 ? o->word[i].reason : o->word[i].author;
	return blob_get_text(&at, n);
}

static par_err put_texts(const overrides *o, par_store *s, const par_world *w, int k)
{
	size_t width = 1, n;
	for (int64_t i = 0; i < o->words; i++) {
		text_of(o, i, k, &n);
		width = n > width ? n : width;
	}
	char *chars = calloc((size_t)o->words, width);
	par_err e = par_agree(w, chars ? PAR_OK : no_memory());
	for (int64_t i = 0; i < o->words && e == PAR_OK; i++) {
		const char *text = text_of(o, i, k, &n);
		memcpy(chars + (size_t)i * width, text, n);
	}
	if (e == PAR_OK)
		e = par_store_put_text(s, k == 0 ? "override_reason" : "override_author",
		    "override", o->words, (int)width, chars, k == 0 ? "why" : "whose word");
	free(chars);
	return e;
}

par_err overrides_put(const overrides *o, par_store *s, const par_world *w)
{
	columns c;
	if (o->words == 0)
		return PAR_OK;
	PAR_TRY(par_store_dim(s, "override", o->words, PAR_I64, NULL));
	par_err e = par_agree(w, columns_make(&c, o));
	if (e == PAR_OK)
		e = words_columns_put(
		    s, &(words_columns){o->words, c.sku, c.market, c.time, c.units});
	columns_drop(&c);
	for (int k = 0; k < 2 && e == PAR_OK; k++)
		e = put_texts(o, s, w, k);
	return e;
}

void overrides_drop(overrides *o)
{
	if (o->open)
		par_table_close(&o->table);
	blob_drop(&o->texts);
	free(o->row);
	free(o->word);
	memset(o, 0, sizeof *o);
}
