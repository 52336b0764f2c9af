#include "plan/model/demand.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOP 0.98                      /* steps end at even parts of this level */
#define LEAST_SHARE 0.01              /* of the mean, of a step */
#define READ_BYTES ((int64_t)4 << 20) /* of quantiles at a time */

static const char *const by_sku[] = {"sku", NULL};
static const char *const by_series[] = {"series", NULL};
static const char *const by_step[] = {"step", NULL};
static const char *const by_quantile[] = {"quantile", NULL};

static par_err memory(const demand *d, const void *p)
{
	return par_agree(
	    d->world, p ? PAR_OK
			: par_fail(PAR_E_MEMORY, "no memory for the demand of %lld series",
			      (long long)d->of.series));
}

static par_err other_catalog(const demand *d, const char *what)
{
	return par_fail(PAR_E_DATA,
	    "%s:/%s: not as in %s; give the catalog the forecast was made from", d->path, what,
	    d->of.path);
}

static par_err check_names(
    const demand *d, const char *what, const char *ids, int64_t n, int stride)
{
	char *theirs;
	int64_t count;
	int width;
	PAR_TRY(par_store_get_text(d->forecast, what, &theirs, &count, &width));
	bool same = count == n;
	for (int64_t i = 0; same && i < n; i++)
		same = strcmp(theirs + i * width, ids + i * stride) == 0;
	free(theirs);
	return par_agree(d->world, same ? PAR_OK : other_catalog(d, what));
}

static par_err check_series(const demand *d, const char *what, const int32_t *index)
{
	int32_t *theirs = malloc((size_t)(d->of.series + 1) * sizeof *theirs);
	par_err e = memory(d, theirs);
	if (e == PAR_OK)
		e = par_store_get(d->forecast, what, PAR_I32, by_series, 0, d->of.series, theirs);
	if (e == PAR_OK)
		e = par_agree(
		    d->world, memcmp(theirs, index, (size_t)d->of.series * sizeof *theirs) == 0
				  ? PAR_OK
				  : other_catalog(d, what));
	free(theirs);
	return e;
}

static par_err check_ids(const demand *d)
{
	const catalog *c = &d->of;
	if (par_store_extent(d->forecast, "series") != c->series)
		return par_agree(d->world, other_catalog(d, "series"));
	PAR_TRY(check_names(d, "sku", c->sku, c->skus, c->sku_stride));
	PAR_TRY(check_names(d, "market", c->market, c->markets, c->market_stride));
	PAR_TRY(check_series(d, "series_sku", c->series_sku));
	return check_series(d, "series_market", c->series_market);
}

/* each step ends at the level nearest to an even part of the top */
static void cut_steps(demand *d, int steps)
{
	for (int k = 1; k <= steps; k++) {
		int best = 0;
		double want = TOP * k / steps;
		for (int q = 1; q < d->levels; q++)
			if (fabs(d->level[q] - want) < fabs(d->level[best] - want))
				best = q;
		if (d->steps == 0 || best > d->end[d->steps - 1])
			d->end[d->steps++] = best;
	}
}

static par_err check_service(const demand *d)
{
	double highest = d->level[d->levels - 1];
	if (d->service <= highest)
		return PAR_OK;
	return par_agree(d->world,
	    par_fail(PAR_E_DATA,
		"%s:/quantile: the highest is %g, and plan.service is %g; wanted a quantile as "
		"high (forecast.quantiles)",
		d->path, highest, d->service));
}

static par_err read_levels(demand *d, int steps)
{
	int64_t levels = par_store_extent(d->forecast, "quantile");
	if (levels < 1 || levels > 1000 || !par_store_has(d->forecast, "quantiles"))
		return par_agree(d->world,
		    par_fail(PAR_E_DATA,
			"%s:/quantiles: none; make the forecast with forecast.quantiles", d->path));
	d->levels = (int)levels;
	d->level = malloc((size_t)levels * sizeof *d->level);
	PAR_TRY(memory(d, d->level));
	PAR_TRY(par_store_get(d->forecast, "quantile", PAR_F64, by_quantile, 0, levels, d->level));
	cut_steps(d, steps);
	return check_service(d);
}

/* the day after the last period is as far from its first day as that from the one before */
static par_err read_axis(demand *d, int together)
{
	int64_t n = par_store_extent(d->forecast, "step");
	if (d->of.frequency == PAR_HOUR || n < together)
		return par_agree(d->world,
		    par_fail(PAR_E_DATA,
			"%s:/step: %lld steps, each of a %s; wanted days or longer, and a "
			"period of %d of them",
			d->path, (long long)n, par_frequency_name(d->of.frequency), together));
	d->together = together;
	d->periods = (int)(n / together);
	d->time = malloc((size_t)n * sizeof *d->time);
	d->day = malloc((size_t)(d->periods + 1) * sizeof *d->day);
	PAR_TRY(memory(d, d->time && d->day ? d : NULL));
	PAR_TRY(par_store_get(d->forecast, "step", PAR_I64, by_step, 0, n, d->time));
	int64_t first = par_period_index(d->of.frequency, d->of.first_time, d->time[0]);
	if (first < 0)
		return par_agree(d->world, other_catalog(d, "step"));
	for (int t = 0; t <= d->periods; t++)
		d->day[t] = (int32_t)par_period_time(
		    d->of.frequency, d->of.first_time, first + (int64_t)t * together);
	return PAR_OK;
}

static par_err read_numbers(const demand *d, const char *what, double scale, double **out)
{
	int64_t n = d->of.skus;
	*out = malloc((size_t)(n + 1) * sizeof **out);
	PAR_TRY(memory(d, *out));
	for (int64_t i = 0; i < n; i++)
		(*out)[i] = NAN;
	if (!par_store_has(d->of.store, what))
		return PAR_OK;
	PAR_TRY(par_store_get(d->of.store, what, PAR_F64, by_sku, 0, n, *out));
	for (int64_t i = 0; i < n; i++)
		(*out)[i] *= scale;
	return PAR_OK;
}

static par_err digit_of(const demand *d, const char *var, double *digit)
{
	int64_t digits;
	PAR_TRY(par_store_get_attr_int(d->of.store, var, "decimal_digits", &digits));
	*digit = pow(10, -(double)digits);
	return PAR_OK;
}

static par_err read_costs(demand *d)
{
	int64_t n = d->of.skus;
	double digit;
	d->cost = malloc((size_t)(n + 1) * sizeof *d->cost);
	int32_t *minor = malloc((size_t)(n + 1) * sizeof *minor);
	par_err e = memory(d, d->cost && minor ? d : NULL);
	for (int64_t i = 0; e == PAR_OK && i < n; i++)
		d->cost[i] = NAN;
	if (e == PAR_OK && par_store_has(d->of.store, "sku_cost")) {
		e = digit_of(d, "sku_cost", &digit);
		if (e == PAR_OK)
			e = par_store_get(d->of.store, "sku_cost", PAR_I32, by_sku, 0, n, minor);
		for (int64_t i = 0; e == PAR_OK && i < n; i++)
			d->cost[i] = minor[i] < 0 ? NAN : minor[i] * digit;
	}
	free(minor);
	return e;
}

/* the plan's currency is that of prices, or of the first cost */
static par_err read_currency(demand *d)
{
	char *name = NULL;
	int64_t n;
	if (par_store_has(d->of.store, "sku_currency"))
		PAR_TRY(par_store_get_text(
		    d->of.store, "sku_currency", &d->cost_currency, &n, &d->cost_stride));
	if (par_store_has(d->of.store, "price")) {
		PAR_TRY(digit_of(d, "price", &d->digit));
		/* prices without a currency have no such attribute: no failure here */
		(void)par_store_get_attr_text(d->of.store, "price", "currency", &name);
	}
	const char *first = "";
	for (int64_t i = 0; d->cost_currency && !*first && i < d->of.skus; i++)
		first = d->cost_currency + i * d->cost_stride;
	snprintf(d->currency, sizeof d->currency, "%.7s", name ? name : first);
	free(name);
	return PAR_OK;
}

par_err demand_open(demand *d, const par_world *w, const char *catalog_path,
    const char *forecast_path, int together, int steps, double service, bool overrides)
{
	*d = (demand){.world = w, .path = forecast_path, .service = service};
	PAR_TRY(catalog_open(&d->of, w, catalog_path));
	PAR_TRY(par_store_open(&d->forecast, w, forecast_path, "entrepot-forecast", 1));
	d->adjusted = overrides && par_store_has(d->forecast, "adjusted");
	PAR_TRY(check_ids(d));
	PAR_TRY(read_levels(d, steps));
	PAR_TRY(read_axis(d, together));
	PAR_TRY(read_numbers(d, "sku_weight_g", 1e-3, &d->weight));
	PAR_TRY(read_numbers(d, "sku_volume_cm3", 1e-6, &d->volume));
	PAR_TRY(read_costs(d));
	return read_currency(d);
}

void demand_close(demand *d)
{
	catalog_close(&d->of);
	par_store_close(d->forecast);
	free(d->day);
	free(d->level);
	free(d->time);
	free(d->weight);
	free(d->volume);
	free(d->cost);
	free(d->cost_currency);
	*d = (demand){0};
}

/* Reading series. */

typedef struct {
	const demand *d;
	float *mean, *quantiles; /* of a run of series */
	float *adjusted;         /* their means after planners' words; NULL: there are none */
	int32_t *price, *known;
	double *sum; /* quantiles of one period */
	demand_series one;
	void *edge;
} reader;

/* quantiles of a period: those of its steps, taken together; returns the mean, 0 where it is below */
static double add_steps(const reader *r, const float *mean, const float *quantile)
{
	const demand *d = r->d;
	double middle = 0;
	for (int h = 0; h < d->together; h++)
		middle += (double)mean[h];
	for (int q = 0; q < d->levels; q++) {
		double squares = 0, away = 0;
		for (int h = 0; h < d->together; h++) {
			double off = (double)quantile[h * d->levels + q] - (double)mean[h];
			squares += off * off;
			away += off;
		}
		double at = d->together == 1 ? (double)quantile[q]
					     : middle + copysign(sqrt(squares), away);
		double low = q > 0 ? r->sum[q - 1] : 0;
		r->sum[q] = at > low ? at : low;
	}
	return middle > 0 ? middle : 0;
}

/* steps sell the mean, in proportion to what they are, but none next to nothing: columns without room cost the
 * solver its last digits. Demand whose quantiles are all 0 lies in the last step. */
static void share_mean(double *units, int steps, double mean)
{
	double all = 0, sum = 0;
	for (int k = 0; k < steps; k++)
		all += units[k];
	if (!(all > 0))
		all = units[steps - 1] = 1;
	for (int k = 0; k < steps; k++)
		sum += units[k] = fmax(units[k], LEAST_SHARE * all);
	for (int k = 0; k < steps; k++)
		units[k] *= mean / sum;
}

/* what a step is expected to sell, and the mean of 1 - F over it */
static void cut_demand(const reader *r, double mean, double *units, double *chance)
{
	const demand *d = r->d;
	double lower = 0, level = 0;
	for (int k = 0, q = 0; k < d->steps; k++) {
		double begin = lower, area = 0;
		for (; q <= d->end[k]; q++) {
			area += (r->sum[q] - lower) * (1 - (level + d->level[q]) / 2);
			lower = r->sum[q];
			level = d->level[q];
		}
		units[k] = area;
		chance[k] = lower > begin ? area / (lower - begin) : 1 - level;
	}
	share_mean(units, d->steps, mean);
}

double demand_safety_level(const demand *d, int step)
{
	double begin = fmin(0.5, d->service), part = (double)(step + 1) / SAFETY_STEPS;
	return 1 - (1 - begin) * pow((1 - d->service) / (1 - begin), part);
}

/* of a period: the quantile at a level, between two of the file on a straight line, less the mean */
static double above(const reader *r, double mean, double level)
{
	const demand *d = r->d;
	double at = r->sum[0];
	for (int q = 1; q < d->levels && d->level[q - 1] < level; q++) {
		double part = (level - d->level[q - 1]) / (d->level[q] - d->level[q - 1]);
		at = r->sum[q - 1] + fmin(part, 1) * (r->sum[q] - r->sum[q - 1]);
	}
	return fmax(0, at - mean);
}

/* the mean of the last prices, as many as the forecast has steps; NAN when there is none */
static double usual_price(const demand *d, const int32_t *price, int64_t times, int64_t steps)
{
	double sum = 0;
	int64_t n = 0;
	for (int64_t t = times; t-- > 0 && n < steps;)
		if (price[t] >= 0) {
			sum += price[t];
			n++;
		}
	return n > 0 ? sum / (double)n * d->digit : NAN;
}

/* prices that are known ahead go before the usual one */
static void price_periods(const reader *r, int64_t row, int64_t times, int64_t futures)
{
	const demand *d = r->d;
	int64_t steps = (int64_t)d->periods * d->together;
	double usual = r->price ? usual_price(d, r->price + row * d->of.length, times, steps) : NAN;
	for (int t = 0; t < d->periods; t++) {
		double sum = 0;
		int n = 0;
		for (int64_t h = (int64_t)t * d->together; h < (int64_t)(t + 1) * d->together; h++)
			if (r->known && h < futures && r->known[row * futures + h] >= 0) {
				sum += r->known[row * futures + h] * d->digit;
				n++;
			}
		r->one.price[t] = n > 0 ? sum / n : usual;
	}
}

static int64_t history(const demand *d)
{
	int64_t k = par_period_index(d->of.frequency, d->of.first_time, d->time[0]);
	return k < d->of.length ? k : d->of.length;
}

/* the known prices' axis goes on where the history ends: of use when the forecast begins there */
static int64_t known_times(const demand *d)
{
	int64_t n = par_store_extent(d->of.store, "future_time");
	bool follows = par_period_index(d->of.frequency, d->of.first_time, d->time[0]) ==
		       d->of.length;
	return n > 0 && follows && par_store_has(d->of.store, "known_price") ? n : 0;
}

/* quantiles move with their mean; around one of nothing there is no spread to go by */
static void adjust(reader *r, int64_t rows)
{
	const demand *d = r->d;
	int64_t cells = rows * par_store_extent(d->forecast, "step");
	for (int64_t c = 0; c < cells; c++) {
		float from = r->mean[c], to = r->adjusted[c];
		float *q = r->quantiles + c * d->levels;
		if (from == to || isnan(to))
			continue;
		for (int k = 0; k < d->levels; k++)
			q[k] = from > 0 ? q[k] * (to / from) : to;
		r->mean[c] = to;
	}
}

static par_err load(reader *r, int64_t lo, int64_t rows)
{
	const demand *d = r->d;
	PAR_TRY(par_store_read(d->forecast, "mean", PAR_F32, lo, rows, r->mean, r->edge));
	PAR_TRY(par_store_read(d->forecast, "quantiles", PAR_F32, lo, rows, r->quantiles, r->edge));
	if (r->adjusted) {
		PAR_TRY(par_store_read(
		    d->forecast, "adjusted", PAR_F32, lo, rows, r->adjusted, r->edge));
		adjust(r, rows);
	}
	if (r->price)
		PAR_TRY(par_store_read(d->of.store, "price", PAR_I32, lo, rows, r->price, r->edge));
	if (r->known)
		PAR_TRY(par_store_read(
		    d->of.store, "known_price", PAR_I32, lo, rows, r->known, r->edge));
	return PAR_OK;
}

static void answer(reader *r, int64_t series, int64_t row, demand_fn fn, void *ctx)
{
	const demand *d = r->d;
	int64_t horizon = par_store_extent(d->forecast, "step");
	for (int t = 0; t < d->periods; t++) {
		int64_t at = row * horizon + (int64_t)t * d->together;
		double mean = add_steps(r, r->mean + at, r->quantiles + at * d->levels);
		cut_demand(r, mean, r->one.units + t * d->steps, r->one.chance + t * d->steps);
		for (int k = 0; k < SAFETY_STEPS && d->service > 0; k++)
			r->one.above[t * SAFETY_STEPS + k] = above(
			    r, mean, k + 1 < SAFETY_STEPS ? demand_safety_level(d, k) : d->service);
	}
	price_periods(r, row, history(d), known_times(d));
	fn(ctx, series, &r->one);
}

static par_err run(reader *r, const bool *wanted, int64_t rows, demand_fn fn, void *ctx)
{
	for (int64_t lo = 0; lo < r->d->of.series; lo += rows) {
		int64_t hi = lo + rows < r->d->of.series ? lo + rows : r->d->of.series, any = 0;
		for (int64_t i = lo; i < hi; i++)
			any += wanted[i];
		if (any == 0)
			continue;
		PAR_TRY(load(r, lo, hi - lo));
		for (int64_t i = lo; i < hi; i++)
			if (wanted[i])
				answer(r, i, i - lo, fn, ctx);
		par_world_alive();
	}
	return PAR_OK;
}

par_err demand_read(const demand *d, const bool *wanted, demand_fn fn, void *ctx)
{
	int64_t horizon = par_store_extent(d->forecast, "step"), futures = known_times(d);
	int64_t row = 4 * (horizon * d->levels > d->of.length ? horizon * d->levels : d->of.length);
	int64_t rows = row < READ_BYTES ? READ_BYTES / row : 1;
	size_t n = (size_t)rows, cells = (size_t)d->periods * (size_t)d->steps;
	reader r = {.d = d,
	    .mean = malloc(n * (size_t)horizon * sizeof(float)),
	    .quantiles = malloc(n * (size_t)(horizon * d->levels) * sizeof(float)),
	    .adjusted = d->adjusted ? malloc(n * (size_t)horizon * sizeof(float)) : NULL,
	    .price = d->digit > 0 ? malloc((n * (size_t)d->of.length + 1) * sizeof(int32_t)) : NULL,
	    .known = futures > 0 ? malloc(n * (size_t)futures * sizeof(int32_t)) : NULL,
	    .sum = calloc((size_t)d->levels + 1, sizeof(double)),
	    .one = {malloc(cells * sizeof(double)), malloc(cells * sizeof(double)),
		malloc((size_t)d->periods * sizeof(double)),
		malloc((size_t)d->periods * SAFETY_STEPS * sizeof(double))},
	    .edge = malloc(PAR_STORE_EDGE)};
	bool fine = r.mean && r.quantiles && (r.adjusted || !d->adjusted) &&
		    (r.price || d->digit == 0) && (r.known || futures == 0) && r.sum &&
		    r.one.units && r.one.chance && r.one.price && r.one.above && r.edge;
	par_err e = fine ? run(&r, wanted, rows, fn, ctx)
			 : par_fail(PAR_E_MEMORY, "no memory to read the demand");
	free(r.mean);
	free(r.quantiles);
	free(r.adjusted);
	free(r.price);
	free(r.known);
	free(r.sum);
	free(r.one.units);
	free(r.one.chance);
	free(r.one.price);
	free(r.one.above);
	free(r.edge);
	return par_agree(d->world, e);
}
