/* Periods: the steps of a time axis, from hours to years.
 *
 * A time is one number: days since 1970-01-01, or hours since then for hourly axes. Months,
 * quarters and years keep the day of the month of the axis' first date, cut to the month's length:
 * 30 January is followed by the end of February and 30 March. Their -end forms step from one month's
 * last day to that of another, whatever its number: 29 February, 31 March, 30 April. Dates tell which
 * is meant only together (30 April, 30 May or 30 April, 31 May), so that it is a frequency of its own
 * and not a rule about the first date. */
#ifndef PAR_BASE_PERIOD_H
#define PAR_BASE_PERIOD_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

typedef enum {
	PAR_HOUR,
	PAR_DAY,
	PAR_WEEK,
	PAR_MONTH,
	PAR_QUARTER,
	PAR_YEAR,
	PAR_MONTH_END, /* the same steps, at the last days of months */
	PAR_QUARTER_END,
	PAR_YEAR_END,
	PAR_FREQUENCIES
} par_frequency;

/* local | "hour" ... "year", "month-end" ... "year-end" */
const char *par_frequency_name(par_frequency f);
/* local | the frequency of that name; fails: PAR_E_CONFIG */
par_err par_frequency_parse(par_frequency *f, const char *name);
/* local | periods in a usual season: 24, 7, 1, 12, 4, 1; the -end forms as the others */
int par_frequency_season(par_frequency f);
/* local | CF units of the axis: "hours since 1970-01-01 00:00:00" or "days since 1970-01-01" */
const char *par_frequency_units(par_frequency f);

/* local | the time k steps after first (k may be negative); first is such a time itself. An axis that
 * goes on from another counts from that one's first: a later step may have lost the day. */
int64_t par_period_time(par_frequency f, int64_t first, int64_t k);
/* local | the step whose time is t, counted from first; -1 when t lies before it or between steps
 */
int64_t par_period_index(par_frequency f, int64_t first, int64_t t);
/* local | YYYY-MM-DD, with " HH:00" for hours; out[20] */
const char *par_period_text(char *out, par_frequency f, int64_t t);

#endif
