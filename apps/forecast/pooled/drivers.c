#include "forecast/pooled/drivers.h"

#include <math.h>
#include <stdlib.h>

#define YEAR_WEEKS (365.2425 / 7)

static int64_t periods_of(const history *h)
{
	return h->length + h->ahead;
}

static int width_of(const drivers *d)
{
	return (d->h->prices_ahead ? 1 : 0) + d->bits;
}

static void find_bits(drivers *d)
{
	const history *h = d->h;
	uint8_t used = 0;
	for (int64_t c = 0; h->promos_ahead && c < h->kept * periods_of(h); c++)
		used |= h->promo[c];
	for (int b = 0; b < 8; b++)
		if (used >> b & 1)
			d->bit[d->bits++] = (uint8_t)b;
}

/* the logarithm of a price; before the first the first; 0 where there is none at all */
static double price_at(const history *h, const history_series *s, int64_t t)
{
	t = t < 0 ? 0 : t;
	while (t < periods_of(h) && isnan(s->price[t]))
		t++;
	return t < periods_of(h) ? (double)s->price[t] : 0;
}

static double mean_price(const history *h, const history_series *s)
{
	double sum = 0, n = 0;
	for (int64_t t = 0; t < periods_of(h); t++)
		if (!isnan(s->price[t])) {
			sum += (double)s->price[t];
			n++;
		}
	return n > 0 ? sum / n : 0;
}

/* add a series to the sums of its place */
static void add_series(const drivers *d, const history_series *s, float *sum)
{
	const history *h = d->h;
	int width = width_of(d), first = h->prices_ahead ? 1 : 0;
	double mean = first ? mean_price(h, s) : 0;
	for (int64_t t = 0; t < periods_of(h); t++, sum += width) {
		if (first)
			sum[0] += (float)(price_at(h, s, t) - mean);
		for (int b = 0; b < d->bits; b++)
			sum[first + b] += (float)(s->promo[t] >> d->bit[b] & 1);
	}
}

/* the ranks of a node share the rows */
static bool mine(const drivers *d, int64_t row)
{
	return row % d->place.window.size == d->place.window.rank;
}

static float *place_at(const drivers *d, int64_t group)
{
	float *base = (float *)(void *)d->place.window.base;
	return base + group * periods_of(d->h) * width_of(d);
}

static void average(const drivers *d, int64_t *count)
{
	const history *h = d->h;
	for (int64_t i = 0; i < h->kept; i++) {
		history_series s = history_at(h, i);
		if (!mine(d, s.group))
			continue;
		add_series(d, &s, place_at(d, s.group));
		count[s.group]++;
	}
	for (int64_t g = 0; g < h->groups; g++)
		for (int64_t k = 0; count[g] > 1 && k < periods_of(h) * width_of(d); k++)
			place_at(d, g)[k] /= (float)count[g];
}

par_err drivers_open(drivers *d, const history *h, const calendar *c)
{
	*d = (drivers){.h = h, .c = c, .leads = calendar_days(c->frequency) > 1 ? 1 : 3};
	find_bits(d);
	size_t cells = (size_t)(h->groups * periods_of(h) * width_of(d));
	PAR_TRY(par_shared_open(&d->place, h->of->world, cells * sizeof(float) + 1));
	int64_t *count = calloc((size_t)h->groups + 1, sizeof *count);
	par_err e = par_agree(h->of->world,
	    count ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for what moves demand"));
	if (e == PAR_OK) {
		average(d, count);
		par_window_meet(&d->place.window);
	}
	free(count);
	return e;
}

void drivers_close(drivers *d)
{
	par_shared_close(&d->place);
	*d = (drivers){0};
}

/* ---- season ---- */

static int season_columns(par_frequency f)
{
	switch (f) {
	case PAR_HOUR:
		return 24 + 7;
	case PAR_DAY:
		return 7 + 12;
	case PAR_WEEK:
		return 52;
	default:
		return 12;
	}
}

/* weeks are counted from the last one of the history, so that those of the last years lie on each other */
static int week_of_year(int64_t period, int64_t last)
{
	double weeks = (double)(period - last);
	weeks -= YEAR_WEEKS * floor(weeks / YEAR_WEEKS);
	return (int)(weeks + 0.5) % 52;
}

static void put_season(const drivers_row_kind *k, int64_t period, double *x)
{
	const calendar_period *p = k->of->c->period + period;
	switch (k->of->c->frequency) {
	case PAR_HOUR:
		x[p->hour] = 1;
		x[24 + p->weekday] = 1;
		break;
	case PAR_DAY:
		x[p->weekday] = 1;
		x[7 + p->month] = 1;
		break;
	case PAR_WEEK:
		x[week_of_year(period, k->origin)] = 1;
		break;
	default:
		x[p->month] = 1;
	}
}

/* ---- columns ---- */

static void add_columns(drivers_row_kind *k, int n, int kind)
{
	while (n-- > 0)
		k->kind[k->columns++] = kind;
}

drivers_row_kind drivers_columns(const drivers *d, bool season, int64_t length)
{
	drivers_row_kind k = {.of = d, .origin = length - 1};
	int events = d->c->kinds * d->leads;
	add_columns(&k, d->h->prices_ahead ? 3 : 0, DRIVERS_PRICE);
	add_columns(&k, 2 * d->bits, DRIVERS_PROMO);
	k.season = season ? season_columns(d->c->frequency) : 0;
	add_columns(&k, k.season, DRIVERS_SEASON);
	if (k.columns + events <= DRIVERS_MOST)
		add_columns(&k, events, DRIVERS_EVENT);
	return k;
}

static void put_events(const drivers *d, int32_t market, int64_t period, double *x)
{
	const calendar *c = d->c;
	int64_t first = period - d->leads / 2;
	for (int64_t t = first; t < first + d->leads; t++)
		for (int e = 0; e < c->kinds; e++, x++)
			*x = t >= 0 && t < c->periods
				 ? (double)(c->events[t * c->markets + market] >> e & 1)
				 : 0;
}

void drivers_row(const drivers_row_kind *k, const history_series *s, int64_t period, double *x)
{
	const drivers *d = k->of;
	const float *place = place_at(d, s->group) + period * width_of(d);
	const double *end = x + k->columns;
	if (d->h->prices_ahead) {
		*x++ = price_at(d->h, s, period);
		*x++ = price_at(d->h, s, period - 1);
		*x++ = (double)*place++;
	}
	for (int b = 0; b < d->bits; b++) {
		*x++ = (double)(s->promo[period] >> d->bit[b] & 1);
		*x++ = (double)*place++;
	}
	for (int j = 0; j < k->season; j++)
		x[j] = 0;
	if (k->season)
		put_season(k, period, x);
	x += k->season;
	if (x < end)
		put_events(d, s->market, period, x);
}
