#include "base/period.h"

#include "base/date.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	int season, hours, days, months; /* a step is one of the three */
	bool ends;                       /* of months: their last days */
} table[PAR_FREQUENCIES] = {
    [PAR_HOUR] = {"hour", 24, 1, 0, 0, false},
    [PAR_DAY] = {"day", 7, 0, 1, 0, false},
    [PAR_WEEK] = {"week", 1, 0, 7, 0, false},
    [PAR_MONTH] = {"month", 12, 0, 0, 1, false},
    [PAR_QUARTER] = {"quarter", 4, 0, 0, 3, false},
    [PAR_YEAR] = {"year", 1, 0, 0, 12, false},
    [PAR_MONTH_END] = {"month-end", 12, 0, 0, 1, true},
    [PAR_QUARTER_END] = {"quarter-end", 4, 0, 0, 3, true},
    [PAR_YEAR_END] = {"year-end", 1, 0, 0, 12, true},
};

const char *par_frequency_name(par_frequency f)
{
	return table[f].name;
}

par_err par_frequency_parse(par_frequency *f, const char *name)
{
	for (int i = 0; i < PAR_FREQUENCIES; i++)
		if (strcmp(table[i].name, name) == 0) {
			*f = (par_frequency)i;
			return PAR_OK;
		}
	return par_fail(PAR_E_CONFIG,
	    "%s is no frequency; wanted hour, day, week, month, quarter, year, month-end, "
	    "quarter-end or year-end",
	    par_shows(name));
}

int par_frequency_season(par_frequency f)
{
	return table[f].season;
}

const char *par_frequency_units(par_frequency f)
{
	return f == PAR_HOUR ? "hours since 1970-01-01 00:00:00" : "days since 1970-01-01";
}

static int64_t months_later(int64_t first, int64_t months, bool end)
{
	par_date d = par_date_of((int32_t)first);
	int64_t m = (int64_t)d.year * 12 + d.month - 1 + months;
	int year = (int)(m / 12), month = (int)(m % 12) + 1;
	int length = par_date_month_length(year, month);
	return par_date_days(year, month, !end && d.day < length ? d.day : length);
}

int64_t par_period_time(par_frequency f, int64_t first, int64_t k)
{
	if (table[f].months)
		return months_later(first, k * table[f].months, table[f].ends);
	return first + k * (table[f].hours + table[f].days);
}

int64_t par_period_index(par_frequency f, int64_t first, int64_t t)
{
	if (t < first)
		return -1;
	int64_t k = (t - first) / (table[f].hours + table[f].days + 31 * table[f].months);
	while (par_period_time(f, first, k) < t)
		k++;
	return par_period_time(f, first, k) == t ? k : -1;
}

const char *par_period_text(char *out, par_frequency f, int64_t t)
{
	int64_t days = f == PAR_HOUR ? t / 24 : t;
	par_date_text(out, (int32_t)days);
	if (f == PAR_HOUR)
		snprintf(out + 10, 10, " %02d:00", (int)(t % 24));
	return out;
}
