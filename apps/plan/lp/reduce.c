#include "plan/lp/reduce.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PASSES 60
#define CHANGES_LEAST 1e-3 /* of rows and columns, for another pass */
#define WORTH 0.05         /* of rows or columns go away */
#define CLOSE 1e-9         /* relative: roundings of sums of bounds */

typedef struct {
	reduction *r;
	const lp *m;
	double *cost; /* of minimising */
	uint8_t *row_gone, *column_gone;
	bool odd; /* no point, or no end */
	int64_t changes;
} reducer;

static par_err no_memory(void)
{
	return par_fail(PAR_E_MEMORY, "no memory to reduce the program");
}

/* what the columns of a row come to at their bounds */
typedef struct {
	double least, most;
	int no_least, no_most, entries, last; /* last: place of an entry */
} reach;

static reach reach_of(const reducer *d, int i)
{
	const reduction *r = d->r;
	reach s = {0};
	for (int e = r->first[i]; e < r->first[i + 1]; e++) {
		int j = r->column[e];
		double a = r->value[e], low = a > 0 ? r->lower[j] : r->upper[j],
		       high = a > 0 ? r->upper[j] : r->lower[j];
		if (!d->column_gone[j]) {
			s.entries++;
			s.last = e;
		}
		if (isinf(low))
			s.no_least++;
		else
			s.least += a * low;
		if (isinf(high))
			s.no_most++;
		else
			s.most += a * high;
	}
	return s;
}

static void drop_row(reducer *d, int i)
{
	d->row_gone[i] = 1;
	d->changes++;
}

static void fix(reducer *d, int j, double at)
{
	d->odd |= isinf(at);
	d->r->lower[j] = d->r->upper[j] = at;
	d->column_gone[j] = 1;
	d->changes++;
}

static void note(reducer *d, reduction_step s)
{
	d->r->step[d->r->steps++] = s;
}

static void contradict(reducer *d, int i, double side)
{
	d->odd = true;
	d->r->contradiction = i;
	d->r->side = side;
}

/* a x_j within the row's bounds less what the fixed columns come to */
static void to_bound(reducer *d, int i, const reach *s)
{
	reduction *r = d->r;
	const lp *m = d->m;
	int j = r->column[s->last];
	double a = r->value[s->last], fixed = 0;
	for (int e = r->first[i]; e < r->first[i + 1]; e++)
		if (d->column_gone[r->column[e]])
			fixed += r->value[e] * r->lower[r->column[e]];
	double one = (m->row_lower[i] - fixed) / a, other = (m->row_upper[i] - fixed) / a;
	double low = a > 0 ? one : other, high = a > 0 ? other : one;
	double size = CLOSE * (1 + fabs(low > r->upper[j] ? low : high));
	if (low > r->upper[j] + size || high < r->lower[j] - size) {
		contradict(d, i, (low > r->upper[j] + size) == (a > 0) ? 1 : -1);
		return;
	}
	bool by_low = low > r->lower[j], by_high = high < r->upper[j];
	r->lower[j] = by_low ? low : r->lower[j];
	r->upper[j] = by_high ? high : r->upper[j];
	if (by_low || by_high)
		note(d, (reduction_step){ROW_BOUNDS, i, s->last, by_low, by_high});
	drop_row(d, i);
	if (r->lower[j] >= r->upper[j])
		fix(d, j, by_low ? r->upper[j] : r->lower[j]);
}

/* the row stands at its upper bound with all columns where it is least, or at its lower one with all at most */
static void force(reducer *d, int i, bool least)
{
	reduction *r = d->r;
	for (int e = r->first[i]; e < r->first[i + 1]; e++) {
		int j = r->column[e];
		if (!d->column_gone[j]) {
			fix(d, j, (r->value[e] > 0) == least ? r->lower[j] : r->upper[j]);
			r->fixed_by[j] = r->steps;
		}
	}
	note(d, (reduction_step){ROW_FIXES, i, -1, !least, least});
	drop_row(d, i);
}

static void look_at_row(reducer *d, int i)
{
	const lp *m = d->m;
	double low = m->row_lower[i], high = m->row_upper[i];
	reach s = reach_of(d, i);
	double near_low = CLOSE * (1 + fabs(low)), near_high = CLOSE * (1 + fabs(high));
	bool kept_low = isinf(low) || (s.no_least == 0 && s.least >= low),
	     kept_high = isinf(high) || (s.no_most == 0 && s.most <= high);
	if (s.no_most == 0 && s.most < low - near_low) {
		contradict(d, i, 1);
	} else if (s.no_least == 0 && s.least > high + near_high) {
		contradict(d, i, -1);
	} else if (s.entries == 0 || (kept_low && kept_high)) {
		drop_row(d, i);
	} else if (s.entries == 1) {
		to_bound(d, i, &s);
	} else if (s.no_least == 0 && s.least >= high - near_high) {
		force(d, i, true);
	} else if (s.no_most == 0 && s.most <= low + near_low) {
		force(d, i, false);
	}
}

/* the least or the most that the reduced cost can be, with prices below zero of a row without lower bound and
 * above zero of one without upper bound */
static double reduced_cost(const reducer *d, int j, bool least)
{
	const lp *m = d->m;
	double sum = d->cost[j];
	for (int64_t e = m->first[j]; e < m->first[j + 1]; e++) {
		int i = m->row[e];
		if (d->row_gone[i])
			continue;
		bool up = (m->value[e] > 0) == least; /* the price that would go far */
		if (up ? !isinf(m->row_lower[i]) : !isinf(m->row_upper[i]))
			return least ? -INFINITY : INFINITY;
	}
	return sum;
}

static void look_at_column(reducer *d, int j)
{
	reduction *r = d->r;
	if (r->lower[j] == r->upper[j])
		fix(d, j, r->lower[j]);
	else if (reduced_cost(d, j, true) > 0)
		fix(d, j, r->lower[j]);
	else if (reduced_cost(d, j, false) < 0)
		fix(d, j, r->upper[j]);
}

static void pass(reducer *d)
{
	d->changes = 0;
	for (int i = 0; i < d->m->rows && !d->odd; i++)
		if (!d->row_gone[i])
			look_at_row(d, i);
	for (int j = 0; j < d->m->columns && !d->odd; j++)
		if (!d->column_gone[j])
			look_at_column(d, j);
}

static par_err by_rows(reduction *r)
{
	const lp *m = r->m;
	int64_t entries = m->columns ? m->first[m->columns] : 0;
	if (entries >= INT_MAX)
		return par_fail(
		    PAR_E_DATA, "%lld entries; one block holds less than 2^31", (long long)entries);
	r->first = calloc((size_t)m->rows + 2, sizeof(int));
	r->column = calloc((size_t)entries + 1, sizeof(int));
	r->value = calloc((size_t)entries + 1, sizeof(double));
	if (!r->first || !r->column || !r->value)
		return no_memory();
	int *at = r->first + 1;
	for (int64_t e = 0; e < entries; e++)
		at[m->row[e] + 1]++;
	for (int i = 0; i < m->rows; i++)
		at[i + 1] += at[i];
	for (int j = 0; j < m->columns; j++)
		for (int64_t e = m->first[j]; e < m->first[j + 1]; e++) {
			r->column[at[m->row[e]]] = j;
			r->value[at[m->row[e]]++] = m->value[e];
		}
	return PAR_OK;
}

static par_err room(reducer *d)
{
	reduction *r = d->r;
	size_t n = (size_t)d->m->columns + 1, rows = (size_t)d->m->rows + 1;
	r->lower = calloc(n, sizeof(double));
	r->upper = calloc(n, sizeof(double));
	r->row_to = calloc(rows, sizeof(int));
	r->column_to = calloc(n, sizeof(int));
	r->step = calloc(rows, sizeof *r->step);
	r->fixed_by = calloc(n, sizeof(int));
	d->cost = calloc(n, sizeof(double));
	d->row_gone = calloc(rows, 1);
	d->column_gone = calloc(n, 1);
	if (!r->lower || !r->upper || !r->row_to || !r->column_to || !r->step || !r->fixed_by ||
	    !d->cost || !d->row_gone || !d->column_gone)
		return no_memory();
	for (int j = 0; j < d->m->columns; j++) {
		r->lower[j] = d->m->lower[j];
		r->upper[j] = d->m->upper[j];
		r->fixed_by[j] = -1;
		d->cost[j] = d->m->maximise ? -d->m->cost[j] : d->m->cost[j];
	}
	return by_rows(r);
}

static par_err take_rows(reducer *d)
{
	reduction *r = d->r;
	lp *small = &r->small;
	for (int i = 0; i < d->m->rows; i++) {
		r->row_to[i] = d->row_gone[i] ? -1 : small->rows;
		if (d->row_gone[i])
			continue;
		double fixed = 0;
		for (int e = r->first[i]; e < r->first[i + 1]; e++)
			if (d->column_gone[r->column[e]])
				fixed += r->value[e] * r->lower[r->column[e]];
		PAR_TRY(lp_add_row(small));
		small->row_lower[small->rows - 1] = d->m->row_lower[i] - fixed;
		small->row_upper[small->rows - 1] = d->m->row_upper[i] - fixed;
	}
	return PAR_OK;
}

static par_err take_columns(reducer *d)
{
	reduction *r = d->r;
	const lp *m = d->m;
	lp *small = &r->small;
	for (int j = 0; j < m->columns; j++) {
		r->column_to[j] = d->column_gone[j] ? -1 : small->columns;
		if (d->column_gone[j])
			continue;
		PAR_TRY(lp_add_column(small));
		small->cost[r->column_to[j]] = d->cost[j];
		small->lower[r->column_to[j]] = r->lower[j];
		small->upper[r->column_to[j]] = r->upper[j];
		for (int64_t e = m->first[j]; e < m->first[j + 1]; e++)
			if (!d->row_gone[m->row[e]])
				PAR_TRY(lp_add_entry(small, r->row_to[m->row[e]], m->value[e]));
	}
	return PAR_OK;
}

static par_err reduce(reducer *d, bool *worth)
{
	const lp *m = d->m;
	PAR_TRY(room(d));
	d->changes = m->rows + m->columns;
	for (int k = 0; k < PASSES && !d->odd; k++) {
		if ((double)d->changes <= CHANGES_LEAST * (m->rows + m->columns))
			break;
		pass(d);
	}
	if (d->odd)
		return PAR_OK;
	PAR_TRY(take_rows(d));
	PAR_TRY(take_columns(d));
	*worth = d->r->small.columns > 0 && (d->r->small.rows <= (1 - WORTH) * m->rows ||
						d->r->small.columns <= (1 - WORTH) * m->columns);
	return PAR_OK;
}

par_err reduction_open(reduction *r, const lp *m, bool *worth)
{
	reducer d = {.r = r, .m = m};
	*r = (reduction){.m = m, .contradiction = -1};
	*worth = false;
	par_err e = reduce(&d, worth);
	free(d.cost);
	free(d.row_gone);
	free(d.column_gone);
	return e;
}

void reduction_close(reduction *r)
{
	lp_drop(&r->small);
	free(r->row_to);
	free(r->column_to);
	free(r->first);
	free(r->column);
	free(r->value);
	free(r->lower);
	free(r->upper);
	free(r->step);
	free(r->fixed_by);
	*r = (reduction){0};
}

/* of minimising, at the prices so far; of a ray without costs */
static double cost_at(const reduction *r, int j, const double *y)
{
	const lp *m = r->m;
	double d = r->contradiction >= 0 ? 0 : m->maximise ? -m->cost[j] : m->cost[j];
	for (int64_t e = m->first[j]; e < m->first[j + 1]; e++)
		d -= m->value[e] * y[m->row[e]];
	return d;
}

/* the price of the row of step k, whose own is still zero */
static double price_of(const reduction *r, int k, const double *y)
{
	const reduction_step *s = &r->step[k];
	double price = 0;
	if (s->kind == ROW_BOUNDS) {
		double d = cost_at(r, r->column[s->entry], y);
		return (d > 0 && s->lower) || (d < 0 && s->upper) ? d / r->value[s->entry] : 0;
	}
	for (int e = r->first[s->row]; e < r->first[s->row + 1]; e++) {
		if (r->fixed_by[r->column[e]] != k)
			continue;
		double turning = cost_at(r, r->column[e], y) / r->value[e];
		price = s->upper ? fmin(price, turning) : fmax(price, turning);
	}
	return price;
}

void reduction_ray(const reduction *r, double *y)
{
	memset(y, 0, (size_t)r->m->rows * sizeof *y);
	y[r->contradiction] = r->side;
	for (int k = r->steps - 1; k >= 0; k--)
		y[r->step[k].row] = price_of(r, k, y);
}

void reduction_back(
    const reduction *r, const double *small_x, const double *small_y, double *x, double *y)
{
	const lp *m = r->m;
	for (int j = 0; j < m->columns; j++)
		x[j] = r->column_to[j] < 0 ? r->lower[j] : small_x[r->column_to[j]];
	for (int i = 0; i < m->rows; i++)
		y[i] = r->row_to[i] < 0 ? 0 : small_y[r->row_to[i]];
	for (int k = r->steps - 1; k >= 0; k--)
		y[r->step[k].row] = price_of(r, k, y);
	for (int i = 0; m->maximise && i < m->rows; i++)
		y[i] = -y[i];
}
