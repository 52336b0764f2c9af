#include "base/text.h"

#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* length of the valid UTF-8 character at s, or 0; Unicode 15, table 3-7 */
static size_t utf8_length(const unsigned char *s, size_t n)
{
	if (s[0] < 0x80)
		return 1;
	size_t len = s[0] >= 0xc2 && s[0] <= 0xdf   ? 2
		     : (s[0] & 0xf0) == 0xe0        ? 3
		     : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4
						    : 0;
	if (len == 0 || len > n)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
	bool surrogate = s[0] == 0xed && s[1] > 0x9f;
	bool beyond = s[0] == 0xf4 && s[1] > 0x8f;
	return overlong || surrogate || beyond ? 0 : len;
}

static uint32_t utf8_code(const unsigned char *s, size_t len)
{
	static const unsigned char lead[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t c = s[0] & lead[len];
	for (size_t i = 1; i < len; i++)
		c = c << 6 | (s[i] & 0x3f);
	return c;
}

static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

size_t par_text_utf8_valid(const char *s, size_t n)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t i = 0;
	while (i < n) {
		uint64_t eight;
		if (i + 8 <= n && (memcpy(&eight, u + i, 8), !(eight & 0x8080808080808080u))) {
			i += 8;
			continue;
		}
		size_t len = utf8_length(u + i, n - i);
		if (len == 0)
			return i;
		i += len;
	}
	return n;
}

size_t par_text_control(const char *s, size_t n)
{
	const unsigned char *u = (const unsigned char *)s;
	for (size_t i = 0; i < n;) {
		size_t len = utf8_length(u + i, n - i);
		if (len == 0 || is_control(utf8_code(u + i, len)))
			return i;
		i += len;
	}
	return n;
}

const char *par_text_show(char *out, size_t size, const char *s, size_t n)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t used = 0;
	int shown = 0;
	for (size_t i = 0; i < n; shown++) {
		size_t len = utf8_length(u + i, n - i);
		bool plain = len > 0 && !is_control(utf8_code(u + i, len));
		size_t need = plain ? len : 4;
		if (shown == PAR_TEXT_SHOWN || used + need + 4 > size) {
			memcpy(out + used, "...", 3);
			used += 3;
			break;
		}
		if (plain)
			memcpy(out + used, s + i, len);
		else
			snprintf(out + used, 5, "\\x%02x", u[i]);
		used += need;
		i += plain ? len : 1;
	}
	out[used] = 0;
	return out;
}

const char *par_show(const char *s, size_t n)
{
	static char ring[8][4 * PAR_TEXT_SHOWN + 8];
	static int next;
	next = (next + 1) % 8;
	return par_text_show(ring[next], sizeof ring[next], s, n);
}

const char *par_shows(const char *s)
{
	return par_show(s, strlen(s));
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

par_num par_text_int(const char *s, size_t n, int64_t lo, int64_t hi, int64_t *v)
{
	if (n == 0)
		return PAR_NUM_EMPTY;
	bool minus = s[0] == '-';
	if (n == (size_t)minus)
		return PAR_NUM_MALFORMED;
	int64_t value = 0;
	bool over = false;
	for (size_t i = minus; i < n; i++) {
		if (!digit(s[i]))
			return PAR_NUM_MALFORMED;
		int d = minus ? -(s[i] - '0') : s[i] - '0';
		over |= __builtin_mul_overflow(value, 10, &value) ||
			__builtin_add_overflow(value, d, &value);
	}
	if (over || value < lo || value > hi)
		return PAR_NUM_RANGE;
	*v = value;
	return PAR_NUM_OK;
}

par_num par_text_decimal(const char *s, size_t n, int scale, int64_t *v)
{
	if (n == 0)
		return PAR_NUM_EMPTY;
	bool minus = s[0] == '-';
	size_t i = minus, whole = i;
	int64_t value = 0;
	bool over = false;
	for (; i < n && digit(s[i]); i++)
		over |= __builtin_mul_overflow(value, 10, &value) ||
			__builtin_add_overflow(value, s[i] - '0', &value);
	if (i == whole)
		return PAR_NUM_MALFORMED;
	if (i < n && (s[i] != '.' || i + 1 == n))
		return PAR_NUM_MALFORMED;
	const char *after = s + i + 1;
	size_t k = i < n ? n - i - 1 : 0;
	int first_lost = 0;
	bool more_lost = false;
	for (size_t j = 0; j < k; j++) {
		if (!digit(after[j]))
			return PAR_NUM_MALFORMED;
		if (j < (size_t)scale)
			over |= __builtin_mul_overflow(value, 10, &value) ||
				__builtin_add_overflow(value, after[j] - '0', &value);
		else if (j == (size_t)scale)
			first_lost = after[j] - '0';
		else
			more_lost |= after[j] != '0';
	}
	for (size_t j = k; j < (size_t)scale; j++)
		over |= __builtin_mul_overflow(value, 10, &value);
	if (over)
		return PAR_NUM_RANGE;
	bool lossy = first_lost || more_lost;
	if (minus && value == 0 && !lossy)
		return PAR_NUM_MALFORMED;
	bool up = first_lost > 5 || (first_lost == 5 && (more_lost || value % 2));
	if (up && __builtin_add_overflow(value, 1, &value))
		return PAR_NUM_RANGE;
	*v = minus ? -value : value;
	return lossy ? PAR_NUM_DIGITS : PAR_NUM_OK;
}

/* strtod rounds correctly; the form is checked here and the C locale is asked for by name */
par_num par_text_real(const char *s, size_t n, double lo, double hi, double *v)
{
	char copy[64];
	if (n == 0)
		return PAR_NUM_EMPTY;
	if (n >= sizeof copy)
		return PAR_NUM_MALFORMED;
	size_t i = s[0] == '-', digits = 0;
	for (; i < n && digit(s[i]); i++)
		digits++;
	if (i < n && s[i] == '.')
		for (i++; i < n && digit(s[i]); i++)
			digits++;
	if (digits == 0)
		return PAR_NUM_MALFORMED;
	if (i < n && (s[i] == 'e' || s[i] == 'E')) {
		i += 1 + (i + 1 < n && (s[i + 1] == '-' || s[i + 1] == '+'));
		size_t exponent = i;
		while (i < n && digit(s[i]))
			i++;
		if (i == exponent)
			return PAR_NUM_MALFORMED;
	}
	if (i < n)
		return PAR_NUM_MALFORMED;
	memcpy(copy, s, n);
	copy[n] = 0;
	static locale_t plain;
	if (!plain)
		plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	double value = strtod_l(copy, NULL, plain);
	if (!isfinite(value) || value < lo || value > hi)
		return PAR_NUM_RANGE;
	*v = value;
	return PAR_NUM_OK;
}

/* Levenshtein distance, cut off above 32 characters */
static int distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	if (n > 32 || m > 32)
		return 99;
	int row[33];
	for (size_t j = 0; j <= m; j++)
		row[j] = (int)j;
	for (size_t i = 1; i <= n; i++) {
		int corner = row[0];
		row[0] = (int)i;
		for (size_t j = 1; j <= m; j++) {
			int swap = corner + (a[i - 1] != b[j - 1]);
			corner = row[j];
			int gap = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
			row[j] = swap < gap ? swap : gap;
		}
	}
	return row[m];
}

const char *par_text_nearest(const char *s, const char *const *words, int k)
{
	const char *best = NULL;
	int least = 3;
	for (int i = 0; i < k; i++) {
		int d = distance(s, words[i]);
		if (d < least && 2 * d < (int)strlen(s) + 2) {
			least = d;
			best = words[i];
		}
	}
	return best;
}
