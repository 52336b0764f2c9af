#include "plan/tell/plan_file.h"

#include "base/period.h"
#include "common/catalog.h"
#include "plan/check/numbers.h"
#include "plan/model/redistribute.h"
#include "plan/tell/cells.h"
#include "plan/tell/container_file.h"
#include "plan/tell/link_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	cells_table table;
	const char *name, *who, *long_name;
} tables[] = {
    {CELLS_PURCHASE, "purchase", "supplier", "units ordered in a period"},
    {CELLS_SHIPMENT, "shipment", "lane", "units that depart in a period"},
    {CELLS_STOCK, "stock", "node", "units in store at the end of a period"},
    {CELLS_SALES, "sales", "market", "units sold"},
    {CELLS_LOST, "lost", "market", "units of demand that are not sold"},
    {CELLS_BACKLOG, "backlog", "market", "units owed at the end of a period"},
    {CELLS_SAFETY, "safety", "node", "units of stock that service asks for at the end of a period"},
    {CELLS_BEFORE, "before", "node", "units that were there or on their way before the plan"},
    {CELLS_ARRIVING, "arriving", "node", "units that arrive of purchases and shipments"},
    {CELLS_LEAVING, "leaving", "node", "units shipped or delivered to markets"},
};
enum { TABLES = sizeof tables / sizeof tables[0] };

/* a table on its way to the file */
typedef struct {
	const model *m;
	const solution *s;
	par_blocks deal; /* of SKUs, in the order of the file */
	cells cells;
	block b;
	double *row;
	float *mine; /* rows of my SKUs */
} passage;

static par_err room(passage *g, cells_table t)
{
	PAR_TRY(cells_open(&g->cells, g->m, t));
	size_t width = (size_t)g->cells.width;
	g->row = malloc((width + 1) * sizeof *g->row);
	g->mine = malloc((size_t)(g->deal.hi - g->deal.lo) * width * sizeof *g->mine + 1);
	if (!g->row || !g->mine)
		return par_fail(PAR_E_MEMORY, "no memory for a table of %lld SKUs; use more ranks",
		    (long long)(g->deal.hi - g->deal.lo));
	return numbers_open(&g->b, &g->m->problem);
}

static void room_drop(passage *g)
{
	numbers_close(&g->b);
	free(g->mine);
	free(g->row);
	cells_drop(&g->cells);
	g->mine = NULL;
	g->row = NULL;
}

static void give_cells(void *ctx, int64_t i, int64_t sku, void *row)
{
	passage *g = ctx;
	const problem *p = &g->m->problem;
	float *to = row;
	if (g->cells.asks)
		p->fill(p->ctx, sku, &g->b);
	memset(g->row, 0, (size_t)g->cells.width * sizeof *g->row);
	cells_add(&g->cells, p->class[sku], g -> s -> x + g -> s -> x_at[i], &g -> b, g -> row);
	for (int c = 0; c < g->cells.width; c++)
		to[c] = (float)g->row[c];
}

static par_err put_table(par_store *out, passage *g, int k)
{
	par_store_var var = {tables[k].name, PAR_F32, {"sku", tables[k].who, "period"}, "1",
	    tables[k].long_name, NULL};
	par_err e = par_agree(g->deal.world, room(g, tables[k].table));
	if (e == PAR_OK)
		e = redistribute_to_table(g->m, &g->deal, (size_t)g->cells.width * sizeof *g->mine,
		    give_cells, g, g->mine);
	if (e == PAR_OK)
		e = par_store_put(out, &var, g->deal.lo, g->deal.hi - g->deal.lo, g->mine);
	room_drop(g);
	return e;
}

/* backlog and safety stock are asked for by settings */
static bool has(const model *m, cells_table t)
{
	for (int k = 0; k < m->problem.patterns; k++)
		for (int j = 0; j < m->problem.pattern[k].columns; j++) {
			const flow *f = &m->flow[k][j];
			if (t == CELLS_BACKLOG ? f->kind == FLOW_BACKLOG
					       : f->kind == FLOW_STOCK && f->step == 0)
				return true;
		}
	return false;
}

static par_err put_tables(par_store *out, const model *m, const solution *s)
{
	passage g = {.m = m, .s = s};
	par_blocks_deal(&g.deal, m->deal.world, m->problem.blocks, 1);
	for (int k = 0; k < TABLES; k++)
		if ((tables[k].table != CELLS_BACKLOG && tables[k].table != CELLS_SAFETY) ||
		    has(m, tables[k].table))
			PAR_TRY(put_table(out, &g, k));
	return PAR_OK;
}

static const char *name_of(const void *names, int64_t i)
{
	return ((const model_names *)names)->name[i];
}

static par_err put_periods(par_store *out, const model *m)
{
	int64_t *day = malloc((size_t)m->periods * sizeof *day + 1);
	par_err e = par_agree(m->deal.world,
	    day ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for %d periods", m->periods));
	for (int t = 0; e == PAR_OK && t < m->periods; t++)
		day[t] = m->period_date[t];
	if (e == PAR_OK)
		e = par_store_dim(out, "period", m->periods, PAR_I64, day);
	free(day);
	PAR_TRY(e);
	PAR_TRY(par_store_attr_text(out, "period", "units", par_frequency_units(PAR_DAY)));
	return par_store_attr_text(out, "period", "calendar", "proleptic_gregorian");
}

static par_err put_scales(par_store *out, const model *m)
{
	const struct {
		const char *scale;
		const model_names *names;
	} put[] = {
	    {"sku", &m->sku},
	    {"supplier", &m->supplier},
	    {"lane", &m->lane},
	    {"node", &m->node},
	    {"market", &m->market},
	};
	for (size_t i = 0; i < sizeof put / sizeof put[0]; i++)
		PAR_TRY(catalog_put_names(
		    out, m->deal.world, put[i].scale, put[i].names->n, name_of, put[i].names));
	return put_periods(out, m);
}

double plan_gap(const solution *s, const bound_report *bound)
{
	return (s->value - bound->bound) / fmax(1, fabs(s->value));
}

/* of the plan as it is published, with what its orders and containers cost */
static par_err put_usable(par_store *out, const totals *t)
{
	const usable *u = &t->usable;
	PAR_TRY(par_store_attr_text(out, NULL, "orders", usable_text(u->kind)));
	PAR_TRY(par_store_attr_real(out, NULL, "plan_value", u->value));
	PAR_TRY(par_store_attr_real(out, NULL, "plan_bound", u->bound));
	PAR_TRY(par_store_attr_real(out, NULL, "plan_gap", u->gap));
	PAR_TRY(par_store_attr_real(out, NULL, "order_cost", u->fixed));
	return par_store_attr_real(out, NULL, "container_cost", t->unfilled);
}

static par_err put_verdict(
    par_store *out, const model *m, const solution *s, const bound_report *bound)
{
	PAR_TRY(par_store_attr_text(out, NULL, "status", "optimal"));
	PAR_TRY(par_store_attr_real(out, NULL, "value", s->value));
	PAR_TRY(par_store_attr_real(out, NULL, "bound", bound->bound));
	PAR_TRY(par_store_attr_real(out, NULL, "gap", plan_gap(s, bound)));
	return par_store_attr_text(out, NULL, "currency", m->currency);
}

static par_err put_all(app *a, par_store *out, const model *m, const solution *s, const totals *t,
    const bound_report *bound)
{
	PAR_TRY(app_put_attributes(a, out));
	PAR_TRY(put_verdict(out, m, s, bound));
	PAR_TRY(put_usable(out, t));
	PAR_TRY(put_scales(out, m));
	PAR_TRY(link_file_put(out, m, s, t));
	PAR_TRY(container_file_put(out, m, t));
	return put_tables(out, m, s);
}

static int64_t bytes_of(const model *m)
{
	int64_t n = 0;
	for (int k = 0; k < TABLES; k++)
		n += cells_whos(m, tables[k].table) * m->periods;
	return m->problem.blocks *
		   (n * (int64_t)sizeof(float) + MODEL_NAME + (int64_t)sizeof(double)) +
	       (1 << 20);
}

par_err plan_file_write(
    app *a, const model *m, const solution *s, const totals *t, const bound_report *bound)
{
	par_store *out;
	PAR_TRY(par_store_create(&out, &a->world, a->out, "entrepot-plan", 1, bytes_of(m)));
	par_err e = put_all(a, out, m, s, t, bound);
	if (e != PAR_OK) {
		par_store_discard(out);
		return e;
	}
	return par_store_publish(out, PAR_OK);
}
