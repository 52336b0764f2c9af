#include "forecast/net/days.h"

#include "base/date.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TAU 6.283185307179586
#define YEAR 365.25
#define HARMONICS 2
#define NEXT_TO_NONE 0.03 /* of a usual day */

enum { HOURS = 24, WEEKDAYS = 7, DAYS = 31, MONTHS = 12 };
enum { ENTRIES_MOST = 4 + 2 * HARMONICS }; /* of a row, events apart */

typedef struct {
	const history *h;
	int64_t periods, markets;
	int events, before, after; /* an event is seen so many periods before and after its day */
	uint64_t *cell;            /* [periods][markets] */
} almanac;

static par_err read_events(almanac *a)
{
	const catalog *c = a->h->of;
	int64_t n = par_store_extent(c->store, "event");
	a->events = n > 0 ? (int)n : 0;
	a->cell = calloc((size_t)(a->periods * a->markets) + 1, sizeof *a->cell);
	PAR_TRY_ALL(
	    c->world, a->cell ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for the calendar"));
	if (a->events == 0 || !par_store_has(c->store, "events"))
		return PAR_OK;
	static const char *const past[] = {"time", "market", NULL};
	static const char *const later[] = {"future_time", "market", NULL};
	int64_t stored = par_store_extent(c->store, "time");
	int64_t known = stored < a->periods ? stored : a->periods;
	PAR_TRY(par_store_get(c->store, "events", PAR_U64, past, 0, known, a->cell));
	int64_t more =
	    par_store_has(c->store, "known_events") ? par_store_extent(c->store, "future_time") : 0;
	more = more < a->periods - known ? more : a->periods - known;
	return more > 0 ? par_store_get(c->store, "known_events", PAR_U64, later, 0, more,
			      a->cell + known * a->markets)
			: PAR_OK;
}

static bool same_events(const almanac *a, int64_t m, int64_t n)
{
	for (int64_t t = 0; t < a->periods; t++)
		if (a->cell[t * a->markets + m] != a->cell[t * a->markets + n])
			return false;
	return true;
}

/* class by class in the order of markets; head[class] is its first */
static par_err find_classes(day_table *c, const almanac *a, int64_t *head)
{
	for (int64_t m = 0; m < a->markets; m++) {
		int64_t k = 0;
		while (k < c->classes && !same_events(a, head[k], m))
			k++;
		if (k == c->classes)
			head[c->classes++] = m;
		c->class_of[m] = (int32_t)k;
	}
	return PAR_OK;
}

/* ---- rows ---- */

typedef struct {
	int64_t *first;
	int32_t *column;
	float *value;
	int64_t at;
} writer;

static void put(writer *w, int column, double value)
{
	w->column[w->at] = (int32_t)column;
	w->value[w->at++] = (float)value;
}

/* columns of the date; returns how many there are of all dates */
static int put_date(writer *w, const history *h, int64_t t)
{
	const catalog *c = h->of;
	bool hours = c->frequency == PAR_HOUR, days = hours || c->frequency == PAR_DAY;
	int64_t time = par_period_time(c->frequency, c->first_time, t);
	int32_t day = (int32_t)(hours ? time / HOURS : time);
	par_date d = par_date_of(day);
	int at = 0;
	if (hours) {
		put(w, (int)(time % HOURS), 1);
		at += HOURS;
	}
	if (days) {
		put(w, at + par_date_weekday(day), 1);
		put(w, at + WEEKDAYS + d.day - 1, 1);
		at += WEEKDAYS + DAYS;
	}
	put(w, at + d.month - 1, 1);
	at += MONTHS;
	double turn = TAU * (double)(day - par_date_days(d.year, 1, 1)) / YEAR;
	for (int k = 1; k <= HARMONICS; k++) {
		put(w, at++, sin(k * turn));
		put(w, at++, cos(k * turn));
	}
	return at;
}

static void put_events(writer *w, const almanac *a, int64_t market, int64_t t, int at)
{
	for (int off = -a->before; off <= a->after; off++) {
		int64_t day = t + off;
		uint64_t here = day >= 0 && day < a->periods ? a->cell[day * a->markets + market]
							     : 0;
		for (int e = 0; e < a->events; e++)
			if (here >> e & 1)
				put(w, at + (off + a->before) * a->events + e, 1);
	}
}

static int64_t entries(const almanac *a, int64_t classes)
{
	return classes * a->periods *
	       (ENTRIES_MOST + (int64_t)(a->before + a->after + 1) * a->events);
}

static par_err make_rows(day_table *c, const almanac *a, const int64_t *head)
{
	size_t most = (size_t)entries(a, c->classes) + 1;
	writer w = {.first = calloc((size_t)(c->classes * a->periods) + 1, sizeof *w.first),
	    .column = malloc(most * sizeof *w.column),
	    .value = malloc(most * sizeof *w.value)};
	int dates = 0;
	c->rows.first = w.first;
	c->rows.column = w.column;
	c->rows.value = w.value;
	if (!w.first || !w.column || !w.value)
		return par_fail(PAR_E_MEMORY, "no memory for the calendar");
	for (int64_t k = 0; k < c->classes; k++)
		for (int64_t t = 0; t < a->periods; t++) {
			dates = put_date(&w, a->h, t);
			put_events(&w, a, head[k], t, dates);
			w.first[k * a->periods + t + 1] = w.at;
		}
	c->rows.rows = c->classes * a->periods;
	c->dates = dates;
	c->events = a->events;
	c->offsets = a->before + a->after + 1;
	c->rows.columns = c->dates + (int64_t)c->offsets * c->events;
	return PAR_OK;
}

/* ---- closed days ---- */

/* units of all series in markets of the class */
static void add_class(const almanac *a, const day_table *c, int64_t class, double *units)
{
	const history *h = a->h;
	memset(units, 0, (size_t)h->length * sizeof *units);
	for (int64_t g = 0; g < h->groups; g++)
		for (int64_t t = 0; c->class_of[g / h->areas] == class && t < h->length; t++)
			units[t] += (double)h->group_sum[g * h->length + t];
}

static bool closes(const almanac *a, int64_t market, int event, const double *units, double usual)
{
	int days = 0;
	for (int64_t t = 0; t < a->h->length; t++) {
		if (!(a->cell[t * a->markets + market] >> event & 1))
			continue;
		if (units[t] > NEXT_TO_NONE * usual)
			return false;
		days++;
	}
	return days > 0;
}

static par_err find_closed(day_table *c, const almanac *a, const int64_t *head)
{
	const history *h = a->h;
	double *units = malloc((size_t)h->length * sizeof *units + 1);
	c->closed = calloc((size_t)(c->classes * a->periods) + 1, 1);
	for (int64_t k = 0; units && c->closed && k < c->classes; k++) {
		double usual = 0;
		add_class(a, c, k, units);
		for (int64_t t = 0; t < h->length; t++)
			usual += units[t] / (double)h->length;
		for (int e = 0; e < a->events; e++) {
			bool shut = closes(a, head[k], e, units, usual);
			for (int64_t t = 0; shut && t < a->periods; t++)
				c->closed[k * a->periods + t] |=
				    a->cell[t * a->markets + head[k]] >> e & 1;
		}
	}
	bool room = units && c->closed;
	free(units);
	return room ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for the calendar");
}

static par_err make(day_table *c, const almanac *a)
{
	int64_t *head = calloc((size_t)a->markets + 1, sizeof *head);
	c->class_of = calloc((size_t)a->markets + 1, sizeof *c->class_of);
	par_err e = head && c->class_of ? find_classes(c, a, head)
					: par_fail(PAR_E_MEMORY, "no memory for the calendar");
	if (e == PAR_OK)
		e = make_rows(c, a, head);
	if (e == PAR_OK)
		e = find_closed(c, a, head);
	free(head);
	return e;
}

par_err days_open(day_table *c, const history *h)
{
	const catalog *of = h->of;
	bool days = of->frequency == PAR_DAY;
	almanac a = {.h = h,
	    .periods = h->length + h->ahead,
	    .markets = of->markets,
	    .before = days ? 4 : 1,
	    .after = days ? 2 : 1};
	*c = (day_table){.periods = a.periods};
	int64_t names = 0;
	par_err e = read_events(&a);
	if (e == PAR_OK && a.events > 0)
		e = par_store_get_text(of->store, "event", &c->event, &names, &c->event_stride);
	if (e == PAR_OK)
		e = par_agree(of->world, make(c, &a));
	free(a.cell);
	return e;
}

void days_close(day_table *c)
{
	free((int64_t *)c->rows.first);
	free((int32_t *)c->rows.column);
	free((float *)c->rows.value);
	free(c->event);
	free(c->class_of);
	free(c->closed);
	*c = (day_table){0};
}
