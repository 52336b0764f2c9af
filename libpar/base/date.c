#include "base/date.h"

#include <stdio.h>

int32_t par_date_days(int year, int month, int day)
{
	int y = year - (month <= 2);
	int era = (y >= 0 ? y : y - 399) / 400;
	int of_era = y - era * 400;
	int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

par_date par_date_of(int32_t days)
{
	int z = days + 719468;
	int era = (z >= 0 ? z : z - 146096) / 146097;
	int doe = z - era * 146097;
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (5 * doy + 2) / 153;
	int month = mp + (mp < 10 ? 3 : -9);
	return (par_date){yoe + era * 400 + (month <= 2), month, doy - (153 * mp + 2) / 5 + 1};
}

int par_date_weekday(int32_t days)
{
	return (int)(((int64_t)days % 7 + 7 + 3) % 7);
}

int par_date_month_length(int year, int month)
{
	static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return length[month - 1] + (month == 2 && leap);
}

static int two_digits(const char *s)
{
	int a = s[0] - '0', b = s[1] - '0';
	return a < 0 || a > 9 || b < 0 || b > 9 ? -1 : 10 * a + b;
}

int par_date_parse(const char *s, size_t n, int32_t *days)
{
	if (n != 10 || s[4] != '-' || s[7] != '-')
		return 0;
	int century = two_digits(s), of = two_digits(s + 2);
	int month = two_digits(s + 5), day = two_digits(s + 8);
	int year = 100 * century + of;
	if (century < 0 || of < 0 || year < 1970 || year > 2199 || month < 1 || month > 12 ||
	    day < 1 || day > par_date_month_length(year, month))
		return 0;
	*days = par_date_days(year, month, day);
	return 1;
}

int par_date_time_parse(const char *s, size_t n, int32_t *days, int *hour)
{
	if (n == 10) {
		*hour = -1;
		return par_date_parse(s, n, days);
	}
	if ((n != 16 && n != 19) || (s[10] != ' ' && s[10] != 'T') || s[13] != ':')
		return 0;
	int h = two_digits(s + 11), minute = two_digits(s + 14), second = 0;
	if (n == 19)
		second = s[16] == ':' ? two_digits(s + 17) : -1;
	if (h < 0 || h > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
		return 0;
	*hour = h;
	return par_date_parse(s, 10, days);
}

const char *par_date_text(char *out, int32_t days)
{
	par_date d = par_date_of(days);
	snprintf(out, 11, "%04u-%02u-%02u", (unsigned)d.year % 10000, (unsigned)d.month % 100,
	    (unsigned)d.day % 100);
	return out;
}
