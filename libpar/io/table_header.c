#include "io/table_header.h"
#include "io/csv.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
	char text[PAR_CSV_FIELD + 1];
	int column; /* of its first byte, from 1 */
} heading;

static par_err refuse(const par_table *t, int column, const char *what)
{
	return par_fail(PAR_E_DATA, "%s:1:%d: %s", t->source.name, column, what);
}

const char *par_table_fault_text(
    par_csv_fault fault, const char *s, size_t at, int columns, int fields)
{
	static char text[256];
	switch (fault) {
	case PAR_CSV_NOT_UTF8:
		snprintf(text, sizeof text,
		    "byte %s is not UTF-8; wanted UTF-8 text; convert the file with iconv",
		    par_show(s + at, 1));
		return text;
	case PAR_CSV_CONTROL:
		snprintf(
		    text, sizeof text, "control character %s; wanted text", par_show(s + at, 1));
		return text;
	case PAR_CSV_BARE_QUOTE:
		return "a quote inside an unquoted field; wanted the whole field quoted and the "
		       "quote doubled";
	case PAR_CSV_AFTER_QUOTE:
		return "bytes after a closing quote; wanted a comma or the end of the line";
	case PAR_CSV_OPEN_QUOTE:
		return "the quote that opens here is never closed";
	case PAR_CSV_BARE_CR:
		return "CR without LF; wanted lines that end with LF or CRLF";
	case PAR_CSV_BLANK:
		return "a blank line; wanted a record";
	case PAR_CSV_LONG:
		snprintf(text, sizeof text, "a field of more than %d bytes%s", PAR_CSV_FIELD,
		    s[at] == '"' ? "; is its closing quote missing?" : "; wanted less");
		return text;
	case PAR_CSV_FEW:
	case PAR_CSV_MANY:
		snprintf(text, sizeof text, "%s%d fields; wanted %d as in the header",
		    fields > PAR_CSV_COLUMNS ? "more than " : "",
		    fields > PAR_CSV_COLUMNS ? PAR_CSV_COLUMNS : fields, columns);
		return text;
	default:
		return "no fault";
	}
}

/* text that is not UTF-8 CSV at all, told by its first bytes */
static par_err check_kind(const par_table *t, const char *s, size_t n)
{
	if (n == 0)
		return refuse(t, 1, "the file is empty; wanted a header line");
	if (n >= 2 && (memcmp(s, "\xff\xfe", 2) == 0 || memcmp(s, "\xfe\xff", 2) == 0))
		return refuse(t, 1, "UTF-16 text; wanted UTF-8; convert the file with iconv");
	if (n >= 4 && memcmp(s, "PK\x03\x04", 4) == 0)
		return refuse(
		    t, 1, "a zip archive or spreadsheet; wanted CSV text; export it as CSV");
	return PAR_OK;
}

static par_err check_first_record(const par_table *t, const char *s, const par_csv_record *r)
{
	char what[128];
	if (r->fault == PAR_CSV_FINE)
		return PAR_OK;
	if (r->fault == PAR_CSV_BLANK)
		return refuse(t, 1, "a blank line; wanted a header line");
	if (r->fault == PAR_CSV_MANY) {
		snprintf(what, sizeof what, "more than %d columns; wanted at most so many",
		    PAR_CSV_COLUMNS);
		return refuse(t, 1, what);
	}
	return refuse(t, (int)r->at + 1, par_table_fault_text(r->fault, s, r->at, 0, r->fields));
}

/* a header of one field that would be several if parted elsewhere */
static par_err check_separator(const par_table *t, const heading *h, int fields)
{
	if (fields > 1)
		return PAR_OK;
	if (strchr(h->text, ';'))
		return refuse(t, 1, "fields parted by semicolons; wanted commas");
	if (strchr(h->text, '\t'))
		return refuse(t, 1, "fields parted by tabs; wanted commas");
	return PAR_OK;
}

static int named(const par_schema *s, const char *column)
{
	for (int c = 0; c < s->columns; c++)
		if (strcmp(s->column[c].column, column) == 0)
			return c;
	return -1;
}

static par_err unknown(const par_table *t, const heading *h)
{
	const char *words[PAR_SCHEMA_COLUMNS];
	char what[512];
	for (int c = 0; c < t->schema->columns; c++)
		words[c] = t->schema->column[c].column;
	const char *near = par_text_nearest(h->text, words, t->schema->columns);
	snprintf(what, sizeof what, "unknown column %s; %s%s%s, or extra = allow in the schema",
	    par_shows(h->text), near ? "did you mean " : "wanted a column of the schema",
	    near ? near : "", near ? "?" : "");
	return refuse(t, h->column, what);
}

static par_err second_of(const par_table *t, const heading *h)
{
	char what[512];
	snprintf(
	    what, sizeof what, "column %s stands twice; wanted each name once", par_shows(h->text));
	return refuse(t, h->column, what);
}

static par_err place_columns(par_table *t, const heading *h)
{
	int known = 0;
	for (int f = 0; f < t->fields; f++)
		known += named(t->schema, h[f].text) >= 0;
	if (known == 0)
		return refuse(t, 1,
		    "no known column name; wanted the schema's names; is the header line missing?");
	for (int f = 0; f < t->fields; f++) {
		for (int g = 0; g < f; g++)
			if (strcmp(h[f].text, h[g].text) == 0)
				return second_of(t, &h[f]);
		int c = named(t->schema, h[f].text);
		if (c < 0 && !t->schema->extra)
			return unknown(t, &h[f]);
		if (c < 0)
			continue;
		t->column[c].field = f;
		t->in_order[t->present++] = c;
	}
	return PAR_OK;
}

static par_err check_required(const par_table *t)
{
	char what[512];
	for (int c = 0; c < t->schema->columns; c++) {
		const par_schema_column *k = &t->schema->column[c];
		if (!k->required || t->column[c].field >= 0)
			continue;
		snprintf(what, sizeof what, "required column %s is absent", par_shows(k->column));
		return refuse(t, 1, what);
	}
	return PAR_OK;
}

static par_err understand(par_table *t, const char *s, size_t n, bool last)
{
	PAR_TRY(check_kind(t, s, n));
	size_t bom = n >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	par_csv_span spans[PAR_CSV_COLUMNS];
	par_csv_record r = {.fault = PAR_CSV_BLANK};
	s += bom;
	if (n > bom)
		r = par_csv_read(s, n - bom, last, 0, spans);
	PAR_TRY(check_first_record(t, s, &r));
	t->text = (int64_t)bom;
	t->body = (int64_t)(bom + r.length);
	t->fields = r.fields;
	t->header_return = r.length > 1 && s[r.length - 2] == '\r';
	heading *h = calloc((size_t)r.fields, sizeof *h);
	if (!h)
		return par_fail(PAR_E_MEMORY, "no memory for a header");
	for (int f = 0; f < r.fields; f++) {
		par_csv_unquote(h[f].text, s + spans[f].at, spans[f].n);
		h[f].column = (int)spans[f].at + 1;
	}
	par_err e = check_separator(t, h, r.fields);
	if (e == PAR_OK)
		e = place_columns(t, h);
	free(h);
	return e == PAR_OK ? check_required(t) : e;
}

par_err par_table_header(par_table *t)
{
	size_t n = t->source.bytes < (int64_t)PAR_CSV_RECORD ? (size_t)t->source.bytes
							     : PAR_CSV_RECORD;
	char *head = calloc(n + PAR_CSV_PAD, 1);
	if (!head)
		return par_fail(PAR_E_MEMORY, "no memory for a header");
	for (int c = 0; c < t->schema->columns; c++)
		t->column[c] = (par_column_reader){.schema = &t->schema->column[c], .field = -1};
	par_err e = par_source_read(&t->source, 0, head, n);
	if (e == PAR_OK)
		e = understand(t, head, n, (int64_t)n == t->source.bytes);
	free(head);
	return e;
}
