#include "plan/lp/mps.h"

#include "base/text.h"
#include "plan/lp/mps_line.h"
#include "plan/lp/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum section { NAME, OBJSENSE, ROWS, COLUMNS, RHS, RANGES, BOUNDS, ENDATA, SECTIONS };

static const char *const section_name[SECTIONS] = {
    "NAME", "OBJSENSE", "ROWS", "COLUMNS", "RHS", "RANGES", "BOUNDS", "ENDATA"};

/* rows that are no constraints, as find_row tells them */
#define OBJECTIVE (-1)
#define LEFT_OUT (-2)
#define UNKNOWN (-3)

typedef struct {
	mps_lines r;
	lp *m;
	enum section in;     /* the present section, ... */
	int64_t header;      /* ... the line that began it, */
	unsigned seen;       /* and bit s: section s has begun */
	mps_field objective; /* n = 0: none yet */
	par_dict left_out;   /* other N rows */
	char *type;          /* of rows: E, L or G */
	double *right, *range;
	int *
	    last; /* the column, from 1, that last had an entry in a row; the objective's at the end */
	mps_field set[SECTIONS];  /* the set that counts, in RHS, RANGES and BOUNDS */
	bool other_set[SECTIONS]; /* ... and another was met */
	bool integer;             /* between markers */
	uint8_t *bounded;         /* of columns: HAS_LOWER, HAS_UPPER, OPENED */
} reader;

enum { HAS_LOWER = 1, HAS_UPPER = 2, OPENED = 4 };

static par_err no_memory(void)
{
	return par_fail(PAR_E_MEMORY, "no memory for the linear program");
}

static const char *shown(mps_field f)
{
	return par_show(f.s, f.n);
}

static int find_row(const reader *d, mps_field f)
{
	if (f.n == d->objective.n && memcmp(f.s, d->objective.s, f.n) == 0)
		return OBJECTIVE;
	int32_t i = par_dict_find(&d->m->row_name, f.s, f.n);
	if (i >= 0)
		return i;
	return par_dict_find(&d->left_out, f.s, f.n) >= 0 ? LEFT_OUT : UNKNOWN;
}

static par_err read_row(reader *d)
{
	PAR_TRY(mps_split(&d->r, MPS_CODE));
	mps_field code = d->r.field[0], name = d->r.field[1];
	char type = code.n == 1 ? *code.s : 0;
	if (!type || !strchr("NELG", type))
		return par_fail(PAR_E_DATA, PLACE "row type %s; wanted N, E, L or G",
		    AT(&d->r, code.s), shown(code));
	if (name.n == 0)
		return par_fail(PAR_E_DATA, PLACE "a row without a name", AT(&d->r, d->r.line_end));
	if (find_row(d, name) != UNKNOWN)
		return par_fail(PAR_E_DATA, PLACE "row %s is there already; names must differ",
		    AT(&d->r, name.s), shown(name));
	if (type == 'N') {
		if (d->objective.n == 0)
			d->objective = name;
		else if (par_dict_put(&d->left_out, name.s, name.n) < 0)
			return no_memory();
		return PAR_OK;
	}
	PAR_TRY(lp_add_row(d->m));
	char *types = realloc(d->type, (size_t)d->m->row_room);
	if (!types)
		return no_memory();
	d->type = types;
	d->type[d->m->rows - 1] = type;
	return par_dict_put(&d->m->row_name, name.s, name.n) < 0 ? no_memory() : PAR_OK;
}

static par_err read_number(const reader *d, mps_field f, double *v)
{
	const char *at = f.n ? f.s : d->r.line_end;
	switch (lp_number(f.s, f.n, v)) {
	case PAR_NUM_OK:
		return PAR_OK;
	case PAR_NUM_EMPTY:
		return par_fail(PAR_E_DATA, PLACE "a number is missing", AT(&d->r, at));
	case PAR_NUM_RANGE:
		return par_fail(
		    PAR_E_DATA, PLACE "%s is too large for a number", AT(&d->r, at), shown(f));
	default:
		return par_fail(
		    PAR_E_DATA, PLACE "%s is no finite number", AT(&d->r, at), shown(f));
	}
}

/* bounds may be infinite: 1e30 and beyond, as most writers of MPS mean it, or the word */
static par_err read_bound_number(const reader *d, mps_field f, double *v)
{
	static const char *const words[] = {"inf", "Inf", "INF", "infinity", "Infinity", "1e400"};
	size_t sign = f.n > 0 && (*f.s == '-' || *f.s == '+');
	mps_field bare = {f.s + sign, f.n - sign};
	double way = sign && *f.s == '-' ? -INFINITY : INFINITY;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (mps_is(bare, words[i])) {
			*v = way;
			return PAR_OK;
		}
	PAR_TRY(read_number(d, f, v));
	if (fabs(*v) >= 1e30)
		*v = way;
	return PAR_OK;
}

static par_err unknown_row(const reader *d, mps_field f)
{
	return par_fail(
	    PAR_E_DATA, PLACE "row %s is not declared in ROWS", AT(&d->r, f.s), shown(f));
}

static par_err read_marker(reader *d)
{
	mps_field what = d->r.field[d->r.field[3].n ? 3 : 4];
	bool begins = mps_is(what, "'INTORG'");
	if ((!begins && !mps_is(what, "'INTEND'")) || begins == d->integer)
		return par_fail(PAR_E_DATA, PLACE "marker %s; wanted %s",
		    AT(&d->r, what.n ? what.s : d->r.line_end), shown(what),
		    d->integer ? "'INTEND'" : "'INTORG'");
	d->integer = begins;
	return PAR_OK;
}

static par_err read_entry(reader *d, mps_field row, mps_field number)
{
	double v;
	int i = find_row(d, row);
	if (i == UNKNOWN)
		return unknown_row(d, row);
	PAR_TRY(read_number(d, number, &v));
	if (i == LEFT_OUT)
		return PAR_OK;
	int *last = &d->last[i == OBJECTIVE ? d->m->rows : i], column = d->m->columns;
	if (*last == column)
		return par_fail(PAR_E_DATA, PLACE "row %s twice in one column; add the two up",
		    AT(&d->r, row.s), shown(row));
	*last = column;
	if (i == OBJECTIVE)
		d->m->cost[column - 1] = v;
	else if (v != 0)
		return lp_add_entry(d->m, i, v);
	return PAR_OK;
}

static bool same_column(const reader *d, mps_field name)
{
	size_t n;
	if (d->m->columns == 0)
		return false;
	const char *text = par_dict_text(&d->m->column_name, d->m->columns - 1, &n);
	return n == name.n && memcmp(text, name.s, n) == 0;
}

static par_err begin_column(reader *d, mps_field name)
{
	int32_t j = par_dict_put(&d->m->column_name, name.s, name.n);
	if (j < 0)
		return no_memory();
	if (j < d->m->columns)
		return par_fail(PAR_E_DATA,
		    PLACE "column %s goes on after another began; keep its lines together",
		    AT(&d->r, name.s), shown(name));
	PAR_TRY(lp_add_column(d->m));
	d->m->integer[j] = d->integer;
	return PAR_OK;
}

static par_err read_column(reader *d)
{
	PAR_TRY(mps_split(&d->r, MPS_COLUMN));
	const mps_field *f = d->r.field;
	if (mps_is(f[2], "'MARKER'"))
		return read_marker(d);
	if (f[1].n == 0)
		return par_fail(PAR_E_DATA, PLACE "a column without a name", AT(&d->r, d->r.line));
	if (!same_column(d, f[1]))
		PAR_TRY(begin_column(d, f[1]));
	PAR_TRY(read_entry(d, f[2], f[3]));
	return f[4].n ? read_entry(d, f[4], f[5]) : PAR_OK;
}

/* the first set of a section counts */
static bool counts(reader *d, mps_field set)
{
	mps_field *kept = &d->set[d->in];
	if (!kept->s)
		*kept = set.s ? set : (mps_field){"", 0};
	bool same = kept->n == set.n && (set.n == 0 || memcmp(kept->s, set.s, set.n) == 0);
	d->other_set[d->in] |= !same;
	return same;
}

static par_err set_right(reader *d, mps_field row, mps_field number)
{
	double v;
	int i = find_row(d, row);
	if (i == UNKNOWN)
		return unknown_row(d, row);
	PAR_TRY(read_number(d, number, &v));
	if (i == OBJECTIVE)
		d->m->constant = -v;
	else if (i >= 0)
		d->right[i] = v;
	return PAR_OK;
}

static par_err set_range(reader *d, mps_field row, mps_field number)
{
	double v;
	int i = find_row(d, row);
	if (i == UNKNOWN)
		return unknown_row(d, row);
	if (i < 0)
		return par_fail(PAR_E_DATA, PLACE "a range on row %s, which is of type N",
		    AT(&d->r, row.s), shown(row));
	PAR_TRY(read_bound_number(d, number, &v));
	d->range[i] = v;
	return PAR_OK;
}

static par_err read_of_rows(reader *d, par_err (*set)(reader *, mps_field, mps_field))
{
	PAR_TRY(mps_split(&d->r, MPS_SET));
	const mps_field *f = d->r.field;
	if (!counts(d, f[1]))
		return PAR_OK;
	PAR_TRY(set(d, f[2], f[3]));
	return f[4].n ? set(d, f[4], f[5]) : PAR_OK;
}

static void set_lower(reader *d, int j, double v)
{
	d->m->lower[j] = v;
	d->bounded[j] = (uint8_t)((d->bounded[j] | HAS_LOWER) & ~OPENED);
}

static void set_upper(reader *d, int j, double v)
{
	d->m->upper[j] = v;
	d->bounded[j] |= HAS_UPPER;
	if (v < 0 && !(d->bounded[j] & HAS_LOWER)) {
		d->m->lower[j] = -INFINITY;
		d->bounded[j] |= OPENED;
	}
}

/* false: no such type */
static bool set_bound(reader *d, mps_field code, int j, double v)
{
	bool whole = mps_is(code, "UI") || mps_is(code, "LI") || mps_is(code, "BV");
	if (mps_is(code, "UP") || mps_is(code, "UI")) {
		set_upper(d, j, v);
	} else if (mps_is(code, "LO") || mps_is(code, "LI")) {
		set_lower(d, j, v);
	} else if (mps_is(code, "FX")) {
		set_lower(d, j, v);
		set_upper(d, j, v);
	} else if (mps_is(code, "FR")) {
		set_lower(d, j, -INFINITY);
		set_upper(d, j, INFINITY);
	} else if (mps_is(code, "MI")) {
		set_lower(d, j, -INFINITY);
	} else if (mps_is(code, "PL")) {
		set_upper(d, j, INFINITY);
	} else if (mps_is(code, "BV")) {
		set_lower(d, j, 0);
		set_upper(d, j, 1);
	} else {
		return false;
	}
	d->m->integer[j] |= whole;
	return true;
}

static par_err read_bound(reader *d)
{
	PAR_TRY(mps_split(&d->r, MPS_CODE_SET));
	mps_field code = d->r.field[0], name = d->r.field[2];
	double v = 0;
	if (!counts(d, d->r.field[1]))
		return PAR_OK;
	int j = par_dict_find(&d->m->column_name, name.s, name.n);
	if (j < 0)
		return par_fail(PAR_E_DATA, PLACE "column %s is not declared in COLUMNS",
		    AT(&d->r, name.n ? name.s : d->r.line_end), shown(name));
	if (!mps_is_bare(code))
		PAR_TRY(read_bound_number(d, d->r.field[3], &v));
	if (!set_bound(d, code, j, v))
		return par_fail(PAR_E_DATA,
		    PLACE "bound type %s; wanted UP, LO, FX, FR, MI, PL, BV, LI or UI",
		    AT(&d->r, code.n ? code.s : d->r.line), shown(code));
	double lower = d->m->lower[j], upper = d->m->upper[j];
	if (lower > upper || lower == INFINITY || upper == -INFINITY)
		return par_fail(PAR_E_DATA,
		    PLACE "column %s has lower bound %g and upper bound %g, so the program is "
			  "infeasible; correct one of them",
		    AT(&d->r, code.s), shown(name), lower, upper);
	return PAR_OK;
}

static par_err read_sense(reader *d)
{
	mps_words(&d->r);
	mps_field word = d->r.field[mps_is(d->r.field[0], "OBJSENSE") ? 1 : 0];
	bool max = mps_is(word, "MAX") || mps_is(word, "MAXIMIZE");
	if (!max && !mps_is(word, "MIN") && !mps_is(word, "MINIMIZE"))
		return par_fail(PAR_E_DATA, PLACE "sense %s; wanted MIN or MAX", AT(&d->r, word.s),
		    shown(word));
	d->m->maximise = max;
	return PAR_OK;
}

static par_err read_line(reader *d)
{
	switch (d->in) {
	case OBJSENSE:
		return read_sense(d);
	case ROWS:
		return read_row(d);
	case COLUMNS:
		return read_column(d);
	case RHS:
		return read_of_rows(d, set_right);
	case RANGES:
		return read_of_rows(d, set_range);
	case BOUNDS:
		return read_bound(d);
	default:
		return par_fail(PAR_E_DATA, PLACE "%s; wanted a section such as ROWS",
		    AT(&d->r, d->r.line), par_show(d->r.line, (size_t)(d->r.line_end - d->r.line)));
	}
}

static void *filled(size_t n, size_t size)
{
	return calloc(n + 1, size);
}

/* what is kept beside the rows, once their number is known */
static par_err end_rows(reader *d)
{
	if (d->objective.n == 0)
		return par_fail(PAR_E_DATA, "%s:%lld:1: ROWS has no row of type N, the objective",
		    d->r.file, (long long)d->header);
	size_t n = (size_t)d->m->rows;
	d->right = filled(n, sizeof *d->right);
	d->range = filled(n, sizeof *d->range);
	d->last = filled(n, sizeof *d->last);
	if (!d->right || !d->range || !d->last)
		return no_memory();
	for (size_t i = 0; i < n; i++)
		d->range[i] = NAN;
	return PAR_OK;
}

static par_err end_columns(reader *d)
{
	if (d->integer)
		return par_fail(
		    PAR_E_DATA, PLACE "COLUMNS ends without marker 'INTEND'", AT(&d->r, d->r.line));
	if (d->m->columns == 0)
		return par_fail(PAR_E_DATA, "%s:%lld:1: COLUMNS has no columns", d->r.file,
		    (long long)d->header);
	d->bounded = filled((size_t)d->m->columns, sizeof *d->bounded);
	return d->bounded ? PAR_OK : no_memory();
}

static par_err end_section(reader *d)
{
	if (d->in == ROWS)
		return end_rows(d);
	return d->in == COLUMNS ? end_columns(d) : PAR_OK;
}

static par_err in_order(const reader *d, enum section s)
{
	const char *at = d->r.line, *name = shown(d->r.field[0]);
	if (d->seen & 1u << s)
		return par_fail(PAR_E_DATA, PLACE "a second section %s", AT(&d->r, at), name);
	if (s > ROWS && !(d->seen & 1u << ROWS))
		return par_fail(PAR_E_DATA, PLACE "%s before ROWS", AT(&d->r, at), name);
	if (s > COLUMNS && !(d->seen & 1u << COLUMNS))
		return par_fail(PAR_E_DATA, PLACE "%s before COLUMNS", AT(&d->r, at), name);
	if (s <= COLUMNS && d->seen >> (s + 1))
		return par_fail(PAR_E_DATA, PLACE "%s comes too late", AT(&d->r, at), name);
	return PAR_OK;
}

static par_err read_header(reader *d)
{
	int words = mps_words(&d->r), s = 0;
	while (s < SECTIONS && !mps_is(d->r.field[0], section_name[s]))
		s++;
	if (s == SECTIONS)
		return par_fail(PAR_E_DATA,
		    PLACE
		    "section %s; wanted NAME, OBJSENSE, ROWS, COLUMNS, RHS, RANGES, BOUNDS or "
		    "ENDATA",
		    AT(&d->r, d->r.line), shown(d->r.field[0]));
	PAR_TRY(in_order(d, (enum section)s));
	PAR_TRY(end_section(d));
	d->in = (enum section)s;
	d->header = d->r.number;
	d->seen |= 1u << s;
	return s == OBJSENSE && words > 1 ? read_sense(d) : PAR_OK;
}

/* lower and upper of row i from its type, right side and range */
static void bound_row(reader *d, int i)
{
	double b = d->right[i], r = d->range[i], low = b, high = b;
	if (d->type[i] == 'L')
		low = isnan(r) ? -INFINITY : b - fabs(r);
	else if (d->type[i] == 'G')
		high = isnan(r) ? INFINITY : b + fabs(r);
	else if (r < 0)
		low = b + r;
	else if (r > 0)
		high = b + r;
	d->m->row_lower[i] = low;
	d->m->row_upper[i] = high;
}

static par_err warn_of_column(reader *d, int64_t count, int first, const char *what)
{
	size_t n;
	if (count == 0)
		return PAR_OK;
	const char *name = par_dict_text(&d->m->column_name, first, &n);
	return lp_warn(d->m, "%s: %lld column%s (the first is %s) %s", d->r.file, (long long)count,
	    count == 1 ? "" : "s", par_show(name, n), what);
}

static par_err default_bounds(reader *d)
{
	int64_t opened = 0, binary = 0;
	int first_opened = 0, first_binary = 0;
	for (int j = d->m->columns - 1; j >= 0; j--) {
		if (d->bounded[j] & OPENED) {
			opened++;
			first_opened = j;
		}
		if (d->m->integer[j] && !(d->bounded[j] & (HAS_LOWER | HAS_UPPER))) {
			d->m->upper[j] = 1;
			binary++;
			first_binary = j;
		}
	}
	PAR_TRY(warn_of_column(d, opened, first_opened,
	    "with a negative upper bound and no lower one: taken as without lower bound"));
	return warn_of_column(
	    d, binary, first_binary, "marked integer without bounds: taken as within 0 and 1");
}

static par_err warn_of_sets(reader *d)
{
	for (int s = RHS; s <= BOUNDS; s++)
		if (d->other_set[s])
			PAR_TRY(lp_warn(d->m, "%s: several sets in %s; only the first, %s, counts",
			    d->r.file, section_name[s], shown(d->set[s])));
	return PAR_OK;
}

static par_err finish(reader *d)
{
	if (d->in != ENDATA)
		return par_fail(PAR_E_DATA,
		    PLACE "the file ends without ENDATA; it may have been cut",
		    AT(&d->r, d->r.line));
	for (int i = 0; i < d->m->rows; i++)
		bound_row(d, i);
	PAR_TRY(default_bounds(d));
	PAR_TRY(warn_of_sets(d));
	bool more;
	if (mps_next(&d->r, &more) != PAR_OK || more)
		return lp_warn(d->m, "%s:%lld: text after ENDATA is left out", d->r.file,
		    (long long)d->r.number);
	return PAR_OK;
}

static par_err read_all(reader *d)
{
	bool found;
	if (d->r.at == d->r.end)
		return par_fail(PAR_E_DATA, "%s:1:1: the file is empty; wanted MPS", d->r.file);
	for (;;) {
		PAR_TRY(mps_next(&d->r, &found));
		if (!found)
			break;
		if (mps_is_header(&d->r))
			PAR_TRY(read_header(d));
		else
			PAR_TRY(read_line(d));
		if (d->in == ENDATA)
			break;
	}
	return finish(d);
}

static par_err read_as(lp *m, const char *file, const char *text, size_t n, bool fixed, bool *blank)
{
	reader d = {.r = {.file = file, .at = text, .end = text + n, .fixed = fixed}, .m = m};
	par_err e = read_all(&d);
	*blank = d.r.blank_name;
	par_dict_free(&d.left_out);
	free(d.type);
	free(d.right);
	free(d.range);
	free(d.last);
	free(d.bounded);
	if (e != PAR_OK)
		lp_drop(m);
	return e;
}

par_err mps_read(lp *m, const char *file, const char *text, size_t n)
{
	bool blank;
	par_err e = read_as(m, file, text, n, false, &blank);
	if (e == PAR_OK || !blank)
		return e;
	char *why = strdup(par_err_why()), *where = strdup(par_err_where());
	if (why && where && read_as(m, file, text, n, true, &blank) == PAR_OK)
		e = PAR_OK;
	else if (why && where)
		par_err_adopt(why, where);
	free(why);
	free(where);
	return e;
}
