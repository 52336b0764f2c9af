/* Dates: days since 1970-01-01 in the proleptic Gregorian calendar, and ISO text.
 * Years 1970 to 2199; there are no time zones, a date is the market's own. */
#ifndef PAR_BASE_DATE_H
#define PAR_BASE_DATE_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
	int year, month, day; /* month 1 to 12, day 1 to 31 */
} par_date;

/* local | days_from_civil and back (Howard Hinnant's algorithms, 2013) */
int32_t par_date_days(int year, int month, int day);
par_date par_date_of(int32_t days);
/* local | 0 Monday to 6 Sunday */
int par_date_weekday(int32_t days);
int par_date_month_length(int year, int month);

/* local | exactly YYYY-MM-DD, a day that exists, year 1970 to 2199; returns 1, or 0 and leaves
 * *days */
int par_date_parse(const char *s, size_t n, int32_t *days);
/* local | YYYY-MM-DD, then a blank or T and HH:MM or HH:MM:SS when present; hour gets 0 to 23, or
 * -1 when the text is a day alone */
int par_date_time_parse(const char *s, size_t n, int32_t *days, int *hour);
/* local | out[11] */
const char *par_date_text(char *out, int32_t days);

#endif
