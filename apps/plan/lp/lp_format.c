#include "plan/lp/lp_format.h"

#include "base/text.h"
#include "plan/lp/lp_words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HAS_LOWER = 1, OPENED = 2 };

typedef struct {
	lp_words w;
	lp *m;
	int *column; /* entries by rows, in the order met */
	double *value;
	int64_t entries, room;
	int64_t *row_first; /* of rows; room for all of them and one more */
	int rows_room;
	int64_t *
	    seen; /* of columns: the place of its entry in the present row, or less than its first */
	uint8_t *bounded;
	int columns_room;
} reader;

static par_err no_memory(void)
{
	return par_fail(PAR_E_MEMORY, "no memory for the linear program");
}

static par_err unexpected(const reader *d, const char *wanted)
{
	if (d->w.kind == WORD_END) {
		/* the last line that holds anything */
		int64_t line = d->w.number - (d->w.line == d->w.end);
		return par_fail(PAR_E_DATA,
		    "%s:%lld:1: the file ends without `end`; it may have been cut", d->w.file,
		    (long long)(line > 0 ? line : 1));
	}
	return par_fail(PAR_E_DATA, PLACE "%s; wanted %s", AT_WORD(&d->w), lp_shown(&d->w), wanted);
}

static par_err more_columns(reader *d)
{
	int room = d->m->column_room;
	int64_t *seen = realloc(d->seen, (size_t)room * sizeof *seen);
	if (seen)
		d->seen = seen;
	uint8_t *bounded = realloc(d->bounded, (size_t)room);
	if (bounded)
		d->bounded = bounded;
	d->columns_room = room;
	return seen && bounded ? PAR_OK : no_memory();
}

/* the number of the column that is the present word, which may be new */
static par_err column_here(reader *d, int *j)
{
	*j = par_dict_put(&d->m->column_name, d->w.s, d->w.n);
	if (*j < 0)
		return no_memory();
	if (*j < d->m->columns)
		return PAR_OK;
	PAR_TRY(lp_add_column(d->m));
	if (d->columns_room < d->m->columns)
		PAR_TRY(more_columns(d));
	d->seen[*j] = -1;
	d->bounded[*j] = 0;
	return PAR_OK;
}

static par_err more_entries(reader *d)
{
	int64_t room = 2 * d->room + 256;
	int *column = realloc(d->column, (size_t)room * sizeof *column);
	if (column)
		d->column = column;
	double *value = realloc(d->value, (size_t)room * sizeof *value);
	if (value)
		d->value = value;
	d->room = room;
	return column && value ? PAR_OK : no_memory();
}

static par_err add_term(reader *d, int j, double v, int64_t row_first)
{
	if (d->seen[j] >= row_first) {
		d->value[d->seen[j]] += v;
		return PAR_OK;
	}
	if (d->entries == d->room)
		PAR_TRY(more_entries(d));
	d->column[d->entries] = j;
	d->value[d->entries] = v;
	d->seen[j] = d->entries++;
	return PAR_OK;
}

/* all signs at hand; 1 or -1 */
static par_err signs(reader *d, double *sign, bool *any)
{
	*sign = 1;
	*any = false;
	while (d->w.kind == WORD_PLUS || d->w.kind == WORD_MINUS) {
		*any = true;
		if (d->w.kind == WORD_MINUS)
			*sign = -*sign;
		PAR_TRY(lp_next(&d->w));
	}
	return PAR_OK;
}

static bool is_infinite(const reader *d)
{
	return lp_word_is(&d->w, "inf") || lp_word_is(&d->w, "infinity");
}

/* a number with its signs, maybe infinite */
static par_err signed_number(reader *d, double *v)
{
	double sign;
	bool any;
	PAR_TRY(signs(d, &sign, &any));
	if (is_infinite(d))
		*v = sign * INFINITY;
	else if (d->w.kind == WORD_NUMBER)
		*v = fabs(d->w.value) >= 1e30 ? sign * INFINITY : sign * d->w.value;
	else
		return unexpected(d, "a number");
	return lp_next(&d->w);
}

static bool ends_terms(const reader *d)
{
	return d->w.kind == WORD_END || d->w.part != PART_NONE || d->w.label ||
	       d->w.kind == WORD_LESS || d->w.kind == WORD_MORE || d->w.kind == WORD_EQUAL;
}

/* terms up to a relation, a label or a part; entries of a row that begins at row_first, and a constant */
static par_err terms(reader *d, int64_t row_first, double *constant)
{
	for (bool first = true; !ends_terms(d); first = false) {
		double v;
		bool any, number;
		PAR_TRY(signs(d, &v, &any));
		if (!first && !any)
			return unexpected(d, "a sign or a relation");
		number = d->w.kind == WORD_NUMBER;
		if (number) {
			v *= d->w.value;
			PAR_TRY(lp_next(&d->w));
		}
		if (d->w.kind == WORD_NAME && !ends_terms(d)) {
			int j;
			PAR_TRY(column_here(d, &j));
			PAR_TRY(add_term(d, j, v, row_first));
			PAR_TRY(lp_next(&d->w));
		} else if (number) {
			*constant += v;
		} else {
			return unexpected(d, "a number or a name");
		}
	}
	return PAR_OK;
}

static par_err skip_label(reader *d)
{
	if (!d->w.label)
		return PAR_OK;
	PAR_TRY(lp_next(&d->w));
	return lp_next(&d->w);
}

static par_err read_objective(reader *d)
{
	if (d->w.part != PART_MINIMIZE && d->w.part != PART_MAXIMIZE)
		return unexpected(d, "minimize or maximize");
	d->m->maximise = d->w.part == PART_MAXIMIZE;
	PAR_TRY(lp_next(&d->w));
	PAR_TRY(skip_label(d));
	PAR_TRY(terms(d, 0, &d->m->constant));
	for (int64_t e = 0; e < d->entries; e++) {
		d->m->cost[d->column[e]] = d->value[e];
		d->seen[d->column[e]] = -1;
	}
	d->entries = 0;
	return PAR_OK;
}

static bool is_relation(const reader *d)
{
	return d->w.kind == WORD_LESS || d->w.kind == WORD_MORE || d->w.kind == WORD_EQUAL;
}

static void bound(double *lower, double *upper, word_kind relation, double v)
{
	if (relation != WORD_LESS)
		*lower = v;
	if (relation != WORD_MORE)
		*upper = v;
}

/* v <= x as x >= v */
static word_kind turned(word_kind relation)
{
	if (relation == WORD_LESS)
		return WORD_MORE;
	return relation == WORD_MORE ? WORD_LESS : relation;
}

static par_err name_row(reader *d)
{
	char made[32];
	const char *name = d->w.s;
	size_t n = d->w.n;
	if (!d->w.label) {
		n = (size_t)snprintf(made, sizeof made, "R%d", d->m->rows + 1);
		name = made;
	}
	int32_t i = par_dict_put(&d->m->row_name, name, n);
	if (i < 0)
		return no_memory();
	if (i < d->m->rows)
		return par_fail(PAR_E_DATA, PLACE "row %s is there already; names must differ",
		    AT_WORD(&d->w), par_show(name, n));
	PAR_TRY(lp_add_row(d->m));
	if (d->rows_room < d->m->row_room) {
		int64_t *more = realloc(d->row_first, ((size_t)d->m->row_room + 1) * sizeof *more);
		if (!more)
			return no_memory();
		d->row_first = more;
		d->rows_room = d->m->row_room;
	}
	d->row_first[i] = d->entries;
	return skip_label(d);
}

/* a number and a relation in front: -1 <= x + y */
static bool number_first(reader *d)
{
	lp_words kept = d->w;
	double v = 0;
	if (d->w.kind == WORD_NAME && !is_infinite(d))
		return false;
	bool yes = signed_number(d, &v) == PAR_OK && is_relation(d);
	d->w = kept;
	return yes;
}

static par_err read_row(reader *d)
{
	double v = 0, constant = 0, lower = -INFINITY, upper = INFINITY;
	PAR_TRY(name_row(d));
	int i = d->m->rows - 1;
	int64_t row_first = d->entries;
	bool front = number_first(d);
	if (front) {
		PAR_TRY(signed_number(d, &v));
		bound(&lower, &upper, turned(d->w.kind), v);
		PAR_TRY(lp_next(&d->w));
	}
	PAR_TRY(terms(d, row_first, &constant));
	if (!is_relation(d) && !front)
		return unexpected(d, "a relation: <=, >= or =");
	if (is_relation(d)) {
		word_kind relation = d->w.kind;
		PAR_TRY(lp_next(&d->w));
		PAR_TRY(signed_number(d, &v));
		bound(&lower, &upper, relation, v);
	}
	d->m->row_lower[i] = lower - constant;
	d->m->row_upper[i] = upper - constant;
	return PAR_OK;
}

static void set_bound(reader *d, int j, word_kind relation, double v)
{
	bound(&d->m->lower[j], &d->m->upper[j], relation, v);
	if (relation != WORD_LESS)
		d->bounded[j] = HAS_LOWER;
	else if (v < 0 && !(d->bounded[j] & HAS_LOWER)) {
		d->m->lower[j] = -INFINITY;
		d->bounded[j] |= OPENED;
	}
}

static par_err check_bounds(const reader *d, const lp_words *begin, int j)
{
	double lower = d->m->lower[j], upper = d->m->upper[j];
	size_t n;
	if (lower <= upper && lower < INFINITY && upper > -INFINITY)
		return PAR_OK;
	const char *name = par_dict_text(&d->m->column_name, j, &n);
	return par_fail(PAR_E_DATA,
	    PLACE "column %s has lower bound %g and upper bound %g, so the program is infeasible; "
		  "correct one of them",
	    AT_WORD(begin), par_show(name, n), lower, upper);
}

static par_err read_bound(reader *d)
{
	lp_words begin = d->w;
	double v = 0;
	word_kind front = WORD_END;
	int j;
	if (number_first(d)) {
		PAR_TRY(signed_number(d, &v));
		front = turned(d->w.kind);
		PAR_TRY(lp_next(&d->w));
	}
	if (d->w.kind != WORD_NAME || d->w.part != PART_NONE)
		return unexpected(d, "the name of a column");
	PAR_TRY(column_here(d, &j));
	PAR_TRY(lp_next(&d->w));
	if (front != WORD_END)
		set_bound(d, j, front, v);
	if (is_relation(d)) {
		word_kind relation = d->w.kind;
		PAR_TRY(lp_next(&d->w));
		PAR_TRY(signed_number(d, &v));
		set_bound(d, j, relation, v);
	} else if (front == WORD_END && lp_word_is(&d->w, "free")) {
		set_bound(d, j, WORD_MORE, -INFINITY);
		d->m->upper[j] = INFINITY;
		PAR_TRY(lp_next(&d->w));
	} else if (front == WORD_END) {
		return unexpected(d, "a relation or `free`");
	}
	return check_bounds(d, &begin, j);
}

static par_err read_integer(reader *d, bool binary)
{
	int j;
	if (d->w.kind != WORD_NAME)
		return unexpected(d, "the name of a column");
	PAR_TRY(column_here(d, &j));
	d->m->integer[j] = 1;
	if (binary) {
		d->m->lower[j] = 0;
		d->m->upper[j] = 1;
	}
	return lp_next(&d->w);
}

static par_err begin_rows(reader *d)
{
	bool two = lp_word_is(&d->w, "subject") || lp_word_is(&d->w, "such");
	const char *second = lp_word_is(&d->w, "subject") ? "to" : "that";
	PAR_TRY(lp_next(&d->w));
	if (!two)
		return PAR_OK;
	if (!lp_word_is(&d->w, second))
		return unexpected(d, "subject to");
	return lp_next(&d->w);
}

static par_err read_parts(reader *d)
{
	part p = PART_MINIMIZE;
	while (p != PART_END) {
		if (d->w.part == PART_NONE && p == PART_MINIMIZE)
			return unexpected(d, "subject to, bounds or end");
		if (d->w.part == PART_OTHER || d->w.part == PART_MINIMIZE ||
		    d->w.part == PART_MAXIMIZE)
			return unexpected(d, "subject to, bounds, general, binary or end");
		if (d->w.part != PART_NONE) {
			p = d->w.part;
			if (p == PART_ROWS)
				PAR_TRY(begin_rows(d));
			else if (p != PART_END)
				PAR_TRY(lp_next(&d->w));
		} else if (d->w.kind == WORD_END) {
			return unexpected(d, "end");
		} else if (p == PART_ROWS) {
			PAR_TRY(read_row(d));
		} else if (p == PART_BOUNDS) {
			PAR_TRY(read_bound(d));
		} else {
			PAR_TRY(read_integer(d, p == PART_BINARY));
		}
	}
	return PAR_OK;
}

/* rows to columns */
static par_err turn(reader *d)
{
	lp *m = d->m;
	size_t n = (size_t)d->entries + 1;
	m->row = malloc(n * sizeof *m->row);
	m->value = malloc(n * sizeof *m->value);
	if (!m->row || !m->value)
		return no_memory();
	m->entry_room = d->entries + 1;
	for (int j = 0; j < m->columns; j++)
		d->seen[j] = 0;
	for (int64_t e = 0; e < d->entries; e++)
		d->seen[d->column[e]]++;
	for (int j = 0; j < m->columns; j++) {
		m->first[j + 1] = m->first[j] + d->seen[j];
		d->seen[j] = m->first[j];
	}
	for (int i = 0; i < m->rows; i++) {
		int64_t stop = i + 1 < m->rows ? d->row_first[i + 1] : d->entries;
		for (int64_t e = d->row_first[i]; e < stop; e++) {
			int64_t at = d->seen[d->column[e]]++;
			m->row[at] = i;
			m->value[at] = d->value[e];
		}
	}
	return PAR_OK;
}

static par_err warn(reader *d)
{
	int64_t opened = 0;
	for (int j = 0; j < d->m->columns; j++)
		opened += d->bounded[j] == OPENED;
	if (opened == 0)
		return PAR_OK;
	return lp_warn(d->m,
	    "%s: %lld column%s with a negative upper bound and no lower one: taken as without "
	    "lower bound",
	    d->w.file, (long long)opened, opened == 1 ? "" : "s");
}

static par_err read_all(reader *d)
{
	PAR_TRY(lp_next(&d->w));
	if (d->w.kind == WORD_END)
		return par_fail(
		    PAR_E_DATA, "%s:1:1: the file is empty; wanted LP format", d->w.file);
	PAR_TRY(read_objective(d));
	PAR_TRY(read_parts(d));
	PAR_TRY(turn(d));
	return warn(d);
}

par_err lp_format_read(lp *m, const char *file, const char *text, size_t n)
{
	reader d = {
	    .w = {.file = file, .at = text, .end = text + n, .line = text, .number = 1}, .m = m};
	par_err e = read_all(&d);
	free(d.column);
	free(d.value);
	free(d.row_first);
	free(d.seen);
	free(d.bounded);
	if (e != PAR_OK)
		lp_drop(m);
	return e;
}
