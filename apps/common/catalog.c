#include "common/catalog.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static const char *const by_time[] = {"time", NULL};
static const char *const by_series[] = {"series", NULL};

static par_err take_frequency(catalog *c)
{
	char *name;
	PAR_TRY(par_store_get_attr_text(c->store, "time", "frequency", &name));
	par_err e = PAR_OK;
	if (par_frequency_parse(&c->frequency, name) != PAR_OK)
		e = par_fail(PAR_E_DATA,
		    "%s:/time: %s is no frequency of this suite; make the catalog with "
		    "entrepot-ingest",
		    c->path, par_shows(name));
	free(name);
	return par_agree(c->world, e);
}

static par_err take_season(catalog *c)
{
	int64_t season;
	PAR_TRY(par_store_get_attr_int(c->store, "time", "season", &season));
	PAR_TRY_ALL(c->world,
	    season >= 1 && season <= CATALOG_SEASON
		? PAR_OK
		: par_fail(PAR_E_DATA, "%s:/time: the season is %lld periods; wanted 1 to %d",
		      c->path, (long long)season, CATALOG_SEASON));
	c->season = (int)season;
	return PAR_OK;
}

static par_err read_axis(catalog *c)
{
	PAR_TRY(take_frequency(c));
	PAR_TRY(take_season(c));
	c->length = par_store_extent(c->store, "time");
	return par_store_get(c->store, "time", PAR_I64, by_time, 0, c->length > 0, &c->first_time);
}

static par_err check_index(
    const catalog *c, const char *what, const int32_t *index, const char *of, int64_t n)
{
	for (int64_t i = 0; i < c->series; i++)
		if (index[i] < 0 || index[i] >= n)
			return par_fail(PAR_E_DATA, "%s:/%s[%lld]: %d; wanted one of %lld in /%s",
			    c->path, what, (long long)i, index[i], (long long)n, of);
	return PAR_OK;
}

static par_err read_index(
    const catalog *c, const char *what, int32_t *index, const char *of, int64_t n)
{
	PAR_TRY(par_store_get(c->store, what, PAR_I32, by_series, 0, c->series, index));
	return par_agree(c->world, check_index(c, what, index, of, n));
}

static par_err read_series(catalog *c)
{
	int64_t series = par_store_extent(c->store, "series");
	c->series = series > 0 ? series : 0;
	c->series_sku = calloc((size_t)c->series + 1, sizeof *c->series_sku);
	c->series_market = calloc((size_t)c->series + 1, sizeof *c->series_market);
	par_err e = c->series_sku && c->series_market
			? PAR_OK
			: par_fail(PAR_E_MEMORY, "no memory for the ids of %lld series",
			      (long long)c->series);
	PAR_TRY_ALL(c->world, e);
	PAR_TRY(read_index(c, "series_sku", c->series_sku, "sku", c->skus));
	return read_index(c, "series_market", c->series_market, "market", c->markets);
}

par_err catalog_open(catalog *c, const par_world *w, const char *path)
{
	*c = (catalog){.world = w, .path = path};
	PAR_TRY(par_store_open(&c->store, w, path, "entrepot-catalog", 1));
	PAR_TRY(read_axis(c));
	PAR_TRY(par_store_get_text(c->store, "sku", &c->sku, &c->skus, &c->sku_stride));
	PAR_TRY(par_store_get_text(c->store, "market", &c->market, &c->markets, &c->market_stride));
	return read_series(c);
}

void catalog_close(catalog *c)
{
	par_store_close(c->store);
	free(c->sku);
	free(c->market);
	free(c->series_sku);
	free(c->series_market);
	*c = (catalog){0};
}

par_err catalog_put_names(par_store *s, const par_world *w, const char *scale, int64_t n,
    catalog_name name, const void *ctx)
{
	size_t width = 1;
	for (int64_t i = 0; i < n; i++)
		width = strlen(name(ctx, i)) > width ? strlen(name(ctx, i)) : width;
	char *packed = calloc((size_t)n * width + 1, 1);
	par_err e = par_agree(
	    w, packed ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for %lld names", (long long)n));
	for (int64_t i = 0; i < n && e == PAR_OK; i++)
		memcpy(packed + (size_t)i * width, name(ctx, i), strlen(name(ctx, i)));
	if (e == PAR_OK)
		e = par_store_dim_text(s, scale, n, (int)width, packed);
	free(packed);
	return e;
}

static const char *sku_name(const void *c, int64_t i)
{
	return ((const catalog *)c)->sku + i * ((const catalog *)c)->sku_stride;
}

static const char *market_name(const void *c, int64_t i)
{
	return ((const catalog *)c)->market + i * ((const catalog *)c)->market_stride;
}

par_err catalog_put_ids(const catalog *c, par_store *s)
{
	PAR_TRY(catalog_put_names(s, c->world, "sku", c->skus, sku_name, c));
	PAR_TRY(catalog_put_names(s, c->world, "market", c->markets, market_name, c));
	return par_store_dim(s, "series", c->series, PAR_I64, NULL);
}

par_err catalog_put_series(const catalog *c, par_store *s, int64_t first, int64_t rows)
{
	const par_store_var sku = {"series_sku", PAR_I32, {"series"}, NULL, "index into sku", NULL};
	const par_store_var market = {
	    "series_market", PAR_I32, {"series"}, NULL, "index into market", NULL};
	PAR_TRY(par_store_put(s, &sku, first, rows, c->series_sku + first));
	return par_store_put(s, &market, first, rows, c->series_market + first);
}
