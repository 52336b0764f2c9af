#include "plan/model/made.h"

#include "comm/blocks.h"
#include "comm/exact.h"
#include "plan/model/chain.h"
#include "plan/model/limits.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_MONDAY = 20822 }; /* 2027-01-04 */

/* The network. */

static int lane_lead(const maker *g, int lane)
{
	return by_air(lane) ? 1 : 3 + ((lane_hub(g, lane) + lane_warehouse(g, lane)) & 1);
}

static int supplier_lead(int supplier)
{
	return 1 + supplier;
}

static bool serves(const maker *g, int warehouse, int market)
{
	return warehouse == market % g->warehouses || warehouse == (market + 1) % g->warehouses;
}

typedef struct {
	int node[HUBS + WAREHOUSES], market[MARKETS];
	chain_source source[SUPPLIERS * HUBS];
	chain_arc lane[HUBS * WAREHOUSES * 2], outlet[2 * MARKETS];
} chain_room;

/* the network of a class: SKUs of class 1 do not fly */
static chain network_of(const maker *g, int class, chain_room *r)
{
	chain c = {.periods = g->options.periods,
	    .steps = STEPS,
	    .nodes = HUBS + g->warehouses,
	    .markets = g->markets,
	    .node = r->node,
	    .market = r->market,
	    .source = r->source,
	    .lane = r->lane,
	    .outlet = r->outlet};
	for (int i = 0; i < c.nodes; i++)
		r->node[i] = i;
	for (int i = 0; i < c.markets; i++)
		r->market[i] = i;
	for (int s = 0; s < SUPPLIERS; s++)
		for (int h = 0; h < HUBS; h++)
			r->source[c.sources++] = (chain_source){s, -1, h, supplier_lead(s), false};
	for (int l = 0; l < g->lanes; l++)
		if (!by_air(l) || class == 0)
			r->lane[c.lanes++] = (chain_arc){
			    l, lane_hub(g, l), HUBS + lane_warehouse(g, l), lane_lead(g, l)};
	for (int i = 0; i < g->warehouses; i++)
		for (int k = 0; k < g->markets; k++)
			if (serves(g, i, k))
				r->outlet[c.outlets++] = (chain_arc){-1, HUBS + i, k, 0};
	return c;
}

/* Capacities, from the totals of all SKUs in a week. */

typedef struct {
	double volume, weight, hours, cost;
} totals;

static totals total(const maker *g, const par_world *w)
{
	par_exact sum[4] = {0};
	par_blocks b;
	par_blocks_deal(&b, w, g->options.skus, 1);
	for (int64_t k = b.lo; k < b.hi; k++) {
		traits s = made_traits(g, k);
		par_exact_add(&sum[0], s.volume * s.demand);
		par_exact_add(&sum[1], s.weight * s.demand);
		par_exact_add(&sum[2], s.hours * s.demand);
		par_exact_add(&sum[3], s.cost * s.demand);
	}
	par_exact_sum(w, sum, 4);
	return (totals){par_exact_value(&sum[0]), par_exact_value(&sum[1]),
	    par_exact_value(&sum[2]), par_exact_value(&sum[3])};
}

/* capacity in weeks of the demand of all SKUs, and what more of it costs */
static limit lane_limit(const maker *g, const totals *all, int lane, int t)
{
	double share = 1.0 / (HUBS * g->warehouses),
	       season = 1 + 0.1 * ((t + lane_hub(g, lane)) % 5 - 2);
	return by_air(lane) ? (limit){LIMIT_LANE, MEASURE_WEIGHT, lane, t, t + 1,
				  0.07 * all->weight * share, 15}
			    : (limit){LIMIT_LANE, MEASURE_VOLUME, lane, t, t + 1,
				  0.75 * all->volume * share * season, 400};
}

static limit space_limit(const maker *g, const totals *all, int warehouse, int t)
{
	return (limit){LIMIT_SPACE, MEASURE_VOLUME, HUBS + warehouse, t, t + 1,
	    0.8 * all->volume / g->warehouses, 150};
}

static limit supplier_limit(const totals *all, int supplier, int t)
{
	return (limit){LIMIT_SUPPLIER, MEASURE_HOURS, supplier, t, t + 1,
	    0.55 * all->hours * (1 + 0.1 * supplier), 20};
}

static limit budget_limit(const totals *all, int t)
{
	return (limit){
	    LIMIT_BUDGET, MEASURE_MONEY, -1, t, t + 1, 1.05 * all->cost + 40 * all->volume, 0.25};
}

/* an order or a departure that would arrive too late has no columns, so no limit either */
static int list_limits(const maker *g, const totals *all, limit *out)
{
	int n = 0, periods = g->options.periods;
	for (int t = 0; t < periods; t++) {
		for (int s = 0; s < SUPPLIERS; s++)
			if (t + supplier_lead(s) < periods)
				out[n++] = supplier_limit(all, s, t);
		for (int l = 0; l < g->lanes; l++)
			if (t + lane_lead(g, l) < periods)
				out[n++] = lane_limit(g, all, l, t);
		out[n++] = budget_limit(all, t);
		for (int i = 0; i < g->warehouses; i++)
			out[n++] = space_limit(g, all, i, t);
	}
	for (int i = 0; g->options.hard && i < n; i++)
		out[i].overflow_price = INFINITY;
	return n;
}

/* Names. */

static par_err names_room(model_names *names, int64_t n)
{
	names->n = n;
	names->name = calloc((size_t)n, sizeof *names->name);
	return names->name ? PAR_OK
			   : par_fail(PAR_E_MEMORY, "no memory for %lld names", (long long)n);
}

static par_err number_names(model_names *names, int64_t n, const char *word)
{
	PAR_TRY(names_room(names, n));
	for (int64_t i = 0; i < n; i++)
		snprintf(names->name[i], MODEL_NAME, "%s%lld", word, (long long)(i + 1));
	return PAR_OK;
}

static par_err name_all(const maker *g, model *m)
{
	PAR_TRY(number_names(&m->sku, g->options.skus, "SKU"));
	PAR_TRY(number_names(&m->supplier, SUPPLIERS, "SUPPLIER"));
	PAR_TRY(number_names(&m->market, g->markets, "MARKET"));
	PAR_TRY(number_names(&m->node, HUBS + g->warehouses, "HUB"));
	for (int i = 0; i < g->warehouses; i++)
		snprintf(m->node.name[HUBS + i], MODEL_NAME, "WAREHOUSE%d", i + 1);
	PAR_TRY(names_room(&m->lane, g->lanes));
	for (int l = 0; l < g->lanes; l++)
		snprintf(m->lane.name[l], MODEL_NAME, "%s-%s-%s", m->node.name[lane_hub(g, l)],
		    m->node.name[HUBS + lane_warehouse(g, l)], by_air(l) ? "AIR" : "SEA");
	snprintf(m->currency, sizeof m->currency, "USD");
	return PAR_OK;
}

/* What goes by sea goes on whole pallets, or in whole containers of 20 or 40 feet where a week's goods of a lane
 * fill two of them */
static par_err load_lanes(const maker *g, model *m, const totals *all)
{
	static const double m3[] = {1.7, 33, 67};
	double week = all->volume / (HUBS * g->warehouses);
	size_t i = sizeof m3 / sizeof m3[0] - 1;
	while (i > 0 && week < 2 * m3[i])
		i--;
	m->load = calloc((size_t)g->lanes, sizeof *m->load);
	if (!m->load)
		return par_fail(PAR_E_MEMORY, "no memory for %d lanes", g->lanes);
	for (int l = 0; l < g->lanes; l++)
		if (by_air(l))
			m->load[l].mode = LANE_AIR;
		else
			m->load[l] = (lane_load){LANE_SEA, m3[i], made_sea_rate(g, l)};
	return PAR_OK;
}

/* The model. */

static par_err date_periods(model *m, int periods)
{
	m->periods = periods;
	m->period_date = malloc((size_t)periods * sizeof *m->period_date);
	if (!m->period_date)
		return par_fail(PAR_E_MEMORY, "no memory for %d weeks", periods);
	for (int t = 0; t < periods; t++)
		m->period_date[t] = FIRST_MONDAY + 7 * t;
	return PAR_OK;
}

static par_err set_limits(const maker *g, model *m, const totals *all)
{
	int most = g->options.periods * (SUPPLIERS + g->lanes + 1 + g->warehouses);
	m->limit = malloc((size_t)most * sizeof *m->limit);
	if (!m->limit)
		return par_fail(PAR_E_MEMORY, "no memory for %d limits", most);
	return limits_rows(&m->problem.link, m->limit, list_limits(g, all, m->limit));
}

static par_err set_classes(const maker *g, model *m)
{
	pattern *p = calloc(2, sizeof *p);
	uint8_t *class = malloc((size_t)g->options.skus);
	m->flow = calloc(2, sizeof(flow *));
	m->problem.pattern = p;
	m->problem.class = class;
	if (!p || !class || !m->flow)
		return par_fail(PAR_E_MEMORY, "no memory for the classes of %lld SKUs",
		    (long long)g->options.skus);
	for (int i = 0; i < g->classes; i++) {
		chain_room room = {0};
		chain c = network_of(g, i, &room);
		m->problem.patterns++;
		PAR_TRY(chain_pattern(&p[i], &m->flow[i], &c, m->limit, m->problem.link.rows));
	}
	for (int64_t k = 0; k < g->options.skus; k++)
		class[k] = g->options.two_classes && k % 4 == 3;
	return PAR_OK;
}

static par_err set_own(maker *g, model *m)
{
	g->model = m;
	g->draws = made_draws(g, m->problem.pattern[0].columns);
	g->draw = malloc((size_t)g->draws * sizeof *g->draw);
	m->own = malloc(sizeof *g);
	if (!g->draw || !m->own) {
		free(g->draw);
		return par_fail(PAR_E_MEMORY, "no memory for the draws of a SKU");
	}
	*(maker *)m->own = *g;
	m->problem.fill = made_fill;
	m->problem.ctx = m->own;
	m->terms = made_terms;
	m->chance = made_chance;
	m->volume = made_volume;
	return PAR_OK;
}

static void drop_own(void *own)
{
	maker *g = own;
	if (g)
		free(g->draw);
	free(g);
}

static par_err make(maker *g, model *m, const par_world *w, const totals *all)
{
	m->problem.blocks = g->options.skus;
	m->demand = 1;
	m->drop_own = drop_own;
	PAR_TRY(name_all(g, m));
	PAR_TRY(load_lanes(g, m, all));
	PAR_TRY(date_periods(m, g->options.periods));
	PAR_TRY(set_limits(g, m, all));
	PAR_TRY(set_classes(g, m));
	PAR_TRY(set_own(g, m));
	return deal_groups(&m->deal, w, &m->problem);
}

par_err generate(model *m, const par_world *w, const generate_options *o)
{
	PAR_MUST(o->skus > 0 && (o->periods == 8 || o->periods == 13 || o->periods == 26),
	    "%lld SKUs, %d weeks", (long long)o->skus, o->periods);
	bool small = o->periods == 8;
	maker g = {.options = *o,
	    .warehouses = small ? 3 : WAREHOUSES,
	    .markets = small ? 4 : MARKETS,
	    .classes = o->two_classes ? 2 : 1};
	g.lanes = HUBS * g.warehouses * 2;
	*m = (model){0};
	totals all = total(&g, w);
	PAR_TRY_ALL(w, make(&g, m, w, &all));
	return PAR_OK;
}