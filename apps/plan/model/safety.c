#include "plan/model/safety.h"

#include <math.h>
#include <stdlib.h>

#define LEAST_STEP 0.01 /* of the SKU's mean demand of a period */

/* while series come in, s->safety is [node][period][step][2]: sums of `above` over markets, and of its
 * squares; at last [node][period][step] */

static size_t cells_of(const chain *c)
{
	return (size_t)c->nodes * (size_t)c->periods * SAFETY_STEPS;
}

static size_t cell_of(const chain *c, int node, int period, int step)
{
	return ((size_t)node * (size_t)c->periods + (size_t)period) * SAFETY_STEPS + (size_t)step;
}

double safety_units(const good *s, const sku_class *class, const flow *f)
{
	return s->safety[cell_of(&class->chain, class->node_place[f->node], f->period, f->step)];
}

par_err safety_open(const goods *g, good *s, const sku_class *class)
{
	if (!class->chain.safety)
		return PAR_OK;
	s->safety = calloc(2 * cells_of(&class->chain) + 1, sizeof *s->safety);
	return s->safety ? PAR_OK
			 : par_fail(PAR_E_MEMORY, "no memory for the safety stock of %lld SKUs",
			       (long long)g->model->deal.blocks);
}

/* the cheapest outlet to a market; NULL when none leads there */
static const chain_arc *outlet_to(const goods *g, const good *s, const chain *c, int market)
{
	const chain_arc *best = NULL;
	double least = INFINITY;
	for (const chain_arc *o = c->outlet; o < c->outlet + c->outlets; o++) {
		double cost = o->to == market ? goods_carriage(g, s, o->lane, s->value) : INFINITY;
		if (cost < least) {
			least = cost;
			best = o;
		}
	}
	return best;
}

void safety_add(
    const goods *g, good *s, const sku_class *class, int market, const demand_series *from)
{
	const chain *c = &class->chain;
	const chain_arc *o = s->safety ? outlet_to(g, s, c, market) : NULL;
	if (!o)
		return;
	int node = class->node_place[o->from];
	for (int t = o->lead; t < c->periods; t++)
		for (int k = 0; k < SAFETY_STEPS; k++) {
			double a = from->above[t * SAFETY_STEPS + k],
			       *at = s->safety + 2 * cell_of(c, node, t - o->lead, k);
			at[0] += a;
			at[1] += a * a;
		}
}

/* Leads. */

typedef struct {
	double cost; /* INFINITY: no way comes here */
	int lead;
} way;

static bool better(way *to, way by)
{
	if (!(by.cost < to->cost))
		return false;
	*to = by;
	return true;
}

/* the cheapest way to each node from any supplier: lanes are tried until none helps */
static void find_ways(way *to, const goods *g, const good *s, const sku_class *class)
{
	const chain *c = &class->chain;
	for (int i = 0; i < c->nodes; i++)
		to[i] = (way){INFINITY, 0};
	for (const chain_source *p = c->source; p < c->source + c->sources; p++) {
		double cost = goods_cost(g, s, p->supplier);
		better(&to[class->node_place[p->node]],
		    (way){cost + goods_carriage(g, s, p->lane, cost), p->lead});
	}
	for (int round = 0, more = 1; more && round < c->nodes; round++) {
		more = 0;
		for (const chain_arc *l = c->lane; l < c->lane + c->lanes; l++) {
			const way *from = &to[class->node_place[l->from]];
			way by = {from->cost + goods_carriage(g, s, l->lane, s->value),
			    from->lead + l->lead};
			more |= better(&to[class->node_place[l->to]], by);
		}
	}
}

/* of a node, up to the end of a step */
static double level_of(
    const double *sums, const chain *c, int node, const way *by, int t, int k, double r)
{
	double square = 0;
	for (int u = t; u >= 0 && u >= t - by->lead; u--) {
		const double *at = sums + 2 * cell_of(c, node, u, k);
		square += (1 - r) * at[1] + r * at[0] * at[0];
	}
	return isfinite(by->cost) ? sqrt(square) : 0;
}

/* a step of next to nothing costs the solver its last digits: a column without room has no inside */
static double least_step(const good *s, const chain *c)
{
	double sum = 0;
	for (int i = 0; i < c->markets * c->periods * c->steps; i++)
		sum += s->units[i];
	return LEAST_STEP * sum / c->periods;
}

static void finish_node(
    double *out, const good *s, const chain *c, int node, const way *by, double r)
{
	double least = least_step(s, c);
	for (int t = 0; t < c->periods; t++) {
		double below = 0;
		for (int k = 0; k < SAFETY_STEPS; k++) {
			double end = level_of(s->safety, c, node, by, t, k, r);
			out[cell_of(c, node, t, k)] = fmax(end - below, least);
			below = end;
		}
	}
}

par_err safety_close(const goods *g, good *s, const sku_class *class)
{
	const chain *c = &class->chain;
	if (!s->safety)
		return PAR_OK;
	way *to = malloc((size_t)(c->nodes + 1) * sizeof *to);
	double *out = malloc((cells_of(c) + 1) * sizeof *out);
	s->landed = malloc((size_t)(c->nodes + 1) * sizeof *s->landed);
	bool fine = to && out && s->landed;
	if (fine) {
		find_ways(to, g, s, class);
		for (int i = 0; i < c->nodes; i++) {
			s->landed[i] = isfinite(to[i].cost) ? to[i].cost : s->value;
			finish_node(out, s, c, i, &to[i], g->options.correlation);
		}
	}
	free(to);
	free(s->safety);
	s->safety = out;
	return fine ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for the safety stock of a SKU");
}
