#include "plan/tell/totals.h"

#include "comm/exact.h"
#include "plan/check/numbers.h"
#include "plan/orders/boxes.h"
#include "plan/tell/cells.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FULL 1e-6 /* a limit binds when less than this share of it is left */

/* the sums in one row: first the single ones, then the tables, then the use of each limit */
enum { MONEY = 0, SOLD = FLOW_KINDS, HELD, WANTED, SAFE, WORTH, MISSES, RIGHTS, SINGLES };
static const cells_table wanted[] = {CELLS_STOCK, CELLS_PURCHASE};
enum { TABLES = sizeof wanted / sizeof wanted[0] };

typedef struct {
	const model *m;
	const solution *s;
	cells cells[TABLES];
	int at[TABLES], sold, demand, shipped, use; /* where in the row */
	int width;
	double *row;    /* of one group */
	double *left;   /* A x - b of one block */
	par_exact *sum; /* of all groups */
	block b;
} adding;

static size_t rows_most(const problem *p)
{
	int most = 1;
	for (int k = 0; k < p->patterns; k++)
		most = p->pattern[k].rows > most ? p->pattern[k].rows : most;
	return (size_t)most;
}

static par_err adding_open(adding *a, const model *m, const solution *s)
{
	*a = (adding){.m = m, .s = s, .width = SINGLES};
	for (int i = 0; i < TABLES; i++) {
		PAR_TRY(cells_open(&a->cells[i], m, wanted[i]));
		a->at[i] = a->width;
		a->width += a->cells[i].width;
	}
	a->sold = a->width;
	a->demand = a->sold + (int)m->market.n * m->periods;
	a->shipped = a->demand + (int)m->market.n * m->periods;
	a->use = a->shipped + (int)m->lane.n * m->periods;
	a->width = a->use + m->problem.link.rows;
	a->row = malloc((size_t)a->width * sizeof *a->row);
	a->sum = calloc((size_t)a->width, sizeof *a->sum);
	a->left = malloc(rows_most(&m->problem) * sizeof *a->left);
	if (!a->row || !a->sum || !a->left)
		return par_fail(PAR_E_MEMORY, "no memory for the totals of a plan");
	return numbers_open(&a->b, &m->problem);
}

static void adding_close(adding *a)
{
	numbers_close(&a->b);
	free(a->left);
	free(a->sum);
	free(a->row);
	for (int i = 0; i < TABLES; i++)
		cells_drop(&a->cells[i]);
}

/* what a unit of the SKU costs where it is bought cheapest; 0 when it cannot be bought */
static double cheapest(const pattern *p, const flow *f, const double *cost)
{
	double least = INFINITY;
	for (int j = 0; j < p->columns; j++)
		if (f[j].kind == FLOW_PURCHASE)
			least = fmin(least, cost[j]);
	return isfinite(least) ? least : 0;
}

static void add_sale(adding *a, int64_t k, const flow *f, double x, double most)
{
	int cell = f->market * a->m->periods + f->period;
	double chance = a->m->chance(a->m->own, k, f);
	a->row[a->sold + cell] += chance * x;
	a->row[a->demand + cell] += chance * most;
}

/* a step of the safety stock; the rest of the stock is the column after the last step (model/chain.h) */
static void add_safety(adding *a, const pattern *p, const flow *f, int j, double x)
{
	int rest = j;
	while (f[rest].step >= 0)
		rest++;
	a->row[WANTED] += a->b.upper[p->bound[j]];
	a->row[SAFE] += x;
	a->row[WORTH] += (a->b.cost[j] - a->b.cost[rest]) * x;
}

static void add_money(adding *a, int64_t k, const double *x)
{
	int class = a->m->problem.class[k];
	const pattern *p = &a->m->problem.pattern[class];
	const flow *f = a->m->flow[class];
	double each = cheapest(p, f, a->b.cost), volume = a->m->volume(a->m->own, k), *row = a->row;
	for (int j = 0; j < p->columns; j++) {
		if (f[j].lane >= 0)
			row[a->shipped + f[j].lane * a->m->periods + f[j].period] += volume * x[j];
		row[MONEY + (int)f[j].kind] += a->b.cost[j] * x[j];
		if (f[j].kind == FLOW_SALE) {
			add_sale(
			    a, k, &f[j], x[j], p->bound[j] >= 0 ? a->b.upper[p->bound[j]] : x[j]);
			row[SOLD] += each * x[j];
		} else if (f[j].kind == FLOW_STOCK) {
			row[HELD] += each * x[j];
			if (f[j].step >= 0)
				add_safety(a, p, f, j, x[j]);
		}
		for (int e = p->link_first[j]; e < p->link_first[j + 1]; e++)
			row[a->use + p->link[e]] += a->b.link[e] * x[j];
	}
}

/* squares of what the rows miss, and of their right sides */
static void add_misses(adding *a, const pattern *p, const double *x)
{
	for (int i = 0; i < p->rows; i++)
		a->left[i] = -a->b.right[i];
	for (int j = 0; j < p->columns; j++)
		for (int k = p->first[j]; k < p->first[j + 1]; k++)
			a->left[p->row[k]] += p->value[k] * x[j];
	for (int i = 0; i < p->rows; i++) {
		a->row[MISSES] += a->left[i] * a->left[i];
		a->row[RIGHTS] += a->b.right[i] * a->b.right[i];
	}
}

static void add_block(adding *a, int64_t i)
{
	const problem *p = &a->m->problem;
	int64_t k = a->s->block[i];
	const double *x = a->s->x + a->s->x_at[i];
	p->fill(p->ctx, k, &a->b);
	add_money(a, k, x);
	add_misses(a, &p->pattern[p->class[k]], x);
	for (int t = 0; t < TABLES; t++)
		cells_add(&a->cells[t], p->class[k], x, &a -> b, a -> row + a -> at[t]);
}

/* a group's sum is the same wherever it lies, and groups are added exactly */
static void add_groups(adding *a)
{
	const deal *d = &a->m->deal;
	int64_t i = 0;
	for (int64_t g = 0; g < d->groups; g++) {
		memset(a->row, 0, (size_t)a->width * sizeof *a->row);
		for (int lane = 0; lane < d->mine[g].lanes; lane++)
			add_block(a, i++);
		for (int c = 0; c < a->width; c++)
			par_exact_add(&a->sum[c], a->row[c]);
		par_world_alive();
	}
	for (int c = 0; c < a->width; c += 64)
		par_exact_sum(d->world, a->sum + c, a->width - c < 64 ? a->width - c : 64);
	for (int c = 0; c < a->width; c++)
		a->row[c] = par_exact_value(&a->sum[c]);
}

/* of the linking rows and, as squares, of all blocks; each row in the size of its right side */
static double residual(
    const totals *t, const linking *l, const solution *s, const double squares[2])
{
	double worst = sqrt(squares[0]) / (1 + sqrt(squares[1]));
	for (int i = 0; i < l->rows; i++) {
		double left = t->use[i] - l->right[i];
		for (int j = 0; j < l->columns; j++)
			left += l->row[j] == i ? l->value[j] * s->own[j] : 0;
		worst = fmax(worst, fabs(left) / (1 + fabs(l->right[i])));
	}
	return worst;
}

/* overflows are the columns of no SKU that cost something */
static void add_own(totals *t, const model *m, const solution *s, const double squares[2])
{
	const linking *l = &m->problem.link;
	for (int j = 0; j < l->columns; j++)
		t->overflow[m->limit[l->row[j]].kind] += l->cost[j] * s->own[j];
	t->residual = residual(t, l, s, squares);
	t->value = 0;
	for (int k = 0; k < FLOW_KINDS; k++)
		t->value += t->money[k];
	for (int k = 0; k < LIMIT_KINDS; k++)
		t->value += t->overflow[k];
}

static par_err take(totals *t, const adding *a)
{
	double *row = malloc((size_t)(a->width - SINGLES + 1) * sizeof *row);
	if (!row)
		return par_fail(PAR_E_MEMORY, "no memory for the totals of a plan");
	memcpy(row, a->row + SINGLES, (size_t)(a->width - SINGLES) * sizeof *row);
	memcpy(t->money, a->row + MONEY, sizeof t->money);
	t->goods_sold = a->row[SOLD];
	t->goods_held = a->row[HELD];
	t->safety_wanted = a->row[WANTED];
	t->safety_held = a->row[SAFE];
	t->safety_worth = a->row[WORTH];
	t->periods = a->m->periods;
	double **table[TABLES] = {&t->stock, &t->purchased};
	for (int i = 0; i < TABLES; i++)
		*table[i] = row + (a->at[i] - SINGLES);
	t->sold = row + (a->sold - SINGLES);
	t->demand = row + (a->demand - SINGLES);
	t->shipped = row + (a->shipped - SINGLES);
	t->use = row + (a->use - SINGLES);
	return PAR_OK;
}

par_err totals_make(totals *t, const model *m, const solution *s)
{
	adding a;
	*t = (totals){.usable = {.value = s->value}};
	par_err e = par_agree(m->deal.world, adding_open(&a, m, s));
	if (e == PAR_OK) {
		add_groups(&a);
		e = par_agree(m->deal.world, take(t, &a));
	}
	if (e == PAR_OK)
		add_own(t, m, s, a.row + MISSES);
	adding_close(&a);
	return e;
}

void totals_of(totals *t, const model *m, const usable *u)
{
	t->usable = *u;
	t->unfilled = 0;
	for (int64_t c = 0; u->kind == USABLE_WHOLE && c < m->lane.n * m->periods; c++)
		t->unfilled += boxes_unfilled(&m->load[c / m->periods], t->shipped[c]);
	t->value += u->fixed + t->unfilled;
}

void totals_drop(totals *t)
{
	free(t->stock); /* the first of one row */
	*t = (totals){0};
}

double totals_sold(const totals *t, const model *m, double *demand)
{
	double sold = 0;
	*demand = 0;
	for (int64_t i = 0; i < m->market.n * m->periods; i++) {
		sold += t->sold[i];
		*demand += t->demand[i];
	}
	return sold;
}

bool totals_binds(const totals *t, const model *m, int64_t i)
{
	double capacity = m->limit[i].capacity;
	bool least = m->limit[i].kind == LIMIT_COMMITMENT;
	double left = least ? t->use[i] - capacity : capacity - t->use[i];
	return left < FULL * fabs(capacity);
}
