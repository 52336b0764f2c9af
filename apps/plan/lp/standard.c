#include "plan/lp/standard.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PASSES 8

static bool is_free_row(const lp *m, int i)
{
	return isinf(m->row_lower[i]) && isinf(m->row_upper[i]);
}

static bool has_slack(const lp *m, int i)
{
	return m->row_lower[i] < m->row_upper[i];
}

static bool is_fixed(const lp *m, int j)
{
	return m->lower[j] == m->upper[j];
}

static par_err room(standard *s, const lp *m)
{
	int64_t slacks = 0;
	for (int i = 0; i < m->rows; i++)
		slacks += has_slack(m, i);
	int64_t entries = slacks + (m->columns ? m->first[m->columns] : 0);
	int64_t columns = slacks;
	for (int j = 0; j < m->columns; j++)
		columns += !is_fixed(m, j);
	if (entries >= INT_MAX || columns >= INT_MAX)
		return par_fail(
		    PAR_E_DATA, "%lld entries; one block holds less than 2^31", (long long)entries);
	size_t n = (size_t)columns, k = (size_t)entries, rows = (size_t)m->rows;
	s->rows = m->rows;
	s->columns = (int)columns;
	s->place = malloc(((size_t)m->columns + 1) * sizeof *s->place);
	s->first = malloc((n + 1) * sizeof *s->first);
	s->row = malloc((k + 1) * sizeof *s->row);
	s->value = malloc((k + 1) * sizeof *s->value);
	s->cost = calloc(n + 1, sizeof *s->cost);
	s->right = calloc(rows + 1, sizeof *s->right);
	s->upper = malloc((n + 1) * sizeof *s->upper);
	s->free = calloc(n + 1, 1);
	s->row_scale = malloc((rows + 1) * sizeof *s->row_scale);
	s->column_scale = malloc((n + 1) * sizeof *s->column_scale);
	if (s->place && s->first && s->row && s->value && s->cost && s->right && s->upper &&
	    s->free && s->row_scale && s->column_scale)
		return PAR_OK;
	standard_close(s);
	return par_fail(PAR_E_MEMORY, "no memory for the standard form");
}

/* returns how many columns of the program are there */
static int put_columns(standard *s, const lp *m)
{
	double sign = m->maximise ? -1 : 1;
	int at = 0, k = 0;
	for (int j = 0; j < m->columns; j++) {
		double way = lp_way(m, j), from = lp_from(m, j);
		for (int64_t e = m->first[j]; e < m->first[j + 1]; e++)
			s->right[m->row[e]] -= m->value[e] * from;
		s->place[j] = is_fixed(m, j) ? -1 : k;
		if (is_fixed(m, j))
			continue;
		s->first[k] = at;
		s->cost[k] = sign * way * m->cost[j];
		s->free[k] = isinf(m->lower[j]) && isinf(m->upper[j]);
		s->upper[k++] = m->upper[j] - m->lower[j];
		for (int64_t e = m->first[j]; e < m->first[j + 1]; e++, at++) {
			s->row[at] = m->row[e];
			s->value[at] = way * m->value[e];
		}
	}
	s->first[k] = at;
	return k;
}

static void put_slacks(standard *s, const lp *m, int j)
{
	int at = s->first[j];
	for (int i = 0; i < m->rows; i++) {
		s->right[i] += lp_right(m, i);
		if (!has_slack(m, i))
			continue;
		s->first[j] = at;
		s->row[at] = i;
		s->value[at++] = lp_slack(m, i);
		s->upper[j] = m->row_upper[i] - m->row_lower[i];
		s->free[j] = is_free_row(m, i);
		s->first[++j] = at;
	}
}

static double power_of_two(double x)
{
	return exp2(-rint(0.5 * log2(x)));
}

/* divide rows and columns by the root of their largest entry, some times over */
static void scale_once(standard *s, double *row_most)
{
	memset(row_most, 0, (size_t)s->rows * sizeof *row_most);
	for (int j = 0; j < s->columns; j++)
		for (int e = s->first[j]; e < s->first[j + 1]; e++) {
			double v = fabs(s->value[e]);
			row_most[s->row[e]] = fmax(row_most[s->row[e]], v);
		}
	for (int i = 0; i < s->rows; i++) {
		row_most[i] = row_most[i] > 0 ? power_of_two(row_most[i]) : 1;
		s->row_scale[i] *= row_most[i];
	}
	for (int j = 0; j < s->columns; j++) {
		double most = 0;
		for (int e = s->first[j]; e < s->first[j + 1]; e++)
			most = fmax(most, fabs(s->value[e]));
		double f = most > 0 ? power_of_two(most) : 1;
		for (int e = s->first[j]; e < s->first[j + 1]; e++)
			s->value[e] *= f * row_most[s->row[e]];
		s->column_scale[j] *= f;
	}
}

static double size_of(const double *v, int n)
{
	double most = 0;
	for (int i = 0; i < n; i++)
		most = isinf(v[i]) ? most : fmax(most, fabs(v[i]));
	return most > 0 ? exp2(rint(log2(most))) : 1;
}

static void scale_vectors(standard *s)
{
	for (int i = 0; i < s->rows; i++)
		s->right[i] *= s->row_scale[i];
	for (int j = 0; j < s->columns; j++) {
		s->cost[j] *= s->column_scale[j];
		s->upper[j] /= s->column_scale[j];
	}
	s->right_scale = size_of(s->right, s->rows);
	s->cost_scale = size_of(s->cost, s->columns);
	for (int i = 0; i < s->rows; i++)
		s->right[i] /= s->right_scale;
	for (int j = 0; j < s->columns; j++) {
		s->cost[j] /= s->cost_scale;
		s->upper[j] /= s->right_scale;
	}
}

par_err standard_open(standard *s, const lp *m)
{
	*s = (standard){0};
	PAR_TRY(room(s, m));
	put_slacks(s, m, put_columns(s, m));
	double *most = malloc(((size_t)s->rows + 1) * sizeof *most);
	if (!most) {
		standard_close(s);
		return par_fail(PAR_E_MEMORY, "no memory for scaling");
	}
	for (int i = 0; i < s->rows; i++)
		s->row_scale[i] = 1;
	for (int j = 0; j < s->columns; j++)
		s->column_scale[j] = 1;
	for (int pass = 0; pass < PASSES; pass++)
		scale_once(s, most);
	free(most);
	scale_vectors(s);
	return PAR_OK;
}

void standard_back(const standard *s, const lp *m, const double *x, const double *y, bool ray,
    double *columns, double *prices)
{
	double sign = m->maximise ? -1 : 1;
	for (int j = 0; j < m->columns; j++) {
		int k = s->place[j];
		double moved = k < 0 ? 0
				     : lp_way(m, j) * x[k] * s->column_scale[k] * s->right_scale;
		columns[j] = ray ? moved : lp_from(m, j) + moved;
		if (!ray)
			columns[j] = fmin(fmax(columns[j], m->lower[j]), m->upper[j]);
	}
	for (int i = 0; i < m->rows; i++)
		prices[i] = sign * y[i] * s->row_scale[i] * s->cost_scale;
}

void standard_close(standard *s)
{
	free(s->place);
	free(s->first);
	free(s->row);
	free(s->value);
	free(s->cost);
	free(s->right);
	free(s->upper);
	free(s->free);
	free(s->row_scale);
	free(s->column_scale);
	*s = (standard){0};
}
