#include "forecast/panel.h"

#include <stdlib.h>

static par_err read_axis(panel *p)
{
	char *name;
	PAR_TRY(par_store_get_attr_text(p->store, "time", "frequency", &name));
	par_err e = par_frequency_parse(&p->frequency, name);
	free(name);
	PAR_TRY(e);
	int64_t season, whole;
	PAR_TRY(par_store_get_attr_int(p->store, "time", "season", &season));
	PAR_TRY(par_store_get_attr_int(p->store, "units", "whole_numbers", &whole));
	p->season = (int)season;
	p->whole = whole != 0;
	p->length = par_store_extent(p->store, "time");
	p->first_time = 0;
	return par_store_get(p->store, "time", PAR_I64, (const char *const[]){"time", NULL}, 0,
	    p->length > 0, &p->first_time);
}

static par_err read_series(panel *p)
{
	const char *const dims[] = {"series", NULL};
	p->series = par_store_extent(p->store, "series");
	p->series_sku = calloc((size_t)p->series + 1, sizeof *p->series_sku);
	p->series_market = calloc((size_t)p->series + 1, sizeof *p->series_market);
	par_err e = p->series_sku && p->series_market
			? PAR_OK
			: par_fail(PAR_E_MEMORY, "no memory for the ids of %lld series",
			      (long long)p->series);
	PAR_TRY_ALL(p->blocks.world, e);
	PAR_TRY(par_store_get(p->store, "series_sku", PAR_I32, dims, 0, p->series, p->series_sku));
	return par_store_get(
	    p->store, "series_market", PAR_I32, dims, 0, p->series, p->series_market);
}

par_err panel_open(panel *p, const app *a)
{
	*p = (panel){.blocks = {.world = &a->world}};
	PAR_TRY(par_store_open(&p->store, &a->world, app_text(a, "in"), "entrepot-catalog", 1));
	PAR_TRY(read_axis(p));
	PAR_TRY(par_store_get_text(p->store, "sku", &p->sku, &p->skus, &p->sku_stride));
	PAR_TRY(par_store_get_text(p->store, "market", &p->market, &p->markets, &p->market_stride));
	PAR_TRY(read_series(p));
	par_blocks_deal(&p->blocks, &a->world, p->series, PANEL_BLOCK);
	return PAR_OK;
}

void panel_close(panel *p)
{
	par_store_close(p->store);
	free(p->series_market);
	free(p->series_sku);
	free(p->market);
	free(p->sku);
}

par_err panel_units(panel *p, int64_t first, int64_t rows, float *units)
{
	return par_store_get(p->store, "units", PAR_F32,
	    (const char *const[]){"series", "time", NULL}, first, rows, units);
}
