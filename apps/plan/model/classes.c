#include "plan/model/classes.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static par_err no_memory(void)
{
	return par_fail(PAR_E_MEMORY, "no memory for the classes of SKUs");
}

int classes_lead(const classes *c, double days)
{
	return (int)floor(days / c->span + 0.5);
}

/* Rows by SKU: a counting sort that keeps their order. */

typedef int32_t (*sku_fn)(const void *rows, int64_t i);

static par_err by_sku(
    const void *rows, int64_t n, sku_fn sku, int64_t skus, int64_t **first, int64_t **list)
{
	*first = calloc((size_t)skus + 1, sizeof **first);
	*list = malloc((size_t)(n + 1) * sizeof **list);
	if (!*first || !*list)
		return no_memory();
	for (int64_t i = 0; i < n; i++)
		(*first)[sku(rows, i)]++;
	for (int64_t k = 1; k <= skus; k++)
		(*first)[k] += (*first)[k - 1];
	for (int64_t i = n; i-- > 0;)
		(*list)[--(*first)[sku(rows, i)]] = i;
	return PAR_OK;
}

static int32_t supply_sku(const void *rows, int64_t i)
{
	return ((const table_supply *)rows)[i].sku;
}

static int32_t stock_sku(const void *rows, int64_t i)
{
	return ((const table_stock *)rows)[i].sku;
}

static int32_t series_sku(const void *rows, int64_t i)
{
	return ((const int32_t *)rows)[i];
}

static par_err sort_supply(classes *c, const tables *t)
{
	int64_t skus = c->skus;
	PAR_TRY(by_sku(t->supply, t->supplies, supply_sku, skus, &c->first_supply, &c->supply));
	return by_sku(t->stock, t->stocks, stock_sku, skus, &c->first_stock, &c->stock);
}

static par_err sort_rows(classes *c, const tables *t, const demand *d)
{
	int64_t skus = d->of.skus;
	PAR_TRY(sort_supply(c, t));
	PAR_TRY(
	    by_sku(d->of.series_sku, d->of.series, series_sku, skus, &c->first_series, &c->series));
	c->product = calloc((size_t)skus + 1, sizeof(table_product *));
	if (!c->product)
		return no_memory();
	for (int64_t i = 0; i < t->products; i++)
		c->product[t->product[i].sku] = &t->product[i];
	return PAR_OK;
}

/* the catalog's markets by their place among the network's */
static par_err find_markets(classes *c, const tables *t, const demand *d)
{
	c->market = malloc((size_t)(d->of.markets + 1) * sizeof *c->market);
	if (!c->market)
		return no_memory();
	const model_names *places = &t->name[PLACE_MARKET];
	for (int64_t i = 0; i < d->of.markets; i++) {
		const char *name = d->of.market + i * d->of.market_stride;
		c->market[i] = -1;
		for (int64_t k = 0; k < places->n && c->market[i] < 0; k++)
			if (strcmp(places->name[k], name) == 0)
				c->market[i] = (int)k;
		if (c->market[i] < 0)
			return par_fail(PAR_E_DATA,
			    "nodes.csv: no market %s, which %s has; wanted a row of kind market",
			    par_shows(name), d->path);
	}
	return PAR_OK;
}

/* Signatures: what makes a class, as bytes. */

typedef struct {
	int16_t days; /* -1: does not sell it */
	int16_t bounded;
} seller;

typedef struct {
	int suppliers, nodes, markets;
	size_t bytes;
} form;

static form form_of(const tables *t)
{
	form f = {(int)t->name[PLACE_SUPPLIER].n, (int)t->name[PLACE_NODE].n,
	    (int)t->name[PLACE_MARKET].n, 0};
	f.bytes = (size_t)f.suppliers * sizeof(seller) + (size_t)f.nodes + (size_t)f.markets + 1;
	return f;
}

static char *nodes_in(const form *f, char *sign)
{
	return sign + (size_t)f->suppliers * sizeof(seller);
}

static char *markets_in(const form *f, char *sign)
{
	return nodes_in(f, sign) + f->nodes;
}

static bool flies(const form *f, char *sign)
{
	return markets_in(f, sign)[f->markets];
}

static seller seller_at(char *sign, int supplier)
{
	seller s;
	memcpy(&s, sign + (size_t)supplier * sizeof s, sizeof s);
	return s;
}

static void put_seller(char *sign, int supplier, seller s)
{
	memcpy(sign + (size_t)supplier * sizeof s, &s, sizeof s);
}

static void sign_sku(
    const classes *c, const tables *t, const demand *d, const form *f, int64_t k, char *sign)
{
	memset(sign, 0, f->bytes);
	for (int s = 0; s < f->suppliers; s++)
		put_seller(sign, s, (seller){-1, 0});
	for (int64_t i = c->first_supply[k]; i < c->first_supply[k + 1]; i++) {
		const table_supply *r = &t->supply[c->supply[i]];
		put_seller(
		    sign, r->supplier, (seller){(int16_t)rint(r->days), isfinite(r->capacity)});
	}
	for (int64_t i = c->first_stock[k]; i < c->first_stock[k + 1]; i++)
		nodes_in(f, sign)[t->stock[c->stock[i]].node] = 1;
	for (int64_t i = c->first_series[k]; i < c->first_series[k + 1]; i++)
		markets_in(f, sign)[c->market[d->of.series_market[c->series[i]]]] = 1;
	markets_in(f, sign)[f->markets] = !c->product[k] || c->product[k]->flies;
}

/* The chain of a signature. */

/* an edge that the class may take: a lane whose ends hold goods of it */
static bool may_take(const tables *t, const table_lane *l, bool may_fly)
{
	return (may_fly || !l->flies) && t->node[l->from].kind == PLACE_NODE &&
	       t->node[l->to].kind == PLACE_NODE;
}

/* spread marks along lanes, or against them, until nothing changes */
static void spread(const tables *t, bool may_fly, bool against, char *mark)
{
	for (bool more = true; more;) {
		more = false;
		for (const table_lane *l = t->lane; l < t->lane + t->lanes; l++) {
			int a = t->node[against ? l->to : l->from].place,
			    b = t->node[against ? l->from : l->to].place;
			if (may_take(t, l, may_fly) && mark[a] && !mark[b])
				mark[b] = more = true;
		}
	}
}

/* which nodes a class keeps: mark[place] */
static void keep_nodes(const tables *t, const form *f, char *sign, char *come, char *go)
{
	memcpy(come, nodes_in(f, sign), (size_t)f->nodes);
	memset(go, 0, (size_t)f->nodes);
	for (const table_lane *l = t->lane; l < t->lane + t->lanes; l++) {
		const table_node *from = &t->node[l->from], *to = &t->node[l->to];
		if (l->flies && !flies(f, sign))
			continue;
		if (from->kind == PLACE_SUPPLIER && seller_at(sign, from->place).days >= 0)
			come[to->place] = 1;
		if (to->kind == PLACE_MARKET && markets_in(f, sign)[to->place])
			go[from->place] = 1;
	}
	spread(t, flies(f, sign), false, come);
	spread(t, flies(f, sign), true, go);
	for (int i = 0; i < f->nodes; i++)
		come[i] = (come[i] && go[i]) || nodes_in(f, sign)[i];
}

typedef struct {
	int *node, *market;
	chain_source *source;
	chain_arc *lane, *outlet;
} parts; /* of a chain, to be written */

static void parts_room(parts *p, const tables *t)
{
	size_t n = (size_t)(t->nodes + t->lanes + 1);
	p->node = malloc(n * sizeof *p->node);
	p->market = malloc(n * sizeof *p->market);
	p->source = malloc(n * sizeof *p->source);
	p->lane = malloc(n * sizeof *p->lane);
	p->outlet = malloc(n * sizeof *p->outlet);
}

static void add_lane(const classes *c, const tables *t, const form *f, char *sign, const char *keep,
    int lane, chain *out, const parts *p)
{
	const table_lane *l = &t->lane[lane];
	const table_node *from = &t->node[l->from], *to = &t->node[l->to];
	if (l->flies && !flies(f, sign))
		return;
	bool starts = from->kind == PLACE_NODE && keep[from->place],
	     ends = to->kind == PLACE_NODE && keep[to->place];
	if (from->kind == PLACE_SUPPLIER && ends && seller_at(sign, from->place).days >= 0) {
		seller s = seller_at(sign, from->place);
		p->source[out->sources++] = (chain_source){
		    from->place, lane, to->place, classes_lead(c, s.days + l->days), s.bounded};
	} else if (starts && ends) {
		p->lane[out->lanes++] = (chain_arc){
		    lane, from->place, to->place, classes_lead(c, l->days)};
	} else if (starts && to->kind == PLACE_MARKET && markets_in(f, sign)[to->place]) {
		p->outlet[out->outlets++] = (chain_arc){
		    lane, from->place, to->place, classes_lead(c, l->days)};
	}
}

static par_err make_chain(
    const classes *c, const tables *t, const form *f, char *sign, const chain *like, sku_class *out)
{
	parts p;
	parts_room(&p, t);
	chain *n = &out->chain;
	*n = *like;
	n->node = p.node;
	n->market = p.market;
	n->source = p.source;
	n->lane = p.lane;
	n->outlet = p.outlet;
	out->node_place = malloc((size_t)(f->nodes + 1) * sizeof *out->node_place);
	out->market_place = malloc((size_t)(f->markets + 1) * sizeof *out->market_place);
	char *come = malloc((size_t)f->nodes + 1), *go = malloc((size_t)f->nodes + 1);
	bool fine = come && go && p.node && p.market && p.source && p.lane && p.outlet &&
		    out->node_place && out->market_place;
	if (fine) {
		keep_nodes(t, f, sign, come, go);
		for (int i = 0; i < f->nodes; i++) {
			out->node_place[i] = come[i] ? n->nodes : -1;
			if (come[i])
				p.node[n->nodes++] = i;
		}
		for (int i = 0; i < f->markets; i++) {
			out->market_place[i] = markets_in(f, sign)[i] ? n->markets : -1;
			if (markets_in(f, sign)[i])
				p.market[n->markets++] = i;
		}
		for (int l = 0; l < t->lanes; l++)
			add_lane(c, t, f, sign, come, l, n, &p);
	}
	free(come);
	free(go);
	return fine ? PAR_OK : no_memory();
}

/* The classes. */

static int find_class(const char *signs, int n, const form *f, const char *sign)
{
	for (int i = 0; i < n; i++)
		if (memcmp(signs + (size_t)i * f->bytes, sign, f->bytes) == 0)
			return i;
	return n;
}

static par_err sort_skus(classes *c, const tables *t, const demand *d, const form *f, char *signs)
{
	for (int64_t k = 0; k < d->of.skus; k++) {
		if (c->first_series[k] == c->first_series[k + 1])
			continue;
		char *sign = signs +
			     (size_t)c->classes * f->bytes; /* of the next class, if it is new */
		sign_sku(c, t, d, f, k, sign);
		int i = find_class(signs, c->classes, f, sign);
		if (i == PATTERN_CLASSES)
			return par_fail(PAR_E_DATA,
			    "supply.csv: more than %d different sets of suppliers, lead times, "
			    "markets and nodes with stock; "
			    "wanted SKUs that are more alike",
			    PATTERN_CLASSES);
		c->classes += i == c->classes;
		c->sku[c->blocks] = (int32_t)k;
		c->class[c->blocks++] = (uint8_t)i;
	}
	return PAR_OK;
}

static par_err make_classes(
    classes *c, const tables *t, const demand *d, const form *f, const chain *like, char *signs)
{
	PAR_TRY(sort_rows(c, t, d));
	PAR_TRY(find_markets(c, t, d));
	PAR_TRY(sort_skus(c, t, d, f, signs));
	for (int i = 0; i < c->classes; i++)
		PAR_TRY(make_chain(c, t, f, signs + (size_t)i * f->bytes, like, &c->of[i]));
	return PAR_OK;
}

par_err classes_make(classes *c, const tables *t, const demand *d, bool backlog, bool safety)
{
	form f = form_of(t);
	chain like = {.periods = d->periods,
	    .steps = d->steps,
	    .backlog = backlog,
	    .safety = safety ? SAFETY_STEPS : 0};
	*c = (classes){
	    .skus = d->of.skus, .span = (double)(d->day[d->periods] - d->day[0]) / d->periods};
	c->sku = malloc((size_t)(d->of.skus + 1) * sizeof *c->sku);
	c->class = malloc((size_t)d->of.skus + 1);
	c->of = calloc(PATTERN_CLASSES, sizeof *c->of);
	char *signs = malloc((PATTERN_CLASSES + 1) * f.bytes);
	par_err e = c->sku && c->class && c->of && signs ? make_classes(c, t, d, &f, &like, signs)
							 : no_memory();
	free(signs);
	return e;
}

/* in place; returns how many rows are left, and gives back the room of the others */
static int64_t keep_rows(void **rows, int64_t n, size_t bytes, sku_fn sku, const bool *mine)
{
	char *all = *rows;
	int64_t left = 0;
	for (int64_t i = 0; i < n; i++)
		if (mine[sku(all, i)])
			memmove(all + (size_t)left++ * bytes, all + (size_t)i * bytes, bytes);
	void *less = left < n ? realloc(all, (size_t)(left + 1) * bytes) : NULL;
	if (less)
		*rows = less;
	return left;
}

static void drop_supply(classes *c)
{
	free(c->first_supply);
	free(c->supply);
	free(c->first_stock);
	free(c->stock);
	c->first_supply = c->supply = c->first_stock = c->stock = NULL;
}

par_err classes_keep(classes *c, tables *t, const bool *mine)
{
	t->supplies = keep_rows(
	    (void **)&t->supply, t->supplies, sizeof *t->supply, supply_sku, mine);
	t->stocks = keep_rows((void **)&t->stock, t->stocks, sizeof *t->stock, stock_sku, mine);
	drop_supply(c);
	return sort_supply(c, t);
}

static void drop_class(sku_class *k)
{
	free((int *)k->chain.node);
	free((int *)k->chain.market);
	free((chain_source *)k->chain.source);
	free((chain_arc *)k->chain.lane);
	free((chain_arc *)k->chain.outlet);
	free(k->node_place);
	free(k->market_place);
}

void classes_drop(classes *c)
{
	for (int i = 0; i < c->classes; i++)
		drop_class(&c->of[i]);
	free(c->of);
	drop_supply(c);
	free(c->first_series);
	free(c->series);
	free(c->product);
	free(c->sku);
	free(c->class);
	free(c->market);
	*c = (classes){0};
}
