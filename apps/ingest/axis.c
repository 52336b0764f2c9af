#include "ingest/axis.h"

#include "base/date.h"
#include "comm/exchange.h"

#include <string.h>

void axis_dates_clear(axis_dates *d)
{
	memset(d, 0, sizeof *d);
	d->last = -1;
}

void axis_dates_unite(axis_dates *d, const par_world *w)
{
	bool none = d->last < d->first;
	par_exchange_or(w, d->day, sizeof d->day);
	/* the least is the greatest of the negatives */
	int64_t first = -par_world_max(w, none ? INT64_MIN / 2 : -d->first);
	d->last = par_world_max(w, none ? -1 : d->last);
	d->first = d->last < 0 ? 0 : first;
	d->timed = par_world_max(w, d->timed) > 0;
}

static bool met(const axis_dates *d, int64_t day)
{
	return d->day[day / 8] >> (day % 8) & 1;
}

static bool follows(const axis_dates *d, par_frequency f)
{
	int64_t first = d->first / 24;
	for (int64_t day = first; day <= d->last / 24; day++)
		if (met(d, day) && par_period_index(f, first, day) < 0)
			return false;
	return true;
}

par_frequency axis_anchor(par_frequency f, const axis_dates *d)
{
	par_frequency end = f + (PAR_MONTH_END - PAR_MONTH);
	if (f < PAR_MONTH || f > PAR_YEAR || d->timed || d->last < d->first)
		return f;
	bool at_end = par_period_time(end, d->first / 24, 0) == d->first / 24;
	return at_end && follows(d, end) ? end : f;
}

par_frequency axis_infer(const axis_dates *d)
{
	if (d->timed)
		return PAR_HOUR;
	if (d->last / 24 <= d->first / 24)
		return PAR_DAY;
	par_frequency f = PAR_YEAR;
	while (f > PAR_DAY && axis_anchor(f, d) == f && !follows(d, f))
		f--;
	return axis_anchor(f, d);
}

int64_t axis_time(par_frequency f, int64_t hour, bool summed)
{
	int64_t day = hour / 24;
	if (f == PAR_HOUR)
		return hour;
	if (!summed || f == PAR_DAY)
		return day;
	if (f == PAR_WEEK)
		return day - par_date_weekday((int32_t)day);
	par_date d = par_date_of((int32_t)day);
	int month = f == PAR_MONTH ? d.month : f == PAR_QUARTER ? (d.month - 1) / 3 * 3 + 1 : 1;
	return par_date_days(d.year, month, 1);
}

int64_t axis_at(const axis *x, int64_t k)
{
	return par_period_time(x->frequency, x->first, x->skip + k);
}

int64_t axis_find(const axis *x, int64_t time)
{
	int64_t step = par_period_index(x->frequency, x->first, time);
	return step < 0 ? INT64_MIN : step - x->skip;
}

int64_t axis_within(const axis *x, int64_t time)
{
	if (x->frequency <= PAR_WEEK) {
		int64_t step = x->frequency == PAR_WEEK ? 7 : 1, gap = time - x->first;
		return (gap >= 0 ? gap / step : -((step - 1 - gap) / step)) - x->skip;
	}
	/* a month has at most 31 days: never too far, and then on by single steps */
	static const int64_t longest[PAR_FREQUENCIES] = {[PAR_MONTH] = 31,
	    [PAR_QUARTER] = 92,
	    [PAR_YEAR] = 366,
	    [PAR_MONTH_END] = 31,
	    [PAR_QUARTER_END] = 92,
	    [PAR_YEAR_END] = 366};
	int64_t days = longest[x->frequency], gap = time - x->first;
	int64_t k = (gap >= 0 ? gap / days : gap / (days - 3) - 1) - x->skip;
	while (axis_at(x, k + 1) <= time)
		k++;
	return k;
}

void axis_span(axis *x, par_frequency f, const axis_dates *d, bool summed)
{
	x->frequency = f;
	x->first = x->skip = x->periods = 0;
	if (d->last < d->first)
		return;
	x->first = axis_time(f, d->first, summed);
	x->periods = axis_within(x, axis_time(f, d->last, summed)) + 1;
}
