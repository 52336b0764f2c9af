#include "ingest/catalog.h"

#include "comm/blocks.h"
#include "ingest/tables.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const texts[CATALOG_TEXTS] = {
    "name", "category", "department", "brand", "currency"};
static const char *const reals[CATALOG_REALS] = {"weight_g", "volume_cm3"};
static const char *const wholes[CATALOG_WHOLES] = {"cost", "image"};

static void find_columns(catalog *c)
{
	c->sku = tables_column(&c->table, "sku");
	for (int i = 0; i < CATALOG_TEXTS; i++)
		c->text[i] = tables_column(&c->table, texts[i]);
	for (int i = 0; i < CATALOG_REALS; i++)
		c->real[i] = tables_column(&c->table, reals[i]);
	for (int i = 0; i < CATALOG_WHOLES; i++)
		c->whole[i] = tables_column(&c->table, wholes[i]);
}

static par_err put_texts(catalog *c, const par_batch *b, int64_t r)
{
	PAR_TRY(
	    blob_put_text(&c->rows, par_table_dict(&c->table, c->sku), b->column[c->sku].id[r]));
	for (int i = 0; i < CATALOG_TEXTS; i++)
		if (c->text[i] >= 0)
			PAR_TRY(blob_put_text(&c->rows, par_table_dict(&c->table, c->text[i]),
			    b->column[c->text[i]].id[r]));
	return PAR_OK;
}

static par_err take(void *ctx, const par_batch *b)
{
	catalog *c = ctx;
	for (int64_t r = 0; r < b->rows; r++) {
		PAR_TRY(put_texts(c, b, r));
		for (int i = 0; i < CATALOG_REALS; i++) {
			double x = c->real[i] >= 0 ? b->column[c->real[i]].real[r] : NAN;
			int64_t bits;
			memcpy(&bits, &x, sizeof bits);
			PAR_TRY(blob_put(&c->rows, bits));
		}
		for (int i = 0; i < CATALOG_WHOLES; i++) {
			int64_t v = c->whole[i] < 0 ? -1 : b->column[c->whole[i]].value[r];
			PAR_TRY(blob_put(&c->rows, v == PAR_COLUMN_NONE ? -1 : v));
		}
	}
	return PAR_OK;
}

par_err catalog_read(catalog *c, app *a)
{
	memset(c, 0, sizeof *c);
	if (!app_text(a, "catalog"))
		return PAR_OK;
	PAR_TRY(tables_open(a, "catalog", true, &c->schema, &c->table));
	c->open = true;
	find_columns(c);
	return par_table_read(&c->table, take, c);
}

/* what all SKUs have, in their order */
typedef struct {
	char *text[CATALOG_TEXTS];
	int width[CATALOG_TEXTS];
	double *real[CATALOG_REALS];
	int32_t *whole[CATALOG_WHOLES];
} sheet;

/* the widest of each text over all rows */
static void measure(catalog *c, sheet *t)
{
	size_t n;
	for (c->rows.at = 0; c->rows.at < c->rows.used;) {
		blob_get_text(&c->rows, &n);
		for (int i = 0; i < CATALOG_TEXTS; i++)
			if (c->text[i] >= 0) {
				blob_get_text(&c->rows, &n);
				t->width[i] = (int)n > t->width[i] ? (int)n : t->width[i];
			}
		c->rows.at += sizeof(int64_t) * (CATALOG_REALS + CATALOG_WHOLES);
	}
}

static par_err make_sheet(sheet *t, int64_t skus)
{
	bool fine = true;
	for (int i = 0; i < CATALOG_TEXTS; i++) {
		t->width[i] = t->width[i] > 0 ? t->width[i] : 1;
		t->text[i] = calloc((size_t)skus + 1, (size_t)t->width[i]);
		fine &= t->text[i] != NULL;
	}
	for (int i = 0; i < CATALOG_REALS; i++) {
		t->real[i] = malloc((size_t)(skus + 1) * sizeof *t->real[i]);
		fine &= t->real[i] != NULL;
		for (int64_t s = 0; t->real[i] && s < skus; s++)
			t->real[i][s] = NAN;
	}
	for (int i = 0; i < CATALOG_WHOLES; i++) {
		t->whole[i] = malloc((size_t)(skus + 1) * sizeof *t->whole[i]);
		fine &= t->whole[i] != NULL;
		for (int64_t s = 0; t->whole[i] && s < skus; s++)
			t->whole[i][s] = -1;
	}
	return fine ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for the catalog");
}

static void fill_sheet(catalog *c, sheet *t, const ids *skus)
{
	size_t n;
	for (c->rows.at = 0; c->rows.at < c->rows.used;) {
		const char *s = blob_get_text(&c->rows, &n);
		int32_t sku = ids_place(skus, s, n);
		for (int i = 0; i < CATALOG_TEXTS; i++)
			if (c->text[i] >= 0) {
				s = blob_get_text(&c->rows, &n);
				memcpy(t->text[i] + (size_t)sku * (size_t)t->width[i], s, n);
			}
		for (int i = 0; i < CATALOG_REALS; i++) {
			int64_t bits = blob_get(&c->rows);
			memcpy(&t->real[i][sku], &bits, sizeof bits);
		}
		for (int i = 0; i < CATALOG_WHOLES; i++)
			t->whole[i][sku] = (int32_t)blob_get(&c->rows);
	}
}

static par_err put_sheet(
    const catalog *c, const sheet *t, par_store *s, const par_world *w, int64_t skus)
{
	static const char *const about[CATALOG_TEXTS] = {"name of each SKU", "category of each SKU",
	    "department of each SKU", "brand of each SKU", "currency of each SKU's cost, ISO 4217"};
	static const double nan = NAN;
	static const int32_t none = -1;
	par_blocks mine;
	par_blocks_deal(&mine, w, skus, 1024);
	int64_t rows = mine.hi - mine.lo;
	char name[32];
	for (int i = 0; i < CATALOG_TEXTS; i++) {
		snprintf(name, sizeof name, "sku_%s", texts[i]);
		if (c->text[i] >= 0)
			PAR_TRY(par_store_put_text(
			    s, name, "sku", skus, t->width[i], t->text[i], about[i]));
	}
	const par_store_var real[CATALOG_REALS] = {
	    {"sku_weight_g", PAR_F64, {"sku"}, "g", "weight of one piece", &nan},
	    {"sku_volume_cm3", PAR_F64, {"sku"}, "cm3", "volume of one piece", &nan}};
	for (int i = 0; i < CATALOG_REALS; i++)
		if (c->real[i] >= 0)
			PAR_TRY(par_store_put(s, &real[i], mine.lo, rows, t->real[i] + mine.lo));
	const par_store_var whole[CATALOG_WHOLES] = {
	    {"sku_cost", PAR_I32, {"sku"}, NULL, "cost of one piece in minor units", &none},
	    {"sku_image", PAR_I32, {"sku"}, NULL, "item that shows the SKU", &none}};
	for (int i = 0; i < CATALOG_WHOLES; i++)
		if (c->whole[i] >= 0)
			PAR_TRY(par_store_put(s, &whole[i], mine.lo, rows, t->whole[i] + mine.lo));
	if (c->whole[0] < 0)
		return PAR_OK;
	return par_store_attr_int(
	    s, "sku_cost", "decimal_digits", c->schema.column[c->whole[0]].scale);
}

par_err catalog_put(catalog *c, par_store *s, const par_world *w, const ids *skus)
{
	sheet t = {0};
	if (!c->open)
		return PAR_OK;
	PAR_TRY(blob_unite(&c->rows, w));
	measure(c, &t);
	par_err e = par_agree(w, make_sheet(&t, skus->n));
	if (e == PAR_OK) {
		fill_sheet(c, &t, skus);
		e = put_sheet(c, &t, s, w, skus->n);
	}
	for (int i = 0; i < CATALOG_TEXTS; i++)
		free(t.text[i]);
	for (int i = 0; i < CATALOG_REALS; i++)
		free(t.real[i]);
	for (int i = 0; i < CATALOG_WHOLES; i++)
		free(t.whole[i]);
	return e;
}

void catalog_drop(catalog *c)
{
	if (c->open)
		par_table_close(&c->table);
	blob_drop(&c->rows);
	memset(c, 0, sizeof *c);
}
