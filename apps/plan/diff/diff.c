#include "plan/diff/diff.h"

#include "comm/exact.h"
#include "comm/exchange.h"
#include "plan/check/numbers.h"
#include "plan/model/redistribute.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WEAK 1e-3         /* a reason is at least this part of the change */
#define LEAST_UNITS 0.5   /* a smaller change is none, */
#define LEAST_MONEY 0.005 /* nor is one of less money */
#define ROUNDING 1e-5     /* of sums of a SKU in single precision */

enum { TOLD = OLD_SALES + 1 }; /* tables whose changes are told; the others explain */

/* of a cell: what a unit costs, and by how much the limit that pushes it hardest has made it dearer */
typedef struct {
	double money, push;
	int limit;
} meaning;

typedef struct {
	diff *d;
	const model *m;
	const solution *s;
	cells cells[OLD_TABLES];
	int first[OLD_TABLES + 1]; /* where a table's cells begin among those of all new tables */
	double *before, *after;    /* of the SKU at hand: cells of all new tables */
	bool *known;               /* the old plan has the cell */
	meaning *meaning;
	block b;
	diff_change *all;
	int n, room;
	par_exact *moved; /* [limits + 1]; the last: of all changes */
} comparing;

static int by_money(const void *a, const void *b)
{
	const diff_change *x = a, *y = b;
	if (x->money != y->money)
		return x->money > y->money ? -1 : 1;
	if (x->sku != y->sku)
		return x->sku < y->sku ? -1 : 1;
	return x->table != y->table ? x->table - y->table : x->cell - y->cell;
}

static void cut(comparing *c)
{
	if (c->n > 0)
		qsort(c->all, (size_t)c->n, sizeof *c->all, by_money);
	c->n = c->n < DIFF_ROWS ? c->n : DIFF_ROWS;
}

/* What a unit in each cell means. Cells of several columns (steps of a demand, nodes of a supplier) have the mean. */
static void mean_cells(comparing *c, int class, int table)
{
	const pattern *p = &c->m->problem.pattern[class];
	const cells *of = &c->cells[table];
	meaning *to = c->meaning + c->first[table];
	for (int i = 0; i < of->n[class]; i++) {
		const pick *k = &of->all[class][i];
		meaning *at = &to[k->cell];
		if (k->source != PICK_X)
			continue;
		at->money = fmax(at->money, fabs(c->b.cost[k->from]));
		for (int e = p->link_first[k->from]; e < p->link_first[k->from + 1]; e++) {
			int l = p->link[e];
			double worth = c->s->price[l] == 0 ? 0 : -c->s->price[l];
			double push = c->b.link[e] * (worth - c->d->old.worth[l]);
			if (fabs(push) > fabs(at->push)) {
				at->push = push;
				at->limit = l;
			}
		}
	}
}

/* the i-th SKU of the solution */
static void take_new(comparing *c, int64_t i)
{
	int64_t sku = c->s->block[i];
	int class = c->m->problem.class[sku];
	const double *x = c->s->x + c->s->x_at[i];
	int all = c->first[OLD_TABLES];
	memset(c->after, 0, (size_t)all * sizeof *c->after);
	for (int k = 0; k < all; k++)
		c->meaning[k] = (meaning){0, 0, -1};
	c->m->problem.fill(c->m->problem.ctx, sku, &c->b);
	for (int k = 0; k < OLD_TABLES; k++) {
		cells_add(&c->cells[k], class, x, &c->b, c->after + c->first[k]);
		if (k < TOLD)
			mean_cells(c, class, k);
	}
}

static void take_old(comparing *c, const float *row)
{
	int all = c->first[OLD_TABLES], at = 0;
	memset(c->before, 0, (size_t)all * sizeof *c->before);
	memset(c->known, 0, (size_t)all * sizeof *c->known);
	for (int k = 0; k < OLD_TABLES; k++) {
		const old_table *t = &c->d->old.table[k];
		for (int i = 0; i < t->width; i++, at++)
			if (t->place[i] >= 0) {
				c->before[c->first[k] + t->place[i]] = row[at];
				c->known[c->first[k] + t->place[i]] = true;
			}
	}
}

static double change_of(const comparing *c, int cell)
{
	return c->known[cell] ? c->after[cell] - c->before[cell] : 0;
}

/* of whole tables */
static double change_in(const comparing *c, int from, int to)
{
	double sum = 0, size = 0;
	for (int i = c->first[from]; i < c->first[to]; i++) {
		sum += change_of(c, i);
		size += c->known[i] ? fabs(c->before[i]) : 0;
	}
	return fabs(sum) > ROUNDING * size ? sum : 0;
}

/* the money with which a limit's price explains the change of its own cell: a dearer flow falls */
static double pushed(const comparing *c, int cell)
{
	double money = -c->meaning[cell].push * change_of(c, cell);
	return c->meaning[cell].limit >= 0 && money > 0 ? money : 0;
}

/* what explains changes of a whole SKU */
typedef struct {
	double demand, stock; /* units */
	int pushed;           /* the cell that a limit pushes hardest, or -1 */
} causes;

static causes find_causes(const comparing *c)
{
	causes w = {change_in(c, OLD_SALES, OLD_BEFORE), change_in(c, OLD_BEFORE, OLD_TABLES), -1};
	for (int i = 0; i < c->first[TOLD]; i++)
		if (pushed(c, i) > (w.pushed >= 0 ? pushed(c, w.pushed) : 0))
			w.pushed = i;
	return w;
}

/* a cause in units explains at most the change */
static double in_units(double units, double change, double money)
{
	return fmin(fabs(units), fabs(change)) * money;
}

static void explain(const comparing *c, const causes *w, int cell, diff_change *to)
{
	double change = change_of(c, cell), unit = c->meaning[cell].money;
	double of[REASONS] = {
	    [REASON_LIMIT] = pushed(c, cell),
	    [REASON_ELSEWHERE] = w->pushed >= 0 && w->pushed != cell ? pushed(c, w->pushed) : 0,
	    [REASON_DEMAND] = in_units(w->demand, change, unit),
	    [REASON_STOCK] = in_units(w->stock, change, unit),
	    [REASON_OTHER] = WEAK * fabs(change) * unit,
	};
	to->reason = REASON_LIMIT;
	for (int k = 1; k < REASONS; k++)
		if (of[k] > of[to->reason])
			to->reason = (diff_reason)k;
	to->limit = to->reason == REASON_LIMIT       ? c->meaning[cell].limit
		    : to->reason == REASON_ELSEWHERE ? c->meaning[w->pushed].limit
						     : -1;
}

static void compare_sku(comparing *c, int64_t sku)
{
	causes w = find_causes(c);
	for (int k = 0; k < TOLD; k++)
		for (int i = c->first[k]; i < c->first[k + 1]; i++) {
			double change = change_of(c, i);
			double money = fabs(change) * c->meaning[i].money;
			if (fabs(change) < LEAST_UNITS || money < LEAST_MONEY)
				continue;
			diff_change one = {.sku = sku,
			    .table = k,
			    .cell = i - c->first[k],
			    .before = c->before[i],
			    .after = c->after[i],
			    .money = money};
			explain(c, &w, i, &one);
			if (one.limit >= 0)
				par_exact_add(&c->moved[one.limit], one.money);
			par_exact_add(&c->moved[c->m->problem.link.rows], one.money);
			if (c->n == c->room)
				cut(c);
			c->all[c->n++] = one;
		}
}

static par_err read_rows(void *ctx, int64_t first, int64_t n, void *rows)
{
	return old_plan_rows(&((comparing *)ctx)->d->old, first, n, rows);
}

static par_err take_row(void *ctx, int64_t i, int64_t at, const void *row)
{
	comparing *c = ctx;
	(void)at;
	take_new(c, i);
	take_old(c, row);
	compare_sku(c, c->s->block[i]);
	return PAR_OK;
}

static par_err room(comparing *c)
{
	const problem *p = &c->m->problem;
	size_t all = (size_t)c->first[OLD_TABLES] + 1;
	c->room = 2 * DIFF_ROWS;
	c->before = calloc(all, sizeof *c->before);
	c->after = calloc(all, sizeof *c->after);
	c->known = calloc(all, sizeof *c->known);
	c->meaning = calloc(all, sizeof *c->meaning);
	c->all = calloc((size_t)c->room, sizeof *c->all);
	c->moved = calloc((size_t)p->link.rows + 1, sizeof *c->moved);
	bool have = c->before && c->after && c->known && c->meaning && c->all && c->moved;
	return have ? numbers_open(&c->b, p)
		    : par_fail(PAR_E_MEMORY, "no memory to compare plans of %lld SKUs",
			  (long long)p->blocks);
}

static par_err comparing_open(comparing *c)
{
	for (int k = 0; k < OLD_TABLES; k++) {
		PAR_TRY(cells_open(&c->cells[k], c->m, c->d->old.table[k].table));
		c->first[k + 1] = c->first[k] + c->cells[k].width;
	}
	return room(c);
}

static void comparing_close(comparing *c)
{
	numbers_close(&c->b);
	for (int k = 0; k < OLD_TABLES; k++)
		cells_drop(&c->cells[k]);
	free(c->before);
	free(c->after);
	free(c->known);
	free(c->meaning);
	free(c->all);
	free(c->moved);
}

static int first_rank(const void *row, void *ctx)
{
	(void)row, (void)ctx;
	return 0;
}

static par_err gather(const void *rows, int64_t n, void *ctx)
{
	diff *d = ctx;
	diff_change *more = realloc(d->row, (size_t)(d->rows + n + 1) * sizeof *more);
	if (!more)
		return par_fail(PAR_E_MEMORY, "no memory for the changes of a plan");
	memcpy(more + d->rows, rows, (size_t)n * sizeof *more);
	d->row = more;
	d->rows += (int)n;
	return PAR_OK;
}

static par_err add_up(comparing *c)
{
	diff *d = c->d;
	const par_world *w = c->m->deal.world;
	int n = c->m->problem.link.rows + 1;
	for (int k = 0; k < n; k += 64)
		par_exact_sum(w, c->moved + k, n - k < 64 ? n - k : 64);
	for (int k = 0; k < n; k++)
		d->moved[k] = par_exact_value(&c->moved[k]);
	d->money = d->moved[n - 1];
	cut(c);
	PAR_TRY(par_exchange(w, c->all, c->n, sizeof *c->all, first_rank, gather, d));
	if (d->rows > 0)
		qsort(d->row, (size_t)d->rows, sizeof *d->row, by_money);
	d->rows = d->rows < DIFF_ROWS ? d->rows : DIFF_ROWS;
	return PAR_OK;
}

static void count_skus(diff *d, const model *m)
{
	for (int64_t i = 0; i < d->old.skus; i++)
		d->gone += d->old.sku[i] < 0;
	d->added = m->problem.blocks - (d->old.skus - d->gone);
}

par_err diff_make(diff *d, const model *m, const solution *s, const char *path)
{
	const par_world *w = m->deal.world;
	comparing c = {.d = d, .m = m, .s = s};
	*d = (diff){0};
	PAR_TRY(old_plan_open(&d->old, m, path));
	d->moved = calloc((size_t)m->problem.link.rows + 1, sizeof *d->moved);
	par_err e = d->moved ? comparing_open(&c) : par_fail(PAR_E_MEMORY, "no memory for limits");
	e = par_agree(w, e);
	if (e == PAR_OK) {
		const redistribute_source from = {.rows = d->old.skus,
		    .sku = d->old.sku,
		    .bytes = (size_t)d->old.width * sizeof(float),
		    .read = read_rows,
		    .take = take_row,
		    .ctx = &c};
		count_skus(d, m);
		e = redistribute_to_solvers(m, &from);
	}
	if (e == PAR_OK)
		e = add_up(&c);
	comparing_close(&c);
	return e;
}

void diff_drop(diff *d)
{
	old_plan_close(&d->old);
	free(d->row);
	free(d->moved);
	*d = (diff){0};
}
