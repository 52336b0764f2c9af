#include "ingest/output.h"

#include <math.h>
#include <stdlib.h>

static par_err put_axis(par_store *s, const char *name, const axis *x, const par_world *w)
{
	int64_t *time = malloc((size_t)(x->periods + 1) * sizeof *time);
	par_err e = par_agree(
	    w, time ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for the %s axis", name));
	for (int64_t k = 0; k < x->periods && e == PAR_OK; k++)
		time[k] = axis_at(x, k);
	if (e == PAR_OK)
		e = par_store_dim(s, name, x->periods, PAR_I64, time);
	free(time);
	PAR_TRY(e);
	PAR_TRY(par_store_attr_text(s, name, "units", par_frequency_units(x->frequency)));
	PAR_TRY(par_store_attr_text(s, name, "calendar", "proleptic_gregorian"));
	return par_store_attr_text(s, name, "frequency", par_frequency_name(x->frequency));
}

static par_err put_dims(const harvest *h, par_store *s, const par_world *w)
{
	const panel *p = &h->panel;
	PAR_TRY(par_store_dim_text(s, "sku", h->skus.n, h->skus.width, h->skus.chars));
	PAR_TRY(par_store_dim_text(s, "market", h->markets.n, h->markets.width, h->markets.chars));
	PAR_TRY(par_store_dim(s, "series", p->blocks.n, PAR_I64, NULL));
	PAR_TRY(put_axis(s, "time", &p->time, w));
	PAR_TRY(par_store_attr_int(s, "time", "season", h->season));
	return p->future.periods > 0 ? put_axis(s, "future_time", &p->future, w) : PAR_OK;
}

static par_err put_series(const panel *p, par_store *s)
{
	const par_store_var sku = {"series_sku", PAR_I32, {"series"}, NULL, "index into sku", NULL};
	const par_store_var market = {
	    "series_market", PAR_I32, {"series"}, NULL, "index into market", NULL};
	int64_t lo = p->blocks.lo, rows = p->blocks.hi - lo;
	PAR_TRY(par_store_put(s, &sku, lo, rows, p->sku + lo));
	return par_store_put(s, &market, lo, rows, p->market + lo);
}

/* minor units of which currency */
static par_err describe_price(const harvest *h, par_store *s, const char *var, const intake *in)
{
	PAR_TRY(par_store_attr_int(s, var, "decimal_digits", intake_scale(in)));
	return *h->currency ? par_store_attr_text(s, var, "currency", h->currency) : PAR_OK;
}

static par_err put_history(const harvest *h, par_store *s)
{
	static const float missing = NAN;
	static const int32_t none = INTAKE_NO_PRICE;
	const panel *p = &h->panel;
	const par_store_var units = {
	    "units", PAR_F32, {"series", "time"}, "1", "units sold; missing is not zero", &missing};
	const par_store_var price = {
	    "price", PAR_I32, {"series", "time"}, NULL, "price of one piece in minor units", &none};
	const par_store_var promo = {
	    "promo", PAR_U8, {"series", "time"}, NULL, "promotion; 0 is none", NULL};
	int64_t lo = p->blocks.lo, rows = p->blocks.hi - lo;
	PAR_TRY(par_store_put(s, &units, lo, rows, p->units));
	PAR_TRY(par_store_attr_int(s, "units", "whole_numbers", panel_whole(p, &h->demand)));
	if (p->price) {
		PAR_TRY(par_store_put(s, &price, lo, rows, p->prices));
		PAR_TRY(describe_price(h, s, "price", &h->demand));
	}
	return p->promo ? par_store_put(s, &promo, lo, rows, p->promos) : PAR_OK;
}

static par_err put_future(const harvest *h, par_store *s)
{
	static const int32_t none = INTAKE_NO_PRICE;
	const panel *p = &h->panel;
	const par_store_var price = {"known_price", PAR_I32, {"series", "future_time"}, NULL,
	    "price known ahead in minor units", &none};
	const par_store_var promo = {"known_promo", PAR_U8, {"series", "future_time"}, NULL,
	    "promotion known ahead; 0 is none", NULL};
	int64_t lo = p->blocks.lo, rows = p->blocks.hi - lo;
	if (!p->known)
		return PAR_OK;
	if (h->future.price >= 0) {
		PAR_TRY(par_store_put(s, &price, lo, rows, p->known_prices));
		PAR_TRY(describe_price(h, s, "known_price", &h->future));
	}
	return h->future.promo >= 0 ? par_store_put(s, &promo, lo, rows, p->known_promos) : PAR_OK;
}

static par_err put_demand(app *a, harvest *h, par_store *s)
{
	PAR_TRY(put_dims(h, s, &a->world));
	PAR_TRY(put_series(&h->panel, s));
	PAR_TRY(put_history(h, s));
	PAR_TRY(put_future(h, s));
	PAR_TRY(catalog_put(&h->catalog, s, &a->world, &h->skus));
	PAR_TRY(
	    events_put(&h->events, s, &a->world, &h->markets, &h->panel.time, &h->panel.future));
	return overrides_put(&h->overrides, s, &a->world);
}

static par_err put_all(app *a, harvest *h, par_store *s)
{
	PAR_TRY(app_put_attributes(a, s));
	if (h->demand.open)
		PAR_TRY(put_demand(a, h, s));
	return images_put(&h->images, s);
}

par_err output_write(app *a, harvest *h)
{
	par_store *s;
	const panel *p = &h->panel;
	const images *im = &h->images;
	int64_t bytes = (int64_t)panel_bytes(p->blocks.n, p->time.periods, p->future.periods) +
			im->items * im->height * im->width * im->channels;
	PAR_TRY(par_store_create(&s, &a->world, a->out, "entrepot-catalog", 1, bytes));
	par_err e = put_all(a, h, s);
	if (e == PAR_OK)
		return par_store_publish(s, PAR_OK);
	par_store_discard(s);
	return e;
}
