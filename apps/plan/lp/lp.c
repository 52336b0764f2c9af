#include "plan/lp/lp.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static par_err no_memory(void)
{
	return par_fail(PAR_E_MEMORY, "no memory for the linear program");
}

static par_err grow(void *array, int64_t room, size_t size)
{
	void **a = array;
	void *more = realloc(*a, (size_t)room * size);
	if (!more)
		return no_memory();
	*a = more;
	return PAR_OK;
}

static int more_room(int room)
{
	return room < INT_MAX / 2 ? 2 * room + 64 : INT_MAX - 1;
}

static par_err more_rows(lp *m)
{
	int room = more_room(m->row_room);
	if (m->rows == room)
		return par_fail(PAR_E_DATA, "more than %d rows; split the program", room);
	PAR_TRY(grow(&m->row_lower, room, sizeof *m->row_lower));
	PAR_TRY(grow(&m->row_upper, room, sizeof *m->row_upper));
	m->row_room = room;
	return PAR_OK;
}

par_err lp_add_row(lp *m)
{
	if (m->rows == m->row_room)
		PAR_TRY(more_rows(m));
	m->row_lower[m->rows] = -INFINITY;
	m->row_upper[m->rows] = INFINITY;
	m->rows++;
	return PAR_OK;
}

static par_err more_columns(lp *m)
{
	int room = more_room(m->column_room);
	if (m->columns == room)
		return par_fail(PAR_E_DATA, "more than %d columns; split the program", room);
	PAR_TRY(grow(&m->first, (int64_t)room + 1, sizeof *m->first));
	PAR_TRY(grow(&m->cost, room, sizeof *m->cost));
	PAR_TRY(grow(&m->lower, room, sizeof *m->lower));
	PAR_TRY(grow(&m->upper, room, sizeof *m->upper));
	PAR_TRY(grow(&m->integer, room, sizeof *m->integer));
	m->column_room = room;
	m->first[0] = 0;
	return PAR_OK;
}

par_err lp_add_column(lp *m)
{
	if (m->columns == m->column_room)
		PAR_TRY(more_columns(m));
	int j = m->columns++;
	m->first[j + 1] = m->first[j];
	m->cost[j] = 0;
	m->lower[j] = 0;
	m->upper[j] = INFINITY;
	m->integer[j] = 0;
	return PAR_OK;
}

par_err lp_add_entry(lp *m, int row, double value)
{
	int64_t at = m->first[m->columns];
	if (at == m->entry_room) {
		int64_t room = 2 * m->entry_room + 256;
		PAR_TRY(grow(&m->row, room, sizeof *m->row));
		PAR_TRY(grow(&m->value, room, sizeof *m->value));
		m->entry_room = room;
	}
	m->row[at] = row;
	m->value[at] = value;
	m->first[m->columns] = at + 1;
	return PAR_OK;
}

par_err lp_warn(lp *m, const char *fmt, ...)
{
	char *line, *all;
	va_list ap;
	va_start(ap, fmt);
	int n = vasprintf(&line, fmt, ap);
	va_end(ap);
	if (n < 0)
		return no_memory();
	n = asprintf(&all, "%s%s\n", m->warnings ? m->warnings : "", line);
	free(line);
	if (n < 0)
		return no_memory();
	free(m->warnings);
	m->warnings = all;
	return PAR_OK;
}

double lp_value(const lp *m, const double *x)
{
	long double sum = m->constant;
	for (int j = 0; j < m->columns; j++)
		sum += (long double)m->cost[j] * x[j];
	return (double)sum;
}

double lp_way(const lp *m, int j)
{
	return isinf(m->lower[j]) && !isinf(m->upper[j]) ? -1 : 1;
}

double lp_from(const lp *m, int j)
{
	if (!isinf(m->lower[j]))
		return m->lower[j];
	return isinf(m->upper[j]) ? 0 : m->upper[j];
}

double lp_right(const lp *m, int i)
{
	double low = m->row_lower[i], high = m->row_upper[i];
	if (!isinf(low))
		return low;
	return isinf(high) ? 0 : high;
}

double lp_slack(const lp *m, int i)
{
	return isinf(m->row_lower[i]) ? 1 : -1;
}

void lp_drop(lp *m)
{
	free(m->first);
	free(m->row);
	free(m->value);
	free(m->cost);
	free(m->lower);
	free(m->upper);
	free(m->integer);
	free(m->row_lower);
	free(m->row_upper);
	free(m->warnings);
	par_dict_free(&m->row_name);
	par_dict_free(&m->column_name);
	*m = (lp){0};
}
