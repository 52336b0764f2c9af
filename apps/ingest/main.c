/* entrepot-ingest: tables and pictures become one catalog.h5. */
#include "base/text.h"
#include "ingest/estimate.h"
#include "ingest/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static par_err read_tables(app *a, harvest *h)
{
	const char *frequency = app_text(a, "frequency");
	bool orders = app_text(a, "orders") != NULL;
	par_frequency f = PAR_DAY; /* what order lines are summed to when nothing is said */
	if (strcmp(frequency, "auto") != 0)
		PAR_TRY_ALL(&a->world, par_frequency_parse(&f, frequency));
	app_phase(a, orders ? "read orders" : "read sales");
	PAR_TRY(intake_read(&h->demand, a, orders ? "orders" : "sales", f));
	app_phase(a, "read the other tables");
	PAR_TRY(intake_read(&h->future, a, "future", f));
	PAR_TRY(catalog_read(&h->catalog, a));
	PAR_TRY(events_read(&h->events, a));
	PAR_TRY(overrides_read(&h->overrides, a));
	PAR_TRY(intake_settle(&h->demand, a, h->currency));
	char ahead[4] = "";
	PAR_TRY(intake_settle(&h->future, a, ahead));
	if (*ahead && *h->currency && strcmp(ahead, h->currency) != 0)
		return par_agree(&a->world,
		    par_fail(PAR_E_DATA, "%s:1:1: prices in %s; wanted %s as in the history",
			h->future.table.source.name, ahead, h->currency));
	return PAR_OK;
}

static par_err unite_ids(app *a, harvest *h)
{
	const par_dict *skus[3], *markets[2];
	int s = 0, m = 0;
	skus[s++] = par_table_dict(&h->demand.table, h->demand.sku);
	markets[m++] = par_table_dict(&h->demand.table, h->demand.market);
	if (h->future.open) {
		skus[s++] = par_table_dict(&h->future.table, h->future.sku);
		markets[m++] = par_table_dict(&h->future.table, h->future.market);
	}
	if (h->catalog.open)
		skus[s++] = par_table_dict(&h->catalog.table, h->catalog.sku);
	PAR_TRY(ids_unite(&h->skus, &a->world, skus, s));
	return ids_unite(&h->markets, &a->world, markets, m);
}

/* the history's axis, and the one of what is known of the time after it */
static void lay_axes(const app *a, harvest *h)
{
	const intake *d = &h->demand;
	axis *time = &h->panel.time, *future = &h->panel.future;
	bool infer = strcmp(app_text(a, "frequency"), "auto") == 0 && !d->orders;
	par_frequency set = d->orders ? d->frequency : axis_anchor(d->frequency, &d->dates);
	axis_span(time, infer ? axis_infer(&d->dates) : set, &d->dates, d->orders);
	time->inferred = infer;
	h->season = (int)app_int(a, "season");
	if (h->season == 0)
		h->season = par_frequency_season(time->frequency);
	const axis_dates *ahead = h->future.open ? &h->future.dates : &h->events.dates;
	*future = *time;
	future->skip = time->periods;
	future->periods = 0;
	if (ahead->last >= 0)
		future->periods =
		    axis_within(future, axis_time(time->frequency, ahead->last, false)) + 1;
	if (future->periods < 0)
		future->periods = 0;
}

static void tell(app *a, const harvest *h)
{
	const panel *p = &h->panel;
	const intake *d = &h->demand;
	char first[20], last[20];
	par_period_text(first, p->time.frequency, p->time.first);
	par_period_text(last, p->time.frequency, axis_at(&p->time, p->time.periods - 1));
	app_log(a,
	    "%lld rows: %lld SKUs, %lld markets, %lld series of %lld periods, %s to %s; "
	    "frequency %s (%s), season %d; %lld of %lld cells missing",
	    (long long)d->table.rows, (long long)h->skus.n, (long long)h->markets.n,
	    (long long)p->blocks.n, (long long)p->time.periods, first, last,
	    par_frequency_name(p->time.frequency), p->time.inferred ? "inferred" : "set", h->season,
	    (long long)p->missing, (long long)(p->blocks.n * p->time.periods));
	if (p->late > 0)
		app_warn(a, "%s: %lld rows do not lie after the history and were left out",
		    h->future.table.source.name, (long long)p->late);
	if (d->inexact + p->inexact > 0)
		app_warn(a,
		    "%s: %lld units beyond 16777216 have more digits than are kept and were "
		    "rounded",
		    d->table.source.name, (long long)(d->inexact + p->inexact));
	json_object_set_new(a->report, "first", json_string(first));
	json_object_set_new(a->report, "last", json_string(last));
}

/* sums of money as exact decimal text: JSON numbers would round them */
static void report_value(app *a, const intake *d)
{
	char text[64];
	__int128 v = (__int128)d->value_high * 1000000000000 + d->value_low;
	int64_t unit = 1;
	for (int i = 0; i < intake_scale(d); i++)
		unit *= 10;
	bool minus = v < 0;
	v = minus ? -v : v;
	if (intake_scale(d) > 0)
		snprintf(text, sizeof text, "%s%lld.%0*lld", minus ? "-" : "",
		    (long long)(v / unit), intake_scale(d), (long long)(v % unit));
	else
		snprintf(text, sizeof text, "%s%lld", minus ? "-" : "", (long long)v);
	json_object_set_new(a->report, "value", json_string(text));
}

static void report(app *a, const harvest *h)
{
	const panel *p = &h->panel;
	const intake *d = &h->demand;
	const struct {
		const char *name;
		int64_t value;
	} counts[] = {{"rows", d->table.rows}, {"skus", h->skus.n}, {"markets", h->markets.n},
	    {"series", p->blocks.n}, {"periods", p->time.periods},
	    {"future_periods", p->future.periods}, {"missing", p->missing},
	    {"orders", d->orders_met}, {"returns", d->returns},
	    {"price_not_positive", d->free_rows}, {"season", h->season},
	    {"overrides", h->overrides.words}};
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		json_object_set_new(a->report, counts[i].name, json_integer(counts[i].value));
	json_object_set_new(
	    a->report, "frequency", json_string(par_frequency_name(p->time.frequency)));
	if (d->price >= 0 && d->whole)
		report_value(a, d);
}

static par_err make_panel(app *a, harvest *h)
{
	const char *absent = app_text(a, "absent");
	bool zero = strcmp(absent, "auto") == 0 ? h->demand.orders : strcmp(absent, "zero") == 0;
	app_phase(a, "bring rows to their series");
	PAR_TRY(unite_ids(a, h));
	lay_axes(a, h);
	PAR_TRY(
	    panel_build(&h->panel, &a->world, &h->demand, &h->future, &h->skus, &h->markets, zero));
	PAR_TRY(overrides_settle(
	    &h->overrides, &a->world, &h->skus, &h->markets, &h->panel, h->demand.orders));
	tell(a, h);
	report(a, h);
	return PAR_OK;
}

static par_err check_inputs(const app *a)
{
	bool sales = app_text(a, "sales"), orders = app_text(a, "orders");
	if (sales && orders)
		return par_fail(
		    PAR_E_USAGE, "both sales and orders are set; orders are summed to sales");
	if (!sales && !orders && !app_text(a, "images"))
		return par_fail(PAR_E_USAGE, "nothing to read; give --sales, --orders or --images");
	return PAR_OK;
}

static par_err harvest_all(app *a, harvest *h)
{
	if (app_text(a, "sales") || app_text(a, "orders")) {
		PAR_TRY(read_tables(a, h));
		PAR_TRY(make_panel(a, h));
		a->unit = "rows";
	}
	app_phase(a, "read pictures");
	PAR_TRY(images_read(a, &h->images));
	json_object_set_new(a->report, "pictures", json_integer(h->images.items));
	if (!h->demand.open) {
		a->work = (double)h->images.items;
		a->unit = "pictures";
	}
	app_phase(a, "write");
	return output_write(a, h);
}

static par_err run(app *a)
{
	PAR_TRY_ALL(&a->world, check_inputs(a));
	harvest *h = calloc(1, sizeof *h);
	par_err e = par_agree(&a->world, h ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to begin"));
	if (e != PAR_OK) {
		free(h);
		return e;
	}
	e = harvest_all(a, h);
	panel_drop(&h->panel);
	ids_drop(&h->skus);
	ids_drop(&h->markets);
	images_drop(&h->images);
	overrides_drop(&h->overrides);
	events_drop(&h->events);
	catalog_drop(&h->catalog);
	intake_drop(&h->future);
	intake_drop(&h->demand);
	free(h);
	return e;
}

static par_err estimate(app *a)
{
	PAR_TRY_ALL(&a->world, check_inputs(a));
	return estimate_tell(a);
}

int main(int argc, char **argv)
{
	const char *const required[] = {"out", NULL};
	const app_program program = {.name = "ingest",
	    .purpose = "Bring sales, prices, promotions, events and pictures into one catalog.h5.",
	    .required = required,
	    .run = run,
	    .estimate = estimate};
	return app_main(&program, argc, argv);
}
