#include "plan/lp/mps.h"

#include "base/text.h"
#include "plan/lp/mps_inside.h"
#include "plan/lp/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const section_name[SECTIONS] = {
    "NAME", "OBJSENSE", "ROWS", "COLUMNS", "RHS", "RANGES", "BOUNDS", "ENDATA"};

par_err mps_no_memory(void)
{
	return par_fail(PAR_E_MEMORY, "no memory for the linear program");
}

const char *mps_shown(mps_field f)
{
	return par_show(f.s, f.n);
}

par_err mps_number(const mps_reader *d, mps_field f, double *v)
{
	const char *at = f.n ? f.s : d->r.line_end;
	switch (lp_number(f.s, f.n, v)) {
	case PAR_NUM_OK:
		return PAR_OK;
	case PAR_NUM_EMPTY:
		return par_fail(PAR_E_DATA, PLACE "a number is missing", AT(&d->r, at));
	case PAR_NUM_RANGE:
		return par_fail(
		    PAR_E_DATA, PLACE "%s is too large for a number", AT(&d->r, at), mps_shown(f));
	default:
		return par_fail(
		    PAR_E_DATA, PLACE "%s is no finite number", AT(&d->r, at), mps_shown(f));
	}
}

par_err mps_bound_number(const mps_reader *d, mps_field f, double *v)
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
	PAR_TRY(mps_number(d, f, v));
	if (fabs(*v) >= 1e30)
		*v = way;
	return PAR_OK;
}

bool mps_counts(mps_reader *d, mps_field set)
{
	mps_field *kept = &d->set[d->in];
	if (!kept->s)
		*kept = set.s ? set : (mps_field){"", 0};
	bool same = kept->n == set.n && (set.n == 0 || memcmp(kept->s, set.s, set.n) == 0);
	d->other_set[d->in] |= !same;
	return same;
}

static par_err read_sense(mps_reader *d)
{
	mps_words(&d->r);
	mps_field word = d->r.field[mps_is(d->r.field[0], "OBJSENSE") ? 1 : 0];
	bool max = mps_is(word, "MAX") || mps_is(word, "MAXIMIZE");
	if (!max && !mps_is(word, "MIN") && !mps_is(word, "MINIMIZE"))
		return par_fail(PAR_E_DATA, PLACE "sense %s; wanted MIN or MAX", AT(&d->r, word.s),
		    mps_shown(word));
	d->m->maximise = max;
	return PAR_OK;
}

static par_err read_line(mps_reader *d)
{
	switch (d->in) {
	case OBJSENSE:
		return read_sense(d);
	case ROWS:
		return mps_read_row(d);
	case COLUMNS:
		return mps_read_column(d);
	case RHS:
		return mps_read_right(d);
	case RANGES:
		return mps_read_range(d);
	case BOUNDS:
		return mps_read_bound(d);
	default:
		return par_fail(PAR_E_DATA, PLACE "%s; wanted a section such as ROWS",
		    AT(&d->r, d->r.line), par_show(d->r.line, (size_t)(d->r.line_end - d->r.line)));
	}
}

static par_err end_section(mps_reader *d)
{
	if (d->in == ROWS)
		return mps_end_rows(d);
	return d->in == COLUMNS ? mps_end_columns(d) : PAR_OK;
}

static par_err in_order(const mps_reader *d, mps_section s)
{
	const char *at = d->r.line, *name = mps_shown(d->r.field[0]);
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

static par_err read_header(mps_reader *d)
{
	int words = mps_words(&d->r), s = 0;
	while (s < SECTIONS && !mps_is(d->r.field[0], section_name[s]))
		s++;
	if (s == SECTIONS)
		return par_fail(PAR_E_DATA,
		    PLACE
		    "section %s; wanted NAME, OBJSENSE, ROWS, COLUMNS, RHS, RANGES, BOUNDS or "
		    "ENDATA",
		    AT(&d->r, d->r.line), mps_shown(d->r.field[0]));
	PAR_TRY(in_order(d, (mps_section)s));
	PAR_TRY(end_section(d));
	d->in = (mps_section)s;
	d->header = d->r.number;
	d->seen |= 1u << s;
	return s == OBJSENSE && words > 1 ? read_sense(d) : PAR_OK;
}

static par_err warn_of_sets(mps_reader *d)
{
	for (int s = RHS; s <= BOUNDS; s++)
		if (d->other_set[s])
			PAR_TRY(lp_warn(d->m, "%s: several sets in %s; only the first, %s, counts",
			    d->r.file, section_name[s], mps_shown(d->set[s])));
	return PAR_OK;
}

static par_err finish(mps_reader *d)
{
	if (d->in != ENDATA)
		return par_fail(PAR_E_DATA,
		    PLACE "the file ends without ENDATA; it may have been cut",
		    AT(&d->r, d->r.line));
	PAR_TRY(mps_settle(d));
	PAR_TRY(warn_of_sets(d));
	bool more;
	if (mps_next(&d->r, &more) != PAR_OK || more)
		return lp_warn(d->m, "%s:%lld: text after ENDATA is left out", d->r.file,
		    (long long)d->r.number);
	return PAR_OK;
}

static par_err read_all(mps_reader *d)
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
	mps_reader d = {.r = {.file = file, .at = text, .end = text + n, .fixed = fixed}, .m = m};
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
