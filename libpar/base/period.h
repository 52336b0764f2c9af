/* Periods: the steps of a time axis, from hours to years.
 *
 * A time is one number: days since 1970-01-01, or hours since then for hourly axes. Months,
 * quarters and years keep the day of the month of the axis' first date, cut to the month's length.
 */
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
	PAR_FREQUENCIES
} par_frequency;

/* local | "hour" ... "year" */
const char *par_frequency_name(par_frequency f);
/* local | the frequency of that name; fails: PAR_E_CONFIG */
par_err par_frequency_parse(par_frequency *f, const char *name);
/* local | periods in a usual season: 24, 7, 1, 12, 4, 1 */
int par_frequency_season(par_frequency f);
/* local | CF units of the axis: "hours since 1970-01-01 00:00:00" or "days since 1970-01-01" */
const char *par_frequency_units(par_frequency f);

/* local | the time k steps after first (k may be negative) */
int64_t par_period_time(par_frequency f, int64_t first, int64_t k);
/* local | the step whose time is t, counted from first; -1 when t lies before it or between steps
 */
int64_t par_period_index(par_frequency f, int64_t first, int64_t t);
/* local | YYYY-MM-DD, with " HH:00" for hours; out[20] */
const char *par_period_text(char *out, par_frequency f, int64_t t);

#endif
