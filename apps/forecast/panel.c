#include "forecast/panel.h"

par_err panel_open(panel *p, const app *a)
{
	int64_t whole;
	*p = (panel){.blocks = {.world = &a->world}};
	PAR_TRY(catalog_open(&p->of, &a->world, app_text(a, "in")));
	PAR_TRY(par_store_get_attr_int(p->of.store, "units", "whole_numbers", &whole));
	p->whole = whole != 0;
	par_blocks_deal(&p->blocks, &a->world, p->of.series, PANEL_BLOCK);
	return PAR_OK;
}

void panel_close(panel *p)
{
	catalog_close(&p->of);
}

par_err panel_units(panel *p, int64_t first, int64_t rows, float *units)
{
	return par_store_get(p->of.store, "units", PAR_F32,
	    (const char *const[]){"series", "time", NULL}, first, rows, units);
}
