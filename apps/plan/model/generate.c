#include "plan/model/generate.h"

#include "base/rng.h"
#include "comm/blocks.h"
#include "comm/exact.h"
#include "plan/model/chain.h"
#include "plan/model/limits.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUPPLIERS = 2, HUBS = 2, WAREHOUSES = 5, MARKETS = 6, REGIONS = 3, STEPS = 3 };
enum { STREAM_TRAITS = 0x706c0001, STREAM_DETAILS, STREAM_TERMS };
enum { FIRST_MONDAY = 20822 }; /* 2027-01-04 */
#define PALLET 1.7             /* m3; what goes by sea goes on whole ones */

/* what a SKU is, before the details; idle ones have no demand */
typedef struct {
	double cost, weight, volume, hours, demand, price; /* of a unit; demand of a week */
} traits;

typedef struct {
	double volume, weight, hours, cost;
} totals;

typedef struct {
	generate_options options;
	int warehouses, markets, lanes, classes;
	const model *model;
	float *draw; /* the details of one SKU */
	int draws;
} maker;

/* e^x by x = n ln 2 + r and Taylor: the C library's exp may differ in the last bit from machine to
 * machine, and the generator is to mean the same everywhere */
static double exponential(double x)
{
	double n = floor(x * 1.4426950408889634 + 0.5), r = x - n * 0.69314718055994531, sum = 1;
	for (int k = 14; k > 0; k--)
		sum = 1 + sum * r / k;
	return ldexp(sum, (int)n);
}

static traits traits_of(const maker *g, int64_t k)
{
	par_rng normal = {g->options.seed, STREAM_TRAITS, 0},
		uniform = {g->options.seed, STREAM_TRAITS, 1};
	traits s;
	s.cost = exponential(2.3 + 0.8 * par_rng_normal(normal, 4 * k));
	s.weight = 0.05 + exponential(-1 + 0.8 * par_rng_normal(normal, 4 * k + 1));
	s.demand = 1 + exponential(2.5 + 1.2 * par_rng_normal(normal, 4 * k + 2));
	s.volume = s.weight * (0.003 + 0.006 * par_rng_f64(uniform, 4 * k));
	s.hours = 0.5 + 1.5 * par_rng_f64(uniform, 4 * k + 1);
	s.price = s.cost * (2 + 1.8 * par_rng_f64(uniform, 4 * k + 2)) + 6;
	if (par_rng_f64(uniform, 4 * k + 3) < g->options.idle)
		s.demand = 0;
	return s;
}

/* The network. Lane (hub, warehouse, air) is number (hub x warehouses + warehouse) x 2 + air. */

static int lane_hub(const maker *g, int lane)
{
	return lane / 2 / g->warehouses;
}

static int lane_region(const maker *g, int lane)
{
	return lane / 2 % g->warehouses % REGIONS;
}

static bool by_air(int lane)
{
	return lane % 2;
}

static int lane_lead(const maker *g, int lane)
{
	return by_air(lane) ? 1 : 3 + ((lane_hub(g, lane) + lane / 2 % g->warehouses) & 1);
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
			    l, lane_hub(g, l), HUBS + l / 2 % g->warehouses, lane_lead(g, l)};
	for (int i = 0; i < g->warehouses; i++)
		for (int k = 0; k < g->markets; k++)
			if (serves(g, i, k))
				r->outlet[c.outlets++] = (chain_arc){-1, HUBS + i, k, 0};
	return c;
}

/* Capacities. */

static totals total(const maker *g, const par_world *w)
{
	par_exact sum[4] = {0};
	par_blocks b;
	par_blocks_deal(&b, w, g->options.skus, 1);
	for (int64_t k = b.lo; k < b.hi; k++) {
		traits s = traits_of(g, k);
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

/* The numbers of a SKU. */

typedef struct {
	const maker *maker;
	traits traits;
	const float *next; /* draw */
	double duty[REGIONS];
	block *block;
	const pattern *pattern;
} sku;

static double draw(sku *s)
{
	return *s->next++;
}

static void set_right(sku *s)
{
	const maker *g = s->maker;
	double demand = s->traits.demand, *b = s->block->right;
	chain c = {
	    .periods = g->options.periods, .nodes = HUBS + g->warehouses, .markets = g->markets};
	memset(b, 0, (size_t)s->pattern->rows * sizeof *b);
	for (int h = 0; h < HUBS; h++)
		b[chain_node_row(&c, h, 0)] = -demand / HUBS * (0.2 + 1.2 * draw(s));
	for (int i = 0; i < g->warehouses; i++) {
		b[chain_node_row(&c, HUBS + i, 0)] = -demand / g->warehouses * (1 + 2 * draw(s));
		for (int t = 1; t < 4; t++)
			b[chain_node_row(&c, HUBS + i, t)] = -demand / g->warehouses *
							     (0.3 + 0.9 * draw(s));
	}
}

/* demand of every market and week into its steps; the season rises by half */
static void set_upper(sku *s)
{
	static const double width[STEPS] = {0.75, 0.40, 0.45};
	const maker *g = s->maker;
	int periods = g->options.periods;
	double share[MARKETS], sum = 0, *u = s->block->upper;
	for (int k = 0; k < g->markets; k++)
		sum += share[k] = 0.2 + draw(s);
	for (int t = 0; t < periods; t++)
		for (int k = 0; k < g->markets; k++) {
			double season = 0.8 + 0.8 * t / (periods - 1);
			double units = s->maker->model->demand * s->traits.demand * share[k] / sum *
				       season * (0.7 + 0.6 * draw(s));
			for (int q = 0; q < STEPS; q++)
				*u++ = units * width[q];
		}
}

static double freight(const sku *s, int lane)
{
	static const double sea[HUBS][REGIONS] = {{110, 140, 70}, {120, 130, 60}},
			    air[HUBS][REGIONS] = {{5.2, 5.6, 3.4}, {5.6, 5.3, 3.1}};
	int hub = lane_hub(s->maker, lane), region = lane_region(s->maker, lane);
	return by_air(lane) ? air[hub][region] * s->traits.weight
			    : sea[hub][region] * s->traits.volume;
}

static double stock_cost(const sku *s, const flow *f, double noise)
{
	const traits *p = &s->traits;
	bool hub = f->node < HUBS, last = f->period + 1 == s->maker->options.periods;
	double holding = hub ? 0.003 * p->cost + 2 * p->volume : 0.004 * p->cost + 6 * p->volume;
	return holding * noise - (last ? (hub ? 0.8 : 0.9) * p->cost : 0);
}

static const double worth[STEPS] = {0.95, 0.60, 0.22}; /* the chance that demand reaches a step */

static double column_cost(const sku *s, const flow *f, double noise)
{
	const traits *p = &s->traits;
	switch (f->kind) {
	case FLOW_PURCHASE:
		return p->cost *
		       (1.01 + 0.04 * f->supplier + 0.01 * ((f->supplier + f->node) & 1)) * noise;
	case FLOW_SHIPMENT:
		return freight(s, f->lane) * noise +
		       s->duty[lane_region(s->maker, f->lane)] * p->cost;
	case FLOW_STOCK:
		return stock_cost(s, f, noise);
	case FLOW_DELIVERY:
		return (2.5 + 1.2 * p->weight) *
		       (f->node - HUBS == f->market % s->maker->warehouses ? 1 : 1.6) * noise;
	default: /* a sale */
		return -p->price * worth[f->step] * (1 + 0.05 * (f->market - 1.5)) * noise;
	}
}

/* what a unit of the flow takes of a limit */
static double amount(const sku *s, const limit *l, const flow *f)
{
	switch (l->measure) {
	case MEASURE_VOLUME:
		return s->traits.volume;
	case MEASURE_WEIGHT:
		return s->traits.weight;
	case MEASURE_HOURS:
		return s->traits.hours;
	default:
		return f->kind == FLOW_PURCHASE ? s->traits.cost : freight(s, f->lane);
	}
}

static void set_columns(sku *s, const flow *f)
{
	const pattern *p = s->pattern;
	for (int j = 0; j < p->columns; j++) {
		s->block->cost[j] = column_cost(s, &f[j], 0.98 + 0.04 * draw(s));
		for (int e = p->link_first[j]; e < p->link_first[j + 1]; e++)
			s->block->link[e] = amount(s, &s->maker->model->limit[p->link[e]], &f[j]);
	}
}

static void fill(void *ctx, int64_t k, block *b)
{
	maker *g = ctx;
	int class = g->model->problem.class[k];
	par_rng_fill_f32(
	    (par_rng){g->options.seed, STREAM_DETAILS, 0}, k * g->draws, g->draws, g->draw);
	sku s = {.maker = g,
	    .traits = traits_of(g, k),
	    .next = g->draw,
	    .block = b,
	    .pattern = &g->model->problem.pattern[class]};
	for (int i = 0; i < REGIONS; i++)
		s.duty[i] = 0.06 - 0.02 * i + (i < 2 ? 0.1 : 0.06) * draw(&s);
	set_right(&s);
	set_upper(&s);
	set_columns(&s, g->model->flow[class]);
}

/* What suppliers ask of an order: cartons of up to half a week's demand, for every other SKU two weeks
 * at least, and the work of a line in the order. */
static order_terms terms(const void *own, int64_t k, int supplier)
{
	static const double carton[] = {1, 2, 6, 12, 24, 48};
	const maker *g = own;
	traits s = traits_of(g, k);
	par_rng r = {g->options.seed, STREAM_TERMS, (uint32_t)supplier};
	int64_t size = par_rng_below(r, 3 * k, sizeof carton / sizeof carton[0]);
	while (size > 0 && carton[size] > s.demand / 2)
		size--;
	double multiple = carton[size];
	double least = par_rng_below(r, 3 * k + 1, 2) ? ceil(2 * s.demand / multiple) * multiple
						      : 0;
	return (order_terms){least, multiple, 4 + 8 * par_rng_f64(r, 3 * k + 2)};
}

static double chance(const void *own, int64_t k, const flow *f)
{
	(void)own, (void)k;
	return worth[f->step];
}

static double volume(const void *own, int64_t k)
{
	return traits_of(own, k).volume;
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
		    m->node.name[HUBS + l / 2 % g->warehouses], by_air(l) ? "AIR" : "SEA");
	snprintf(m->currency, sizeof m->currency, "USD");
	m->container = calloc((size_t)g->lanes, sizeof *m->container);
	if (!m->container)
		return par_fail(PAR_E_MEMORY, "no memory for %d lanes", g->lanes);
	for (int l = 0; l < g->lanes; l++)
		m->container[l] = by_air(l) ? 0 : PALLET;
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
	g->draws = REGIONS + HUBS + 4 * g->warehouses + g->markets * (1 + g->options.periods) +
		   m->problem.pattern[0].columns;
	g->draw = malloc((size_t)g->draws * sizeof *g->draw);
	m->own = malloc(sizeof *g);
	if (!g->draw || !m->own) {
		free(g->draw);
		return par_fail(PAR_E_MEMORY, "no memory for the draws of a SKU");
	}
	*(maker *)m->own = *g;
	m->problem.fill = fill;
	m->problem.ctx = m->own;
	m->terms = terms;
	m->chance = chance;
	m->volume = volume;
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
