#include "ingest/images_part.h"

#include "base/text.h"
#include "io/csv.h"
#include "io/share.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INDEX_BYTES ((size_t)1 << 30)

enum { FILE_COLUMN, CATEGORY_COLUMN, SPLIT_COLUMN, COLUMNS };
static const char *const column_names[COLUMNS] = {"file", "category", "split"};

/* an index being read: text[at] begins the record on this line */
typedef struct {
	const char *path;
	char *text;
	size_t n, at;
	int64_t line;
	int columns, column[COLUMNS]; /* where each stands, -1 when it does not */
	par_csv_span field[PAR_CSV_COLUMNS];
} table;

static par_err bad_field(
    const table *t, int k, const char *what, const char *met, size_t n, const char *wanted)
{
	return par_fail(PAR_E_DATA, "%s:%lld:%lld: %s %s; wanted %s", par_shows(t->path),
	    (long long)t->line, (long long)t->field[k].at + 1, what, par_show(met, n), wanted);
}

static par_err next_record(table *t, par_csv_record *r)
{
	static const char *const why[] = {[PAR_CSV_MORE] = "the record does not end",
	    [PAR_CSV_NOT_UTF8] = "bytes that are not UTF-8",
	    [PAR_CSV_CONTROL] = "a control character",
	    [PAR_CSV_BARE_QUOTE] = "a quote inside an unquoted field",
	    [PAR_CSV_AFTER_QUOTE] = "bytes after a closing quote",
	    [PAR_CSV_OPEN_QUOTE] = "a quote that is never closed",
	    [PAR_CSV_BARE_CR] = "CR without LF",
	    [PAR_CSV_BLANK] = "a blank line",
	    [PAR_CSV_LONG] = "a field of more than 4096 bytes",
	    [PAR_CSV_FEW] = "too few fields",
	    [PAR_CSV_MANY] = "too many fields"};
	*r = par_csv_read(t->text + t->at, t->n - t->at, true, t->columns, t->field);
	if (r->fault == PAR_CSV_FINE)
		return PAR_OK;
	return par_fail(PAR_E_DATA,
	    "%s:%lld:%zu: %s; wanted a record of an index; check the export", par_shows(t->path),
	    (long long)t->line, r->at + 1, why[r->fault]);
}

/* the field without quotes, in place and NUL-terminated: the record has been taken apart already and
 * what follows the field is a comma or line end, or its own closing quote */
static char *text_of(table *t, int k, size_t *n)
{
	char *s = t->text + t->at + t->field[k].at;
	*n = par_csv_unquote(s, s, t->field[k].n);
	s[*n] = 0;
	return s;
}

static par_err read_header(table *t)
{
	par_csv_record r;
	if (t->n >= 3 && memcmp(t->text, "\xef\xbb\xbf", 3) == 0)
		t->at = 3;
	PAR_TRY(next_record(t, &r));
	for (int c = 0; c < COLUMNS; c++)
		t->column[c] = -1;
	for (int k = 0; k < r.fields; k++) {
		const char *s = t->text + t->at + t->field[k].at;
		int c = 0;
		while (c < COLUMNS && (strlen(column_names[c]) != t->field[k].n ||
					  memcmp(s, column_names[c], t->field[k].n) != 0))
			c++;
		if (c == COLUMNS || t->column[c] >= 0)
			return bad_field(t, k, "column", s, t->field[k].n,
			    "file, category and perhaps split, each once");
		t->column[c] = k;
	}
	if (t->column[FILE_COLUMN] < 0 || t->column[CATEGORY_COLUMN] < 0)
		return par_fail(PAR_E_DATA,
		    "%s:1:1: no column %s; wanted file, category and perhaps split",
		    par_shows(t->path),
		    column_names[t->column[FILE_COLUMN] < 0 ? FILE_COLUMN : CATEGORY_COLUMN]);
	t->columns = r.fields;
	t->at += r.length;
	t->line++;
	return PAR_OK;
}

/* a path below the index's folder */
static bool is_below(const char *file, size_t n)
{
	if (n == 0 || file[0] == '/')
		return false;
	for (const char *at = file; at; at = strchr(at, '/')) {
		at += *at == '/';
		if (strncmp(at, "..", 2) == 0 && (at[2] == '/' || !at[2]))
			return false;
	}
	return true;
}

static bool split_named(const char *s, size_t n, uint8_t *split)
{
	static const char *const names[] = {"train", "validation", "test"};
	*split = IMAGE_SPLIT_BY_NUMBER;
	for (uint8_t i = 0; i < 3; i++)
		if (strcmp(s, names[i]) == 0)
			*split = i;
	return n == 0 || *split != IMAGE_SPLIT_BY_NUMBER;
}

static par_err take_row(table *t, images_list *l)
{
	size_t n, category_n, split_n;
	uint8_t split = IMAGE_SPLIT_BY_NUMBER;
	int k = t->column[SPLIT_COLUMN];
	if (k >= 0) {
		const char *s = text_of(t, k, &split_n);
		if (!split_named(s, split_n, &split))
			return bad_field(
			    t, k, "split", s, split_n, "train, validation, test or nothing");
	}
	k = t->column[FILE_COLUMN];
	const char *file = text_of(t, k, &n);
	if (!is_below(file, n))
		return bad_field(t, k, "file", file, n, "a path below the index's folder");
	const char *category = text_of(t, t->column[CATEGORY_COLUMN], &category_n);
	return images_list_add(l, file, category, category_n, split);
}

static par_err read_row(table *t, images_list *l)
{
	par_csv_record r;
	int64_t lines = 0;
	PAR_TRY(next_record(t, &r));
	for (size_t i = 0; i < r.length; i++)
		lines += t->text[t->at + i] == '\n';
	PAR_TRY(take_row(t, l));
	t->at += r.length;
	t->line += lines;
	return PAR_OK;
}

static par_err list_index(images_list *l, table *t)
{
	int64_t lines = 1;
	for (size_t i = 0; i < t->n; i++)
		lines += t->text[i] == '\n';
	PAR_TRY(images_list_room(l, lines));
	PAR_TRY(read_header(t));
	while (t->at < t->n)
		PAR_TRY(read_row(t, l));
	return l->items > 0 ? PAR_OK
			    : par_fail(PAR_E_DATA, "%s:2:1: no rows; wanted one a picture",
				  par_shows(t->path));
}

static par_err read_index(table *t, images_list *l, app *a, images *im)
{
	const char *slash = strrchr(t->path, '/');
	char folder[4096];
	snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - t->path) : 1,
	    slash ? t->path : ".");
	PAR_TRY(par_share_file(&a->world, t->path, INDEX_BYTES, &t->text, &t->n));
	PAR_TRY_ALL(&a->world, list_index(l, t));
	return images_list_read(l, a, im, folder, t->path);
}

par_err images_from_index(app *a, images *im, const char *path)
{
	table t = {.path = path, .line = 1};
	images_list l = {0};
	par_err e = read_index(&t, &l, a, im);
	images_list_drop(&l);
	free(t.text);
	return e;
}
