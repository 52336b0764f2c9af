/* np: 1 2 3 6   apps: plan */
#include "plan/check/bound.h"
#include "plan/solve/interior.h"

#include "../tap.h"
#include "other_night.h"

#include <stdlib.h>
#include <string.h>

/* What a kept point is, and what a start near one is, by the problem's own numbers. Groups are not all full, and
 * there are two patterns. */
#define SKUS 403

#define ALIKE 4     /* products are within this factor of their mean, ... */
#define ASTRAY 1e-3 /* ... but for so many of all columns */
#define LINKED 2    /* the linking rows' residual is worth so many times all products at most */
#define KEPT 1.5e-3 /* the gap where a point is kept: WARM_GAP over sqrt(SKUS) */

/* a point, at the problem's own numbers */
typedef struct {
	const problem *p;
	const deal *d;
	const double *price, *own;
	block b;
	double rows;         /* largest |A x - b| of a block, relative */
	double product;      /* sum of x times reduced cost over the free columns, ... */
	int64_t free, pairs; /* ... which have no upper bound */
	int64_t astray;      /* columns whose reduced cost is far from what their mean says */
	double *left;        /* h - B x - E e */
} looked;

/* x is in the block's columns, y in its rows; y NULL: only x is known */
typedef void (*look_fn)(looked *l, const pattern *p, const double *x, const double *y);

static void look_at_rows(looked *l, const pattern *p, const double *x, const double *y)
{
	double *row = calloc((size_t)p->rows + 1, sizeof *row), most = 1;
	(void)y;
	for (int i = 0; i < p->rows; i++) {
		row[i] = -l->b.right[i];
		most = fmax(most, fabs(l->b.right[i]));
	}
	for (int j = 0; j < p->columns; j++) {
		for (int e = p->first[j]; e < p->first[j + 1]; e++)
			row[p->row[e]] += p->value[e] * x[j];
		for (int e = p->link_first[j]; e < p->link_first[j + 1]; e++)
			l->left[p->link[e]] -= l->b.link[e] * x[j];
	}
	for (int i = 0; i < p->rows; i++)
		l->rows = fmax(l->rows, fabs(row[i]) / most);
	l->pairs += p->columns + p->bounds;
	free(row);
}

static double reduced(const looked *l, const pattern *p, const double *y, int j)
{
	double r = l->b.cost[j];
	for (int e = p->first[j]; e < p->first[j + 1]; e++)
		r -= p->value[e] * y[p->row[e]];
	for (int e = p->link_first[j]; e < p->link_first[j + 1]; e++)
		r -= l->b.link[e] * l->price[p->link[e]];
	return r;
}

static void look_at_products(looked *l, const pattern *p, const double *x, const double *y)
{
	for (int j = 0; j < p->columns; j++)
		if (p->bound[j] < 0) {
			l->product += x[j] * reduced(l, p, y, j);
			l->free++;
		}
}

/* z - v, with xz and wv up to a factor the mean */
static void look_at_costs(looked *l, const pattern *p, const double *x, const double *y)
{
	double mean = l->product / (double)l->free;
	for (int j = 0; j < p->columns; j++) {
		double w = p->bound[j] < 0 ? INFINITY : l->b.upper[p->bound[j]] - x[j];
		double r = reduced(l, p, y, j), z = mean / x[j], v = mean / w;
		l->astray += !(
		    x[j] > 0 && w > 0 && r > z / ALIKE - v * ALIKE && r < z * ALIKE - v / ALIKE);
	}
}

static void look(looked *l, const solution *s, look_fn fn)
{
	for (int64_t i = 0; i < s->blocks; i++) {
		l->p->fill(l->p->ctx, s->block[i], &l->b);
		fn(l, pattern_of(l->p, s->block[i]), s->x + s->x_at[i],
		    s->row_price ? s->row_price + s->row_at[i] : NULL);
	}
}

static void over_ranks(looked *l)
{
	const linking *k = &l->p->link;
	MPI_Allreduce(MPI_IN_PLACE, &l->rows, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
	MPI_Allreduce(MPI_IN_PLACE, l->left, k->rows, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
	MPI_Allreduce(MPI_IN_PLACE, &l->product, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
	MPI_Allreduce(MPI_IN_PLACE, &l->free, 1, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
	MPI_Allreduce(MPI_IN_PLACE, &l->pairs, 1, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
	for (int i = 0; i < k->rows; i++)
		l->left[i] += k->right[i];
	for (int j = 0; j < k->columns; j++)
		l->left[k->row[j]] -= k->value[j] * l->own[j];
}

/* what is left of the linking rows at their prices, over the sum of all products */
static double unlinked(const looked *l, double products)
{
	double worth = 0;
	for (int i = 0; i < l->p->link.rows; i++)
		worth += fabs(l->left[i] * l->price[i]);
	return worth / products;
}

static bool look_open(looked *l, const problem *p, const deal *d)
{
	*l = (looked){.p = p, .d = d};
	l->left = calloc((size_t)p->link.rows + 1, sizeof *l->left);
	return numbers_open(&l->b, p) == PAR_OK;
}

static void look_close(looked *l)
{
	numbers_close(&l->b);
	free(l->left);
}

/* what a solve left on its way */
static void point_holds(const warm_point *w, const model *m, double value)
{
	looked l;
	bound_report bound;
	solution s = {.blocks = m->deal.blocks, .x_at = w->x_at};
	int64_t at = 0, n = 0, *sku = calloc((size_t)m->deal.blocks + 1, sizeof *sku);
	for (int64_t i = 0; i < m->deal.groups; i++)
		for (int lane = 0; lane < m->deal.mine[i].lanes; lane++) {
			sku[at] = m->deal.mine[i].block[lane];
			n += pattern_of(&m->problem, sku[at++])->columns;
		}
	double *x = calloc((size_t)n + 1, sizeof *x);
	for (int64_t i = 0; i < n; i++)
		x[i] = w->x[i];
	s.block = sku;
	s.x = x;
	bool open = look_open(&l, &m->problem, &m->deal);
	l.own = w->own;
	l.price = w->price;
	if (open)
		look(&l, &s, look_at_rows);
	over_ranks(&l);
	double products = w->product * (double)(l.pairs + m->problem.link.columns);
	ok(open && l.rows < 1e-5, "the kept point holds the SKUs' rows to %.1e", l.rows);
	ok(unlinked(&l, products) < 0.1, "and the linking rows to %.1e of its products",
	    unlinked(&l, products));
	par_err e = lagrangian_bound(&bound, &m->problem, &m->deal, w->price);
	double gap = (value - bound.bound) / fabs(value);
	ok(e == PAR_OK && gap > 0 && gap < KEPT, "its prices bound the value to %.1e", gap);
	ok(products > 0.1 * KEPT * fabs(value) && products < KEPT * fabs(value),
	    "its products are %.1e of the value", products / fabs(value));
	look_close(&l);
	free(sku);
	free(x);
}

static void note_first(void *ctx, const interior_progress *now)
{
	int *first = ctx;
	*first = *first < 0 ? now->iteration : *first;
}

/* One iteration tells where it began: the prices' step is counted as that. */
static void begins(const char *what, const model *m, problem p, const warm_point *near)
{
	looked l;
	solution s;
	int first = -1;
	interior_spec spec = {.near = near, .iterations = 1, .progress = note_first, .ctx = &first};
	par_err e = interior_solve(&s, &p, &m->deal, &spec);
	ok(e == PAR_OK && s.warm && first == 1, "%s: there is a start", what);
	bool open = look_open(&l, &p, &m->deal);
	l.price = s.price;
	l.own = s.own;
	if (open) {
		look(&l, &s, look_at_rows);
		look(&l, &s, look_at_products);
	}
	over_ranks(&l);
	ok(l.rows < 1e-4, "%s: the SKUs' rows hold to %.1e", what, l.rows);
	double mean = l.product / (double)l.free;
	double worth = unlinked(&l, mean * (double)(l.pairs + p.link.columns));
	ok(worth < LINKED, "%s: the linking rows hold to %.1e of the products", what, worth);
	if (open)
		look(&l, &s, look_at_costs);
	MPI_Allreduce(MPI_IN_PLACE, &l.astray, 1, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
	double share = (double)l.astray / (double)l.pairs;
	ok(mean > 0 && share < ASTRAY,
	    "%s: products are alike, %.1e, but for %.2g %% of the columns", what, mean,
	    100 * share);
	look_close(&l);
	solution_drop(&s);
}

/* the limits of a period were not there */
static void forget_limits(warm_point *w, const model *m, int period)
{
	const linking *l = &m->problem.link;
	for (int i = 0; i < l->rows; i++)
		if (m->limit[i].period == period)
			w->price[i] = NAN;
	for (int k = 0; k < l->columns; k++)
		if (m->limit[l->row[k]].period == period)
			w->own[k] = NAN;
}

/* nor was a period of any SKU */
static void forget_period(warm_point *w, const model *m, int period)
{
	int64_t at = 0;
	for (int64_t i = 0; i < m->deal.groups; i++)
		for (int lane = 0; lane < m->deal.mine[i].lanes; lane++, at++)
			for (int j = 0, c = m->deal.mine[i].class;
			     j < m->problem.pattern[c].columns; j++)
				if (m->flow[c][j].period == period)
					w->x[w->x_at[at] + j] = NAN;
}

/* the first iterate is a cold start's, bit for bit */
static void given_up(const char *what, const model *m, const warm_point *near)
{
	solution cold, got;
	interior_spec none = {.iterations = 1}, some = {.near = near, .iterations = 1};
	par_err e = interior_solve(&cold, &m->problem, &m->deal, &none);
	e = e == PAR_OK ? interior_solve(&got, &m->problem, &m->deal, &some) : e;
	ok(e == PAR_OK && !got.warm && got.value == cold.value &&
		got.dual_value == cold.dual_value && got.gap == cold.gap &&
		memcmp(got.price, cold.price, (size_t)m->problem.link.rows * sizeof *got.price) ==
		    0,
	    "%s is given up for a cold start", what);
	solution_drop(&cold);
	solution_drop(&got);
}

/* a price of each limit that would close every lane, and stock everywhere */
static void make_hostile(warm_point *w, const model *m)
{
	int64_t n = 0;
	for (int64_t i = 0; i < m->deal.groups; i++)
		n += (int64_t)m->deal.mine[i].lanes *
		     m->problem.pattern[m->deal.mine[i].class].columns;
	for (int i = 0; i < m->problem.link.rows; i++)
		w->price[i] = -1e9;
	for (int64_t i = 0; i < n; i++)
		w->x[i] = 1e9F;
}

/* what takes less and less of what there was */
static void nights(const model *m, const model *other, warm_point *last)
{
	two_nights n = {m, other, 5};
	problem p = m->problem;
	warm_point none;
	begins("the same", m, p, last);
	p.ctx = &n;
	p.fill = fill_stock;
	begins("other demand and stock", m, p, last);
	p.fill = fill_new;
	forget_new(last, &n);
	begins("new SKUs", m, p, last);
	forget_period(last, m, m->periods - 1);
	forget_limits(last, m, m->periods - 1);
	begins("and a new week", m, p, last);
	forget_limits(last, m, m->periods / 2);
	given_up("a point without the limits of the middle", m, last);
	make_hostile(last, m);
	given_up("a point far from everything", m, last);
	ok(warm_open(&none, &m->problem, &m->deal) == PAR_OK, "a point opens");
	given_up("a point of which nothing is known", m, &none);
	warm_close(&none);
}

int main(int argc, char **argv)
{
	par_world w;
	model m, other;
	warm_point last;
	solution s;
	generate_options o = {.skus = SKUS, .seed = 1, .periods = 8, .two_classes = true};
	tap_begin(&argc, &argv);
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	bool made = generate(&m, &w, &o) == PAR_OK;
	o.seed = 2;
	ok(made && generate(&other, &w, &o) == PAR_OK, "two catalogs are made");
	ok(warm_open(&last, &m.problem, &m.deal) == PAR_OK, "a point opens");
	interior_spec keep = {.keep = &last};
	ok(interior_solve(&s, &m.problem, &m.deal, &keep) == PAR_OK, "one is solved");
	point_holds(&last, &m, s.value);
	solution_drop(&s);
	nights(&m, &other, &last);
	warm_close(&last);
	model_drop(&m);
	model_drop(&other);
	par_world_close(&w);
	return tap_end();
}
