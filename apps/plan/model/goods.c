#include "plan/model/goods.h"

#include "base/text.h"
#include "plan/model/safety.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static par_err no_memory(void)
{
	return par_fail(PAR_E_MEMORY, "no memory for the numbers of SKUs; use more ranks");
}

static const char *sku_name(const goods *g, int32_t sku)
{
	return par_shows(g->demand.of.sku + (int64_t)sku * g->demand.of.sku_stride);
}

/* Tariffs. */

static int tariff_of(const goods *g, int32_t sku)
{
	const table_product *p = g->classes.product[sku];
	int i = g->tariffs - 1;
	while (i > 0 && (!p || strcmp(g->tariff[i], p->class) != 0))
		i--;
	return i;
}

static par_err list_tariffs(goods *g)
{
	const tables *t = &g->tables;
	g->tariff = malloc((size_t)(t->duties + 1) * sizeof *g->tariff);
	if (!g->tariff)
		return no_memory();
	g->tariff[g->tariffs++] = "";
	for (int64_t i = 0; i < t->duties; i++) {
		int k = 0;
		while (k < g->tariffs && strcmp(g->tariff[k], t->duty[i].class) != 0)
			k++;
		if (k == g->tariffs)
			g->tariff[g->tariffs++] = t->duty[i].class;
	}
	g->duty = malloc((size_t)(g->tariffs * t->nodes + 1) * sizeof *g->duty);
	for (int k = 0; g->duty && k < g->tariffs; k++)
		for (int64_t i = 0; i < t->nodes; i++)
			g->duty[k * t->nodes + i] = tables_duty(t, t->node[i].zone, g->tariff[k]);
	return g->duty ? PAR_OK : no_memory();
}

/* My goods. */

static bool asks(const goods *g, limit_measure measure)
{
	for (int i = 0; i < g->model->problem.link.rows; i++)
		if (g->model->limit[i].measure == measure)
			return true;
	for (int64_t i = 0; i < g->tables.lanes; i++)
		if ((measure == MEASURE_WEIGHT && g->tables.lane[i].per_kg > 0) ||
		    (measure == MEASURE_VOLUME &&
			(g->tables.lane[i].per_m3 > 0 || g->tables.lane[i].container > 0)))
			return true;
	for (int64_t i = 0; i < g->tables.nodes; i++)
		if (measure == MEASURE_VOLUME && g->tables.node[i].holding > 0)
			return true;
	return false;
}

static par_err missing(const goods *g, int32_t sku, const char *what, const char *wanted)
{
	return par_fail(PAR_E_DATA, "%s:/sku_%s[%d]: none for %s; wanted %s", g->demand.of.path,
	    what, sku, sku_name(g, sku), wanted);
}

static par_err measure(const goods *g, good *s)
{
	double weight = g->demand.weight[s->sku], volume = g->demand.volume[s->sku];
	if (isnan(weight) && asks(g, MEASURE_WEIGHT))
		return missing(g, s->sku, "weight_g", "one, since lanes charge or hold kg");
	if (isnan(volume) && asks(g, MEASURE_VOLUME))
		return missing(
		    g, s->sku, "volume_cm3", "one, since lanes or nodes charge or hold m3");
	s->weight = isnan(weight) ? 0 : weight;
	s->volume = isnan(volume) ? 0 : volume;
	return PAR_OK;
}

/* what the catalog says a unit costs, NAN when nothing */
static par_err catalog_cost(const goods *g, int32_t sku, double *cost)
{
	const demand *d = &g->demand;
	*cost = d->cost[sku];
	if (isnan(*cost) || !d->cost_currency)
		return PAR_OK;
	const char *currency = d->cost_currency + (int64_t)sku * d->cost_stride;
	*cost *= tables_rate(&g->tables, currency);
	if (tables_rate(&g->tables, currency) > 0)
		return PAR_OK;
	return par_fail(PAR_E_DATA,
	    "%s:/sku_currency[%d]: nothing tells what %s is worth; wanted %s, or its rate in "
	    "currencies.csv",
	    d->of.path, sku, par_shows(currency), d->currency);
}

/* the catalog's cost goes into supply rows without one; a SKU without any is worth nothing */
static par_err set_value(goods *g, good *s)
{
	const classes *c = &g->classes;
	double cost, lowest = INFINITY;
	PAR_TRY(catalog_cost(g, s->sku, &cost));
	for (int64_t i = c->first_supply[s->sku]; i < c->first_supply[s->sku + 1]; i++) {
		table_supply *r = &g->tables.supply[c->supply[i]];
		if (isnan(r->cost))
			r->cost = cost;
		if (isnan(r->cost))
			return missing(g, s->sku, "cost", "one, or a cost in supply.csv");
		lowest = r->cost < lowest ? r->cost : lowest;
	}
	s->value = !isnan(cost) ? cost : isfinite(lowest) ? lowest : 0;
	return PAR_OK;
}

static par_err set_good(goods *g, good *s, int64_t k)
{
	const sku_class *class = &g->classes.of[g->classes.class[k]];
	const chain *c = &class->chain;
	size_t cells = (size_t)c->markets * (size_t)c->periods;
	s->sku = g->classes.sku[k];
	s->tariff = tariff_of(g, s->sku);
	s->units = calloc(cells * (size_t)c->steps + 1, sizeof(double));
	s->chance = calloc(cells * (size_t)c->steps + 1, sizeof(double));
	s->price = calloc(cells + 1, sizeof(double));
	if (!s->units || !s->chance || !s->price)
		return no_memory();
	PAR_TRY(measure(g, s));
	PAR_TRY(set_value(g, s));
	return safety_open(g, s, class);
}

static par_err set_goods(goods *g)
{
	const deal *d = &g->model->deal;
	g->mine = calloc((size_t)d->blocks + 1, sizeof *g->mine);
	g->good_of = malloc((size_t)(g->classes.blocks + 1) * sizeof *g->good_of);
	if (!g->mine || !g->good_of)
		return no_memory();
	for (int64_t k = 0; k < g->classes.blocks; k++)
		g->good_of[k] = -1;
	for (int64_t i = 0; i < d->groups; i++)
		for (int j = 0; j < d->mine[i].lanes; j++) {
			g->good_of[d->mine[i].block[j]] = (int32_t)g->goods;
			PAR_TRY(set_good(g, &g->mine[g->goods++], d->mine[i].block[j]));
		}
	return PAR_OK;
}

/* of tables with many rows every rank keeps those of its own SKUs */
static par_err keep_mine(goods *g)
{
	bool *mine = calloc((size_t)g->classes.skus + 1, sizeof *mine);
	if (!mine)
		return no_memory();
	for (int64_t i = 0; i < g->goods; i++)
		mine[g->mine[i].sku] = true;
	par_err e = classes_keep(&g->classes, &g->tables, mine);
	free(mine);
	return e;
}

/* Demand. */

typedef struct {
	goods *g;
	int32_t *block_of; /* of each SKU of the catalog, my block or -1 */
} wishes;

static void take_series(void *ctx, int64_t series, const demand_series *from)
{
	wishes *w = ctx;
	goods *g = w->g;
	const catalog *of = &g->demand.of;
	int32_t k = w->block_of[of->series_sku[series]];
	const sku_class *c = &g->classes.of[g->classes.class[k]];
	good *s = &g->mine[g->good_of[k]];
	int market = g->classes.market[of->series_market[series]];
	size_t at = (size_t)c->market_place[market] * (size_t)c->chain.periods,
	       cells = (size_t)c->chain.periods * (size_t)c->chain.steps;
	memcpy(s->units + at * (size_t)c->chain.steps, from->units, cells * sizeof(double));
	memcpy(s->chance + at * (size_t)c->chain.steps, from->chance, cells * sizeof(double));
	g->unpriced += isnan(from->price[0]);
	for (int t = 0; t < c->chain.periods; t++)
		s->price[at + (size_t)t] = isnan(from->price[t]) ? 0 : from->price[t];
	safety_add(g, s, c, market, from);
}

static par_err read_demand(goods *g)
{
	const catalog *of = &g->demand.of;
	wishes w = {g, malloc((size_t)(of->skus + 1) * sizeof *w.block_of)};
	bool *wanted = calloc((size_t)of->series + 1, sizeof *wanted);
	par_err e = par_agree(of->world, w.block_of && wanted ? PAR_OK : no_memory());
	if (e == PAR_OK) {
		for (int64_t k = 0; k < of->skus; k++)
			w.block_of[k] = -1;
		for (int64_t k = 0; k < g->classes.blocks; k++)
			if (g->good_of[k] >= 0)
				w.block_of[g->classes.sku[k]] = (int32_t)k;
		for (int64_t i = 0; i < of->series; i++)
			wanted[i] = w.block_of[of->series_sku[i]] >= 0;
		e = demand_read(&g->demand, wanted, take_series, &w);
	}
	free(w.block_of);
	free(wanted);
	return e;
}

static par_err close_safety(goods *g)
{
	for (int64_t k = 0; k < g->classes.blocks; k++)
		if (g->good_of[k] >= 0)
			PAR_TRY(safety_close(
			    g, &g->mine[g->good_of[k]], &g->classes.of[g->classes.class[k]]));
	return PAR_OK;
}

par_err goods_read(goods *g)
{
	const par_world *w = g->model->deal.world;
	PAR_TRY_ALL(w, list_tariffs(g));
	PAR_TRY_ALL(w, set_goods(g));
	PAR_TRY_ALL(w, keep_mine(g));
	PAR_TRY(read_demand(g));
	return par_agree(w, close_safety(g));
}

void goods_drop(goods *g)
{
	for (int64_t i = 0; i < g->goods; i++) {
		free(g->mine[i].units);
		free(g->mine[i].chance);
		free(g->mine[i].price);
		free(g->mine[i].safety);
		free(g->mine[i].landed);
	}
	free(g->mine);
	free(g->good_of);
	free(g->tariff);
	free(g->duty);
	classes_drop(&g->classes);
	demand_close(&g->demand);
	tables_drop(&g->tables);
	*g = (goods){0};
}

/* Blocks. */

typedef struct {
	const goods *g;
	const good *s;
	const sku_class *class;
} asked;

static const table_supply *supply_of(const goods *g, int32_t sku, int supplier)
{
	const classes *c = &g->classes;
	for (int64_t i = c->first_supply[sku]; i < c->first_supply[sku + 1]; i++)
		if (g->tables.supply[c->supply[i]].supplier == supplier)
			return &g->tables.supply[c->supply[i]];
	return NULL;
}

double goods_cost(const goods *g, const good *s, int supplier)
{
	return supply_of(g, s->sku, supplier)->cost;
}

double goods_carriage(const goods *g, const good *s, int lane, double value)
{
	const tables *t = &g->tables;
	const table_lane *l = &t->lane[lane];
	const table_node *from = &t->node[l->from], *to = &t->node[l->to];
	double freight = l->per_kg * s->weight + l->per_m3 * s->volume + l->per_unit;
	bool enters = *to->zone && strcmp(from->zone, to->zone) != 0;
	return freight + (enters ? g->duty[s->tariff * t->nodes + l->to].duty * value : 0);
}

/* that demand reaches a step of the safety stock: the mean over it */
static double safety_chance(const goods *g, int step)
{
	return 1 -
	       (demand_safety_level(&g->demand, step - 1) + demand_safety_level(&g->demand, step)) /
		   2;
}

static double stock_cost(const asked *a, const flow *f)
{
	const assemble_options *o = &a->g->options;
	const tables *t = &a->g->tables;
	double holding = t->node[t->row[PLACE_NODE][f->node]].holding * a->s->volume,
	       value = a->s->value, kept = o->salvage * value, lack = 0;
	if (f->step >= 0) {
		kept = a->s->landed[a->class->node_place[f->node]];
		lack = o->shortfall * value * safety_chance(a->g, f->step) /
		       a->class->chain.periods;
	}
	bool last = f->period + 1 == a->class->chain.periods;
	return holding + o->capital * value - lack - (last ? kept : 0);
}

/* a place of the numbers by market and period */
static size_t cell(const asked *a, const flow *f)
{
	return (size_t)a->class->market_place[f->market] * (size_t)a->class->chain.periods +
	       (size_t)f->period;
}

static double chance_of(const asked *a, const flow *f)
{
	return a->s->chance[cell(a, f) * (size_t)a->class->chain.steps + (size_t)f->step];
}

static double sale_worth(const asked *a, const flow *f)
{
	const tables *t = &a->g->tables;
	const table_duty *duty =
	    &a->g->duty[a->s->tariff * t->nodes + t->row[PLACE_MARKET][f->market]];
	double price = a->s->price[cell(a, f)] / (1 + duty->vat), chance = chance_of(a, f),
	       lost = (1 - a->g->options.leftover) * a->s->value;
	return chance > 0 ? price - lost * (1 - chance) / chance : 0;
}

static double flow_cost(const asked *a, const flow *f)
{
	double cost;
	switch (f->kind) {
	case FLOW_PURCHASE:
		cost = goods_cost(a->g, a->s, f->supplier);
		return cost + goods_carriage(a->g, a->s, f->lane, cost);
	case FLOW_SHIPMENT:
	case FLOW_DELIVERY:
		return goods_carriage(a->g, a->s, f->lane, a->s->value);
	case FLOW_STOCK:
		return stock_cost(a, f);
	case FLOW_SALE:
		return -sale_worth(a, f);
	default: /* a backlog */
		return a->g->options.backlog * a->s->price[cell(a, f)];
	}
}

/* what a unit of a flow takes of a limit; of a budget what it costs */
static double amount(const asked *a, const limit *l, const flow *f, double cost)
{
	switch (l->measure) {
	case MEASURE_VOLUME:
		return a->s->volume;
	case MEASURE_WEIGHT:
		return a->s->weight;
	case MEASURE_HOURS:
		return supply_of(a->g, a->s->sku, f->supplier)->hours;
	case MEASURE_MONEY:
		return cost;
	default:
		return 1;
	}
}

static double upper(const asked *a, const flow *f)
{
	if (f->kind == FLOW_PURCHASE)
		return supply_of(a->g, a->s->sku, f->supplier)->capacity;
	const chain *c = &a->class->chain;
	double units = f->kind == FLOW_STOCK
			   ? safety_units(a->s, a->class, f)
			   : a->s->units[cell(a, f) * (size_t)c->steps + (size_t)f->step];
	return a->g->model->demand * units;
}

/* the period in which goods that come on a day are there; -1: after the last */
static int period_of(const goods *g, int32_t day)
{
	int t = 0;
	while (t < g->demand.periods && g->demand.day[t + 1] <= day)
		t++;
	return t < g->demand.periods ? t : -1;
}

static void set_right(const asked *a, double *right, int rows)
{
	const goods *g = a->g;
	const classes *c = &g->classes;
	memset(right, 0, (size_t)rows * sizeof *right);
	for (int64_t i = c->first_stock[a->s->sku]; i < c->first_stock[a->s->sku + 1]; i++) {
		const table_stock *r = &g->tables.stock[c->stock[i]];
		int t = period_of(g, r->day);
		if (t >= 0)
			right[chain_node_row(&a->class->chain, a->class->node_place[r->node], t)] -=
			    r->units;
	}
}

void goods_fill(void *ctx, int64_t k, block *b)
{
	const goods *g = ctx;
	int class = g->classes.class[k];
	const pattern *p = &g->model->problem.pattern[class];
	const flow *f = g->model->flow[class];
	asked a = {g, &g->mine[g->good_of[k]], &g->classes.of[class]};
	for (int j = 0; j < p->columns; j++) {
		b->cost[j] = flow_cost(&a, &f[j]);
		if (p->bound[j] >= 0)
			b->upper[p->bound[j]] = upper(&a, &f[j]);
		for (int e = p->link_first[j]; e < p->link_first[j + 1]; e++)
			b->link[e] = amount(&a, &g->model->limit[p->link[e]], &f[j], b->cost[j]);
	}
	set_right(&a, b->right, p->rows);
}

order_terms goods_terms(const void *ctx, int64_t k, int supplier)
{
	const goods *g = ctx;
	const table_supply *r = supply_of(g, g->classes.sku[k], supplier);
	return r ? r->terms : (order_terms){0};
}

double goods_chance(const void *ctx, int64_t k, const flow *f)
{
	(void)ctx, (void)k, (void)f;
	return 1; /* its units are expected sales already */
}

double goods_volume(const void *ctx, int64_t k)
{
	const goods *g = ctx;
	return g->mine[g->good_of[k]].volume;
}
