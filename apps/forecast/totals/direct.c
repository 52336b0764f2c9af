#include "forecast/totals/direct.h"

#include "forecast/bank/math.h"
#include "forecast/totals/design.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SMALLEST 8.  /* mean units of a node in a period */
#define ZEROS .1     /* most of the periods that may be zero or below */
#define CLOSED .1    /* of the usual: all but nothing */
#define LEVEL .1     /* how much of an error the level takes ... */
#define SEASONAL .03 /* ... and the season */
#define CLIP .5      /* residuals beyond it count as this much */
#define DRIFT 1.5    /* of the growth of all series ... */
#define DRIFT_LAG 10 /* ... which the level lags behind so many days ... */
#define DRIFT_END 56 /* ... and which goes on for so many */

/* work on one node: its history [begin, origin) is y[0, n) */
typedef struct {
	const direct_spec *s;
	const double *y, *market;
	int64_t begin, origin, n;
	calendar_event *event; /* owned, as what follows */
	int events;
	double *usual;  /* [n + horizon] of the same place in the seasons around; NaN: not known */
	double *weight; /* [n] 0 where a period is left out */
	double *log;    /* [n] */
	double *fit;    /* [n + horizon] */
	double *season;
	double *b;
	double floor; /* the least whose logarithm is taken */
} node;

static int64_t longest(par_frequency f)
{
	switch (f) {
	case PAR_HOUR:
		return 364 * 24;
	case PAR_DAY:
		return 1900;
	default:
		return 600;
	}
}

static int longer_season(const direct_spec *s)
{
	return s->of->frequency == PAR_HOUR && s->season2 > s->season ? s->season2 : s->season;
}

/* what can be forecast at all, and from where */
static direct_status look(const direct_spec *s, const double *y, int64_t origin, int64_t *begin)
{
	int64_t first = -1, last = -1, observed = 0, low = 0;
	double sum = 0;
	for (int64_t t = origin > longest(s->of->frequency) ? origin - longest(s->of->frequency)
							    : 0;
	     t < origin; t++) {
		if (isnan(y[t]) || (first < 0 && y[t] == 0))
			continue;
		first = first < 0 ? t : first;
		last = y[t] != 0 ? t : last;
		observed++;
		low += y[t] <= 0;
		sum += y[t];
	}
	*begin = first;
	int64_t recent = 2 * (int64_t)s->season > 2 ? 2 * (int64_t)s->season : 2;
	if (first < 0)
		return DIRECT_EMPTY;
	if (observed < 24 || observed < 2 * (int64_t)longer_season(s))
		return DIRECT_SHORT;
	if (origin - last > recent)
		return DIRECT_ENDED;
	if ((double)low > ZEROS * (double)observed || sum <= 0 ||
	    (s->counts && sum < SMALLEST * (double)observed))
		return DIRECT_SPARSE;
	return DIRECT_OK;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* the median of the same place in two seasons before and after */
static double usual_at(const node *k, int64_t t)
{
	double near[4];
	int n = 0;
	for (int j = -2; j <= 2; j++) {
		int64_t at = t + j * (int64_t)k->s->season;
		if (j != 0 && at >= 0 && at < k->n && !isnan(k->y[at]))
			near[n++] = k->y[at];
	}
	if (n < 2)
		return NAN;
	qsort(near, (size_t)n, sizeof *near, by_value);
	return .5 * (near[(n - 1) / 2] + near[n / 2]);
}

static bool closed(const node *k, int64_t t)
{
	return k->usual[t] >= 10 * k->floor && k->y[t] < CLOSED * k->usual[t];
}

/* weights that halve with age, none where nothing is known */
static void weigh(node *k)
{
	double half = DIRECT_HALF / calendar_days(k->s->of->frequency);
	half = half < 60 ? 60 : half;
	for (int64_t t = 0; t < k->n; t++) {
		double age = (double)(k->n - 1 - t);
		k->usual[t] = usual_at(k, t);
		k->weight[t] =
		    isnan(k->y[t]) || closed(k, t) ? 0 : bank_exp(-0.6931471805599453 * age / half);
		k->log[t] = bank_log(k->y[t] > k->floor ? k->y[t] : k->floor);
	}
}

static void mix(uint64_t *key, const void *data, size_t bytes)
{
	const unsigned char *c = data;
	for (size_t i = 0; i < bytes; i++)
		*key = (*key ^ c[i]) * 0x100000001b3u;
}

/* of all that design and factor are made from */
static uint64_t key_of(const node *k)
{
	uint64_t key = 0xcbf29ce484222325u;
	bool shares = false;
	mix(&key, &k->begin, sizeof k->begin);
	mix(&key, &k->origin, sizeof k->origin);
	for (int i = 0; i < k->events; i++) {
		const calendar_event *e = &k->event[i];
		mix(&key, &e->kind, sizeof e->kind);
		/* markets of one pattern are one */
		const uint64_t *pattern = k->s->of->pattern + e->kind * k->s->of->markets;
		if (e->market >= 0)
			mix(&key, &pattern[e->market], sizeof *pattern);
		shares |= e->market < 0;
	}
	if (shares)
		mix(&key, k->market, sizeof *k->market * (size_t)k->s->of->markets);
	for (int64_t t = 0; t < k->n; t++)
		key = (key ^ (k->weight[t] > 0)) * 0x100000001b3u;
	return key;
}

static void forget(direct_cache *c, int i)
{
	design_drop(&c->rows[i]);
	free(c->gram[i]);
	c->gram[i] = NULL;
	c->key[i] = 0;
}

static par_err learn(const node *k, direct_cache *c, int i)
{
	const design_span span = {k->begin, k->origin, k->s->horizon, k->s->season, k->s->season2};
	ridge_rows *x = &c->rows[i];
	PAR_TRY(design_make(x, k->s->of, &span, k->event, k->events, k->market));
	c->gram[i] = malloc(sizeof(double) * (size_t)x->columns * (size_t)x->columns + 1);
	if (!c->gram[i])
		return par_fail(PAR_E_MEMORY, "no memory for %d regressors", x->columns);
	return ridge_factor(x, k->n, k->weight, c->gram[i]);
}

/* the entry with the node's design and factor, made when none has it */
static par_err find(const node *k, direct_cache *c, int *at)
{
	uint64_t key = key_of(k);
	for (*at = 0; *at < c->used; ++*at)
		if (c->key[*at] == key)
			return PAR_OK;
	*at = c->next;
	c->next = (c->next + 1) % DIRECT_CACHE;
	c->used = c->used < DIRECT_CACHE ? c->used + 1 : c->used;
	forget(c, *at);
	par_err e = learn(k, c, *at);
	c->key[*at] = key;
	if (e != PAR_OK)
		forget(c, *at);
	return e;
}

static double within(double v, double lo, double hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

/* smooth what the regression leaves over; returns the level, and the mean squared one-step error of the
 * last year */
static double smooth(node *k, double *variance)
{
	int season = longer_season(k->s);
	int64_t year = (int64_t)(364 / calendar_days(k->s->of->frequency)), counted = 0;
	year = year > 24 ? year : 24;
	double level = 0, squares = 0;
	for (int64_t t = 0; t < k->n; t++) {
		if (k->weight[t] == 0)
			continue;
		double *place = &k->season[(k->begin + t) % season];
		double r = within(k->log[t] - k->fit[t], -CLIP, CLIP), e = r - level - *place;
		level += LEVEL * e;
		*place += SEASONAL * e;
		if (t >= k->n - year) {
			squares += e * e;
			counted++;
		}
	}
	*variance = counted ? squares / (double)counted : 0;
	return level;
}

/* how much of the usual was left when an event of this period happened before; 1 where nothing tells */
static double open_at(const node *k, int64_t t)
{
	for (int i = 0; i < k->events; i++) {
		int64_t was = 0, shut = 0;
		double left = 0;
		if (calendar_value(k->s->of, &k->event[i], k->market, k->begin + t) < .5)
			continue;
		for (int64_t past = 0; past < k->n; past++) {
			if (isnan(k->y[past]) || isnan(k->usual[past]) || k->usual[past] <= 0 ||
			    calendar_value(k->s->of, &k->event[i], k->market, k->begin + past) < .5)
				continue;
			was++;
			shut += closed(k, past);
			left += k->y[past] / k->usual[past];
		}
		if (was > 0 && shut == was)
			return left > 0 ? left / (double)was : 0;
	}
	return 1;
}

static double drift(const direct_spec *s, int h)
{
	double ahead = (h + 1) * calendar_days(s->of->frequency);
	ahead = ahead < DRIFT_END ? ahead : DRIFT_END;
	return DRIFT * s->growth * (ahead + DRIFT_LAG);
}

static void foretell(node *k, direct_result *out)
{
	double variance, low = INFINITY, high = -INFINITY;
	double level = smooth(k, &variance);
	for (int64_t t = 0; t < k->n; t++)
		if (k->weight[t] > 0) {
			low = k->log[t] < low ? k->log[t] : low;
			high = k->log[t] > high ? k->log[t] : high;
		}
	for (int h = 0; h < k->s->horizon; h++) {
		int64_t t = k->n + h;
		double v = k->fit[t] + level + k->season[(k->begin + t) % longer_season(k->s)] +
			   .5 * variance + drift(k->s, h);
		out->mean[h] = bank_exp(within(v, low - 1, high + 1)) * open_at(k, t);
	}
	out->sd = sqrt(variance);
}

static par_err run(node *k, direct_cache *cache, direct_result *out)
{
	int at;
	double mean;
	k->events = calendar_events(k->s->of, k->market, k->event);
	weigh(k);
	par_err e = find(k, cache, &at);
	if (e == PAR_E_NUMERIC) {
		out->status = DIRECT_FAILED;
		return PAR_OK;
	}
	PAR_TRY(e);
	const ridge_rows *x = &cache->rows[at];
	k->b = malloc(sizeof *k->b * (size_t)x->columns + 1);
	if (!k->b)
		return par_fail(PAR_E_MEMORY, "no memory for %d coefficients", x->columns);
	ridge_fit(x, k->n, k->weight, cache->gram[at], k->log, k->b, &mean);
	for (int64_t t = 0; t < k->n + k->s->horizon; t++)
		k->fit[t] = ridge_at(x, t, k->b) + mean;
	foretell(k, out);
	return PAR_OK;
}

static par_err room(node *k)
{
	size_t n = (size_t)(k->n + k->s->horizon) + 1;
	k->event = calloc(CALENDAR_EVENTS * CALENDAR_PATTERNS, sizeof *k->event);
	k->usual = calloc(n, sizeof(double));
	k->weight = calloc(n, sizeof(double));
	k->log = calloc(n, sizeof(double));
	k->fit = calloc(n, sizeof(double));
	k->season = calloc((size_t)longer_season(k->s) + 1, sizeof(double));
	return k->event && k->usual && k->weight && k->log && k->fit && k->season
		   ? PAR_OK
		   : par_fail(PAR_E_MEMORY, "no memory to forecast a sum of %lld periods",
			 (long long)k->n);
}

static void leave(node *k)
{
	free(k->event);
	free(k->usual);
	free(k->weight);
	free(k->log);
	free(k->fit);
	free(k->season);
	free(k->b);
}

/* amounts have no unit whose logarithm is 0: a thousandth of the mean stands for it */
static double floor_of(const direct_spec *s, const double *y, int64_t n)
{
	double sum = 0;
	int64_t observed = 0;
	if (s->counts)
		return 1;
	for (int64_t t = 0; t < n; t++)
		if (!isnan(y[t])) {
			sum += fabs(y[t]);
			observed++;
		}
	return sum / (double)observed / 1000;
}

par_err direct_forecast(const direct_spec *s, const double *y, int64_t origin, const double *weight,
    direct_cache *cache, direct_result *out)
{
	node k = {.s = s, .market = weight, .origin = origin};
	for (int h = 0; h < s->horizon; h++)
		out->mean[h] = NAN;
	out->sd = NAN;
	out->status = look(s, y, origin, &k.begin);
	if (out->status != DIRECT_OK)
		return PAR_OK;
	k.y = y + k.begin;
	k.n = origin - k.begin;
	k.floor = floor_of(s, k.y, k.n);
	par_err e = room(&k);
	if (e == PAR_OK)
		e = run(&k, cache, out);
	leave(&k);
	return e;
}

void direct_cache_drop(direct_cache *c)
{
	for (int i = 0; i < DIRECT_CACHE; i++)
		forget(c, i);
}

double direct_growth(const calendar *of, const double *y, int64_t origin)
{
	int64_t year = (int64_t)(364 / calendar_days(of->frequency));
	double now = 0, before = 0;
	if (year < 4 || origin < 2 * year)
		return 0;
	for (int64_t t = origin - year; t < origin; t++) {
		if (isnan(y[t]) || isnan(y[t - year]))
			continue;
		now += y[t];
		before += y[t - year];
	}
	if (now <= 0 || before <= 0)
		return 0;
	return within(bank_log(now / before), -.3, .3) / 364;
}
