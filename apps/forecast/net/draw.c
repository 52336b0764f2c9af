#include "forecast/net/draw.h"

#include <math.h>
#include <stdlib.h>

#define HALF_LIFE 2.75 /* years */
#define YEARS_MOST 3.84
#define ATTEMPTS 16
#define YOUNGEST 7 /* periods known of a series */

static double periods_a_year(par_frequency f)
{
	return f == PAR_HOUR ? 8766 : f == PAR_DAY ? 365.25 : f == PAR_WEEK ? 52.18 : 12;
}

/* units a period over the last year and price of a series, as it stood before `until` */
static void bring(const window_kind *k, int64_t i, int64_t until, double *units, double *price)
{
	const history *h = k->h;
	history_series s = history_at(h, i);
	int64_t from = until - (int64_t)periods_a_year(h->of->frequency), seen = 0;
	*units = 0;
	for (int64_t t = from > 0 ? from : 0; t < until; t++)
		if (isfinite(s.units[t])) {
			*units += fmax((double)s.units[t], 0);
			seen++;
		}
	*units = seen > 0 ? *units / (double)seen : 0;
	*price = s.price && isfinite(s.price[until - 1]) ? exp((double)s.price[until - 1]) : 0;
}

/* sums of weights that end at 1 */
static void add_up(double *w, int64_t n)
{
	for (int64_t i = 1; i < n; i++)
		w[i] += w[i - 1];
	for (int64_t i = 0; i < n; i++)
		w[i] /= w[n - 1];
}

static void weigh_series(draw *d, int64_t until)
{
	const history *h = d->kind->h;
	double all = 0, prices = 0, units, price;
	for (int64_t i = 0; i < h->kept; i++) {
		bring(d->kind, i, until, &units, &price);
		all += units / (double)h->kept;
		prices += price / (double)h->kept;
	}
	for (int64_t i = 0; i < h->kept; i++) {
		bring(d->kind, i, until, &units, &price);
		d->series[i] = sqrt((units + 0.1 * all) * (prices > 0 ? price + 0.1 * prices : 1));
		d->series[i] = d->series[i] > 0 ? d->series[i] : 1e-9;
	}
	add_up(d->series, h->kept);
}

par_err draw_open(draw *d, const window_kind *k, int64_t until)
{
	const history *h = k->h;
	const rhythm *r = &h->rhythm;
	double year = periods_a_year(h->of->frequency);
	*d = (draw){.kind = k, .to = until - k->horizon};
	int64_t first = r->year ? r->year + YOUNGEST : r->span[r->longer];
	first = first < d->to / 2 ? first : d->to / 2;
	d->from = d->to - (int64_t)(YEARS_MOST * year);
	d->from = d->from > first ? d->from : first;
	int64_t origins = d->to - d->from;
	if (origins < 1 || h->kept < 1)
		return par_fail(PAR_E_DATA, "%s: %lld periods are too few to learn from %d ahead",
		    h->of->path, (long long)until, k->horizon);
	d->series = malloc((size_t)h->kept * sizeof *d->series);
	d->origin = malloc((size_t)origins * sizeof *d->origin);
	if (!d->series || !d->origin)
		return par_fail(PAR_E_MEMORY, "no memory to draw windows");
	weigh_series(d, until);
	for (int64_t i = 0; i < origins; i++)
		d->origin[i] = exp2(-(double)(origins - 1 - i) / (HALF_LIFE * year));
	add_up(d->origin, origins);
	return PAR_OK;
}

void draw_close(draw *d)
{
	free(d->series);
	free(d->origin);
	*d = (draw){0};
}

/* the first whose sum is above u */
static int64_t find(const double *sum, int64_t n, double u)
{
	int64_t lo = 0, hi = n - 1;
	while (lo < hi) {
		int64_t middle = lo + (hi - lo) / 2;
		if (sum[middle] > u)
			hi = middle;
		else
			lo = middle + 1;
	}
	return lo;
}

/* a series that is too young at its origin is drawn again */
void draw_at(const draw *d, par_rng r, int64_t p, int64_t *series, int64_t *origin)
{
	const history *h = d->kind->h;
	for (int a = 0; a < ATTEMPTS; a++) {
		int64_t at = (p * ATTEMPTS + a) * 2;
		*series = find(d->series, h->kept, par_rng_f64(r, at));
		*origin = d->from + find(d->origin, d->to - d->from, par_rng_f64(r, at + 1));
		if (*origin >= h->first[*series] + YOUNGEST - 1)
			return;
	}
}
