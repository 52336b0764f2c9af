/* apps: forecast
 * tile CATALOG COPIES OUT: a catalog of so many copies of another one's series, for studies of scale. Copy k's
 * SKUs are called k.SKU, k in as many digits as the last one has, so that series stay in the order of their ids; markets,
 * prices, events and departments are the same for all. A rank holds its rows of one variable at a time. */
#include "common/catalog.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
	catalog from;
	par_store *to;
	int64_t copies, first, rows; /* my series of the new catalog */
} tiling;

static void *room(size_t bytes)
{
	void *at = malloc(bytes + 1);
	PAR_MUST(at, "no memory for %zu bytes", bytes);
	return at;
}

/* ---- what every copy shares ---- */

static par_err copy_attr_text(const tiling *t, const char *var, const char *name)
{
	char *text;
	PAR_TRY(par_store_get_attr_text(t->from.store, var, name, &text));
	par_err e = par_store_attr_text(t->to, var, name, text);
	free(text);
	return e;
}

static par_err copy_attr_int(const tiling *t, const char *var, const char *name)
{
	int64_t value;
	PAR_TRY(par_store_get_attr_int(t->from.store, var, name, &value));
	return par_store_attr_int(t->to, var, name, value);
}

static par_err copy_axis(const tiling *t, const char *name)
{
	int64_t n = par_store_extent(t->from.store, name);
	int64_t *at = room((size_t)n * sizeof *at);
	par_err e = par_store_get(
	    t->from.store, name, PAR_I64, (const char *const[]){name, NULL}, 0, n, at);
	if (e == PAR_OK)
		e = par_store_dim(t->to, name, n, PAR_I64, at);
	free(at);
	return e;
}

static par_err copy_names(const tiling *t, const char *name)
{
	char *text;
	int64_t n;
	int stride;
	PAR_TRY(par_store_get_text(t->from.store, name, &text, &n, &stride));
	for (int64_t i = 0; i < n; i++) /* as the file has them, without the last zero */
		memmove(text + i * (stride - 1), text + i * stride, (size_t)stride - 1);
	par_err e = par_store_dim_text(t->to, name, n, stride - 1, text);
	free(text);
	return e;
}

static par_err copy_events(const tiling *t, const char *name, const char *time)
{
	const par_store_var v = {name, PAR_U64, {time, "market"}, NULL, NULL, NULL};
	int64_t n = par_store_extent(t->from.store, time);
	uint64_t *bits = room((size_t)(n * t->from.markets) * sizeof *bits);
	par_err e = par_store_get(t->from.store, name, PAR_U64, v.dims, 0, n, bits);
	if (e == PAR_OK)
		e = par_store_put_whole(t->to, &v, n, bits);
	free(bits);
	return e;
}

/* ---- what is repeated ---- */

static par_err tile_skus(const tiling *t)
{
	const catalog *c = &t->from;
	int digits = snprintf(NULL, 0, "%lld", (long long)t->copies - 1);
	int width = digits + c->sku_stride;
	char *name = calloc((size_t)(t->copies * c->skus), (size_t)width), *at = name;
	PAR_MUST(name, "no memory for names");
	for (int64_t k = 0; k < t->copies; k++)
		for (int64_t i = 0; i < c->skus; i++, at += width) {
			char text[256];
			snprintf(text, sizeof text, "%0*lld.%s", digits, (long long)k,
			    c->sku + i * c->sku_stride);
			memcpy(at, text, strlen(text));
		}
	par_err e = par_store_dim_text(t->to, "sku", t->copies * c->skus, width, name);
	free(name);
	return e;
}

static par_err tile_words(const tiling *t, const char *var)
{
	char *text;
	int64_t n;
	int stride;
	PAR_TRY(par_store_get_text(t->from.store, var, &text, &n, &stride));
	size_t width = (size_t)stride - 1;
	char *all = room((size_t)(t->copies * n) * width), *at = all;
	for (int64_t k = 0; k < t->copies; k++)
		for (int64_t i = 0; i < n; i++, at += width)
			memcpy(at, text + i * stride, width);
	par_err e = par_store_put_text(t->to, var, "sku", t->copies * n, (int)width, all, NULL);
	free(all);
	free(text);
	return e;
}

static par_err tile_index(
    const tiling *t, const char *name, const int32_t *index, int64_t of, const char *what)
{
	const par_store_var v = {name, PAR_I32, {"series"}, NULL, what, NULL};
	int32_t *mine = room((size_t)t->rows * sizeof *mine);
	for (int64_t i = 0; i < t->rows; i++) {
		int64_t series = t->first + i, n = t->from.series;
		mine[i] = index[series % n] + (int32_t)(series / n * of);
	}
	par_err e = par_store_put(t->to, &v, t->first, t->rows, mine);
	free(mine);
	return e;
}

/* all ranks go through all copies: reading is collective */
static par_err tile_rows(const tiling *t, const par_store_var *v)
{
	size_t row = par_dtype_bytes(v->type) * (size_t)par_store_extent(t->from.store, v->dims[1]);
	int64_t n = t->from.series, end = t->first + t->rows;
	char *mine = room((size_t)t->rows * row), *at = mine;
	par_err e = PAR_OK;
	for (int64_t k = 0; k < t->copies && e == PAR_OK; k++) {
		int64_t lo = k * n > t->first ? k * n : t->first;
		int64_t hi = (k + 1) * n < end ? (k + 1) * n : end;
		hi = hi > lo ? hi : lo;
		e = par_store_get(t->from.store, v->name, v->type, v->dims,
		    hi > lo ? lo - k * n : 0, hi - lo, at);
		at += (size_t)(hi - lo) * row;
	}
	if (e == PAR_OK)
		e = par_store_put(t->to, v, t->first, t->rows, mine);
	free(mine);
	return e;
}

/* ---- the file ---- */

static par_err put_shared(const tiling *t)
{
	PAR_TRY(tile_skus(t));
	PAR_TRY(copy_names(t, "market"));
	PAR_TRY(par_store_dim(t->to, "series", t->copies * t->from.series, PAR_I64, NULL));
	static const char *const axes[] = {"time", "future_time"};
	for (int i = 0; i < 2; i++) {
		if (par_store_extent(t->from.store, axes[i]) < 0)
			continue;
		PAR_TRY(copy_axis(t, axes[i]));
		PAR_TRY(copy_attr_text(t, axes[i], "frequency"));
		PAR_TRY(copy_attr_text(t, axes[i], "units"));
		PAR_TRY(copy_attr_text(t, axes[i], "calendar"));
	}
	PAR_TRY(copy_attr_int(t, "time", "season"));
	if (!par_store_has(t->from.store, "events"))
		return PAR_OK;
	PAR_TRY(copy_names(t, "event"));
	PAR_TRY(copy_events(t, "events", "time"));
	return par_store_has(t->from.store, "known_events")
		   ? copy_events(t, "known_events", "future_time")
		   : PAR_OK;
}

static par_err put_series(const tiling *t)
{
	static const float missing = NAN;
	static const int32_t none = -1;
	static const par_store_var rows[] = {
	    {"units", PAR_F32, {"series", "time"}, "1", NULL, &missing},
	    {"price", PAR_I32, {"series", "time"}, NULL, NULL, &none},
	    {"promo", PAR_U8, {"series", "time"}, NULL, NULL, NULL},
	    {"known_price", PAR_I32, {"series", "future_time"}, NULL, NULL, &none},
	    {"known_promo", PAR_U8, {"series", "future_time"}, NULL, NULL, NULL},
	};
	const catalog *c = &t->from;
	PAR_TRY(tile_index(t, "series_sku", c->series_sku, c->skus, "index into sku"));
	PAR_TRY(tile_index(t, "series_market", c->series_market, 0, "index into market"));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (par_store_has(c->store, rows[i].name))
			PAR_TRY(tile_rows(t, &rows[i]));
	PAR_TRY(copy_attr_int(t, "units", "whole_numbers"));
	return par_store_has(c->store, "price") ? copy_attr_int(t, "price", "decimal_digits")
						: PAR_OK;
}

static par_err put_words(const tiling *t)
{
	static const char *const words[] = {
	    "sku_name", "sku_category", "sku_department", "sku_brand"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (par_store_has(t->from.store, words[i]))
			PAR_TRY(tile_words(t, words[i]));
	return PAR_OK;
}

static par_err tile(const par_world *w, const char *path, int64_t copies, const char *out)
{
	tiling t = {.copies = copies};
	par_err e = catalog_open(&t.from, w, path);
	if (e == PAR_OK)
		e = par_store_create(&t.to, w, out, "entrepot-catalog", 1, 0);
	int64_t all = copies * t.from.series;
	t.first = all * w->rank / w->size;
	t.rows = all * (w->rank + 1) / w->size - t.first;
	if (e == PAR_OK)
		e = put_shared(&t);
	if (e == PAR_OK)
		e = put_series(&t);
	if (e == PAR_OK)
		e = put_words(&t);
	if (t.to)
		e = par_store_publish(t.to, e);
	catalog_close(&t.from);
	return e;
}

int main(int argc, char **argv)
{
	par_world w;
	PAR_MUST(argc == 4 && atoll(argv[2]) > 0, "usage: tile CATALOG COPIES OUT");
	MPI_Init(&argc, &argv);
	if (par_world_open(&w, MPI_COMM_WORLD) != PAR_OK)
		return 1;
	par_err e = tile(&w, argv[1], atoll(argv[2]), argv[3]);
	if (e != PAR_OK && w.rank == 0)
		fprintf(stderr, "tile: %s\n", par_err_why());
	par_world_close(&w);
	MPI_Finalize();
	return par_err_status(e);
}
