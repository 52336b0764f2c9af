#include "plan/model/safety.h"

#include <math.h>
#include <stdlib.h>

/* while series come in, s->safety is [node][period][2]: sums of `above` over markets, and of its squares */

static size_t cells_of(const chain *c)
{
	return (size_t)c->nodes * (size_t)c->periods;
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
	double *sums = s->safety + 2 * (size_t) class->node_place[o->from] * (size_t)c->periods;
	for (int t = o->lead; t < c->periods; t++) {
		double a = from->above[t], *at = sums + (size_t)2 * (size_t)(t - o->lead);
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

static double spread(const double *sums, double correlation)
{
	return (1 - correlation) * sums[1] + correlation * sums[0] * sums[0];
}

/* squares of single periods first; from the last period on, sums of them take their place */
static void finish_node(double *out, const double *sums, const way *by, int periods, double r)
{
	double square = 0;
	for (int t = periods - 1; t >= 0; t--)
		out[t] = spread(sums + (size_t)2 * (size_t)t, r);
	for (int t = periods - 1; t >= 0; t--) {
		square = 0;
		for (int k = t; k >= 0 && k >= t - by->lead; k--)
			square += out[k];
		out[t] = isfinite(by->cost) ? sqrt(square) : 0;
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
			size_t at = (size_t)i * (size_t)c->periods;
			s->landed[i] = isfinite(to[i].cost) ? to[i].cost : s->value;
			finish_node(out + at, s->safety + 2 * at, &to[i], c->periods,
			    g->options.correlation);
		}
	}
	free(to);
	free(s->safety);
	s->safety = out;
	return fine ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for the safety stock of a SKU");
}
