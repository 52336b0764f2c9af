#include "plan/lp/aside.h"

#include <math.h>

static par_err add_column(lp *out, double cost, double lower, double upper)
{
	PAR_TRY(lp_add_column(out));
	int j = out->columns - 1;
	out->cost[j] = cost;
	out->lower[j] = lower;
	out->upper[j] = upper;
	return PAR_OK;
}

static par_err add_entries(lp *out, const lp *m, int j)
{
	for (int64_t e = m->first[j]; e < m->first[j + 1]; e++)
		PAR_TRY(lp_add_entry(out, m->row[e], m->value[e]));
	return PAR_OK;
}

static par_err add_miss(lp *out, int row, double way)
{
	PAR_TRY(add_column(out, 1, 0, INFINITY));
	return lp_add_entry(out, row, way);
}

par_err aside_misses(lp *out, const lp *m)
{
	for (int i = 0; i < m->rows; i++) {
		PAR_TRY(lp_add_row(out));
		out->row_lower[i] = m->row_lower[i];
		out->row_upper[i] = m->row_upper[i];
	}
	for (int j = 0; j < m->columns; j++) {
		PAR_TRY(add_column(out, 0, m->lower[j], m->upper[j]));
		PAR_TRY(add_entries(out, m, j));
	}
	for (int i = 0; i < m->rows; i++) {
		if (!isinf(m->row_lower[i]))
			PAR_TRY(add_miss(out, i, 1));
		if (!isinf(m->row_upper[i]))
			PAR_TRY(add_miss(out, i, -1));
	}
	return PAR_OK;
}

par_err aside_gains(lp *out, const lp *m)
{
	out->maximise = m->maximise;
	for (int i = 0; i < m->rows; i++) {
		PAR_TRY(lp_add_row(out));
		out->row_lower[i] = isinf(m->row_lower[i]) ? -INFINITY : 0;
		out->row_upper[i] = isinf(m->row_upper[i]) ? INFINITY : 0;
	}
	for (int j = 0; j < m->columns; j++) {
		PAR_TRY(add_column(
		    out, m->cost[j], isinf(m->lower[j]) ? -1 : 0, isinf(m->upper[j]) ? 1 : 0));
		PAR_TRY(add_entries(out, m, j));
	}
	return PAR_OK;
}
