#include "plan/model/made.h"

#include "base/rng.h"
#include "plan/model/chain.h"

#include <math.h>
#include <string.h>

enum { STREAM_TRAITS = 0x706c0001, STREAM_DETAILS, STREAM_TERMS };

/* e^x by x = n ln 2 + r and Taylor: the C library's exp may differ in the last bit from machine to
 * machine, and the generator is to mean the same everywhere */
static double exponential(double x)
{
	double n = floor(x * 1.4426950408889634 + 0.5), r = x - n * 0.69314718055994531, sum = 1;
	for (int k = 14; k > 0; k--)
		sum = 1 + sum * r / k;
	return ldexp(sum, (int)n);
}

traits made_traits(const maker *g, int64_t k)
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

int made_draws(const maker *g, int columns)
{
	return REGIONS + HUBS + 4 * g->warehouses + g->markets * (1 + g->options.periods) + columns;
}

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

static int lane_region(const maker *g, int lane)
{
	return lane_warehouse(g, lane) % REGIONS;
}

double made_sea_rate(const maker *g, int lane)
{
	static const double sea[HUBS][REGIONS] = {{110, 140, 70}, {120, 130, 60}};
	return sea[lane_hub(g, lane)][lane_region(g, lane)];
}

static double freight(const sku *s, int lane)
{
	static const double air[HUBS][REGIONS] = {{5.2, 5.6, 3.4}, {5.6, 5.3, 3.1}};
	int hub = lane_hub(s->maker, lane), region = lane_region(s->maker, lane);
	return by_air(lane) ? air[hub][region] * s->traits.weight
			    : made_sea_rate(s->maker, lane) * s->traits.volume;
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

void made_fill(void *ctx, int64_t k, block *b)
{
	maker *g = ctx;
	int class = g->model->problem.class[k];
	par_rng_fill_f32(
	    (par_rng){g->options.seed, STREAM_DETAILS, 0}, k * g->draws, g->draws, g->draw);
	sku s = {.maker = g,
	    .traits = made_traits(g, k),
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
order_terms made_terms(const void *ctx, int64_t k, int supplier)
{
	static const double carton[] = {1, 2, 6, 12, 24, 48};
	const maker *g = ctx;
	traits s = made_traits(g, k);
	par_rng r = {g->options.seed, STREAM_TERMS, (uint32_t)supplier};
	int64_t size = par_rng_below(r, 3 * k, sizeof carton / sizeof carton[0]);
	while (size > 0 && carton[size] > s.demand / 2)
		size--;
	double multiple = carton[size];
	double least = par_rng_below(r, 3 * k + 1, 2) ? ceil(2 * s.demand / multiple) * multiple
						      : 0;
	return (order_terms){least, multiple, 4 + 8 * par_rng_f64(r, 3 * k + 2)};
}

double made_chance(const void *ctx, int64_t k, const flow *f)
{
	(void)ctx, (void)k;
	return worth[f->step];
}

double made_volume(const void *ctx, int64_t k)
{
	return made_traits(ctx, k).volume;
}