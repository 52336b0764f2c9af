#include "forecast/net/window.h"

#include "forecast/why.h"
#include "tensor/map.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* the numbers that follow the logarithms: shares of zeros, whether there was a year before */
enum { PLAIN = 3, PRICES = 3, STEP_PRICES = 4 };
enum { OWN_YEAR = 1, SKU = 3, GROUP = 3, SELF = 3 };

typedef struct {
	double sum;
	int seen, zeros;
} tally;

/* every LANES-th one has a sum of its own, so that they are added side by side */
static tally look(const float *x, int64_t from, int64_t to)
{
	enum { LANES = 8 };
	double sum[LANES] = {0};
	int seen[LANES] = {0}, zeros[LANES] = {0};
	tally t = {0};
	int64_t i = from > 0 ? from : 0;
	for (; i + LANES <= to; i += LANES)
		for (int k = 0; k < LANES; k++) {
			bool there = fabsf(x[i + k]) <= FLT_MAX;
			sum[k] += (double)(there ? x[i + k] : 0);
			zeros[k] += x[i + k] == 0;
			seen[k] += there;
		}
	for (; i < to; i++) {
		bool there = fabsf(x[i]) <= FLT_MAX;
		t.sum += there ? (double)x[i] : 0;
		t.zeros += x[i] == 0;
		t.seen += there;
	}
	for (int k = 0; k < LANES; k++) {
		t.sum += sum[k];
		t.zeros += zeros[k];
		t.seen += seen[k];
	}
	return t;
}

static double mean_of(tally t)
{
	return t.seen > 0 ? t.sum / t.seen : 0;
}

/* of a group's sums, where nothing is missing */
static double mean_last(const float *x, int64_t origin, int span)
{
	return mean_of(look(x, origin + 1 - span, origin + 1));
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* what counts as one unit next to numbers of this size */
static double unit_of(const window_kind *k, double scale)
{
	return k->counts ? 1 : scale;
}

double window_scale(const window_kind *k, const history_series *s, int64_t origin)
{
	const rhythm *r = &k->h->rhythm;
	tally sum = {0};
	for (int i = 0; i < 2; i++) {
		int span = r->span[i ? r->longer : r->recent];
		tally t = look(s->units, later(s->first, origin + 1 - span), origin + 1);
		sum.sum += t.sum;
		sum.seen += t.seen > 0 ? t.seen : 1;
	}
	double scale = (sum.sum + (k->counts ? 0.5 : 0)) / (sum.seen > 2 ? sum.seen : 2);
	return scale > 0 ? scale : 1e-6;
}

void window_kind_make(
    window_kind *k, const history *h, const day_table *c, int horizon, bool counts)
{
	const rhythm *r = &h->rhythm;
	*k = (window_kind){.h = h, .c = c, .horizon = horizon, .counts = counts, .usual = 1};
	k->logs = r->look_back + RHYTHM_SPANS + (r->year ? OWN_YEAR : 0) + (h->sku_sum ? SKU : 0) +
		  GROUP + SELF;
	k->whole = k->logs + PLAIN + (h->gaps ? r->look_back : 0) + (h->prices ? PRICES : 0) +
		   h->promos;
	k->step = 1 + (r->season > 1 ? 3 : 1) + (r->year ? 1 + (r->season == 1) : 0) +
		  (h->prices_ahead ? STEP_PRICES : 0) + h->promos_ahead;
	double sum = 0;
	for (int64_t i = 0; i < h->kept; i++) {
		history_series s = history_at(h, i);
		sum += window_scale(k, &s, h->length - 1);
	}
	k->usual = sum > 0 && h->kept > 0 ? sum / (double)h->kept : 1;
}

/* ---- the whole window ---- */

typedef struct {
	const window_kind *k;
	const history_series *s;
	int64_t origin;
	double scale, unit;
} view;

/* ratios, whose logarithms are then taken together; each becomes factor x log + shift */
typedef struct {
	float *ratio;
	int n;
} ratios;

static void put(ratios *r, double above, double below)
{
	r->ratio[r->n++] = (float)(above / below);
}

static void put_recent(const view *v, ratios *r)
{
	for (int b = 0; b < v->k->h->rhythm.look_back; b++) {
		int64_t t = v->origin - b;
		double y = t >= 0 && isfinite(v->s->units[t]) ? (double)v->s->units[t] : 0;
		put(r, v->scale + fmax(y, 0), v->scale);
	}
}

static void put_spans(const view *v, ratios *r)
{
	const rhythm *y = &v->k->h->rhythm;
	double more = 0.02 * v->unit;
	for (int i = 0; i < RHYTHM_SPANS; i++)
		put(r,
		    mean_of(look(v->s->units, later(v->s->first, v->origin + 1 - y->span[i]),
			v->origin + 1)) +
			more,
		    v->scale + more);
}

/* the same steps a year ago against the time before them */
static void put_year(const view *v, ratios *r, bool *known)
{
	const rhythm *y = &v->k->h->rhythm;
	int64_t then = v->origin - y->year;
	double more = 0.1 * v->unit;
	*known = y->year > 0 && then - 2 * y->span[y->recent] >= v->s->first;
	if (y->year == 0)
		return;
	tally after = look(v->s->units, then + 1, then + 1 + v->k->horizon);
	tally before = look(v->s->units, then + 1 - 2 * y->span[y->recent], then + 1);
	put(r, *known ? mean_of(after) + more : 1, *known ? mean_of(before) + more : 1);
}

static void put_sku(const view *v, ratios *r)
{
	const history *h = v->k->h;
	const rhythm *y = &h->rhythm;
	if (!h->sku_sum)
		return;
	const float *all = h->sku_sum + v->s->sku * h->length;
	double more = 0.2 * v->unit, recent = mean_last(all, v->origin, y->span[y->recent]);
	put(r, mean_last(all, v->origin, y->span[0]) + more, recent + more);
	put(r, recent + more, mean_last(all, v->origin, y->span[y->longer]) + more);
	double own = mean_of(look(
	    v->s->units, later(v->s->first, v->origin + 1 - y->span[y->recent]), v->origin + 1));
	put(r, (double)h->of->markets * own + more, recent + more);
}

static void put_group(const view *v, ratios *r)
{
	const history *h = v->k->h;
	const rhythm *y = &h->rhythm;
	const float *all = h->group_sum + v->s->group * h->length;
	double recent = mean_last(all, v->origin, y->span[y->recent]) + v->unit;
	put(r, mean_last(all, v->origin, y->span[0]) + v->unit, recent);
	put(r, recent, mean_last(all, v->origin, y->span[y->longer]) + v->unit);
	put(r, recent, mean_last(all, v->origin, y->span[RHYTHM_SPANS - 1]) + v->unit);
}

/* scale, age, time since something was sold */
static void put_self(const view *v, ratios *r)
{
	int64_t since = 0, most = v->k->h->rhythm.look_back;
	while (since < most && v->origin - since >= 0 && !(v->s->units[v->origin - since] > 0))
		since++;
	put(r, v->scale, v->k->counts ? 1 : v->k->usual);
	put(r, (double)later(v->origin + 1 - v->s->first, 1), 1);
	put(r, (double)since + 1, 1);
}

static void scale_part(float *x, int n, float factor, float shift)
{
	for (int i = 0; i < n; i++)
		x[i] = factor * x[i] + shift;
}

static void put_logs(const view *v, float *out, bool *year)
{
	ratios r = {out, 0};
	put_recent(v, &r);
	put_spans(v, &r);
	put_year(v, &r, year);
	put_sku(v, &r);
	int group = r.n;
	put_group(v, &r);
	put_self(v, &r);
	par_map_log(r.n, out, out);
	scale_part(out + group, GROUP, 3, 0);
	float *self = out + r.n - SELF;
	scale_part(self, 1, 0.5f, 0);
	scale_part(self + 1, 1, 0.3f, -1);
	scale_part(self + 2, 1, 0.3f, 0);
}

static double price_at(const view *v, int64_t t)
{
	return (double)v->s->price[t];
}

/* the mean of the last year's prices; 0 where none was known */
static double usual_price(const view *v)
{
	const rhythm *y = &v->k->h->rhythm;
	return mean_of(look(v->s->price,
	    v->origin + 1 - (y->year ? y->year : y->span[RHYTHM_SPANS - 1]), v->origin + 1));
}

/* 0 where either is not known */
static float against(double a, double b, double factor)
{
	double d = factor * (a - b);
	return isfinite(d) ? (float)d : 0;
}

static double area_price(const view *v, int64_t t)
{
	const history *h = v->k->h;
	int64_t area = v->s->group % (int32_t)h->areas;
	return (double)h->area_price[area * (h->length + h->ahead) + t];
}

static void put_plain(const view *v, bool year, float *out)
{
	const history *h = v->k->h;
	const rhythm *y = &h->rhythm;
	for (int i = 0; i < 2; i++) {
		int span = y->span[i ? y->longer : y->recent];
		tally t = look(
		    v->s->units, later(v->s->first, v->origin + 1 - span), v->origin + 1);
		*out++ = t.seen > 0 ? (float)t.zeros / (float)t.seen : 0;
	}
	*out++ = year;
	for (int b = 0; h->gaps && b < y->look_back; b++)
		*out++ = v->origin - b < 0 || !isfinite(v->s->units[v->origin - b]);
	if (h->prices) {
		double now = price_at(v, v->origin);
		*out++ = against(now, usual_price(v), 5);
		*out++ = against(now, area_price(v, v->origin), 1);
		*out++ = against(now, 0, 0.5);
	}
	if (h->promos)
		*out++ = v->s->promo[v->origin] > 0;
}

/* ---- steps ---- */

/* the mean of the last `cycles` periods of the same season as step d, as far as they are known at the origin */
static double same_season(const view *v, const float *x, int64_t d, int cycles)
{
	int season = v->k->h->rhythm.season;
	int64_t t = d - (d - v->origin + season - 1) / season * season;
	tally sum = {0};
	for (int i = 0; i < cycles && t >= 0; i++, t -= season)
		if (isfinite(x[t])) {
			sum.sum += (double)x[t];
			sum.seen++;
		}
	return mean_of(sum);
}

/* what is the same for all steps */
typedef struct {
	const float *all; /* the group's sums */
	double recent;    /* their mean over some weeks */
	double then;      /* and a year ago; 0: that is before the history */
} group_past;

static group_past group_of(const view *v)
{
	const rhythm *y = &v->k->h->rhythm;
	group_past g = {.all = v->k->h->group_sum + v->s->group * v->k->h->length};
	if (y->season > 1)
		g.recent = mean_last(g.all, v->origin, y->cycles[1] * y->season) + v->unit;
	if (y->year > 0 && v->origin - y->year >= y->span[y->recent])
		g.then = mean_last(g.all, v->origin - y->year, y->span[y->recent]) + v->unit;
	return g;
}

static void put_season(const view *v, const group_past *g, int64_t d, ratios *r)
{
	const rhythm *y = &v->k->h->rhythm;
	int cycles = y->season > 1 ? 2 : 1;
	for (int i = 0; i < cycles; i++)
		put(r, same_season(v, v->s->units, d, y->cycles[i]) + 0.1 * v->scale, v->scale);
	if (y->season > 1)
		put(r, same_season(v, g->all, d, y->cycles[1]) + v->unit, g->recent);
}

static void put_year_before(const view *v, const group_past *g, int64_t d, ratios *r)
{
	const rhythm *y = &v->k->h->rhythm;
	int64_t then = d - y->year;
	if (y->year == 0)
		return;
	put(r, g->then > 0 ? (double)g->all[then] + v->unit : 1, g->then > 0 ? g->then : 1);
	if (y->season == 1) {
		tally own = look(v->s->units, then - 1, then + 2);
		put(r, own.seen > 0 ? mean_of(own) + 0.1 * v->scale : v->scale, v->scale);
	}
}

/* the logarithms of all steps, one step after the other; returns how many a step has. A step's season is that of the
 * step a season before. */
static int put_step_logs(const view *v, float *out)
{
	const rhythm *y = &v->k->h->rhythm;
	group_past g = group_of(v);
	ratios r = {out, 0};
	int seasonal = 0, each = 0;
	for (int i = 0; i < v->k->horizon; i++) {
		if (i < y->season)
			put_season(v, &g, v->origin + 1 + i, &r);
		for (int k = 0; i >= y->season && k < seasonal; k++, r.n++)
			out[r.n] = out[r.n - each * y->season];
		seasonal = i == 0 ? r.n : seasonal;
		put_year_before(v, &g, v->origin + 1 + i, &r);
		each = i == 0 ? r.n : each;
	}
	par_map_log(r.n, out, out);
	for (int i = 0; y->season > 1 && i < v->k->horizon; i++)
		out[i * each + seasonal - 1] *= 3;
	return each;
}

static void put_steps(const view *v, float *out)
{
	const history *h = v->k->h;
	int logs = put_step_logs(v, out);
	double usual = h->prices_ahead ? usual_price(v) : 0;
	for (int i = v->k->horizon; i >= 1;
	     i--) { /* those before still stand where this one goes */
		int64_t d = v->origin + i;
		float *to = out + (int64_t)(i - 1) * v->k->step;
		memmove(to, out + (int64_t)(i - 1) * logs, (size_t)logs * sizeof *to);
		to += logs;
		*to++ = (float)i / (float)v->k->horizon;
		if (h->prices_ahead) {
			double p = price_at(v, d);
			*to++ = against(p, usual, 5);
			*to++ = against(p, area_price(v, d), 1);
			*to++ = against(p, price_at(v, v->origin), 5);
			*to++ = isfinite(p);
		}
		if (h->promos_ahead)
			*to++ = v->s->promo[d] > 0;
	}
}

static void put_targets(const view *v, window *out)
{
	const history *h = v->k->h;
	int64_t class = v->k->c->class_of[v->s->market], periods = v->k->c->periods;
	for (int i = 0; i < v->k->horizon; i++) {
		int64_t d = v->origin + 1 + i;
		bool past = d < h->length, open = !v->k->c->closed[class * periods + d];
		bool seen = open && (!past || isfinite(v->s->units[d]));
		if (out->day)
			out->day[i] = (int32_t)(class * periods + d);
		if (out->mask)
			out->mask[i] = seen;
		if (out->target)
			out->target[i] =
			    past && seen ? (float)(fmax((double)v->s->units[d], 0) / v->scale) : 0;
	}
}

double window_make(const window_kind *k, const history_series *s, int64_t origin, window *out)
{
	view v = {k, s, origin, window_scale(k, s, origin), 0};
	bool year;
	v.unit = unit_of(k, v.scale);
	if (out->whole) {
		put_logs(&v, out->whole, &year);
		put_plain(&v, year, out->whole + k->logs);
	}
	if (out->step)
		put_steps(&v, out->step);
	put_targets(&v, out);
	if (out->group)
		*out->group = s->group;
	if (out->sku)
		*out->sku = s->sku;
	if (out->weight)
		*out->weight = (float)(v.scale / sqrt((v.scale + 0.1 * v.unit) * k->usual));
	return v.scale;
}

/* ---- drivers ---- */

/* numbers [from, to) of the whole window, and of every step, that are a driver's */
typedef struct {
	int from, to, step_from, step_to;
} driver_part;

static driver_part part_of(const window_kind *k, int driver)
{
	const history *h = k->h;
	int promo = k->whole - h->promos, price = promo - (h->prices ? PRICES : 0);
	int step_promo = k->step - h->promos_ahead;
	int step_price = step_promo - (h->prices_ahead ? STEP_PRICES : 0);
	switch (driver) {
	case WHY_HISTORY:
		return (driver_part){0, price, 0, step_price};
	case WHY_PRICE:
		return (driver_part){price, promo, step_price, step_promo};
	case WHY_PROMOTION:
		return (driver_part){promo, k->whole, step_promo, k->step};
	default:
		return (driver_part){0};
	}
}

void window_take(const window_kind *k, int driver, const window *from, window *to)
{
	driver_part p = part_of(k, driver);
	memcpy(
	    to->whole + p.from, from->whole + p.from, (size_t)(p.to - p.from) * sizeof *to->whole);
	for (int h = 0; h < k->horizon; h++)
		memcpy(to->step + h * k->step + p.step_from, from->step + h * k->step + p.step_from,
		    (size_t)(p.step_to - p.step_from) * sizeof *to->step);
	if (driver == WHY_CALENDAR)
		memcpy(to->day, from->day, (size_t)k->horizon * sizeof *to->day);
	if (driver == WHY_PLACE) {
		*to->group = *from->group;
		*to->sku = *from->sku;
	}
}
