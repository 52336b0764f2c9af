/* np: 1 */
#include "base/date.h"
#include "../tap.h"
#include "base/period.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

/* libc's own calendar is the oracle */
static int agrees_with_libc(int32_t days)
{
	time_t t = (time_t)days * 86400;
	struct tm utc;
	gmtime_r(&t, &utc);
	par_date d = par_date_of(days);
	return d.year == utc.tm_year + 1900 && d.month == utc.tm_mon + 1 && d.day == utc.tm_mday &&
	       par_date_days(d.year, d.month, d.day) == days &&
	       par_date_weekday(days) == (utc.tm_wday + 6) % 7;
}

static int parses(const char *s, int64_t want)
{
	int32_t days = -1;
	return par_date_parse(s, strlen(s), &days) ? days == want : want == -1 && days == -1;
}

static void dates(void)
{
	int all = 1;
	for (int32_t days = -100; days < 84400; days++)
		all &= agrees_with_libc(days);
	ok(all, "every day of 1970 to 2199 agrees with gmtime");
	char text[11];
	ok(strcmp(par_date_text(text, 0), "1970-01-01") == 0 &&
		strcmp(par_date_text(text, 20778), "2026-11-21") == 0,
	    "days become ISO text");
	ok(parses("2024-02-29", 19782) && parses("1970-01-01", 0), "real days parse");
	static const char *const bad[] = {"2023-02-29", "2024-13-01", "2024-00-10", "2024-04-31",
	    "1969-12-31", "2200-01-01", "2024-1-01", "01/02/2024", "2024-01-0a", "2024-01-011", ""};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(parses(bad[i], -1), "\"%s\" is refused", bad[i]);
	int32_t days;
	int hour = 0;
	ok(par_date_time_parse("2010-12-01 08:26:00", 19, &days, &hour) && hour == 8,
	    "date and time");
	ok(par_date_time_parse("2010-12-01T23:26", 16, &days, &hour) && hour == 23, "ISO with a T");
	ok(par_date_time_parse("2010-12-01", 10, &days, &hour) && hour == -1, "a day alone");
	ok(!par_date_time_parse("2010-12-01 24:00", 16, &days, &hour), "hour 24 is refused");
}

static void periods(void)
{
	int all = 1;
	for (int f = 0; f < PAR_FREQUENCIES; f++)
		for (int64_t first = 10000; first < 10062; first++)
			for (int64_t k = 0; k < 60; k++) {
				int64_t at = par_period_time((par_frequency)f, first, 0);
				int64_t t = par_period_time((par_frequency)f, first, k);
				all &= par_period_index((par_frequency)f, at, t) == k;
			}
	ok(all, "a step's time leads back to the step");
	char text[20];
	int32_t first = par_date_days(2024, 1, 31);
	ok(strcmp(par_period_text(text, PAR_MONTH, par_period_time(PAR_MONTH, first, 1)),
	       "2024-02-29") == 0,
	    "a month after 31 January is the end of February");
	ok(strcmp(par_period_text(text, PAR_MONTH, par_period_time(PAR_MONTH, first, 2)),
	       "2024-03-31") == 0,
	    "and the axis keeps its day");
	ok(par_period_index(PAR_WEEK, first, first + 8) == -1 &&
		par_period_index(PAR_DAY, first, first - 1) == -1,
	    "times off the axis have no step");
	ok(strcmp(par_period_text(text, PAR_HOUR, (int64_t)first * 24 + 5), "2024-01-31 05:00") ==
		0,
	    "hours show the hour");
	par_frequency f;
	ok(par_frequency_parse(&f, "quarter") == PAR_OK && f == PAR_QUARTER &&
		par_frequency_season(f) == 4,
	    "frequencies have names and seasons");
	ok(par_frequency_parse(&f, "days") == PAR_E_CONFIG, "other names are refused");
}

/* the axis of f from the first of the dates, ended by NULL, has them as its steps 0, 1, 2, ... */
static void steps(par_frequency f, const char *const *dates)
{
	char text[20];
	int32_t first;
	bool right = par_date_parse(dates[0], 10, &first);
	for (int k = 0; dates[k]; k++) {
		int64_t t = par_period_time(f, first, k);
		right &= strcmp(par_period_text(text, f, t), dates[k]) == 0;
		right &= par_period_index(f, first, t) == k;
		right &= par_period_index(f, first, t + 1) == -1;
	}
	ok(right, "%s from %s: %s, %s, ...", par_frequency_name(f), dates[0], dates[1], dates[2]);
}

static void ends(void)
{
	steps(PAR_MONTH_END,
	    (const char *[]){"2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31", NULL});
	steps(PAR_MONTH, (const char *[]){"2024-02-29", "2024-03-29", "2024-04-29", NULL});
	steps(PAR_MONTH_END, (const char *[]){"2023-01-31", "2023-02-28", "2023-03-31", NULL});
	steps(PAR_MONTH, (const char *[]){"2023-01-31", "2023-02-28", "2023-03-31", NULL});
	steps(PAR_MONTH, (const char *[]){"2024-01-30", "2024-02-29", "2024-03-30", NULL});
	steps(PAR_MONTH, (const char *[]){"2023-04-30", "2023-05-30", "2023-06-30", NULL});
	steps(PAR_MONTH_END, (const char *[]){"2023-04-30", "2023-05-31", "2023-06-30", NULL});
	steps(PAR_QUARTER_END,
	    (const char *[]){"2023-06-30", "2023-09-30", "2023-12-31", "2024-03-31", NULL});
	steps(PAR_QUARTER_END,
	    (const char *[]){"2023-11-30", "2024-02-29", "2024-05-31", "2024-08-31", NULL});
	steps(PAR_QUARTER, (const char *[]){"2023-06-30", "2023-09-30", "2023-12-30", NULL});
	steps(PAR_YEAR_END,
	    (const char *[]){"2023-02-28", "2024-02-29", "2025-02-28", "2026-02-28", NULL});
	par_frequency f;
	ok(par_frequency_parse(&f, "quarter-end") == PAR_OK && f == PAR_QUARTER_END &&
		par_frequency_season(f) == 4,
	    "the ends have names and seasons");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	dates();
	periods();
	ends();
	return tap_end();
}
