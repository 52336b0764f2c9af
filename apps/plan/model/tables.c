#include "plan/model/tables.h"

#include "base/text.h"
#include "plan/model/sheet.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* a dictionary reads up to 16 bytes beyond a text */
typedef struct {
	char text[MODEL_NAME + 16];
} padded;

static int32_t look_up(const par_dict *d, const char *name)
{
	padded p = {{0}};
	snprintf(p.text, MODEL_NAME, "%s", name);
	return par_dict_find(d, p.text, strlen(p.text));
}

static bool put_name(par_dict *d, const char *name)
{
	padded p = {{0}};
	snprintf(p.text, MODEL_NAME, "%s", name);
	return par_dict_put(d, p.text, strlen(p.text)) >= 0;
}

/* the rate of the row's currency */
static par_err rate_of(const sheet *s, const tables *t, double *rate)
{
	char code[SHEET_ID];
	*rate = tables_rate(t, sheet_text(s, "currency", code));
	if (*rate > 0)
		return PAR_OK;
	return sheet_fail(s,
	    "currency: nothing tells what %s is worth; wanted %s, or its rate in currencies.csv",
	    code, t->plan_currency);
}

static par_err take_currency(sheet *s, void *ctx, void *out)
{
	(void)ctx;
	table_currency *c = out;
	char code[SHEET_ID];
	snprintf(c->currency, sizeof c->currency, "%.3s", sheet_text(s, "currency", code));
	c->rate = sheet_number(s, "rate", 0);
	return PAR_OK;
}

static par_err take_node(sheet *s, void *ctx, void *out)
{
	table_node *n = out;
	char kind[SHEET_ID];
	double rate;
	PAR_TRY(rate_of(s, ctx, &rate));
	sheet_text(s, "node", n->name);
	sheet_text(s, "zone", n->zone);
	sheet_text(s, "kind", kind);
	n->kind = strcmp(kind, "supplier") == 0 ? PLACE_SUPPLIER
		  : strcmp(kind, "market") == 0 ? PLACE_MARKET
						: PLACE_NODE;
	n->bonded = strcmp(kind, "bonded") == 0;
	n->space = sheet_number(s, "volume", INFINITY);
	n->overflow_price = rate * sheet_number(s, "overflow_price", NAN);
	n->holding = rate * sheet_number(s, "holding", 0);
	if (n->kind == PLACE_NODE && isfinite(n->space) && isnan(n->overflow_price))
		return sheet_fail(
		    s, "overflow_price: none beside a volume; wanted what one more m3 costs");
	if (n->kind != PLACE_NODE && (isfinite(n->space) || n->holding > 0))
		return sheet_fail(
		    s, "kind: goods do not wait at a %s; wanted no volume and no holding", kind);
	return PAR_OK;
}

/* a node by the name in a column, of one of two kinds; *row is its row */
static par_err node_of(
    const sheet *s, const tables *t, const char *column, place_kind kind, place_kind or, int *row)
{
	static const char *const word[PLACE_KINDS] = {
	    "supplier", "node where goods wait", "market"};
	char name[SHEET_ID];
	*row = look_up(&t->node_names, sheet_text(s, column, name));
	if (*row < 0)
		return sheet_fail(s, "%s: %s is not in nodes.csv", column, par_shows(name));
	place_kind is = t->node[*row].kind;
	if (is == kind || is == or)
		return PAR_OK;
	return sheet_fail(s, "%s: %s is a %s; wanted a %s%s%s", column, par_shows(name), word[is],
	    word[kind], kind == or ? "" : " or a ", kind == or ? "" : word[or]);
}

/* one of the words that inputs/schemas/lanes.ini allows */
static lane_mode mode_of(const char *text)
{
	int mode = 0;
	while (mode + 1 < LANE_MODES && strcmp(lane_mode_name[mode], text) != 0)
		mode++;
	return (lane_mode)mode;
}

static par_err take_lane(sheet *s, void *ctx, void *out)
{
	const tables *t = ctx;
	table_lane *l = out;
	char mode[SHEET_ID];
	double rate;
	PAR_TRY(rate_of(s, t, &rate));
	sheet_text(s, "lane", l->name);
	PAR_TRY(node_of(s, t, "from", PLACE_SUPPLIER, PLACE_NODE, &l->from));
	PAR_TRY(node_of(s, t, "to", PLACE_NODE, PLACE_MARKET, &l->to));
	if (t->node[l->from].kind == PLACE_SUPPLIER && t->node[l->to].kind == PLACE_MARKET)
		return sheet_fail(
		    s, "to: from a supplier straight to a market; wanted a node between them");
	if (l->from == l->to)
		return sheet_fail(s, "to: the lane ends where it begins");
	sheet_text(s, "mode", mode);
	l->mode = mode_of(mode);
	l->flies = l->mode == LANE_AIR || l->mode == LANE_EXPRESS;
	l->days = sheet_number(s, "lead_days", 0);
	l->per_kg = rate * sheet_number(s, "cost_kg", 0);
	l->per_m3 = rate * sheet_number(s, "cost_m3", 0);
	l->per_unit = rate * sheet_number(s, "cost_unit", 0);
	l->container = sheet_number(s, "container", 0);
	return PAR_OK;
}

static par_err sku_of(const sheet *s, const tables *t, int32_t *sku)
{
	char name[SHEET_ID];
	*sku = look_up(&t->skus, sheet_text(s, "sku", name));
	return *sku >= 0 ? PAR_OK : sheet_fail(s, "sku: %s is not in the catalog", par_shows(name));
}

static par_err take_supply(sheet *s, void *ctx, void *out)
{
	const tables *t = ctx;
	table_supply *r = out;
	double rate;
	int row;
	PAR_TRY(rate_of(s, t, &rate));
	PAR_TRY(sku_of(s, t, &r->sku));
	PAR_TRY(node_of(s, t, "supplier", PLACE_SUPPLIER, PLACE_SUPPLIER, &row));
	r->supplier = t->node[row].place;
	r->cost = rate * sheet_number(s, "cost", NAN);
	r->days = sheet_number(s, "lead_days", 0);
	r->hours = sheet_number(s, "hours", 0);
	r->capacity = sheet_number(s, "capacity", INFINITY);
	r->terms = (order_terms){sheet_number(s, "moq", 0), sheet_number(s, "multiple", 0),
	    rate * sheet_number(s, "order_cost", 0)};
	return PAR_OK;
}

static par_err take_stock(sheet *s, void *ctx, void *out)
{
	const tables *t = ctx;
	table_stock *r = out;
	int row;
	PAR_TRY(sku_of(s, t, &r->sku));
	PAR_TRY(node_of(s, t, "node", PLACE_NODE, PLACE_NODE, &row));
	r->node = t->node[row].place;
	r->units = sheet_number(s, "units", 0);
	r->day = sheet_day(s, "arrives", INT32_MIN);
	return PAR_OK;
}

static par_err take_duty(sheet *s, void *ctx, void *out)
{
	(void)ctx;
	table_duty *r = out;
	sheet_text(s, "zone", r->zone);
	sheet_text(s, "tariff_class", r->class);
	r->duty = sheet_number(s, "duty", 0);
	r->vat = sheet_number(s, "vat", 0);
	return PAR_OK;
}

static par_err take_product(sheet *s, void *ctx, void *out)
{
	table_product *r = out;
	sheet_text(s, "tariff_class", r->class);
	r->flies = sheet_flag(s, "flies", true);
	return sku_of(s, ctx, &r->sku);
}

static par_err limited(const sheet *s, const tables *t, table_limit *l)
{
	char of[SHEET_ID];
	int row;
	l->which = -1;
	if (l->kind == LIMIT_BUDGET)
		return *sheet_text(s, "of", of)
			   ? sheet_fail(s, "of: a budget is of everything; wanted nothing")
			   : PAR_OK;
	if (l->kind == LIMIT_LANE || l->kind == LIMIT_COMMITMENT) {
		l->which = look_up(&t->lane_names, sheet_text(s, "of", of));
		return l->which >= 0 ? PAR_OK
				     : sheet_fail(s, "of: %s is not in lanes.csv", par_shows(of));
	}
	place_kind kind = l->kind == LIMIT_SPACE ? PLACE_NODE : PLACE_SUPPLIER;
	PAR_TRY(node_of(s, t, "of", kind, kind, &row));
	l->which = t->node[row].place;
	return PAR_OK;
}

static int word_of(const char *word, const char *const *words, int n)
{
	int i = 0;
	while (i < n - 1 && strcmp(words[i], word) != 0)
		i++;
	return i;
}

static par_err take_limit(sheet *s, void *ctx, void *out)
{
	static const char *const kinds[LIMIT_KINDS] = {
	    "lane", "space", "supplier", "budget", "commitment"};
	static const char *const measures[MEASURES] = {"m3", "kg", "units", "hours", "money"};
	const tables *t = ctx;
	table_limit *l = out;
	char kind[SHEET_ID], measure[SHEET_ID];
	double rate;
	PAR_TRY(rate_of(s, t, &rate));
	l->kind = (limit_kind)word_of(sheet_text(s, "kind", kind), kinds, LIMIT_KINDS);
	l->measure = (limit_measure)word_of(sheet_text(s, "measure", measure), measures, MEASURES);
	if ((l->measure == MEASURE_HOURS && l->kind != LIMIT_SUPPLIER) ||
	    (l->measure == MEASURE_MONEY) != (l->kind == LIMIT_BUDGET))
		return sheet_fail(s, "measure: a %s has no limit in %s", kind, measure);
	PAR_TRY(limited(s, t, l));
	l->from = sheet_day(s, "from", INT32_MIN);
	l->until = sheet_day(s, "until", INT32_MAX);
	if (l->from >= l->until)
		return sheet_fail(s, "until: not after from");
	l->capacity = sheet_number(s, "capacity", 0) * (l->measure == MEASURE_MONEY ? rate : 1);
	l->overflow_price = sheet_number(s, "overflow_price", 0) *
			    (l->measure == MEASURE_MONEY ? 1 : rate);
	return PAR_OK;
}

/* the places of each kind in the order of the table, and all names for the tables that follow */
static par_err name_places(tables *t)
{
	bool fine = true;
	for (int k = 0; k < PLACE_KINDS; k++) {
		t->name[k].name = calloc((size_t)t->nodes + 1, MODEL_NAME);
		t->row[k] = malloc((size_t)(t->nodes + 1) * sizeof *t->row[k]);
		fine &= t->name[k].name && t->row[k];
	}
	for (int64_t i = 0; fine && i < t->nodes; i++) {
		table_node *n = &t->node[i];
		n->place = (int)t->name[n->kind].n++;
		memcpy(t->name[n->kind].name[n->place], n->name, MODEL_NAME);
		t->row[n->kind][n->place] = (int)i;
		/* a market without a zone is one of its own */
		if (n->kind == PLACE_MARKET && !*n->zone)
			memcpy(n->zone, n->name, MODEL_NAME);
		if (n->bonded)
			*n->zone = 0;
		fine = put_name(&t->node_names, n->name);
	}
	return fine ? PAR_OK
		    : par_fail(PAR_E_MEMORY, "no memory for %lld nodes", (long long)t->nodes);
}

static par_err name_lanes(tables *t)
{
	for (int64_t i = 0; i < t->lanes; i++)
		if (!put_name(&t->lane_names, t->lane[i].name))
			return par_fail(
			    PAR_E_MEMORY, "no memory for %lld lanes", (long long)t->lanes);
	return PAR_OK;
}

static par_err name_skus(tables *t, const char *sku, int stride, int64_t skus)
{
	for (int64_t i = 0; i < skus; i++)
		if (!put_name(&t->skus, sku + i * stride))
			return par_fail(PAR_E_MEMORY, "no memory for %lld SKUs", (long long)skus);
	return PAR_OK;
}

par_err tables_read(tables *t, const par_world *w, const char *folder, const char *sku, int stride,
    int64_t skus, const char *currency)
{
	*t = (tables){.plan_currency = currency};
#define READ(name, needed, fn, rows) \
	PAR_TRY(sheet_read(          \
	    w, folder, #name, needed, sizeof *t->fn, take_##fn, t, (void **)&t->fn, &t->rows))
	PAR_TRY_ALL(w, name_skus(t, sku, stride, skus));
	READ(currencies, false, currency, currencies);
	READ(nodes, true, node, nodes);
	PAR_TRY_ALL(w, name_places(t));
	READ(lanes, true, lane, lanes);
	PAR_TRY_ALL(w, name_lanes(t));
	READ(supply, true, supply, supplies);
	READ(stock, false, stock, stocks);
	READ(duties, false, duty, duties);
	READ(limits, false, limit, limits);
	READ(products, false, product, products);
#undef READ
	return PAR_OK;
}

void tables_drop(tables *t)
{
	free(t->node);
	free(t->lane);
	free(t->supply);
	free(t->stock);
	free(t->duty);
	free(t->limit);
	free(t->product);
	free(t->currency);
	for (int k = 0; k < PLACE_KINDS; k++) {
		free(t->name[k].name);
		free(t->row[k]);
	}
	par_dict_free(&t->node_names);
	par_dict_free(&t->lane_names);
	par_dict_free(&t->skus);
	*t = (tables){0};
}

double tables_rate(const tables *t, const char *currency)
{
	if (!*currency || strcmp(currency, t->plan_currency) == 0)
		return 1;
	for (int64_t i = 0; i < t->currencies; i++)
		if (strcmp(t->currency[i].currency, currency) == 0)
			return t->currency[i].rate;
	return 0;
}

table_duty tables_duty(const tables *t, const char *zone, const char *class)
{
	table_duty found = {0};
	for (int64_t i = 0; i < t->duties; i++) {
		const table_duty *d = &t->duty[i];
		if (strcmp(d->zone, zone) != 0)
			continue;
		if (strcmp(d->class, class) == 0)
			return *d;
		if (!*d->class)
			found = *d;
	}
	return found;
}
