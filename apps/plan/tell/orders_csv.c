#include "plan/tell/orders_csv.h"

#include "base/date.h"
#include "comm/blocks.h"
#include "comm/exchange.h"
#include "plan/check/numbers.h"
#include "plan/tell/csv.h"

#include <stdlib.h>
#include <string.h>

#define HEADER "sku,supplier,node,ordered,arrives,units,cost,currency\n"
#define LEAST 0.005 /* units that two digits show */

typedef struct {
	int64_t sku;
	int32_t period, supplier, node, arrives;
	double units, cost;
} order;

typedef struct {
	order *all; /* owned */
	int64_t n, room;
	par_blocks deal; /* of SKUs, in the order of the table */
} orders;

static par_err append(orders *o, const order *add, int64_t n)
{
	if (o->n + n > o->room) {
		int64_t room_for = 2 * o->room + n + 1024;
		order *more = realloc(o->all, (size_t)room_for * sizeof *more);
		if (!more)
			return par_fail(
			    PAR_E_MEMORY, "no memory for %lld orders", (long long)room_for);
		o->all = more;
		o->room = room_for;
	}
	memcpy(o->all + o->n, add, (size_t)n * sizeof *add);
	o->n += n;
	return PAR_OK;
}

static par_err find_of(orders *o, const model *m, int64_t sku, const double *x, const block *b)
{
	int class = m->problem.class[sku];
	const flow *f = m->flow[class];
	for (int j = 0; j < m->problem.pattern[class].columns; j++) {
		if (f[j].kind != FLOW_PURCHASE || x[j] < LEAST)
			continue;
		order one = {sku, f[j].period, f[j].supplier, f[j].node, f[j].arrives, x[j],
		    x[j] * b->cost[j]};
		PAR_TRY(append(o, &one, 1));
	}
	return PAR_OK;
}

static par_err find(orders *o, const model *m, const solution *s)
{
	block b;
	par_err e = numbers_open(&b, &m->problem);
	for (int64_t i = 0; i < s->blocks && e == PAR_OK; i++) {
		m->problem.fill(m->problem.ctx, s->block[i], &b);
		e = find_of(o, m, s->block[i], s->x + s->x_at[i], &b);
	}
	numbers_close(&b);
	return e;
}

static int owner(const void *row, void *ctx)
{
	return par_blocks_owner(&((const orders *)ctx)->deal, ((const order *)row)->sku);
}

static par_err arrive(const void *rows, int64_t n, void *ctx)
{
	return append(ctx, rows, n);
}

static int by_sku_and_date(const void *a, const void *b)
{
	const order *x = a, *y = b;
	int64_t key[2][4] = {
	    {x->sku, x->period, x->supplier, x->node}, {y->sku, y->period, y->supplier, y->node}};
	for (int i = 0; i < 4; i++)
		if (key[0][i] != key[1][i])
			return key[0][i] < key[1][i] ? -1 : 1;
	return 0;
}

static void print(FILE *out, const model *m, const order *o)
{
	char ordered[11], arrives[11];
	csv_name(out, m->sku.name[o->sku], ',');
	csv_name(out, m->supplier.name[o->supplier], ',');
	csv_name(out, m->node.name[o->node], ',');
	fprintf(out, "%s,%s,%.2f,%.2f,%s\n", par_date_text(ordered, m->period_date[o->period]),
	    par_date_text(arrives, m->period_date[o->arrives]), o->units, o->cost, m->currency);
}

typedef struct {
	const model *model;
	const orders *orders;
} listing;

static void print_all(FILE *out, const void *ctx)
{
	const listing *l = ctx;
	for (int64_t i = 0; i < l->orders->n; i++)
		print(out, l->model, &l->orders->all[i]);
}

par_err orders_csv_write(app *a, const model *m, const solution *s, int64_t *count)
{
	orders found = {0}, mine = {0};
	par_blocks_deal(&mine.deal, &a->world, m->problem.blocks, 1);
	par_err e = par_agree(&a->world, find(&found, m, s));
	if (e == PAR_OK)
		e = par_exchange(
		    &a->world, found.all, found.n, sizeof *found.all, owner, arrive, &mine);
	free(found.all);
	*count = par_world_sum(&a->world, mine.n);
	if (mine.n > 0)
		qsort(mine.all, (size_t)mine.n, sizeof *mine.all, by_sku_and_date);
	if (e == PAR_OK)
		e = csv_publish(a, ".orders.csv", HEADER, print_all, &(listing){m, &mine});
	free(mine.all);
	return e;
}
