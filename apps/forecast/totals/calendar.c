#include "forecast/totals/calendar.h"

#include "base/date.h"

#include <stdlib.h>

double calendar_days(par_frequency f)
{
	switch (f) {
	case PAR_HOUR:
		return 1. / 24;
	case PAR_DAY:
		return 1;
	case PAR_WEEK:
		return 7;
	case PAR_MONTH:
	case PAR_MONTH_END:
		return 365.25 / 12;
	case PAR_QUARTER:
	case PAR_QUARTER_END:
		return 365.25 / 4;
	default:
		return 365.25;
	}
}

static calendar_period period_at(const catalog *of, int64_t k)
{
	int64_t time = par_period_time(of->frequency, of->first_time, k);
	int64_t hours = of->frequency == PAR_HOUR ? 24 : 1;
	int32_t day = (int32_t)(time / hours);
	par_date date = par_date_of(day);
	return (calendar_period){
	    .day = day,
	    .hour = (int8_t)(time % hours),
	    .weekday = (int8_t)par_date_weekday(day),
	    .month_day = (int8_t)date.day,
	    .month = (int8_t)(date.month - 1),
	    .year = (day - par_date_days(date.year, 1, 1) + 1) / 365.25,
	};
}

/* the catalog's kinds of events, none where it would take more room than a history deserves */
static int kinds_of(const catalog *of, int64_t periods)
{
	const int64_t most = (int64_t)1 << 25;
	if (!par_store_has(of->store, "events") || of->markets * periods > most)
		return 0;
	int64_t kinds = par_store_extent(of->store, "event");
	return (int)(kinds < 0 ? 0 : kinds < CALENDAR_EVENTS ? kinds : CALENDAR_EVENTS);
}

static par_err make(calendar *c, const catalog *of, int64_t periods)
{
	int kinds = kinds_of(of, periods);
	size_t cells = kinds ? (size_t)(periods * of->markets) : 0;
	*c = (calendar){of->frequency, periods, of->markets, .kinds = kinds};
	c->period = calloc((size_t)periods + 1, sizeof *c->period);
	c->events = calloc(cells + 1, sizeof *c->events);
	c->pattern = calloc((size_t)(kinds * of->markets) + 1, sizeof *c->pattern);
	if (!c->period || !c->events || !c->pattern)
		return par_fail(
		    PAR_E_MEMORY, "no memory for a calendar of %lld periods", (long long)periods);
	for (int64_t k = 0; k < periods; k++)
		c->period[k] = period_at(of, k);
	return PAR_OK;
}

/* splitmix64: sums of such numbers tell sets of periods apart */
static uint64_t mixed(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

static void find_patterns(calendar *c)
{
	for (int64_t k = 0; k < c->periods; k++)
		for (int64_t m = 0; m < c->markets; m++)
			for (int i = 0; i < c->kinds; i++)
				if (c->events[k * c->markets + m] >> i & 1)
					c->pattern[i * c->markets + m] += mixed((uint64_t)k);
}

/* what the file has of the history and after it, as far as it goes */
static par_err read_events(calendar *c, const panel *p)
{
	static const char *const past[] = {"time", "market", NULL};
	static const char *const ahead[] = {"future_time", "market", NULL};
	par_store *s = p->of.store;
	int64_t here = p->stored < c->periods ? p->stored : c->periods, more = c->periods - here;
	PAR_TRY(par_store_get(s, "events", PAR_U64, past, 0, here, c->events));
	if (!par_store_has(s, "known_events"))
		return PAR_OK;
	int64_t known = par_store_extent(s, "future_time");
	more = more < known ? more : known;
	return par_store_get(
	    s, "known_events", PAR_U64, ahead, 0, more, c->events + here * c->markets);
}

par_err calendar_read(calendar *c, const panel *p, int ahead)
{
	PAR_TRY_ALL(p->of.world, make(c, &p->of, p->of.length + ahead));
	if (c->kinds == 0)
		return PAR_OK;
	PAR_TRY(read_events(c, p));
	find_patterns(c);
	return PAR_OK;
}

void calendar_drop(calendar *c)
{
	free(c->period);
	free(c->events);
	free(c->pattern);
	*c = (calendar){0};
}

/* the columns of one event, or -1 when its patterns are too many */
static int patterns_of(
    const calendar *c, int kind, const double *weight, calendar_event out[CALENDAR_PATTERNS])
{
	const uint64_t *pattern = c->pattern + kind * c->markets;
	int n = 0;
	for (int64_t m = 0; m < c->markets; m++) {
		if (weight[m] <= 0 || pattern[m] == 0)
			continue;
		int k = 0;
		while (k < n && pattern[out[k].market] != pattern[m])
			k++;
		if (k == CALENDAR_PATTERNS)
			return -1;
		if (k == n)
			out[n++] = (calendar_event){kind, m};
	}
	return n;
}

int calendar_events(const calendar *c, const double *weight, calendar_event *out)
{
	int n = 0;
	for (int i = 0; i < c->kinds; i++) {
		int found = patterns_of(c, i, weight, out + n);
		if (found < 0) {
			out[n] = (calendar_event){i, -1};
			found = 1;
		}
		n += found;
	}
	return n;
}

double calendar_value(
    const calendar *c, const calendar_event *e, const double *weight, int64_t period)
{
	if (period < 0 || period >= c->periods)
		return 0;
	const uint64_t *bits = c->events + period * c->markets;
	if (e->market >= 0)
		return (double)(bits[e->market] >> e->kind & 1);
	double have = 0, all = 0;
	for (int64_t m = 0; m < c->markets; m++) {
		all += weight[m];
		have += weight[m] * (double)(bits[m] >> e->kind & 1);
	}
	return all > 0 ? have / all : 0;
}
