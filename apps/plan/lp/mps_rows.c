#include "plan/lp/mps_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define UNKNOWN (-3)

static int look_up(const mps_reader *d, mps_field f)
{
	if (f.n == d->objective.n && memcmp(f.s, d->objective.s, f.n) == 0)
		return OBJECTIVE;
	int32_t i = par_dict_find(&d->m->row_name, f.s, f.n);
	if (i >= 0)
		return i;
	return par_dict_find(&d->left_out, f.s, f.n) >= 0 ? LEFT_OUT : UNKNOWN;
}

par_err mps_find_row(const mps_reader *d, mps_field name, int *row)
{
	*row = look_up(d, name);
	if (*row != UNKNOWN)
		return PAR_OK;
	return par_fail(
	    PAR_E_DATA, PLACE "row %s is not declared in ROWS", AT(&d->r, name.s), mps_shown(name));
}

par_err mps_read_row(mps_reader *d)
{
	PAR_TRY(mps_split(&d->r, MPS_CODE));
	mps_field code = d->r.field[0], name = d->r.field[1];
	char type = code.n == 1 ? *code.s : 0;
	if (!type || !strchr("NELG", type))
		return par_fail(PAR_E_DATA, PLACE "row type %s; wanted N, E, L or G",
		    AT(&d->r, code.s), mps_shown(code));
	if (name.n == 0)
		return par_fail(PAR_E_DATA, PLACE "a row without a name", AT(&d->r, d->r.line_end));
	if (look_up(d, name) != UNKNOWN)
		return par_fail(PAR_E_DATA, PLACE "row %s is there already; names must differ",
		    AT(&d->r, name.s), mps_shown(name));
	if (type == 'N') {
		if (d->objective.n == 0)
			d->objective = name;
		else if (par_dict_put(&d->left_out, name.s, name.n) < 0)
			return mps_no_memory();
		return PAR_OK;
	}
	PAR_TRY(lp_add_row(d->m));
	char *types = realloc(d->type, (size_t)d->m->row_room);
	if (!types)
		return mps_no_memory();
	d->type = types;
	d->type[d->m->rows - 1] = type;
	return par_dict_put(&d->m->row_name, name.s, name.n) < 0 ? mps_no_memory() : PAR_OK;
}

static void *filled(size_t n, size_t size)
{
	return calloc(n + 1, size);
}

/* what is kept beside the rows, once their number is known */
par_err mps_end_rows(mps_reader *d)
{
	if (d->objective.n == 0)
		return par_fail(PAR_E_DATA, "%s:%lld:1: ROWS has no row of type N, the objective",
		    d->r.file, (long long)d->header);
	size_t n = (size_t)d->m->rows;
	d->right = filled(n, sizeof *d->right);
	d->range = filled(n, sizeof *d->range);
	d->last = filled(n, sizeof *d->last);
	if (!d->right || !d->range || !d->last)
		return mps_no_memory();
	for (size_t i = 0; i < n; i++)
		d->range[i] = NAN;
	return PAR_OK;
}

static par_err set_right(mps_reader *d, mps_field row, mps_field number)
{
	double v;
	int i;
	PAR_TRY(mps_find_row(d, row, &i));
	PAR_TRY(mps_number(d, number, &v));
	if (i == OBJECTIVE)
		d->m->constant = -v;
	else if (i >= 0)
		d->right[i] = v;
	return PAR_OK;
}

static par_err set_range(mps_reader *d, mps_field row, mps_field number)
{
	double v;
	int i;
	PAR_TRY(mps_find_row(d, row, &i));
	if (i < 0)
		return par_fail(PAR_E_DATA, PLACE "a range on row %s, which is of type N",
		    AT(&d->r, row.s), mps_shown(row));
	PAR_TRY(mps_bound_number(d, number, &v));
	d->range[i] = v;
	return PAR_OK;
}

static par_err of_rows(mps_reader *d, par_err (*set)(mps_reader *, mps_field, mps_field))
{
	PAR_TRY(mps_split(&d->r, MPS_SET));
	const mps_field *f = d->r.field;
	if (!mps_counts(d, f[1]))
		return PAR_OK;
	PAR_TRY(set(d, f[2], f[3]));
	return f[4].n ? set(d, f[4], f[5]) : PAR_OK;
}

par_err mps_read_right(mps_reader *d)
{
	return of_rows(d, set_right);
}

par_err mps_read_range(mps_reader *d)
{
	return of_rows(d, set_range);
}
