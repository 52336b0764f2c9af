#include "plan/lp/mps_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static par_err read_marker(mps_reader *d)
{
	mps_field what = d->r.field[d->r.field[3].n ? 3 : 4];
	bool begins = mps_is(what, "'INTORG'");
	if ((!begins && !mps_is(what, "'INTEND'")) || begins == d->integer)
		return par_fail(PAR_E_DATA, PLACE "marker %s; wanted %s",
		    AT(&d->r, what.n ? what.s : d->r.line_end), mps_shown(what),
		    d->integer ? "'INTEND'" : "'INTORG'");
	d->integer = begins;
	return PAR_OK;
}

static par_err read_entry(mps_reader *d, mps_field row, mps_field number)
{
	double v;
	int i;
	PAR_TRY(mps_find_row(d, row, &i));
	PAR_TRY(mps_number(d, number, &v));
	if (i == LEFT_OUT)
		return PAR_OK;
	int *last = &d->last[i == OBJECTIVE ? d->m->rows : i], column = d->m->columns;
	if (*last == column)
		return par_fail(PAR_E_DATA, PLACE "row %s twice in one column; add the two up",
		    AT(&d->r, row.s), mps_shown(row));
	*last = column;
	if (i == OBJECTIVE)
		d->m->cost[column - 1] = v;
	else if (v != 0)
		return lp_add_entry(d->m, i, v);
	return PAR_OK;
}

static bool same_column(const mps_reader *d, mps_field name)
{
	size_t n;
	if (d->m->columns == 0)
		return false;
	const char *text = par_dict_text(&d->m->column_name, d->m->columns - 1, &n);
	return n == name.n && memcmp(text, name.s, n) == 0;
}

static par_err begin_column(mps_reader *d, mps_field name)
{
	int32_t j = par_dict_put(&d->m->column_name, name.s, name.n);
	if (j < 0)
		return mps_no_memory();
	if (j < d->m->columns)
		return par_fail(PAR_E_DATA,
		    PLACE "column %s goes on after another began; keep its lines together",
		    AT(&d->r, name.s), mps_shown(name));
	PAR_TRY(lp_add_column(d->m));
	d->m->integer[j] = d->integer;
	return PAR_OK;
}

par_err mps_read_column(mps_reader *d)
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

par_err mps_end_columns(mps_reader *d)
{
	if (d->integer)
		return par_fail(
		    PAR_E_DATA, PLACE "COLUMNS ends without marker 'INTEND'", AT(&d->r, d->r.line));
	if (d->m->columns == 0)
		return par_fail(PAR_E_DATA, "%s:%lld:1: COLUMNS has no columns", d->r.file,
		    (long long)d->header);
	d->bounded = calloc((size_t)d->m->columns + 1, sizeof *d->bounded);
	return d->bounded ? PAR_OK : mps_no_memory();
}

static void set_lower(mps_reader *d, int j, double v)
{
	d->m->lower[j] = v;
	d->bounded[j] = (uint8_t)((d->bounded[j] | HAS_LOWER) & ~OPENED);
}

static void set_upper(mps_reader *d, int j, double v)
{
	d->m->upper[j] = v;
	d->bounded[j] |= HAS_UPPER;
	if (v < 0 && !(d->bounded[j] & HAS_LOWER)) {
		d->m->lower[j] = -INFINITY;
		d->bounded[j] |= OPENED;
	}
}

/* false: no such type */
static bool set_bound(mps_reader *d, mps_field code, int j, double v)
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

par_err mps_read_bound(mps_reader *d)
{
	PAR_TRY(mps_split(&d->r, MPS_CODE_SET));
	mps_field code = d->r.field[0], name = d->r.field[2];
	double v = 0;
	if (!mps_counts(d, d->r.field[1]))
		return PAR_OK;
	int j = par_dict_find(&d->m->column_name, name.s, name.n);
	if (j < 0)
		return par_fail(PAR_E_DATA, PLACE "column %s is not declared in COLUMNS",
		    AT(&d->r, name.n ? name.s : d->r.line_end), mps_shown(name));
	if (!mps_is_bare(code))
		PAR_TRY(mps_bound_number(d, d->r.field[3], &v));
	if (!set_bound(d, code, j, v))
		return par_fail(PAR_E_DATA,
		    PLACE "bound type %s; wanted UP, LO, FX, FR, MI, PL, BV, LI or UI",
		    AT(&d->r, code.n ? code.s : d->r.line), mps_shown(code));
	double lower = d->m->lower[j], upper = d->m->upper[j];
	if (lower > upper || lower == INFINITY || upper == -INFINITY)
		return par_fail(PAR_E_DATA,
		    PLACE "column %s has lower bound %g and upper bound %g, so the program is "
			  "infeasible; correct one of them",
		    AT(&d->r, code.s), mps_shown(name), lower, upper);
	return PAR_OK;
}
