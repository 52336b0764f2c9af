#include "plan/model/chain.h"

#include "plan/model/limits.h"

#include <stdlib.h>

/* an entry of A: nothing when row is -1 */
typedef struct {
	int row;
	double value;
} entry;

typedef struct {
	const chain *chain;
	pattern *p;
	flow *flow;
	int *place_of_node, *place_of_market; /* in the chain, by place in the model */
} drawing;

static const flow nothing = {FLOW_STOCK, -1, -1, -1, -1, -1, -1, -1};

/* columns of the chain are at most so many */
static size_t columns_most(const chain *c)
{
	int64_t a_period = (int64_t)c->sources + c->lanes + c->outlets +
			   (int64_t)c->nodes * (1 + c->safety) +
			   (int64_t)c->markets * (c->steps + 1);
	return (size_t)(a_period * c->periods);
}

static int node_row(const drawing *d, int node, int period)
{
	return period < d->chain->periods ? chain_node_row(d->chain, d->place_of_node[node], period)
					  : -1;
}

static int market_row(const drawing *d, int market, int period)
{
	return period < d->chain->periods
		   ? chain_market_row(d->chain, d->place_of_market[market], period)
		   : -1;
}

static void column(drawing *d, flow f, bool bounded, entry a, entry b)
{
	pattern *p = d->p;
	int j = p->columns++, at = p->first[j];
	entry both[2] = {a, b};
	for (int i = 0; i < 2; i++)
		if (both[i].row >= 0) {
			p->row[at] = both[i].row;
			p->value[at++] = both[i].value;
		}
	p->first[j + 1] = at;
	p->bound[j] = bounded ? p->bounds++ : -1;
	d->flow[j] = f;
}

static void draw_purchases(drawing *d, int t)
{
	for (const chain_source *s = d->chain->source; s < d->chain->source + d->chain->sources;
	     s++) {
		if (t + s->lead >= d->chain->periods)
			continue;
		flow f = nothing;
		f.kind = FLOW_PURCHASE, f.supplier = s->supplier, f.lane = s->lane;
		f.node = s->node, f.period = t, f.arrives = t + s->lead;
		column(
		    d, f, s->bounded, (entry){node_row(d, s->node, f.arrives), 1}, (entry){-1, 0});
	}
}

static void draw_shipments(drawing *d, int t)
{
	for (const chain_arc *l = d->chain->lane; l < d->chain->lane + d->chain->lanes; l++) {
		if (t + l->lead >= d->chain->periods)
			continue;
		flow f = nothing;
		f.kind = FLOW_SHIPMENT, f.lane = l->lane, f.node = l->to;
		f.period = t, f.arrives = t + l->lead;
		column(d, f, false, (entry){node_row(d, l->from, t), -1},
		    (entry){node_row(d, l->to, f.arrives), 1});
	}
}

static bool delivers(const chain *c, int node)
{
	int i = 0;
	while (i < c->outlets && c->outlet[i].from != node)
		i++;
	return i < c->outlets;
}

static void draw_stock(drawing *d, int t)
{
	for (int i = 0; i < d->chain->nodes; i++) {
		flow f = nothing;
		f.kind = FLOW_STOCK, f.node = d->chain->node[i], f.period = t, f.arrives = t + 1;
		entry here = {node_row(d, f.node, t), -1}, next = {node_row(d, f.node, t + 1), 1};
		int steps = delivers(d->chain, f.node) ? d->chain->safety : 0;
		for (f.step = 0; f.step < steps; f.step++)
			column(d, f, true, here, next);
		f.step = nothing.step;
		column(d, f, false, here, next);
	}
}

static void draw_deliveries(drawing *d, int t)
{
	for (const chain_arc *o = d->chain->outlet; o < d->chain->outlet + d->chain->outlets; o++) {
		if (t + o->lead >= d->chain->periods)
			continue;
		flow f = nothing;
		f.kind = FLOW_DELIVERY, f.lane = o->lane, f.node = o->from, f.market = o->to;
		f.period = t, f.arrives = t + o->lead;
		column(d, f, false, (entry){node_row(d, o->from, t), -1},
		    (entry){market_row(d, o->to, f.arrives), 1});
	}
}

static void draw_market(drawing *d, int market, int t)
{
	flow f = nothing;
	f.market = market, f.period = f.arrives = t;
	f.kind = FLOW_SALE;
	for (f.step = 0; f.step < d->chain->steps; f.step++)
		column(d, f, true, (entry){market_row(d, market, t), -1}, (entry){-1, 0});
	if (!d->chain->backlog || t + 1 == d->chain->periods)
		return;
	f.kind = FLOW_BACKLOG, f.step = -1, f.arrives = t + 1;
	column(d, f, false, (entry){market_row(d, market, t), 1},
	    (entry){market_row(d, market, t + 1), -1});
}

static void draw(drawing *d)
{
	const chain *c = d->chain;
	d->p->rows = (c->markets + c->nodes) * c->periods;
	for (int t = 0; t < c->periods; t++) {
		draw_purchases(d, t);
		draw_shipments(d, t);
		draw_stock(d, t);
		draw_deliveries(d, t);
		for (int i = 0; i < c->markets; i++)
			draw_market(d, c->market[i], t);
	}
}

/* the limits that each column counts towards; with list NULL they are only counted */
static int draw_links(
    const pattern *p, const flow *f, const limit *limits, int n, int *first, int *list)
{
	int links = 0;
	for (int j = 0; j < p->columns; j++) {
		first[j] = links;
		for (int i = 0; i < n; i++)
			if (limit_counts(&limits[i], &f[j])) {
				if (list)
					list[links] = i;
				links++;
			}
	}
	first[p->columns] = links;
	return links;
}

static int *places(const int *list, int n)
{
	int most = -1;
	for (int i = 0; i < n; i++)
		most = list[i] > most ? list[i] : most;
	int *place = malloc((size_t)(most + 2) * sizeof *place);
	for (int i = 0; place && i < n; i++)
		place[list[i]] = i;
	return place;
}

static par_err pattern_room(pattern *p, flow **flows, size_t columns)
{
	p->first = calloc(columns + 1, sizeof *p->first);
	p->row = malloc((2 * columns + 1) * sizeof *p->row);
	p->value = malloc((2 * columns + 1) * sizeof *p->value);
	p->link_first = calloc(columns + 1, sizeof *p->link_first);
	p->bound = malloc((columns + 1) * sizeof *p->bound);
	*flows = malloc((columns + 1) * sizeof **flows);
	if (!p->first || !p->row || !p->value || !p->link_first || !p->bound || !*flows)
		return par_fail(PAR_E_MEMORY, "no memory for a network of %zu flows", columns);
	return PAR_OK;
}

par_err chain_pattern(pattern *p, flow **flows, const chain *c, const limit *limits, int n)
{
	*p = (pattern){0};
	PAR_TRY(pattern_room(p, flows, columns_most(c)));
	drawing d = {c, p, *flows, places(c->node, c->nodes), places(c->market, c->markets)};
	bool drawn = d.place_of_node && d.place_of_market;
	if (drawn)
		draw(&d);
	free(d.place_of_node);
	free(d.place_of_market);
	if (drawn) {
		p->links = draw_links(p, *flows, limits, n, p->link_first, NULL);
		p->link = malloc((size_t)(p->links + 1) * sizeof *p->link);
	}
	if (!p->link)
		return par_fail(PAR_E_MEMORY, "no memory for the flows that %d limits hold", n);
	draw_links(p, *flows, limits, n, p->link_first, p->link);
	return PAR_OK;
}

void chain_pattern_drop(pattern *p)
{
	free(p->first);
	free(p->row);
	free(p->value);
	free(p->link_first);
	free(p->link);
	free(p->bound);
	*p = (pattern){0};
}
