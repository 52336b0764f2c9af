#include "io/schema.h"

#include "base/ini.h"
#include "base/text.h"
#include "io/csv.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
	par_schema *schema;
	char keys[256]; /* the key line, settled when all columns are known */
	int key_line, key_column;
	char lows[PAR_SCHEMA_COLUMNS][32],
	    highs[PAR_SCHEMA_COLUMNS][32]; /* settled with the type */
	bool empty_said[PAR_SCHEMA_COLUMNS];
	int line[PAR_SCHEMA_COLUMNS];
} reading;

static const char *const types[] = {
    "ignore", "id", "text", "code", "flag", "date", "int", "money", "real"};
enum { TYPES = sizeof types / sizeof types[0] };

static par_err refuse(const par_ini_item *i, const char *wanted)
{
	return par_fail(PAR_E_CONFIG, "%s:%d:%d: %s = %s; wanted %s", i->file, i->line,
	    i->value_column, i->key, par_shows(i->value), wanted);
}

static par_err take_bool(const par_ini_item *i, const char *yes, const char *no, bool *out)
{
	char wanted[64];
	snprintf(wanted, sizeof wanted, "%s or %s", yes, no);
	if (strcmp(i->value, yes) != 0 && strcmp(i->value, no) != 0)
		return refuse(i, wanted);
	*out = strcmp(i->value, yes) == 0;
	return PAR_OK;
}

static par_err take_name(const par_ini_item *i, const char *s, char *out)
{
	if (strlen(s) > PAR_SCHEMA_NAME)
		return refuse(i, "a name of at most 64 bytes");
	memcpy(out, s, strlen(s) + 1);
	return PAR_OK;
}

static par_err unknown_key(const par_ini_item *i, const char *const *known, int n)
{
	const char *near = par_text_nearest(i->key, known, n);
	return par_fail(PAR_E_CONFIG, "%s:%d:%d: unknown key %s in [%s]%s%s", i->file, i->line,
	    i->key_column, par_shows(i->key), par_shows(i->section), near ? "; did you mean " : "",
	    near ? near : "");
}

static par_err table_item(reading *r, const par_ini_item *i)
{
	static const char *const known[] = {"name", "key", "extra", "empty"};
	if (strcmp(i->key, "name") == 0)
		return take_name(i, i->value, r->schema->name);
	if (strcmp(i->key, "extra") == 0)
		return take_bool(i, "allow", "refuse", &r->schema->extra);
	if (strcmp(i->key, "empty") == 0)
		return take_bool(i, "allow", "refuse", &r->schema->empty);
	if (strcmp(i->key, "key") != 0)
		return unknown_key(i, known, 4);
	if (strlen(i->value) >= sizeof r->keys)
		return refuse(i, "column names, parted by commas");
	memcpy(r->keys, i->value, strlen(i->value) + 1);
	r->key_line = i->line;
	r->key_column = i->value_column;
	return PAR_OK;
}

static par_err take_type(const par_ini_item *i, par_schema_column *c)
{
	for (int t = 0; t < TYPES; t++)
		if (strcmp(i->value, types[t]) == 0) {
			c->type = (par_column_type)t;
			return PAR_OK;
		}
	return refuse(i, "id, text, code, flag, date, int, money, real or ignore");
}

/* A-Z0-9- : ranges and single bytes; a hyphen at the end is itself */
static par_err take_set(const par_ini_item *i, bool *set)
{
	const unsigned char *s = (const unsigned char *)i->value;
	memset(set, 0, 256);
	while (*s) {
		if (s[1] == '-' && s[2]) {
			if (s[2] < s[0])
				return refuse(i, "ranges that go up, as A-Z");
			for (int b = s[0]; b <= s[2]; b++)
				set[b] = true;
			s += 3;
		} else {
			set[*s++] = true;
		}
	}
	return PAR_OK;
}

static par_err take_length(const par_ini_item *i, par_schema_column *c)
{
	int lo, hi;
	char rest;
	if (sscanf(i->value, "%d %d%c", &lo, &hi, &rest) != 2 || lo < 0 || hi < lo ||
	    hi > PAR_CSV_FIELD)
		return refuse(i, "two numbers, the shortest and the longest in bytes");
	c->shortest = lo;
	c->longest = hi;
	return PAR_OK;
}

static par_err take_list(const par_ini_item *i, par_schema_column *c)
{
	c->list = par_codes_named(i->value);
	if (c->list != PAR_CODES_NONE)
		return PAR_OK;
	if (strlen(i->value) + 3 > sizeof c->words)
		return refuse(i, "iso-3166, iso-4217, or at most 253 bytes of words");
	snprintf(c->words, sizeof c->words, " %s ", i->value);
	return PAR_OK;
}

static par_err take_scale(const par_ini_item *i, par_schema_column *c)
{
	int64_t v;
	if (par_text_int(i->value, strlen(i->value), 0, 6, &v) != PAR_NUM_OK)
		return refuse(i, "0 to 6 digits after the point");
	c->scale = (int)v;
	return PAR_OK;
}

static par_err take_bound(const par_ini_item *i, char *out)
{
	if (strlen(i->value) > 31)
		return refuse(i, "a number");
	memcpy(out, i->value, strlen(i->value) + 1);
	return PAR_OK;
}

static par_err column_item(reading *r, int at, const par_ini_item *i)
{
	static const char *const known[] = {"column", "type", "required", "empty", "min", "max",
	    "scale", "round", "first", "chars", "length", "list"};
	par_schema_column *c = &r->schema->column[at];
	int k = 0;
	while (k < 12 && strcmp(i->key, known[k]) != 0)
		k++;
	switch (k) {
	case 0:
		return take_name(i, i->value, c->column);
	case 1:
		return take_type(i, c);
	case 2:
		return take_bool(i, "yes", "no", &c->required);
	case 3:
		r->empty_said[at] = true;
		return take_bool(i, "yes", "no", &c->empty);
	case 4:
		return take_bound(i, r->lows[at]);
	case 5:
		return take_bound(i, r->highs[at]);
	case 6:
		return take_scale(i, c);
	case 7:
		return take_bool(i, "yes", "no", &c->round);
	case 8:
		return take_set(i, c->first);
	case 9:
		return take_set(i, c->chars);
	case 10:
		return take_length(i, c);
	case 11:
		return take_list(i, c);
	default:
		return unknown_key(i, known, 12);
	}
}

static par_err new_column(reading *r, const par_ini_item *i)
{
	par_schema *s = r->schema;
	if (s->columns == PAR_SCHEMA_COLUMNS)
		return par_fail(PAR_E_CONFIG, "%s:%d:1: more than %d columns", i->file, i->line,
		    PAR_SCHEMA_COLUMNS);
	r->line[s->columns] = i->line;
	par_schema_column *c = &s->column[s->columns++];
	*c = (par_schema_column){.required = true,
	    .scale = 2,
	    .lo = INT64_MIN + 1,
	    .hi = INT64_MAX,
	    .least = -HUGE_VAL,
	    .most = HUGE_VAL,
	    .shortest = 1};
	memcpy(c->name, i->section, strlen(i->section) + 1);
	memcpy(c->column, i->section, strlen(i->section) + 1);
	memset(c->first, 1, sizeof c->first);
	memset(c->chars, 1, sizeof c->chars);
	return PAR_OK;
}

static par_err item(void *ctx, const par_ini_item *i)
{
	reading *r = ctx;
	PAR_TRY(par_ini_needs_value(i));
	bool table = strcmp(i->section, "table") == 0;
	if (!i->key)
		return table ? PAR_OK : new_column(r, i);
	return table ? table_item(r, i) : column_item(r, r->schema->columns - 1, i);
}

static bool settle_bounds(par_schema_column *c, const char *low, const char *high)
{
	size_t l = strlen(low), h = strlen(high);
	if (c->type == PAR_COLUMN_REAL)
		return (!l || !par_text_real(low, l, -HUGE_VAL, HUGE_VAL, &c->least)) &&
		       (!h || !par_text_real(high, h, -HUGE_VAL, HUGE_VAL, &c->most));
	int scale = c->type == PAR_COLUMN_MONEY ? c->scale : 0;
	return (!l || !par_text_decimal(low, l, scale, &c->lo)) &&
	       (!h || !par_text_decimal(high, h, scale, &c->hi));
}

static par_err settle_column(const reading *r, const char *file, int at)
{
	par_schema_column *c = &r->schema->column[at];
	if (!r->empty_said[at])
		c->empty = !c->required;
	if (c->type == PAR_COLUMN_INT)
		c->scale = 0;
	if (c->longest == 0) /* the schema does not say */
		c->longest = c->type == PAR_COLUMN_TEXT ? PAR_CSV_FIELD : 64;
	if (c->type == PAR_COLUMN_CODE && c->list == PAR_CODES_NONE && !*c->words)
		return par_fail(PAR_E_CONFIG, "%s:%d:1: column %s is a code; wanted its list", file,
		    r->line[at], par_shows(c->name));
	if (!settle_bounds(c, r->lows[at], r->highs[at]))
		return par_fail(PAR_E_CONFIG,
		    "%s:%d:1: column %s has a min or max that is no number of its type", file,
		    r->line[at], par_shows(c->name));
	for (int b = 0; b < at; b++)
		if (strcmp(r->schema->column[b].column, c->column) == 0)
			return par_fail(PAR_E_CONFIG, "%s:%d:1: two columns are called %s", file,
			    r->line[at], par_shows(c->column));
	return PAR_OK;
}

static par_err settle_key(reading *r, const char *file)
{
	par_schema *s = r->schema;
	char *rest = NULL;
	for (char *k = strtok_r(r->keys, ", ", &rest); k; k = strtok_r(NULL, ", ", &rest)) {
		int c = par_schema_find(s, k);
		if (c < 0 || s->keys == PAR_SCHEMA_KEYS || s->column[c].type == PAR_COLUMN_IGNORE)
			return par_fail(PAR_E_CONFIG,
			    "%s:%d:%d: key column %s has no section of its own here", file,
			    r->key_line, r->key_column, par_shows(k));
		s->key[s->keys++] = c;
	}
	return PAR_OK;
}

static par_err settle(reading *r, const char *file)
{
	for (int c = 0; c < r->schema->columns; c++)
		PAR_TRY(settle_column(r, file, c));
	return settle_key(r, file);
}

static par_err read_with(par_schema *s, const char *file, const char *text, size_t n)
{
	reading *r = calloc(1, sizeof *r);
	if (!r)
		return par_fail(PAR_E_MEMORY, "no memory for the schema %s", file);
	memset(s, 0, sizeof *s);
	r->schema = s;
	par_err e = text ? par_ini_parse(file, text, n, item, r) : par_ini_read(file, item, r);
	if (e == PAR_OK)
		e = settle(r, file);
	free(r);
	return e;
}

par_err par_schema_parse(par_schema *s, const char *file, const char *text, size_t n)
{
	return read_with(s, file, text, n);
}

par_err par_schema_read(par_schema *s, const char *path)
{
	return read_with(s, path, NULL, 0);
}

int par_schema_find(const par_schema *s, const char *name)
{
	for (int c = 0; c < s->columns; c++)
		if (strcmp(s->column[c].name, name) == 0)
			return c;
	return -1;
}

static const char *id_refused(const par_schema_column *c, const char *s, size_t n, size_t *at)
{
	static _Thread_local char wanted[80];
	size_t bad = par_text_control(s, n);
	if (bad < n) {
		*at = bad;
		return "an identifier without control characters";
	}
	if (s[0] == '=' || s[0] == '+' || s[0] == '-' || s[0] == '@')
		return "an identifier that no spreadsheet takes for a formula";
	if (s[0] == ' ' || s[n - 1] == ' ')
		return "an identifier without blanks at its ends";
	if (memchr(s, '/', n) || memchr(s, '\\', n))
		return "an identifier without slashes";
	if (n < (size_t)c->shortest || n > (size_t)c->longest) {
		snprintf(wanted, sizeof wanted, "%d to %d bytes", c->shortest, c->longest);
		return wanted;
	}
	if (!c->first[(unsigned char)s[0]])
		return "another first character (the schema's first)";
	for (size_t i = 0; i < n; i++)
		if (!c->chars[(unsigned char)s[i]])
			return "only the characters of the schema's chars";
	return NULL;
}

static const char *code_refused(const par_schema_column *c, const char *s, size_t n)
{
	if (c->list != PAR_CODES_NONE)
		return par_codes_has(c->list, s, n) ? NULL : par_codes_what(c->list);
	for (const char *w = c->words + 1; *w; w += strcspn(w, " ") + 1)
		if (strcspn(w, " ") == n && memcmp(w, s, n) == 0)
			return NULL;
	return "a word of the schema's list";
}

const char *par_schema_refuses(const par_schema_column *c, const char *s, size_t n, size_t *at)
{
	*at = 0;
	if (c->type == PAR_COLUMN_ID)
		return id_refused(c, s, n, at);
	if (c->type == PAR_COLUMN_CODE)
		return code_refused(c, s, n);
	return n >= (size_t)c->shortest && n <= (size_t)c->longest ? NULL : "the schema's length";
}
