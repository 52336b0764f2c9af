/* Calendar: what is known of every period, past and to come, whatever is sold in it: its date, and the
 * events of each market.
 *
 * Events that happen at the same times in two markets look alike there; a node over several markets
 * (events_of) has one column for every pattern that its markets show, while these are few, else one with
 * the share of its series that have the event. */
#ifndef APPS_FORECAST_TOTALS_CALENDAR_H
#define APPS_FORECAST_TOTALS_CALENDAR_H

#include "forecast/panel.h"

#define CALENDAR_EVENTS 64
#define CALENDAR_PATTERNS 4 /* of one event at most; with more of them a node takes their share */

typedef struct {
	int32_t day;      /* since 1970-01-01 */
	int8_t hour;      /* 0 in slower calendars */
	int8_t weekday;   /* 0 Monday */
	int8_t month_day; /* 1 to 31 */
	int8_t month;     /* 0 to 11 */
	double year;      /* of the year that has passed, 0 to 1 */
} calendar_period;

typedef struct {
	par_frequency frequency;
	int64_t periods; /* of the history and those to come */
	int64_t markets;
	int kinds;               /* of events; 0 where the catalog has none */
	calendar_period *period; /* owned: [periods] */
	uint64_t *events;        /* owned: [periods][markets], bit i: event i */
	uint64_t *pattern; /* owned: [kinds][markets] equal where an event's times are; 0: never */
} calendar;

/* collective | read it for the panel's periods and `ahead` more; calendar_drop releases it, also after a
 * failure. Events beyond what the catalog knows are none. fails: PAR_E_MEMORY, as io/store.h */
par_err calendar_read(calendar *c, const panel *p, int ahead);
void calendar_drop(calendar *c);

/* one column of an event for a node */
typedef struct {
	int kind;
	int64_t market; /* happens where this market has it; -1: the share of the node's series */
} calendar_event;

/* local | the columns of the events for a node that has weight[market] series in each market; out has
 * room for CALENDAR_EVENTS * CALENDAR_PATTERNS. Returns how many */
int calendar_events(const calendar *c, const double *weight, calendar_event *out);
/* local | the value of such a column in a period, 0 outside the calendar */
double calendar_value(
    const calendar *c, const calendar_event *e, const double *weight, int64_t period);

/* local | days in a period, on average */
double calendar_days(par_frequency f);

#endif
