#include "io/table.h"

#include "base/text.h"
#include "io/csv.h"
#include "io/keys.h"
#include "io/table_header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* what is read at a time beyond the end of my records */
#define BEYOND (1 << 16)

/* bytes [base, base + have) of the file, which begin at a record of mine */
typedef struct {
	par_table *t;
	char *s;
	size_t have, piece;
	int64_t base;
	par_csv_marks marks;
	int64_t *at;
	size_t at_room;
	char key[PAR_SCHEMA_KEYS * (PAR_CSV_FIELD + 16)];
} window;

static bool is_last(const window *v)
{
	return v->base + (int64_t)v->have == v->t->source.bytes;
}

/* ---- where my records begin ---- */

static int64_t block_start(const par_table *t, int rank)
{
	int64_t block = (int64_t)t->options.block;
	int64_t blocks = (t->source.bytes + block - 1) / block, each = blocks / t->world->size;
	int64_t rest = blocks % t->world->size;
	int64_t at = (rank * each + (rank < rest ? rank : rest)) * block;
	at = at < t->source.bytes ? at : t->source.bytes;
	return at > t->body ? at : t->body;
}

/* add what [lo, hi) holds to c */
static par_err count_range(
    const par_table *t, par_csv_counts *c, int64_t lo, int64_t hi, char *piece, size_t room)
{
	while (lo < hi) {
		size_t n = hi - lo < (int64_t)room ? (size_t)(hi - lo) : room;
		PAR_TRY(par_source_read(&t->source, lo, piece, n));
		par_csv_count(c, piece, n);
		lo += (int64_t)n;
		par_world_alive();
	}
	return PAR_OK;
}

/* counts of every rank's range; the ranks share the bytes before the last range evenly */
static par_err count_share(const par_table *t, par_csv_counts *of)
{
	int size = t->world->size, rank = t->world->rank;
	int64_t all = block_start(t, size - 1) - t->body;
	int64_t lo = t->body + all / size * rank + (rank < all % size ? rank : all % size);
	int64_t hi = lo + all / size + (rank < all % size);
	size_t room = (size_t)1 << 18;
	char *piece = malloc(room);
	if (!piece)
		return par_fail(PAR_E_MEMORY, "no memory to read %s", t->source.name);
	par_err e = PAR_OK;
	for (int r = 0; r < size - 1 && e == PAR_OK; r++) {
		int64_t from = block_start(t, r), to = block_start(t, r + 1);
		from = from > lo ? from : lo;
		to = to < hi ? to : hi;
		if (from < to)
			e = count_range(t, &of[r], from, to, piece, room);
	}
	free(piece);
	return e;
}

/* the first record that begins in [lo, hi), given whether quotes stand open at lo; hi when none does */
static par_err first_record(const par_table *t, int64_t lo, int64_t hi, bool open, int64_t *found)
{
	char piece[4096];
	*found = lo;
	if (lo >= hi || lo == t->body)
		return PAR_OK;
	PAR_TRY(par_source_read(&t->source, lo - 1, piece, 1));
	if (!open && piece[0] == '\n')
		return PAR_OK;
	for (int64_t at = lo; at < hi;) {
		size_t n = hi - at < (int64_t)sizeof piece ? (size_t)(hi - at) : sizeof piece;
		PAR_TRY(par_source_read(&t->source, at, piece, n));
		for (size_t i = 0; i < n; i++) {
			open ^= piece[i] == '"';
			if (piece[i] == '\n' && !open) {
				*found = at + (int64_t)i + 1 < hi ? at + (int64_t)i + 1 : hi;
				return PAR_OK;
			}
		}
		at += (int64_t)n;
	}
	*found = hi;
	return PAR_OK;
}

/* collective | lo, hi and line of this rank */
static par_err deal(par_table *t)
{
	const par_world *w = t->world;
	par_csv_counts *of = calloc((size_t)w->size, sizeof *of), header = {0}, skipped = {0};
	char *piece = malloc(PAR_CSV_RECORD);
	par_err e = of && piece ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to deal a table");
	if (e == PAR_OK)
		e = count_share(t, of);
	e = par_agree(w, e);
	if (e == PAR_OK) {
		MPI_Allreduce(MPI_IN_PLACE, of, 3 * w->size, MPI_INT64_T, MPI_SUM, w->comm);
		for (int r = 0; r < w->rank; r++) {
			header.quotes += of[r].quotes;
			header.lines += of[r].lines;
		}
		bool open = header.quotes % 2;
		int64_t from = block_start(t, w->rank);
		t->hi = w->rank + 1 < w->size ? block_start(t, w->rank + 1) : t->source.bytes;
		e = count_range(t, &header, t->text, t->body, piece, PAR_CSV_RECORD);
		if (e == PAR_OK)
			e = first_record(t, from, t->hi, open, &t->lo);
		if (e == PAR_OK)
			e = count_range(t, &skipped, from, t->lo, piece, PAR_CSV_RECORD);
		t->line = 1 + header.lines + skipped.lines;
		e = par_agree(w, e);
	}
	free(piece);
	free(of);
	return e;
}

/* ---- messages ---- */

par_err par_table_place(const par_table *t, int64_t at, int64_t *line, int64_t *column)
{
	char piece[4096];
	int64_t from = t->lo, begin = from;
	*line = t->line;
	while (from < at) {
		size_t n = at - from < (int64_t)sizeof piece ? (size_t)(at - from) : sizeof piece;
		PAR_TRY(par_source_read(&t->source, from, piece, n));
		for (size_t i = 0; i < n; i++)
			if (piece[i] == '\n') {
				++*line;
				begin = from + (int64_t)i + 1;
			}
		from += (int64_t)n;
	}
	*column = at - begin + 1;
	return PAR_OK;
}

static par_err fail_at(const par_table *t, par_err code, int64_t at, const char *what)
{
	int64_t line, column;
	PAR_TRY(par_table_place(t, at, &line, &column));
	return par_fail(
	    code, "%s:%lld:%lld: %s", t->source.name, (long long)line, (long long)column, what);
}

par_err par_table_fail(const par_table *t, int64_t at, const char *what)
{
	return fail_at(t, PAR_E_DATA, at, what);
}

par_err par_table_line(const par_table *t, int64_t at, int64_t *line)
{
	int64_t column, mine = -1;
	par_err e = PAR_OK;
	if (at >= t->lo && at < t->hi)
		e = par_table_place(t, at, &mine, &column);
	PAR_TRY_ALL(t->world, e);
	*line = par_world_max(t->world, mine);
	return PAR_OK;
}

/* ---- reading ---- */

static par_err open_window(window *v, par_table *t)
{
	size_t piece = t->options.block > BEYOND ? t->options.block : BEYOND;
	size_t room = piece + PAR_CSV_RECORD + PAR_CSV_PAD;
	*v = (window){.t = t, .base = t->lo};
	v->piece = t->options.block;
	v->s = malloc(room + PAR_CSV_PAD);
	v->marks.ends = malloc((room + PAR_CSV_PAD) * sizeof *v->marks.ends);
	v->marks.quotes = malloc((room + PAR_CSV_PAD) * sizeof *v->marks.quotes);
	if (!v->s || !v->marks.ends || !v->marks.quotes)
		return par_fail(PAR_E_MEMORY, "no memory to read %s", t->source.name);
	return PAR_OK;
}

static void close_window(window *v)
{
	free(v->s);
	free(v->marks.ends);
	free(v->marks.quotes);
	free(v->at);
}

/* up to the end of my records a piece at a time, beyond it only what ends the last one */
static par_err fill(window *v)
{
	int64_t from = v->base + (int64_t)v->have, left = v->t->source.bytes - from;
	int64_t mine = v->t->hi - from, n = (int64_t)v->piece;
	if (mine > 0)
		n = n < mine ? n : mine;
	else
		n = n < BEYOND ? n : BEYOND;
	n = n < left ? n : left;
	PAR_TRY(par_source_read(&v->t->source, from, v->s + v->have, (size_t)n));
	v->have += (size_t)n;
	memset(v->s + v->have, 0, PAR_CSV_PAD);
	return PAR_OK;
}

static size_t row_start(const window *v, size_t row)
{
	size_t f = row * (size_t)v->t->fields;
	return f > 0 ? v->marks.ends[f - 1] + (size_t)1 : 0;
}

/* how many of the first rows records begin before my range ends */
static size_t rows_mine(const window *v, size_t rows)
{
	if (v->base + (int64_t)v->have <= v->t->hi)
		return rows;
	size_t lo = 0, hi = rows;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (v->base + (int64_t)row_start(v, mid) < v->t->hi)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static par_err tell_record(const window *v, size_t start)
{
	const par_table *t = v->t;
	const char *s = v->s + start;
	par_csv_record r = par_csv_read(s, v->have - start, is_last(v), t->fields, NULL);
	PAR_MUST(r.fault > PAR_CSV_MORE, "record at %lld has no fault",
	    (long long)(v->base + (int64_t)start));
	return fail_at(t, PAR_E_DATA, v->base + (int64_t)(start + r.at),
	    par_table_fault_text(r.fault, s, r.at, t->fields, r.fields));
}

static par_err list_offsets(window *v, size_t rows)
{
	if (rows > v->at_room) {
		free(v->at);
		v->at_room = rows + rows / 4;
		v->at = malloc(v->at_room * sizeof *v->at);
		if (!v->at) {
			v->at_room = 0;
			return par_fail(PAR_E_MEMORY, "no memory for %zu rows", rows);
		}
	}
	for (size_t r = 0; r < rows; r++)
		v->at[r] = v->base + (int64_t)row_start(v, r);
	return PAR_OK;
}

/* a key is its fields' values with a mark between: numbers as numbers, so that 5 and 5.0 are one */
static par_err remember_keys(window *v, const par_batch *b)
{
	const par_table *t = v->t;
	for (int64_t r = 0; r < b->rows; r++) {
		size_t n = 0;
		for (int i = 0; i < t->schema->keys; i++) {
			int c = t->schema->key[i];
			const par_column *k = &b->column[c];
			size_t len = 8;
			if (k->id && k->id[r] >= 0) {
				const char *s = par_dict_text(&t->column[c].dict, k->id[r], &len);
				memcpy(v->key + n, s, len);
			} else if (k->id || (!k->value && !k->real)) {
				len = 0;
			} else {
				memcpy(v->key + n,
				    k->value ? (const void *)&k->value[r]
					     : (const void *)&k->real[r],
				    len);
			}
			memcpy(v->key + n + len, &len, sizeof len);
			n += len + sizeof len;
		}
		PAR_TRY(par_keys_add(t->seen, v->key, n, b->at[r]));
	}
	return PAR_OK;
}

/* type the columns in the order of the file, each only up to the first fault so far */
static par_err type_rows(window *v, size_t rows, par_batch *b)
{
	par_table *t = v->t;
	par_rows text = {v->s, v->marks.ends, t->fields};
	size_t good = rows, at = 0;
	par_column_reader *faulty = NULL;
	char what[512];
	for (int i = 0; i < t->present; i++) {
		int c = t->in_order[i];
		size_t got = par_column_read(&t->column[c], &text, good, &b->column[c]);
		if (got < good) {
			good = got;
			faulty = &t->column[c];
		}
	}
	if (!faulty)
		return PAR_OK;
	par_err code = par_column_explain(faulty, &text, good, what, sizeof what, &at);
	return fail_at(t, code, v->base + (int64_t)at, what);
}

static par_err hand_on(window *v, size_t rows, par_table_fn fn, void *ctx)
{
	if (rows == 0)
		return PAR_OK;
	par_batch b = {.rows = (int64_t)rows};
	PAR_TRY(type_rows(v, rows, &b));
	PAR_TRY(list_offsets(v, rows));
	b.at = v->at;
	v->t->rows_here += (int64_t)rows;
	if (v->t->seen)
		PAR_TRY(remember_keys(v, &b));
	return fn(ctx, &b);
}

static void count_line_ends(window *v, size_t rows)
{
	v->t->lines += (int64_t)rows;
	for (size_t r = 0; v->marks.returns && r < rows; r++) {
		size_t end = row_start(v, r + 1) - 1;
		v->t->returns += end > 0 && v->s[end - 1] == '\r';
	}
}

/* take the records that are whole, keep the beginning of the next; *done when none of mine is left */
static par_err step(window *v, par_table_fn fn, void *ctx, bool *done)
{
	bool faulty, last;
	PAR_TRY(fill(v));
	last = is_last(v);
	par_csv_mark(&v->marks, v->s, v->have);
	size_t rows = par_csv_rows(&v->marks, v->s, v->have, last, v->t->fields, &faulty);
	size_t mine = rows_mine(v, rows), next = row_start(v, mine);
	PAR_TRY(hand_on(v, mine, fn, ctx));
	count_line_ends(v, mine);
	*done = v->base + (int64_t)next >= v->t->hi;
	if (*done)
		return PAR_OK;
	if (faulty || v->have - next >= PAR_CSV_RECORD)
		return tell_record(v, next);
	PAR_MUST(!last, "%zu bytes left at the end", v->have - next);
	memmove(v->s, v->s + next, v->have - next);
	v->base += (int64_t)next;
	v->have -= next;
	par_world_alive();
	return PAR_OK;
}

static par_err read_mine(par_table *t, par_table_fn fn, void *ctx)
{
	window *v = malloc(sizeof *v);
	if (!v)
		return par_fail(PAR_E_MEMORY, "no memory to read %s", t->source.name);
	bool done = t->lo >= t->hi;
	par_err e = open_window(v, t);
	while (e == PAR_OK && !done)
		e = step(v, fn, ctx, &done);
	close_window(v);
	free(v);
	return e;
}

/* collective */
static par_err check_keys(par_table *t)
{
	int64_t second, first, line, before;
	PAR_TRY(par_keys_second(t->seen, t->world, &second, &first));
	if (second < 0)
		return PAR_OK;
	PAR_TRY(par_table_line(t, second, &line));
	PAR_TRY(par_table_line(t, first, &before));
	return par_agree(t->world,
	    par_fail(PAR_E_DATA,
		"%s:%lld:1: the key of this row stands on line %lld already; wanted each once; "
		"keep one",
		t->source.name, (long long)line, (long long)before));
}

/* collective | what the ranks found, added up */
static par_err settle(par_table *t)
{
	int64_t sums[4] = {t->rows_here, t->lines, t->returns, 0};
	for (int c = 0; c < t->schema->columns; c++)
		sums[3] += t->column[c].rounded;
	MPI_Allreduce(MPI_IN_PLACE, sums, 4, MPI_INT64_T, MPI_SUM, t->world->comm);
	t->rows = sums[0];
	t->lines = sums[1] + 1;
	t->returns = sums[2] + t->header_return;
	t->rounded = sums[3];
	if (t->rows > 0 || t->schema->empty)
		return PAR_OK;
	return par_fail(PAR_E_DATA, "%s:%lld:1: no rows after the header; wanted data",
	    t->source.name, (long long)t->line);
}

par_err par_table_read(par_table *t, par_table_fn fn, void *ctx)
{
	par_keys keys = {0};
	bool check = t->options.keys && t->schema->keys > 0;
	t->seen = check ? &keys : NULL;
	t->rows_here = t->lines = t->returns = 0;
	par_err e = par_agree(t->world, read_mine(t, fn, ctx));
	if (e == PAR_OK)
		e = par_agree(t->world, settle(t));
	if (e == PAR_OK && check)
		e = check_keys(t);
	t->seen = NULL;
	par_keys_free(&keys);
	return e;
}

par_err par_table_open(par_table *t, const par_world *w, const char *path, const par_schema *schema,
    const par_table_options *options)
{
	memset(t, 0, sizeof *t);
	t->world = w;
	t->schema = schema;
	t->options = *options;
	if (t->options.block == 0)
		t->options.block = PAR_TABLE_BLOCK;
	if (t->options.most == 0)
		t->options.most = (int64_t)1 << 40;
	PAR_TRY(par_source_open(&t->source, w, path, options->scratch, t->options.most));
	par_err e = par_agree(w, par_table_header(t));
	if (e == PAR_OK)
		e = deal(t);
	if (e != PAR_OK)
		par_table_close(t);
	return e;
}

bool par_table_has(const par_table *t, int column)
{
	return column >= 0 && t->column[column].field >= 0;
}

const par_dict *par_table_dict(const par_table *t, int column)
{
	return &t->column[column].dict;
}

void par_table_close(par_table *t)
{
	par_source_close(&t->source);
	for (int c = 0; t->schema && c < t->schema->columns; c++)
		par_column_close(&t->column[c]);
}
