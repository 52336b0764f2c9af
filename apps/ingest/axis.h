/* Axis: the time axis of the catalog, contiguous from the first period to the last.
 *
 * Rows carry hours since 1970-01-01 00:00; the axis counts hours or days as base/period.h does. */
#ifndef APPS_INGEST_AXIS_H
#define APPS_INGEST_AXIS_H

#include "base/period.h"
#include "comm/world.h"

#include <stdbool.h>

#define AXIS_DAYS 84371 /* 1970-01-01 to 2200-12-31 */

/* the dates that a rank met */
typedef struct {
	unsigned char day[AXIS_DAYS / 8 + 1]; /* a bit each */
	int64_t first, last;                  /* hours; last < first: none */
	bool timed;                           /* some had a time of day */
} axis_dates;

typedef struct {
	par_frequency frequency;
	bool inferred;
	int64_t first;         /* the time of step 0, in the axis' own count */
	int64_t skip, periods; /* period k is step skip + k */
} axis;

static inline void axis_dates_add(axis_dates *d, int64_t hour)
{
	int64_t day = hour / 24;
	d->day[day / 8] |= (unsigned char)(1u << (day % 8));
	if (d->last < d->first)
		d->first = d->last = hour;
	d->first = hour < d->first ? hour : d->first;
	d->last = hour > d->last ? hour : d->last;
}

void axis_dates_clear(axis_dates *d);
/* collective | every rank's dates become those of all */
void axis_dates_unite(axis_dates *d, const par_world *w);

/* local | the frequency that the dates follow: hour when some have a time of day, else the longest of
 * year, quarter, month, week and day that all of them are steps of, at the ends of months when all are
 * such ends; day for a single date */
par_frequency axis_infer(const axis_dates *d);

/* local | months, quarters and years of dates that all are ends of months: their -end form */
par_frequency axis_anchor(par_frequency f, const axis_dates *d);

/* local | the axis over all dates; whole periods when rows are summed into them: weeks from Monday,
 * months, quarters and years from their first day */
void axis_span(axis *x, par_frequency f, const axis_dates *d, bool summed);

/* local | the time of an hour on an axis of frequency f; summed: of the period it lies in */
int64_t axis_time(par_frequency f, int64_t hour, bool summed);

/* local | the time of period k; the period whose time that is, INT64_MIN for a time between two */
int64_t axis_at(const axis *x, int64_t k);
int64_t axis_find(const axis *x, int64_t time);

/* local | the period that a time lies in, which may be before 0 or after the last */
int64_t axis_within(const axis *x, int64_t time);

#endif
