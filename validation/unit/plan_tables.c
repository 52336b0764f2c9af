/* np: 1 2 3, apps: plan */
#include "plan/model/assemble.h"

#include "plan_files.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A tiny network. Two SKUs (A weighs 2 kg and fills 0.01 m3, B 1 kg and 0.02 m3) in two markets, two weeks
 * from 2031-01-06 on. MAKER sells both to HUB by road (5 days, 1 week); HUB ships to STORE by sea (7 days) and air
 * (1 day, 0 weeks); STORE delivers to NORTH and SOUTH at once; SOUTH lies in another zone. B does not fly. */
#define FIRST_DAY 22285 /* 2031-01-06 */

static const char nodes[] = "node,kind,zone,volume,overflow_price,holding,currency\n"
			    "MAKER,supplier,,,,,\n"
			    "HUB,hub,,,,0.5,\n"
			    "STORE,warehouse,EU,3,7,2,EUR\n"
			    "NORTH,market,EU,,,,\n"
			    "SOUTH,market,,,,,\n";
static const char lanes[] =
    "lane,from,to,mode,lead_days,cost_kg,cost_m3,cost_unit,container,currency\n"
    "ROAD,MAKER,HUB,road,5,,,0.125,,EUR\n"
    "SEA,HUB,STORE,sea,7,,50,,33,EUR\n"
    "AIR,HUB,STORE,air,1,1.5,,,,EUR\n"
    "DN,STORE,NORTH,road,0,,,0.1,,\n"
    "DS,STORE,SOUTH,road,0,,,0.2,,USD\n";
static const char supply[] = "sku,supplier,cost,moq,multiple,order_cost,capacity,hours,currency\n"
			     "A,MAKER,5,20,5,1.5,50,0.5,EUR\n"
			     "B,MAKER,,,,,,,\n";
static const char stock[] = "sku,node,units,arrives\n"
			    "A,STORE,4,\n"
			    "A,STORE,6,2031-01-14\n"
			    "A,HUB,1,2031-03-01\n";
static const char duties[] = "zone,tariff_class,duty,vat\n"
			     "EU,,0.05,0.25\n"
			     "EU,T1,0.1,0.25\n"
			     "SOUTH,,0.02,\n";
static const char limits[] = "kind,of,measure,from,until,capacity,overflow_price,currency\n"
			     "lane,AIR,kg,,,100,4.5,EUR\n"
			     "supplier,MAKER,hours,,2031-01-13,8,40,\n"
			     "budget,,money,,,1000,0.5,EUR\n"
			     "commitment,SEA,m3,,,0.5,20,\n"
			     "lane,SEA,units,2031-01-13,,5,1,\n";
static const char products[] = "sku,tariff_class,flies\nA,T1,\nB,,no\n";
static const char currencies[] = "currency,rate\nEUR,2\n";

static const struct {
	const char *name, *text;
} good_tables[] = {{"nodes.csv", nodes}, {"lanes.csv", lanes}, {"supply.csv", supply},
    {"stock.csv", stock}, {"duties.csv", duties}, {"limits.csv", limits},
    {"products.csv", products}, {"currencies.csv", currencies}};

static void write_tables(void)
{
	for (size_t i = 0; i < sizeof good_tables / sizeof good_tables[0]; i++)
		panel_table(good_tables[i].name, good_tables[i].text);
}

static const int32_t series_sku[] = {0, 0, 1, 1}, series_market[] = {0, 1, 0, 1};
static const panel two = {2, 1, "AB", 2, 4, series_sku, series_market};

/* prices of both weeks: A 30 and 34 (mean 32), B 20 in the second alone, in SOUTH none */
static par_err write_catalog(const par_world *w)
{
	static const int32_t price[] = {3000, 3400, 3000, 3400, -1, 2000, -1, -1},
			     cost[] = {900, 700};
	static const double weight[] = {2000, 1000}, volume[] = {10000, 20000};
	const par_store_var weights = {"sku_weight_g", PAR_F64, {"sku"}, "g", "weight", NULL},
			    volumes = {"sku_volume_cm3", PAR_F64, {"sku"}, "cm3", "volume", NULL};
	par_store *s;
	par_err e = panel_catalog(&s, w, &two, FIRST_DAY, 2, price, cost);
	if (e != PAR_OK)
		return e;
	DO(par_store_attr_text(s, "price", "currency", "USD"));
	DO(par_store_put_whole(s, &weights, 2, weight));
	DO(par_store_put_whole(s, &volumes, 2, volume));
	return par_store_publish(s, e);
}

/* quantiles 0.25, 0.5, 0.75: A sells 4, 6, 10 in NORTH, the double in SOUTH; B a half of A */
static par_err write_forecast(const par_world *w)
{
	static const double level[] = {0.25, 0.5, 0.75}, at[] = {4, 6, 10},
			    scale[] = {1, 2, 0.5, 1};
	float mean[8], quantile[24];
	for (int i = 0; i < 24; i++) {
		quantile[i] = (float)(at[i % 3] * scale[i / 6]);
		mean[i / 3] = (float)(7 * scale[i / 6]);
	}
	return panel_forecast(w, &two, FIRST_DAY, 2, mean, 3, level, quantile);
}

static par_err make_of(
    model *m, const par_world *w, int together, bool hard, double backlog, assemble_notes *notes)
{
	assemble_options o = {.folder = scratch,
	    .catalog = scratch_path("catalog.h5"),
	    .forecast = scratch_path("forecast.h5"),
	    .together = together,
	    .steps = 2,
	    .hard = hard,
	    .capital = 0.01,
	    .salvage = 0.9,
	    .leftover = 0.5,
	    .backlog = backlog};
	return assemble(m, w, &o, notes);
}

static par_err make(model *m, const par_world *w, bool hard, double backlog, assemble_notes *notes)
{
	return make_of(m, w, 1, hard, backlog, notes);
}

/* the column of a flow, -1 when there is none; lane, node or market and step tell which */
static int column_of(const model *m, int class, flow_kind kind, int which, int period, int step)
{
	for (int j = 0; j < m->problem.pattern[class].columns; j++) {
		const flow *f = &m->flow[class][j];
		int is = kind == FLOW_STOCK                          ? f->node
			 : kind == FLOW_SALE || kind == FLOW_BACKLOG ? f->market
								     : f->lane;
		if (f->kind == kind && is == which && f->period == period && f->step == step)
			return j;
	}
	return -1;
}

static int near(double a, double b)
{
	return fabs(a - b) <= 1e-9 * (1 + fabs(b));
}

enum { ROAD, SEA, AIR, DN, DS };
enum { HUB, STORE };
enum { NORTH, SOUTH };

static void structure(const model *m, const assemble_notes *notes)
{
	const problem *p = &m->problem;
	ok(p->patterns == 2 && p->blocks == 2 && p->class[0] == 0 && p->class[1] == 1,
	    "A SKU that does not fly, without stock, is of another class");
	/* a week: order, stock x 2, sea (first alone), air, two deliveries, two steps in two markets */
	ok(p->pattern[0].columns == 2 * (2 + 1 + 2 + 4) + 2 && p->pattern[0].rows == 8,
	    "columns and rows of A");
	ok(p->pattern[1].columns == p->pattern[0].columns - 2, "B has no flights");
	ok(column_of(m, 0, FLOW_PURCHASE, ROAD, 1, -1) < 0 &&
		column_of(m, 0, FLOW_SHIPMENT, SEA, 1, -1) < 0 &&
		column_of(m, 0, FLOW_SHIPMENT, AIR, 1, -1) >= 0,
	    "what would arrive after the last week has no column");
	ok(p->pattern[0].bounds == 9 && p->pattern[1].bounds == 8,
	    "orders of A have a most of their own, those of B have none");
	/* air x 2, hours, budget x 2, commitment, space x 2; SEA in week 1 holds no flow */
	ok(p->link.rows == 8 && notes->limits_idle == 1 && p->link.columns == 16,
	    "limits by week, an idle one left out");
	ok(strcmp(m->lane.name[AIR], "AIR") == 0 && strcmp(m->node.name[STORE], "STORE") == 0 &&
		strcmp(m->market.name[SOUTH], "SOUTH") == 0 && strcmp(m->sku.name[1], "B") == 0 &&
		strcmp(m->currency, "USD") == 0,
	    "names");
	ok(m->load[SEA].mode == LANE_SEA && m->load[SEA].container == 33 &&
		m->load[SEA].rate == 100 && m->load[AIR].mode == LANE_AIR &&
		m->load[AIR].container == 0,
	    "a lane has its mode, its container and what an m3 of it costs");
	ok(m->periods == 2 && m->period_date[1] == FIRST_DAY + 7,
	    "weeks begin where the forecast's do");
	ok(notes->stock_late == 1 && notes->series_unpriced == 1 && notes->skus_unsupplied == 0,
	    "what was left out is counted");
}

static int numbers_of_a(const model *m, const block *b)
{
	int fine = 1;
	const double *c = b->cost;
#define IS(kind, which, period, step, want) \
	fine &= near(c[column_of(m, 0, kind, which, period, step)], want)
	IS(FLOW_PURCHASE, ROAD, 0, -1, 10.25);
	/* the catalog's 9 is the value; class T1 pays 0.1 at the border of EU */
	IS(FLOW_SHIPMENT, SEA, 0, -1, 100 * 0.01 + 0.1 * 9);
	IS(FLOW_SHIPMENT, AIR, 1, -1, 3 * 2 + 0.1 * 9);
	IS(FLOW_STOCK, HUB, 0, -1, 0.5 * 0.01 + 0.01 * 9);
	/* two euros at 2 dollars */
	IS(FLOW_STOCK, STORE, 1, -1, 4 * 0.01 + 0.01 * 9 - 0.9 * 9);
	IS(FLOW_DELIVERY, DN, 0, -1, 0.1);
	IS(FLOW_DELIVERY, DS, 0, -1, 0.2 + 0.02 * 9);
	/* steps end at 0.5 and 0.75: (4 x 0.875 + 2 x 0.625) / 6, then 0.375; less VAT in NORTH */
	IS(FLOW_SALE, NORTH, 0, 0, -(32 / 1.25 - 0.5 * 9 * 1.25 / 4.75));
	IS(FLOW_SALE, SOUTH, 1, 1, -(32 - 0.5 * 9 * 0.625 / 0.375));
#undef IS
	return fine;
}

/* the number in B of a column and a limit's row, 0 when it has none */
static double link_of(const model *m, int class, const block *b, int column, int row)
{
	const pattern *p = &m->problem.pattern[class];
	for (int e = p->link_first[column]; e < p->link_first[column + 1]; e++)
		if (p->link[e] == row)
			return b->link[e];
	return 0;
}

static int row_of(const model *m, limit_kind kind, int period)
{
	for (int i = 0; i < m->problem.link.rows; i++)
		if (m->limit[i].kind == kind && m->limit[i].period == period)
			return i;
	return -1;
}

static int links_of_a(const model *m, const block *b)
{
	int order = column_of(m, 0, FLOW_PURCHASE, ROAD, 0, -1),
	    sea = column_of(m, 0, FLOW_SHIPMENT, SEA, 0, -1),
	    air = column_of(m, 0, FLOW_SHIPMENT, AIR, 1, -1),
	    wait = column_of(m, 0, FLOW_STOCK, STORE, 1, -1);
	return near(link_of(m, 0, b, order, row_of(m, LIMIT_SUPPLIER, 0)), 0.5) &&
	       near(link_of(m, 0, b, order, row_of(m, LIMIT_BUDGET, 0)), 10.25) &&
	       near(link_of(m, 0, b, sea, row_of(m, LIMIT_COMMITMENT, 0)), 0.01) &&
	       near(link_of(m, 0, b, air, row_of(m, LIMIT_LANE, 1)), 2) &&
	       near(link_of(m, 0, b, wait, row_of(m, LIMIT_SPACE, 1)), 0.01);
}

static int sides_of_a(const model *m, const block *b)
{
	const double *u = b->upper;
	const int *at = m->problem.pattern[0].bound;
	/* rows: NORTH, SOUTH by week, then HUB and STORE of each week */
	static const double right[] = {0, 0, 0, 0, 0, -4, 0, -6};
	return memcmp(b->right, right, sizeof right) == 0 &&
	       near(u[at[column_of(m, 0, FLOW_PURCHASE, ROAD, 0, -1)]], 50) &&
	       /* 4.75 and 4 x 0.375 units are scaled to the mean, 7 */
	       near(u[at[column_of(m, 0, FLOW_SALE, NORTH, 1, 0)]], 4.75 * 7 / 6.25) &&
	       near(u[at[column_of(m, 0, FLOW_SALE, NORTH, 1, 1)]], 1.5 * 7 / 6.25) &&
	       near(u[at[column_of(m, 0, FLOW_SALE, SOUTH, 0, 0)]], 4.75 * 14 / 6.25);
}

static int numbers_of_b(const model *m, const block *b)
{
	const double *c = b->cost;
	return near(c[column_of(m, 1, FLOW_PURCHASE, ROAD, 0, -1)], 7.25) &&
	       near(c[column_of(m, 1, FLOW_SHIPMENT, SEA, 0, -1)], 100 * 0.02 + 0.05 * 7) &&
	       near(c[column_of(m, 1, FLOW_SALE, NORTH, 0, 1)],
		   -(20 / 1.25 - 0.5 * 7 * 0.625 / 0.375)) &&
	       near(c[column_of(m, 1, FLOW_SALE, SOUTH, 0, 0)], 0.5 * 7 * 1.25 / 4.75);
}

static int my_blocks_fine(const model *m)
{
	int fine = 1;
	block b;
	if (panel_numbers(m, 0, &b)) {
		fine &= numbers_of_a(m, &b) && links_of_a(m, &b) && sides_of_a(m, &b) &&
			m->terms(m->own, 0, 0).least == 20 && m->terms(m->own, 0, 0).fixed == 3 &&
			near(m->volume(m->own, 0), 0.01);
		numbers_close(&b);
	}
	if (panel_numbers(m, 1, &b)) {
		fine &= numbers_of_b(m, &b) && m->terms(m->own, 1, 0).multiple == 0;
		numbers_close(&b);
	}
	return fine;
}

static void by_hand(const par_world *w)
{
	model m;
	assemble_notes notes;
	write_tables();
	par_err e = make(&m, w, false, 0, &notes);
	ok(e == PAR_OK, "a network is read%s%s", e ? ": " : "", e ? par_err_why() : "");
	if (e == PAR_OK) {
		structure(&m, &notes);
		ok(my_blocks_fine(&m), "every number is what one works out by hand");
		int c = row_of(&m, LIMIT_COMMITMENT, 0), budget = row_of(&m, LIMIT_BUDGET, 1);
		ok(m.limit[c].until == 2 && m.problem.link.value[c] == -1,
		    "a commitment holds from below, over its weeks together");
		ok(m.problem.link.right[budget] == 2000 && m.limit[budget].overflow_price == 0.5,
		    "a budget in euros");
		ok(m.limit[row_of(&m, LIMIT_LANE, 0)].overflow_price == 9 &&
			m.limit[row_of(&m, LIMIT_SPACE, 0)].overflow_price == 14,
		    "what passing a lane and a space costs, in dollars for euros");
	}
	model_drop(&m);
	e = make(&m, w, true, 0.1, &notes);
	ok(e == PAR_OK && m.problem.link.columns == m.problem.link.rows &&
		column_of(&m, 0, FLOW_BACKLOG, NORTH, 0, -1) >= 0,
	    "hard limits, and sales that may wait");
	model_drop(&m);
}

/* what STORE's bond changes for A: duty falls due where goods leave it */
static int bond_of_a(const model *m)
{
	block b;
	if (!panel_numbers(m, 0, &b))
		return 1;
	int fine = near(b.cost[column_of(m, 0, FLOW_SHIPMENT, SEA, 0, -1)], 100 * 0.01) &&
		   near(b.cost[column_of(m, 0, FLOW_DELIVERY, DN, 0, -1)], 0.1 + 0.1 * 9);
	numbers_close(&b);
	return fine;
}

/* STORE is bonded, and the plane an express */
static void bonded(const par_world *w)
{
	model m;
	assemble_notes notes;
	write_tables();
	panel_table("nodes.csv", "node,kind,zone,volume,overflow_price,holding,currency\n"
				 "MAKER,supplier,,,,,\nHUB,hub,,,,0.5,\nSTORE,bonded,EU,3,7,2,EUR\n"
				 "NORTH,market,EU,,,,\nSOUTH,market,,,,,\n");
	panel_table("lanes.csv", "lane,from,to,mode,lead_days,cost_m3,cost_unit\n"
				 "ROAD,MAKER,HUB,road,5,,0.25\nSEA,HUB,STORE,sea,7,100,\n"
				 "AIR,HUB,STORE,express,1,3,\nDN,STORE,NORTH,road,0,,0.1\n"
				 "DS,STORE,SOUTH,road,0,,0.2\n");
	par_err e = make(&m, w, false, 0, &notes);
	ok(e == PAR_OK && bond_of_a(&m), "a bonded store lies in no zone");
	ok(e == PAR_OK && m.problem.patterns == 2 && m.load[AIR].mode == LANE_EXPRESS &&
		column_of(&m, 0, FLOW_SHIPMENT, AIR, 0, -1) >= 0 &&
		column_of(&m, 1, FLOW_SHIPMENT, AIR, 0, -1) < 0,
	    "what does not fly goes by no express");
	model_drop(&m);
}

/* both weeks as one period: means add up to 14, and the quantiles of A in NORTH, -3, -1 and 3 from the mean
 * of a week, lie sqrt(2) times as far from it */
static int fortnight_of_a(const model *m)
{
	const int *at = m->problem.pattern[0].bound;
	double low = (14 - 3 * sqrt(2)) * 0.875 + 2 * sqrt(2) * 0.625, high = 4 * sqrt(2) * 0.375;
	block b;
	if (!panel_numbers(m, 0, &b))
		return 1;
	int fine =
	    near(b.upper[at[column_of(m, 0, FLOW_SALE, NORTH, 0, 0)]], 14 * low / (low + high)) &&
	    near(b.upper[at[column_of(m, 0, FLOW_SALE, NORTH, 0, 1)]], 14 * high / (low + high));
	numbers_close(&b);
	return fine;
}

static void together(const par_world *w)
{
	model m;
	assemble_notes notes;
	write_tables();
	par_err e = make_of(&m, w, 2, false, 0, &notes);
	ok(e == PAR_OK && m.periods == 1 && m.period_date[0] == FIRST_DAY,
	    "two weeks as one period");
	ok(e == PAR_OK && column_of(&m, 0, FLOW_PURCHASE, ROAD, 0, -1) >= 0 &&
		column_of(&m, 0, FLOW_SHIPMENT, SEA, 0, -1) < 0,
	    "5 days of 14 are nothing, 7 are a period");
	ok(e == PAR_OK && fortnight_of_a(&m), "quantiles of sums, by hand");
	model_drop(&m);
}

/* a table with one mistake, and how the message about it begins and what it names */
static void refused(
    const par_world *w, const char *name, const char *text, const char *place, const char *word)
{
	model m;
	assemble_notes notes;
	char begins[600];
	write_tables();
	panel_table(name, text);
	snprintf(begins, sizeof begins, "%s/%s", scratch, place);
	par_err e = make(&m, w, false, 0, &notes);
	ok(e == PAR_E_DATA && strncmp(par_err_why(), begins, strlen(begins)) == 0 &&
		strstr(par_err_why(), word),
	    "%s", e == PAR_OK ? "accepted" : par_err_why() + strlen(scratch) + 1);
	model_drop(&m);
}

static void bad_tables(const par_world *w)
{
	refused(w, "nodes.csv", "node,kind\nMAKER,factory\n", "nodes.csv:2:7:", "factory");
	refused(w, "nodes.csv", "node,kind,volume\nSTORE,warehouse,5\n",
	    "nodes.csv:2:", "overflow_price");
	refused(w, "nodes.csv", "node,kind,holding\nNORTH,market,1\n",
	    "nodes.csv:2:", "kind: goods do not wait at a market");
	refused(w, "lanes.csv", "lane,from,to,mode,lead_days\nX,HUB,HUB,road,1\n",
	    "lanes.csv:2:", "ends where it begins");
	refused(w, "lanes.csv", "lane,from,to,mode,lead_days\nX,MAKER,NORTH,road,1\n",
	    "lanes.csv:2:", "straight to a market");
	refused(w, "lanes.csv", "lane,from,to,mode,lead_days\nX,MAKER,HUB,road,-1\n",
	    "lanes.csv:2:18:", "-1");
	refused(w, "lanes.csv", "lane,from,to,mode,lead_days\nX,MAKER,DOCK,road,1\n",
	    "lanes.csv:2:", "to: DOCK");
	refused(w, "lanes.csv",
	    "lane,from,to,mode,lead_days\nX,MAKER,HUB,road,1\nY,NORTH,HUB,sea,1\n",
	    "lanes.csv:3:", "from: NORTH is a market");
	refused(w, "supply.csv", "sku,supplier,cost\nC,MAKER,1\n",
	    "supply.csv:2:", "sku: C is not in the catalog");
	refused(
	    w, "supply.csv", "sku,supplier,cost,currency\nA,MAKER,1,GBP\n", "supply.csv:2:", "GBP");
	refused(w, "supply.csv", "sku,supplier\nA,MAKER\nA,MAKER\n", "supply.csv:3:", "line 2");
	refused(w, "stock.csv", "sku,node,units\nA,NORTH,1\n", "stock.csv:2:", "node: NORTH");
	refused(w, "limits.csv", "kind,of,measure,capacity,overflow_price\nlane,AIR,hours,1,1\n",
	    "limits.csv:2:", "measure");
	refused(w, "limits.csv", "kind,of,measure,capacity,overflow_price\nlane,SHIP,kg,1,1\n",
	    "limits.csv:2:", "of: SHIP");
	refused(w, "limits.csv", "kind,of,measure,capacity,overflow_price\nbudget,,kg,1,1\n",
	    "limits.csv:2:", "a budget has no limit in kg");
	refused(w, "limits.csv", "kind,of,measure,capacity,overflow_price\nbudget,AIR,money,1,1\n",
	    "limits.csv:2:", "a budget is of everything");
	refused(w, "limits.csv", "kind,of,measure,capacity,overflow_price\nspace,MAKER,m3,1,1\n",
	    "limits.csv:2:", "MAKER is a supplier");
	refused(w, "limits.csv",
	    "kind,of,measure,from,until,capacity,overflow_price\n"
	    "lane,AIR,kg,2031-01-13,2031-01-13,1,1\n",
	    "limits.csv:2:", "until: not after from");
	refused(w, "limits.csv", "kind,of,measure,capacity\nlane,AIR,kg,1\n",
	    "limits.csv:1:", "overflow_price");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	if (par_world_open(&w, MPI_COMM_WORLD) != PAR_OK)
		return 1;
	scratch_begin();
	par_err e = write_catalog(&w);
	DO(write_forecast(&w));
	ok(e == PAR_OK, "catalog and forecast are written%s%s", e ? ": " : "",
	    e ? par_err_why() : "");
	if (e == PAR_OK) {
		by_hand(&w);
		bonded(&w);
		together(&w);
		bad_tables(&w);
	}
	scratch_end();
	par_world_close(&w);
	return tap_end();
}
