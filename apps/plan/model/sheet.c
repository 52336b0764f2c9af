#include "plan/model/sheet.h"

#include "comm/gather.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* the file's bytes between two symbols; the assembler runs in the root of the tree */
#define TEXT(name)                                                              \
	extern const char network_##name##_text[], network_##name##_text_end[]; \
	__asm__(".pushsection .rodata\n"                                        \
		".hidden network_" #name "_text\n"                              \
		".hidden network_" #name "_text_end\n"                          \
		".global network_" #name "_text\n"                              \
		".global network_" #name "_text_end\nnetwork_" #name "_text:\n" \
		".incbin \"inputs/schemas/" #name ".ini\"\nnetwork_" #name      \
		"_text_end:\n.byte 0\n.popsection\n")

TEXT(nodes);
TEXT(lanes);
TEXT(supply);
TEXT(stock);
TEXT(duties);
TEXT(limits);
TEXT(products);
TEXT(currencies);

static const struct {
	const char *name, *text, *end;
} built_in[] = {
#define ENTRY(name)                                                     \
	{                                                               \
#name, network_##name##_text, network_##name##_text_end \
	}
    ENTRY(nodes),
    ENTRY(lanes),
    ENTRY(supply),
    ENTRY(stock),
    ENTRY(duties),
    ENTRY(limits),
    ENTRY(products),
    ENTRY(currencies),
#undef ENTRY
};

static par_err read_schema(par_schema *s, const char *name)
{
	for (size_t i = 0; i < sizeof built_in / sizeof built_in[0]; i++)
		if (strcmp(built_in[i].name, name) == 0)
			return par_schema_parse(s, name, built_in[i].text,
			    (size_t)(built_in[i].end - built_in[i].text));
	return par_fail(PAR_E_BUG, "no schema is built in for %s", name);
}

typedef struct {
	sheet sheet;
	sheet_row fn;
	void *ctx;
	char *rows;
	int64_t used, room;
	size_t bytes;
} taking;

static par_err take(void *ctx, const par_batch *b)
{
	taking *t = ctx;
	if (t->used + b->rows > t->room) {
		t->room = 2 * (t->used + b->rows);
		char *more = realloc(t->rows, (size_t)t->room * t->bytes);
		if (!more)
			return par_fail(
			    PAR_E_MEMORY, "%s: no memory for its rows", t->sheet.table.source.name);
		t->rows = more;
	}
	t->sheet.batch = b;
	for (t->sheet.row = 0; t->sheet.row < b->rows; t->sheet.row++) {
		char *out = t->rows + (size_t)t->used++ * t->bytes;
		memset(out, 0, t->bytes);
		PAR_TRY(t->fn(&t->sheet, t->ctx, out));
	}
	return PAR_OK;
}

static par_err read_table(taking *t, const par_world *w, const char *path, const char *folder)
{
	par_table_options o = {.scratch = folder, .keys = true};
	PAR_TRY(par_table_open(&t->sheet.table, w, path, &t->sheet.schema, &o));
	return par_table_read(&t->sheet.table, take, t);
}

par_err sheet_read(const par_world *w, const char *folder, const char *name, bool needed,
    size_t row_bytes, sheet_row fn, void *ctx, void **all, int64_t *rows)
{
	char path[4200];
	snprintf(path, sizeof path, "%s/%s.csv", folder, name);
	*all = NULL;
	*rows = 0;
	if (!needed && !par_world_max(w, w->rank == 0 && access(path, F_OK) == 0))
		return PAR_OK;
	taking *t = calloc(1, sizeof *t);
	PAR_TRY_ALL(w, t ? read_schema(&t->sheet.schema, name)
			 : par_fail(PAR_E_MEMORY, "no memory for a table"));
	t->fn = fn;
	t->ctx = ctx;
	t->bytes = row_bytes;
	par_err e = read_table(t, w, path, folder);
	if (e == PAR_OK)
		e = par_gather_rows(w, t->rows, t->used, row_bytes, all, rows);
	par_table_close(&t->sheet.table);
	free(t->rows);
	free(t);
	return e;
}

/* the column when the file has it, else -1 */
static int find(const sheet *s, const char *column)
{
	int c = par_schema_find(&s->schema, column);
	PAR_MUST(c >= 0, "column %s of %s", column, s->schema.name);
	return par_table_has(&s->table, c) ? c : -1;
}

double sheet_number(const sheet *s, const char *column, double otherwise)
{
	int c = find(s, column);
	if (c < 0)
		return otherwise;
	const par_schema_column *k = &s->schema.column[c];
	if (k->type == PAR_COLUMN_REAL) {
		double x = s->batch->column[c].real[s->row];
		return isnan(x) ? otherwise : x;
	}
	int64_t v = s->batch->column[c].value[s->row];
	return v == PAR_COLUMN_NONE ? otherwise : (double)v / pow(10, k->scale);
}

const char *sheet_text(const sheet *s, const char *column, char out[SHEET_ID])
{
	int c = find(s, column);
	int32_t id = c < 0 ? -1 : s->batch->column[c].id[s->row];
	*out = 0;
	if (id >= 0) {
		size_t n;
		const char *text = par_dict_text(par_table_dict(&s->table, c), id, &n);
		snprintf(out, SHEET_ID, "%.*s", (int)n, text);
	}
	return out;
}

int32_t sheet_day(const sheet *s, const char *column, int32_t otherwise)
{
	int c = find(s, column);
	int64_t hour = c < 0 ? PAR_COLUMN_NONE : s->batch->column[c].value[s->row];
	return hour == PAR_COLUMN_NONE ? otherwise : (int32_t)(hour / 24);
}

bool sheet_flag(const sheet *s, const char *column, bool otherwise)
{
	int c = find(s, column);
	int64_t v = c < 0 ? PAR_COLUMN_NONE : s->batch->column[c].value[s->row];
	return v == PAR_COLUMN_NONE ? otherwise : v != 0;
}

par_err sheet_fail(const sheet *s, const char *format, ...)
{
	char what[512];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	return par_table_fail(&s->table, s->batch->at[s->row], what);
}
