#include "plan/lp/mps_inside.h"

#include "base/text.h"

#include <math.h>

/* lower and upper of row i from its type, right side and range */
static void bound_row(mps_reader *d, int i)
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

static par_err warn_of_column(mps_reader *d, int64_t count, int first, const char *what)
{
	size_t n;
	if (count == 0)
		return PAR_OK;
	const char *name = par_dict_text(&d->m->column_name, first, &n);
	return lp_warn(d->m, "%s: %lld column%s (the first is %s) %s", d->r.file, (long long)count,
	    count == 1 ? "" : "s", par_show(name, n), what);
}

static par_err default_bounds(mps_reader *d)
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

par_err mps_settle(mps_reader *d)
{
	for (int i = 0; i < d->m->rows; i++)
		bound_row(d, i);
	return default_bounds(d);
}
