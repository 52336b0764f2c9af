#include "forecast/totals/design.h"

#include "forecast/totals/wave.h"

#include <math.h>
#include <stdlib.h>

/* Penalties: those of the notes on which this follows were chosen on daily sums of shops; they and the
 * half-life of direct.c tell little when doubled or halved, but dummies of events and days want theirs. */
#define PEN_SEASON .0005
#define PEN_WEEK_HOUR .5
#define PEN_YEAR .25
#define PEN_CROSS 10.
#define PEN_MONTH_DAY 5.
#define PEN_OFTEN .05
#define PEN_OFTEN_WEEKEND 1.
#define PEN_EVENT .5
#define PEN_NEAR_EVENT 1.
#define PEN_TREND .5

#define OFTEN .05 /* a day, 18 a year */
#define CROSSED 2 /* harmonics that every place in the season has for itself */

enum { OFFSETS = 6, BENDS = 6 };

/* days, or weeks, before (above 0) or after an event; those that weeks take first */
static const int offsets[OFFSETS] = {0, -1, 1, -2, 2, 3};
static const double bends[BENDS] = {1400, 1000, 700, 450, 250, 120}; /* days before the origin */

typedef struct {
	ridge_rows *x;
	const calendar *c;
	const design_span *s;
	const calendar_event *event;
	const double *weight; /* of markets */
	double days;          /* in a period */
	int harmonics, month_days, events, place;
	bool week_hours, crossed;
	bool *often; /* [events] */
	int near;    /* offsets in use */
	int64_t stride, entries, room;
	bool full; /* out of memory */
} builder;

/* room for another row's entries */
static void grow(builder *b)
{
	ridge_rows *x = b->x;
	int64_t room = 2 * b->room + 4096;
	void *columns = realloc(x->column, sizeof *x->column * (size_t)room);
	if (columns)
		x->column = columns;
	void *values = realloc(x->value, sizeof *x->value * (size_t)room);
	if (values)
		x->value = values;
	if (columns && values)
		b->room = room;
	else
		b->full = true;
}

static void push(builder *b, int column, double value)
{
	if (value != 0 && b->entries == b->room && !b->full)
		grow(b);
	if (value == 0 || b->full)
		return;
	b->x->column[b->entries] = column;
	b->x->value[b->entries++] = value;
}

/* what the frequency and the length of the history allow */
static void settle(builder *b)
{
	par_frequency f = b->c->frequency;
	int64_t n = b->s->origin - b->s->begin;
	double days = (double)n * b->days;
	bool fine = f == PAR_HOUR || f == PAR_DAY, yearly = fine || f == PAR_WEEK;
	b->week_hours = f == PAR_HOUR && b->s->season2 > b->s->season && n >= 3 * b->s->season2;
	b->harmonics = !yearly || days < 365 ? 0 : days < 730 ? 2 : f == PAR_WEEK ? 6 : 4;
	b->crossed = fine && b->harmonics >= CROSSED && b->s->season > 1 && b->s->season <= 31;
	b->month_days = days < 120 || !yearly ? 0 : fine ? 31 : 5;
	b->near = fine ? OFFSETS : f == PAR_WEEK ? 3 : 1;
	b->stride = f == PAR_HOUR ? 24 : 1;
}

static void find_often(builder *b)
{
	int64_t n = b->s->origin - b->s->begin;
	for (int i = 0; i < b->events; i++) {
		int64_t have = 0;
		for (int64_t t = b->s->begin; t < b->s->origin; t++)
			have += calendar_value(b->c, &b->event[i], b->weight, t) > 0;
		b->often[i] = (double)have > OFTEN * (b->days > 1 ? b->days : 1) * (double)n;
	}
}

static int put_season(builder *b, int at, int64_t t, const calendar_period *p)
{
	if (b->s->season > 1) {
		push(b, at + (int)(t % b->s->season), 1);
		at += b->s->season;
	}
	if (b->week_hours) {
		push(b, at + p->weekday * 24 + p->hour, 1);
		at += 7 * 24;
	}
	return at;
}

static int put_year(builder *b, int at, int64_t t, const calendar_period *p)
{
	double z[2 * 6] = {0};
	for (int k = 0; k < b->harmonics; k++) {
		wave((k + 1) * p->year, &z[2 * k], &z[2 * k + 1]);
		push(b, at++, z[2 * k]);
		push(b, at++, z[2 * k + 1]);
	}
	if (!b->crossed)
		return at;
	for (int k = 0; k < 2 * CROSSED; k++)
		push(b, at + (int)(t % b->s->season) * 2 * CROSSED + k, z[k]);
	return at + b->s->season * 2 * CROSSED;
}

static int put_month_day(builder *b, int at, const calendar_period *p)
{
	if (b->month_days > 0)
		push(b, at + (p->month_day - 1) / (b->month_days == 31 ? 1 : 7), 1);
	return at + b->month_days;
}

static int put_events(builder *b, int at, int64_t t, const calendar_period *p)
{
	for (int i = 0; i < b->events; i++) {
		if (b->often[i]) {
			double v = calendar_value(b->c, &b->event[i], b->weight, t);
			push(b, at++, v);
			push(b, at++, p->weekday >= 5 ? v : 0);
			continue;
		}
		for (int k = 0; k < b->near; k++)
			push(b, at++,
			    calendar_value(
				b->c, &b->event[i], b->weight, t + offsets[k] * b->stride));
	}
	return at;
}

/* years from the origin, never after it, and from each bend on */
static int put_trend(builder *b, int at, int64_t t)
{
	double n = (double)(b->s->origin - b->s->begin), year = 365 / b->days;
	double back = (double)(t < b->s->origin ? b->s->origin - t : 0);
	push(b, at++, -back / year);
	for (int k = 0; k < BENDS; k++) {
		double bend = bends[k] / b->days;
		if (bend < 8 || bend > n)
			continue;
		push(b, at++, back < bend ? (bend - back) / year : 0);
	}
	return at;
}

static int put_row(builder *b, int64_t t)
{
	const calendar_period *p = &b->c->period[t];
	int at = put_season(b, 0, t, p);
	at = put_year(b, at, t, p);
	at = put_month_day(b, at, p);
	at = put_events(b, at, t, p);
	return put_trend(b, at, t);
}

static int penalise(double *penalty, int at, int n, double value)
{
	for (int i = 0; i < n; i++)
		penalty[at + i] = value;
	return at + n;
}

/* column by column as put_row */
static void put_penalties(const builder *b, int columns)
{
	double *p = b->x->penalty;
	int season = b->s->season > 1 ? b->s->season : 0;
	int at = penalise(p, 0, season, PEN_SEASON);
	at = penalise(p, at, b->week_hours ? 7 * 24 : 0, PEN_WEEK_HOUR);
	at = penalise(p, at, 2 * b->harmonics, PEN_YEAR);
	at = penalise(p, at, b->crossed ? season * 2 * CROSSED : 0, PEN_CROSS);
	at = penalise(p, at, b->month_days, PEN_MONTH_DAY);
	for (int i = 0; i < b->events; i++) {
		at = penalise(p, at, 1, b->often[i] ? PEN_OFTEN : PEN_EVENT);
		at = b->often[i] ? penalise(p, at, 1, PEN_OFTEN_WEEKEND)
				 : penalise(p, at, b->near - 1, PEN_NEAR_EVENT);
	}
	penalise(p, at, columns - at, PEN_TREND);
}

static par_err no_memory(int64_t rows)
{
	return par_fail(
	    PAR_E_MEMORY, "no memory for a regression of %lld periods", (long long)rows);
}

par_err design_make(ridge_rows *x, const calendar *c, const design_span *s,
    const calendar_event *event, int events, const double *weight)
{
	int64_t rows = s->origin + s->horizon - s->begin;
	*x = (ridge_rows){.rows = rows};
	x->start = calloc((size_t)rows + 1, sizeof *x->start);
	builder b = {.x = x, .c = c, .s = s, .event = event, .events = events, .weight = weight};
	b.often = calloc((size_t)events + 1, sizeof *b.often);
	b.days = calendar_days(c->frequency);
	b.full = !x->start || !b.often;
	if (!b.full) {
		settle(&b);
		find_often(&b);
	}
	for (int64_t t = 0; t < rows && !b.full; t++) {
		x->columns = put_row(&b, s->begin + t);
		x->start[t + 1] = b.entries;
	}
	x->penalty = calloc((size_t)x->columns + 1, sizeof *x->penalty);
	if (!b.full && x->penalty)
		put_penalties(&b, x->columns);
	free(b.often);
	return b.full || !x->penalty ? no_memory(rows) : PAR_OK;
}

void design_drop(ridge_rows *x)
{
	free(x->start);
	free(x->column);
	free(x->value);
	free(x->penalty);
	*x = (ridge_rows){0};
}
