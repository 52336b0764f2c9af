#include "forecast/panel.h"

#include "base/date.h"
#include "base/text.h"

#include <string.h>

/* -N: the history without its last N periods; false: the text is no such number */
static bool take_back(panel *p, const char *text)
{
	int64_t back;
	if (text[0] != '-' ||
	    par_text_int(text + 1, strlen(text + 1), 0, p->stored, &back) != PAR_NUM_OK)
		return false;
	p->of.length = p->stored - back;
	return true;
}

/* the last period that has begun by forecast.until ends the history */
static par_err take_until(panel *p, const app *a)
{
	const char *text = app_text(a, "until");
	const catalog *of = &p->of;
	int32_t day;
	int hour;
	if (!text || take_back(p, text))
		return PAR_OK;
	const char *origin = par_conf_origin(a->conf, a->section, "until");
	if (!par_date_time_parse(text, strlen(text), &day, &hour))
		return par_fail(PAR_E_CONFIG,
		    "%s: %s is no date and no number of periods; wanted YYYY-MM-DD, or -N "
		    "with N up to %lld",
		    origin, par_shows(text), (long long)p->stored);
	int64_t last = of->frequency == PAR_HOUR ? day * (int64_t)24 + (hour < 0 ? 23 : hour) : day;
	int64_t lo = 0, hi = p->stored;
	while (lo < hi) {
		int64_t mid = (lo + hi) / 2;
		if (par_period_time(of->frequency, of->first_time, mid) <= last)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == 0 && p->stored > 0)
		return par_fail(
		    PAR_E_CONFIG, "%s: %s is before the history of %s", origin, text, of->path);
	p->of.length = lo;
	return PAR_OK;
}

par_err panel_open(panel *p, const app *a)
{
	int64_t whole;
	*p = (panel){.blocks = {.world = &a->world}};
	PAR_TRY(catalog_open(&p->of, &a->world, app_text(a, "in")));
	PAR_TRY(par_store_get_attr_int(p->of.store, "units", "whole_numbers", &whole));
	p->whole = whole != 0;
	p->stored = p->of.length;
	PAR_TRY_ALL(&a->world, take_until(p, a));
	par_blocks_deal(&p->blocks, &a->world, p->of.series, PANEL_BLOCK);
	return PAR_OK;
}

void panel_close(panel *p)
{
	catalog_close(&p->of);
}

par_err panel_units(const panel *p, int64_t first, int64_t rows, float *units)
{
	int64_t n = p->of.length;
	PAR_TRY(par_store_get(p->of.store, "units", PAR_F32,
	    (const char *const[]){"series", "time", NULL}, first, rows, units));
	for (int64_t i = 1; i < rows && n < p->stored; i++)
		memmove(units + i * n, units + i * p->stored, sizeof *units * (size_t)n);
	return PAR_OK;
}
