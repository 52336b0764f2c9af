#include "io/column.h"

#include "base/date.h"
#include "base/text.h"
#include "io/csv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
	const char *s;
	size_t n;
} span;

#define SCRATCH (PAR_CSV_FIELD + PAR_CSV_PAD)

static inline uint64_t load(const char *s)
{
	uint64_t x;
	memcpy(&x, s, 8);
	return x;
}

static size_t field_at(const par_rows *t, size_t row, int field)
{
	size_t f = row * (size_t)t->fields + (size_t)field;
	return f > 0 ? t->ends[f - 1] + (size_t)1 : 0;
}

/* the bytes of a field; quotes come off into scratch */
static inline span get(const par_rows *t, size_t row, int field, char *scratch)
{
	size_t f = row * (size_t)t->fields + (size_t)field;
	size_t first = f > 0 ? t->ends[f - 1] + (size_t)1 : 0, n = t->ends[f] - first;
	const char *s = t->s + first;
	if (field == t->fields - 1 && n > 0 && s[n - 1] == '\r')
		n--;
	if (n > 0 && s[0] == '"')
		return (span){scratch, par_csv_unquote(scratch, s, n)};
	return (span){s, n};
}

/* up to eight digits, the first in the lowest byte and '0' in none of the bytes above them; pairs,
 * then fours, then eights (a well known trick; each product adds neighbours) */
static inline int64_t digits_of(uint64_t x)
{
	x = (x * 10) + (x >> 8);
	x = ((x & 0x000000ff000000ff) * (100 + (1000000ull << 32)) +
		((x >> 16 & 0x000000ff000000ff) * (1 + (10000ull << 32)))) >>
	    32;
	return (int64_t)(uint32_t)x;
}

/* plain digits with at most one point between them, eight bytes in all: *value without the point and
 * *after, the digits that follow it; false for anything else */
static inline bool short_number(const char *s, size_t n, int64_t *value, unsigned *after)
{
	if (n - 1 >= 8)
		return false;
	const uint64_t ones = 0x0101010101010101;
	uint64_t x = load(s) << (64 - 8 * n); /* the last byte of the field is the highest */
	uint64_t point = x ^ (ones * '.');
	point = (point - ones) & ~point & (ones << 7);
	*after = 0;
	if (point) {
		unsigned at = (unsigned)__builtin_ctzll(point) / 8;
		*after = 7 - at;
		if (*after == 0 || at == 8 - n)
			return false;
		uint64_t above = at == 7 ? 0 : x >> (8 * at + 8) << (8 * at + 8);
		uint64_t below = x & ~(~(uint64_t)0 << (8 * at));
		x = above | below << 8;
		n--;
	}
	x ^= n == 8 ? ones * '0' : (ones * '0') & ~(~(uint64_t)0 >> (8 * n));
	if (((x + ones * 0x76) | x) & (ones << 7))
		return false;
	*value = digits_of(x);
	return true;
}

static const int64_t tens[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};

/* one field each; false leaves the explanation to par_column_explain */
static inline bool read_decimal(par_column_reader *c, span f, int64_t *out)
{
	const par_schema_column *k = c->schema;
	unsigned after;
	int64_t v;
	if (f.n == 0) {
		*out = PAR_COLUMN_NONE;
		return k->empty;
	}
	bool is_int = k->type == PAR_COLUMN_INT;
	if (short_number(f.s, f.n, &v, &after) && after <= (unsigned)k->scale) {
		v *= tens[(unsigned)k->scale - after];
	} else if (is_int) {
		if (par_text_int(f.s, f.n, k->lo, k->hi, &v) != PAR_NUM_OK)
			return false;
	} else {
		par_num r = par_text_decimal(f.s, f.n, k->scale, &v);
		if (r != PAR_NUM_OK && !(r == PAR_NUM_DIGITS && k->round))
			return false;
		c->rounded += r == PAR_NUM_DIGITS;
	}
	*out = v;
	return v >= k->lo && v <= k->hi;
}

static inline bool read_real(const par_schema_column *k, span f, double *out)
{
	unsigned after;
	int64_t v;
	if (f.n == 0) {
		*out = NAN;
		return k->empty;
	}
	/* both numbers are exact, so the quotient is the correctly rounded value */
	if (short_number(f.s, f.n, &v, &after))
		*out = after ? (double)v / (double)tens[after] : (double)v;
	else if (par_text_real(f.s, f.n, k->least, k->most, out) != PAR_NUM_OK)
		return false;
	return *out >= k->least && *out <= k->most;
}

static bool read_flag(const par_schema_column *k, span f, int64_t *out)
{
	static const char *const words[] = {"0", "1", "no", "yes", "false", "true"};
	*out = PAR_COLUMN_NONE;
	if (f.n == 0)
		return k->empty;
	for (int w = 0; w < 6; w++)
		if (strlen(words[w]) == f.n && memcmp(words[w], f.s, f.n) == 0)
			*out = w % 2;
	return *out != PAR_COLUMN_NONE;
}

static bool read_date(par_column_reader *c, span f, int64_t *out)
{
	int32_t day = 0;
	int hour = -1;
	*out = PAR_COLUMN_NONE;
	if (f.n == 0)
		return c->schema->empty;
	if (!par_date_time_parse(f.s, f.n, &day, &hour))
		return false;
	c->timed |= hour >= 0;
	*out = (int64_t)day * 24 + (hour > 0 ? hour : 0);
	return true;
}

/* up to 24 bytes that equal those of the row before: dates, orders and markets come in runs */
typedef struct {
	size_t n;
	uint64_t head, middle, tail;
} run;

static inline bool same_as_before(run *r, span f)
{
	if (f.n - 1 >= 24) {
		r->n = 0;
		return false;
	}
	run now = {f.n, load(f.s), f.n > 16 ? load(f.s + 8) : 0, 0};
	if (f.n >= 8)
		now.tail = load(f.s + f.n - 8);
	else
		now.head <<= 64 - 8 * f.n;
	bool same = now.n == r->n && now.head == r->head && now.middle == r->middle &&
		    now.tail == r->tail;
	*r = now;
	return same;
}

static size_t read_decimals(par_column_reader *c, const par_rows *t, size_t rows, char *scratch)
{
	int64_t *out = c->out;
	for (size_t r = 0; r < rows; r++)
		if (!read_decimal(c, get(t, r, c->field, scratch), &out[r]))
			return r;
	return rows;
}

static size_t read_reals(par_column_reader *c, const par_rows *t, size_t rows, char *scratch)
{
	double *out = c->out;
	for (size_t r = 0; r < rows; r++)
		if (!read_real(c->schema, get(t, r, c->field, scratch), &out[r]))
			return r;
	return rows;
}

static size_t read_flags(par_column_reader *c, const par_rows *t, size_t rows, char *scratch)
{
	int64_t *out = c->out;
	for (size_t r = 0; r < rows; r++)
		if (!read_flag(c->schema, get(t, r, c->field, scratch), &out[r]))
			return r;
	return rows;
}

static size_t read_dates(par_column_reader *c, const par_rows *t, size_t rows, char *scratch)
{
	int64_t *out = c->out, last = PAR_COLUMN_NONE;
	run before = {0};
	for (size_t r = 0; r < rows; r++) {
		span f = get(t, r, c->field, scratch);
		if (!same_as_before(&before, f) && !read_date(c, f, &last))
			return r;
		out[r] = last;
	}
	return rows;
}

/* the number of a text, -1 when it is refused or memory ran out */
static inline int32_t read_id(par_column_reader *c, span f)
{
	size_t at;
	int32_t known = c->dict.count, id = par_dict_put(&c->dict, f.s, f.n);
	bool fresh = c->dict.count > known;
	return fresh && par_schema_refuses(c->schema, f.s, f.n, &at) ? -1 : id;
}

static size_t read_ids(par_column_reader *c, const par_rows *t, size_t rows, char *scratch)
{
	int32_t *out = c->out, last = -1;
	run before = {0};
	for (size_t r = 0; r < rows; r++) {
		span f = get(t, r, c->field, scratch);
		if (f.n == 0) {
			if (!c->schema->empty)
				return r;
			out[r] = -1;
			continue;
		}
		if (!same_as_before(&before, f))
			last = read_id(c, f);
		if (last < 0)
			return r;
		out[r] = last;
	}
	return rows;
}

static bool is_dictionary(par_column_type t)
{
	return t == PAR_COLUMN_ID || t == PAR_COLUMN_TEXT || t == PAR_COLUMN_CODE;
}

size_t par_column_read(par_column_reader *c, const par_rows *text, size_t rows, par_column *got)
{
	char scratch[SCRATCH];
	*got = (par_column){0};
	par_column_type type = c->schema->type;
	if (type == PAR_COLUMN_IGNORE || rows == 0)
		return rows;
	if (rows > c->room) {
		free(c->out);
		c->room = rows + rows / 4;
		c->out = malloc(c->room * sizeof(int64_t));
		if (!c->out) {
			c->room = 0;
			return 0;
		}
	}
	if (is_dictionary(type)) {
		got->id = c->out;
		return read_ids(c, text, rows, scratch);
	}
	if (type == PAR_COLUMN_REAL) {
		got->real = c->out;
		return read_reals(c, text, rows, scratch);
	}
	got->value = c->out;
	return type == PAR_COLUMN_DATE   ? read_dates(c, text, rows, scratch)
	       : type == PAR_COLUMN_FLAG ? read_flags(c, text, rows, scratch)
					 : read_decimals(c, text, rows, scratch);
}

/* money in minor units as text */
static const char *bound_text(char *out, size_t size, int64_t v, int scale)
{
	uint64_t size_of = v < 0 ? 0 - (uint64_t)v : (uint64_t)v, unit = (uint64_t)tens[scale];
	if (scale == 0)
		snprintf(out, size, "%lld", (long long)v);
	else
		snprintf(out, size, "%s%llu.%0*llu", v < 0 ? "-" : "",
		    (unsigned long long)(size_of / unit), scale,
		    (unsigned long long)(size_of % unit));
	return out;
}

static void say_range(const par_schema_column *k, char *out, size_t size)
{
	char lo[32], hi[32];
	if (k->type == PAR_COLUMN_REAL)
		snprintf(out, size, "a number from %g to %g", k->least, k->most);
	else
		snprintf(out, size, "%s to %s", bound_text(lo, sizeof lo, k->lo, k->scale),
		    bound_text(hi, sizeof hi, k->hi, k->scale));
}

static void say_wanted(const par_schema_column *k, span f, char *out, size_t size)
{
	int64_t v = 0;
	double x;
	par_num form = k->type == PAR_COLUMN_REAL
			   ? par_text_real(f.s, f.n, k->least, k->most, &x)
			   : par_text_decimal(
				 f.s, f.n, k->type == PAR_COLUMN_MONEY ? k->scale : 0, &v);
	if (k->type == PAR_COLUMN_DATE)
		snprintf(out, size, "a day that exists as YYYY-MM-DD, 1970 to 2199");
	else if (k->type == PAR_COLUMN_FLAG)
		snprintf(out, size, "0 or 1, no or yes, false or true");
	else if (form == PAR_NUM_DIGITS && k->type == PAR_COLUMN_MONEY)
		snprintf(out, size,
		    "at most %d digits after the point, or round = yes in the schema", k->scale);
	else if (form == PAR_NUM_OK || form == PAR_NUM_RANGE)
		say_range(k, out, size);
	else if (k->type == PAR_COLUMN_INT)
		snprintf(out, size, "digits, and a minus sign at most");
	else
		snprintf(out, size, "a decimal number with a point");
}

par_err par_column_explain(
    par_column_reader *c, const par_rows *text, size_t row, char *out, size_t size, size_t *at)
{
	char scratch[SCRATCH], wanted[128];
	const par_schema_column *k = c->schema;
	span f = get(text, row, c->field, scratch);
	size_t inside = 0;
	*at = field_at(text, row, c->field);
	if (f.n == 0 && c->out) {
		snprintf(out, size, "%s is empty; wanted a value", par_shows(k->column));
		return PAR_E_DATA;
	}
	if (is_dictionary(k->type)) {
		const char *why = par_schema_refuses(k, f.s, f.n, &inside);
		if (why)
			snprintf(out, size, "%s %s; wanted %s", par_shows(k->column),
			    par_show(f.s, f.n), why);
		if (inside > 0 && f.s == scratch) /* quotes that came off count in the file */
			for (size_t i = 0, end = inside; i < end; i++)
				inside += f.s[i] == '"';
		*at += inside + (inside > 0 && f.s == scratch);
		if (why)
			return PAR_E_DATA;
	} else if (c->out) {
		say_wanted(k, f, wanted, sizeof wanted);
		snprintf(out, size, "%s %s; wanted %s", par_shows(k->column), par_show(f.s, f.n),
		    wanted);
		return PAR_E_DATA;
	}
	snprintf(out, size, "no memory for column %s", par_shows(k->column));
	return PAR_E_MEMORY;
}

void par_column_close(par_column_reader *c)
{
	par_dict_free(&c->dict);
	free(c->out);
	c->out = NULL;
	c->room = 0;
}
