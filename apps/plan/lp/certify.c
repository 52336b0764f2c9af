#include "plan/lp/certify.h"

#include <math.h>
#include <stdlib.h>

/* roundings of a sum are held against the sum of its terms' sizes */
#define ROUNDING 1e-8L
/* a ray must prove its point by more than this share of the sizes involved */
#define DUST 1e-8 /* of the largest number of a ray */
#define MARGIN 1e-7L

typedef struct {
	long double sum, size;
} total;

static void *room(int n, size_t size)
{
	return calloc((size_t)n + 1, size);
}

static par_err no_memory(void)
{
	return par_fail(PAR_E_MEMORY, "no memory to check the solution");
}

static void count(total *t, long double v)
{
	t->sum += v;
	t->size += fabsl(v);
}

/* A x */
static total *activities(const lp *m, const double *x)
{
	total *t = room(m->rows, sizeof *t);
	for (int j = 0; t && j < m->columns; j++)
		for (int64_t e = m->first[j]; e < m->first[j + 1]; e++)
			count(&t[m->row[e]], (long double)m->value[e] * x[j]);
	return t;
}

/* column j of A'y */
static total priced(const lp *m, const double *y, int j)
{
	total t = {0, 0};
	for (int64_t e = m->first[j]; e < m->first[j + 1]; e++)
		count(&t, (long double)m->value[e] * y[m->row[e]]);
	return t;
}

static double violation(long double v, double low, double high)
{
	long double below = isinf(low) ? 0 : (low - v) / (1 + fabsl((long double)low));
	long double above = isinf(high) ? 0 : (v - high) / (1 + fabsl((long double)high));
	return (double)fmaxl(0, fmaxl(below, above));
}

static par_err primal_violation(const lp *m, const double *x, double *most)
{
	total *t = activities(m, x);
	if (!t)
		return no_memory();
	*most = 0;
	for (int i = 0; i < m->rows; i++)
		*most = fmax(*most, violation(t[i].sum, m->row_lower[i], m->row_upper[i]));
	for (int j = 0; j < m->columns; j++)
		*most = fmax(*most, violation(x[j], m->lower[j], m->upper[j]));
	free(t);
	return PAR_OK;
}

/* the side of a range that a price of this sign leans on */
static double side(double price, double low, double high)
{
	return price > 0 ? low : high;
}

/* prices for minimising, zero where their row has no such side */
static double *clean_prices(const lp *m, const double *y)
{
	double *clean = room(m->rows, sizeof *clean);
	for (int i = 0; clean && i < m->rows; i++) {
		double price = m->maximise ? -y[i] : y[i];
		clean[i] = isinf(side(price, m->row_lower[i], m->row_upper[i])) ? 0 : price;
	}
	return clean;
}

/* the least that each row's columns come to, apart from those without a bound, which are counted */
typedef struct {
	long double least, most;
	int64_t no_least, no_most;
} reach;

static void extend(reach *r, double a, double low, double high, int way)
{
	double least = a > 0 ? low : high, most = a > 0 ? high : low;
	if (isinf(least))
		r->no_least += way;
	else
		r->least += (long double)way * a * least;
	if (isinf(most))
		r->no_most += way;
	else
		r->most += (long double)way * a * most;
}

static reach *reaches(const lp *m)
{
	reach *r = room(m->rows, sizeof *r);
	for (int j = 0; r && j < m->columns; j++)
		for (int64_t e = m->first[j]; e < m->first[j + 1]; e++)
			extend(&r[m->row[e]], m->value[e], m->lower[j], m->upper[j], 1);
	return r;
}

/* the bound of column j that its rows imply, upward or downward */
static double implied(const lp *m, const reach *rows, int j, bool upward)
{
	double best = INFINITY;
	for (int64_t e = m->first[j]; e < m->first[j + 1]; e++) {
		int i = m->row[e];
		double a = m->value[e];
		reach others = rows[i];
		extend(&others, a, m->lower[j], m->upper[j], -1);
		bool by_upper = (a > 0) == upward;
		double limit = by_upper ? m->row_upper[i] : m->row_lower[i];
		if (isinf(limit) || (by_upper ? others.no_least : others.no_most))
			continue;
		long double left = limit - (by_upper ? others.least : others.most);
		best = fmin(best, (double)((upward ? 1 : -1) * left / a));
	}
	return upward ? best : -best;
}

typedef struct {
	long double sum;
	double violated;
} dual_sum;

static void add_column(
    dual_sum *s, const lp *m, const reach *rows, const double *x, const double *y, int j)
{
	long double d = (m->maximise ? -m->cost[j] : m->cost[j]) - priced(m, y, j).sum;
	double at = d == 0 ? 0 : side((double)d, m->lower[j], m->upper[j]);
	if (isinf(at))
		at = implied(m, rows, j, d < 0);
	if (isinf(at)) {
		s->violated = fmax(s->violated, (double)fabsl(d) / (1 + fabs(m->cost[j])));
		s->sum -= fabsl(d) * fabs(x[j]);
	} else {
		s->sum += d * at;
	}
}

static par_err dual_bound(certificate *c, const lp *m, const double *x, const double *y)
{
	double *price = clean_prices(m, y);
	reach *rows = reaches(m);
	dual_sum s = {m->maximise ? -m->constant : m->constant, 0};
	if (!price || !rows) {
		free(price);
		free(rows);
		return no_memory();
	}
	for (int i = 0; i < m->rows; i++)
		if (price[i] != 0)
			s.sum += (long double)price[i] *
				 side(price[i], m->row_lower[i], m->row_upper[i]);
	for (int j = 0; j < m->columns; j++)
		add_column(&s, m, rows, x, price, j);
	c->bound = (double)(m->maximise ? -s.sum : s.sum);
	c->dual = s.violated;
	free(price);
	free(rows);
	return PAR_OK;
}

par_err certify_point(certificate *out, const lp *m, const double *x, const double *y)
{
	*out = (certificate){.value = lp_value(m, x)};
	PAR_TRY(primal_violation(m, x, &out->primal));
	PAR_TRY(dual_bound(out, m, x, y));
	out->gap = fabs(out->value - out->bound) / (1 + fabs(out->value));
	out->optimal = out->primal <= CERTIFY_VIOLATION && out->dual <= CERTIFY_VIOLATION &&
		       out->gap <= CERTIFY_GAP;
	return PAR_OK;
}

/* what an interior point leaves of numbers that are zero at the end; the proof is looked for without them */
static void drop_dust(double *v, int n)
{
	double most = 0;
	for (int i = 0; i < n; i++)
		most = fmax(most, fabs(v[i]));
	for (int i = 0; i < n; i++)
		v[i] = fabs(v[i]) > DUST * most ? v[i] : 0;
}

/* y'A x is at least what the rows demand; the columns allow at most the sum of the largest products */
static bool demands_more(const lp *m, const reach *rows, const double *y)
{
	total demand = {0, 0}, allowed = {0, 0};
	for (int i = 0; i < m->rows; i++)
		if (y[i] != 0)
			count(&demand,
			    (long double)y[i] * side(y[i], m->row_lower[i], m->row_upper[i]));
	for (int j = 0; j < m->columns; j++) {
		total g = priced(m, y, j);
		if (g.sum == 0)
			continue;
		double at = side((double)-g.sum, m->lower[j], m->upper[j]);
		if (isinf(at))
			at = implied(m, rows, j, g.sum > 0);
		if (!isinf(at))
			count(&allowed, g.sum * at);
		else if (fabsl(g.sum) > ROUNDING * g.size)
			return false;
	}
	return demand.sum - allowed.sum > MARGIN * (demand.size + allowed.size);
}

par_err certify_no_point(bool *proved, const lp *m, const double *y)
{
	double *price = room(m->rows, sizeof *price);
	reach *rows = reaches(m);
	*proved = false;
	for (int i = 0; price && rows && i < m->rows; i++)
		price[i] = isinf(side(y[i], m->row_lower[i], m->row_upper[i])) ? 0 : y[i];
	par_err e = price && rows ? PAR_OK : no_memory();
	if (e == PAR_OK) {
		drop_dust(price, m->rows);
		*proved = demands_more(m, rows, price);
	}
	free(price);
	free(rows);
	return e;
}

static bool stays(long double v, long double slack, double low, double high)
{
	return (isinf(low) || v >= -slack) && (isinf(high) || v <= slack);
}

/* the ray without the parts that its columns' bounds do not let it have */
static double *clean_ray(const lp *m, const double *x)
{
	double *ray = room(m->columns, sizeof *ray);
	for (int j = 0; ray && j < m->columns; j++)
		ray[j] = stays(x[j], 0, m->lower[j], m->upper[j]) ? x[j] : 0;
	if (ray)
		drop_dust(ray, m->columns);
	return ray;
}

par_err certify_no_end(bool *proved, const lp *m, const double *x)
{
	double *ray = clean_ray(m, x);
	total *t = ray ? activities(m, ray) : NULL, gain = {0, 0};
	*proved = false;
	bool inside = true;
	for (int i = 0; t && i < m->rows; i++)
		inside &= stays(t[i].sum, ROUNDING * t[i].size, m->row_lower[i], m->row_upper[i]);
	for (int j = 0; t && j < m->columns; j++)
		count(&gain, (long double)ray[j] * (m->maximise ? m->cost[j] : -m->cost[j]));
	*proved = t && inside && gain.sum > MARGIN * gain.size;
	par_err e = t ? PAR_OK : no_memory();
	free(ray);
	free(t);
	return e;
}
