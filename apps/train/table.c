#include "train/table.h"

#include "base/text.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *said(const reading *how, const char *key)
{
	return par_conf_text(how->conf, "train", key);
}

static par_err check_columns(const reading *how)
{
	const char *inputs = said(how, "inputs"), *text = said(how, "text");
	const char *truth = how->truth == TRUTH_CLASS ? "label" : "target";
	if (!inputs == !text)
		return par_fail(PAR_E_CONFIG,
		    "a table wants either train.inputs (columns of numbers) or train.text (a "
		    "column "
		    "of text); %s set",
		    inputs ? "both are" : "neither is");
	if (how->truths && !said(how, truth))
		return par_fail(PAR_E_CONFIG,
		    "train.%s is not set; the loss wants the column that holds the %s", truth,
		    how->truth == TRUTH_CLASS ? "class" : "number");
	return PAR_OK;
}

static void put_column(FILE *out, int i, const char *name, int n, const char *type)
{
	fprintf(out, "[c%d]\ncolumn = %.*s\ntype = %s\n", i, n, name, type);
}

/* the names of inputs, parted by blanks or commas; returns how many */
static int put_inputs(FILE *out, const char *at)
{
	static const char parting[] = " ,\t";
	int n = 0;
	for (at += strspn(at, parting); *at; at += strspn(at, parting)) {
		int length = (int)strcspn(at, parting);
		put_column(out, n++, at, length, "real");
		at += length;
	}
	return n;
}

/* the schema is written as a user would write it, so that it is checked as theirs are */
static par_err make_schema(table *t, const reading *how)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	if (!out)
		return par_fail(PAR_E_MEMORY, "no memory for a schema");
	fputs("[table]\nname = data\nextra = allow\n", out);
	t->text = said(how, "text") != NULL;
	if (t->text)
		put_column(out, 0, said(how, "text"), (int)strlen(said(how, "text")), "text");
	t->inputs = t->text ? 1 : put_inputs(out, said(how, "inputs"));
	t->truth = how->truths ? t->inputs : -1;
	if (t->truth >= 0 && how->truth == TRUTH_CLASS) {
		put_column(
		    out, t->truth, said(how, "label"), (int)strlen(said(how, "label")), "text");
		fprintf(out, "length = 1 %d\n", NAMES_BYTES);
	} else if (t->truth >= 0) {
		put_column(
		    out, t->truth, said(how, "target"), (int)strlen(said(how, "target")), "real");
	}
	fclose(out);
	par_err e =
	    t->inputs < 1 || t->inputs > TABLE_INPUTS
		? par_fail(PAR_E_CONFIG, "%s: train.inputs names %d columns; wanted 1 to %d",
		      par_conf_origin(how->conf, "train", "inputs"), t->inputs, TABLE_INPUTS)
		: par_schema_parse(&t->schema, "columns of [train]", text, size);
	free(text);
	return e;
}

static bool resize(void *array, int64_t n, size_t bytes)
{
	void **at = array, *more = realloc(*at, (size_t)n * bytes);
	if (!more)
		return false;
	*at = more;
	return true;
}

static par_err make_room(table *t, int64_t rows)
{
	if (t->rows + rows <= t->room)
		return PAR_OK;
	int64_t room = 2 * (t->rows + rows);
	if ((t->text && !resize(&t->id, room, 4)) ||
	    (!t->text && !resize(&t->number, room, 4 * (size_t)t->inputs)) ||
	    (t->truth >= 0 && !resize(&t->answer, room, 4)))
		return par_fail(PAR_E_MEMORY, "%s: no memory for its rows", t->file.source.name);
	t->room = room;
	return PAR_OK;
}

/* a model answers with the classes it was trained on */
static par_err check_class(const table *t, int64_t at, int32_t id)
{
	char what[256];
	size_t n;
	const char *s = par_dict_text(par_table_dict(&t->file, t->truth), id, &n);
	if (names_find(&t->c->classes, s, n) >= 0)
		return PAR_OK;
	snprintf(what, sizeof what, "%s is none of the %d classes of the training data",
	    par_show(s, n), (int)t->c->classes.n);
	return par_table_fail(&t->file, at, what);
}

static par_err take_truth(table *t, const par_batch *b, int64_t r)
{
	const par_column *c = &b->column[t->truth];
	if (t->how->truth == TRUTH_NUMBER) {
		((float *)t->answer)[t->rows] = (float)c->real[r];
		return PAR_OK;
	}
	((int32_t *)t->answer)[t->rows] = c->id[r];
	return t->c->known ? check_class(t, b->at[r], c->id[r]) : PAR_OK;
}

static par_err take_rows(void *ctx, const par_batch *b)
{
	table *t = ctx;
	PAR_TRY(make_room(t, b->rows));
	for (int64_t r = 0; r < b->rows; r++, t->rows++) {
		if (t->text)
			t->id[t->rows] = b->column[0].id[r];
		for (int i = 0; i < t->inputs && !t->text; i++)
			t->number[t->rows * t->inputs + i] = (float)b->column[i].real[r];
		if (t->truth >= 0)
			PAR_TRY(take_truth(t, b, r));
	}
	return PAR_OK;
}

par_err table_read(table *t, app *a, const char *path, const reading *how, const coding *c)
{
	char folder[4096];
	*t = (table){.how = how, .c = c};
	PAR_TRY_ALL(&a->world, check_columns(how));
	PAR_TRY_ALL(&a->world, make_schema(t, how));
	snprintf(folder, sizeof folder, "%s", a->out ? a->out : "./x");
	par_table_options o = {.block = (size_t)par_conf_int(a->conf, "run", "table_block"),
	    .scratch = dirname(folder),
	    .most = par_conf_int(a->conf, "run", "unpack_limit") << 20};
	PAR_TRY(par_table_open(&t->file, &a->world, path, &t->schema, &o));
	return par_table_read(&t->file, take_rows, t);
}

void table_drop(table *t)
{
	par_table_close(&t->file);
	free(t->id);
	free(t->number);
	free(t->answer);
}
