/* np: 1 3 6, apps: plan */
#include "plan/model/assemble.h"
#include "plan/solve/interior.h"
#include "plan/tell/totals.h"

#include "plan_files.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* MAKER sells JUICE to STORE, 21 days and a lane of 7 days away: 4 weeks. STORE delivers to NORTH and, where that is asked
 * for, to SOUTH. Weekly demand of a market is normal with mean 50 and deviation 8, as in examples 4.1 and 4.4 of
 * Snyder and Shen, Fundamentals of Supply Chain Theory: with holding cost 0.18 and stockout cost 0.7 the best level
 * is 0.7 / 0.88, and the base-stock level of one week is 56.604 (z = 0.8255). */
#define FIRST_DAY 22285 /* 2031-01-06 */
#define WEEKS 8
#define LEVEL (0.7 / 0.88)
#define Z 0.82549449

static const char nodes[] =
    "node,kind,volume,overflow_price,holding\n"
    "MAKER,supplier,,,\nSTORE,warehouse,,,\nNORTH,market,,,\nSOUTH,market,,,\n";
static const char lanes[] = "lane,from,to,mode,lead_days,cost_unit\n"
			    "SHIP,MAKER,STORE,sea,7,0.5\nPLANE,MAKER,STORE,air,0,3\n"
			    "VAN,STORE,NORTH,road,0,0.1\nTRUCK,STORE,SOUTH,road,0,0.1\n";
static const char supply[] = "sku,supplier,lead_days\nJUICE,MAKER,21\n";
static const char stock[] = "sku,node,units\nJUICE,STORE,600\n";

static const int32_t series_sku[] = {0, 0}, series_market[] = {0, 1};

static panel panel_of(int markets)
{
	return (panel){1, 5, "JUICE", markets, markets, series_sku, series_market};
}

static par_err write_catalog(const par_world *w, int markets)
{
	static const int32_t price[] = {300, 300}, cost[] = {200};
	panel p = panel_of(markets);
	par_store *s;
	par_err e = panel_catalog(&s, w, &p, FIRST_DAY, 1, price, cost);
	return e == PAR_OK ? par_store_publish(s, e) : e;
}

/* quantiles of the normal distribution at 1 - LEVEL, 1/2, LEVEL and 0.975 */
static par_err write_forecast(const par_world *w, int markets)
{
	static const double level[] = {1 - LEVEL, 0.5, LEVEL, 0.975}, z[] = {-Z, 0, Z, 1.959964};
	float mean[2 * WEEKS], quantile[8 * WEEKS];
	for (int i = 0; i < 8 * WEEKS; i++) {
		quantile[i] = (float)(50 + 8 * z[i % 4]);
		mean[i / 4] = 50;
	}
	panel p = panel_of(markets);
	return panel_forecast(w, &p, FIRST_DAY, WEEKS, mean, 4, level, quantile);
}

static par_err make(model *m, const par_world *w, double service, double correlation)
{
	assemble_options o = {.folder = scratch,
	    .catalog = scratch_path("catalog.h5"),
	    .forecast = scratch_path("forecast.h5"),
	    .together = 1,
	    .steps = 2,
	    .capital = 0.002,
	    .salvage = 0.8,
	    .leftover = 1,
	    .service = service,
	    .shortfall = 10,
	    .correlation = correlation};
	assemble_notes notes;
	return assemble(m, w, &o, &notes);
}

/* of the only SKU in a node: safety[t] what is asked for, held[t] (with a solution) what the plan keeps; on every
 * rank */
static void stocks(
    const model *m, const solution *s, const char *node, double *safety, double *held)
{
	double mine[2 * WEEKS] = {0}, all[2 * WEEKS];
	const pattern *p = &m->problem.pattern[0];
	block b;
	if (panel_numbers(m, 0, &b)) {
		for (int j = 0; j < p->columns; j++) {
			const flow *f = &m->flow[0][j];
			if (f->kind != FLOW_STOCK || strcmp(m->node.name[f->node], node) != 0)
				continue;
			if (f->step >= 0)
				mine[f->period] += b.upper[p->bound[j]];
			mine[WEEKS + f->period] += s ? s->x[s->x_at[0] + j] : 0;
		}
		numbers_close(&b);
	}
	MPI_Allreduce(mine, all, 2 * WEEKS, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
	memcpy(safety, all, WEEKS * sizeof *all);
	if (held)
		memcpy(held, all + WEEKS, WEEKS * sizeof *all);
}

static int near(double a, double b)
{
	return fabs(a - b) <= 2e-6 * (1 + fabs(b));
}

/* safety of every week against sigma z sqrt(weeks covered) */
static int is(const double *safety, double sigma, int weeks)
{
	int fine = 1;
	for (int t = 0; t < WEEKS; t++)
		fine &= near(safety[t], Z * sigma * sqrt(t + 1 < weeks ? t + 1 : weeks));
	return fine;
}

static void textbook(const par_world *w)
{
	model m;
	double safety[WEEKS] = {0};
	par_err e = make(&m, w, LEVEL, 0.5);
	ok(e == PAR_OK, "one market%s%s", e ? ": " : "", e ? par_err_why() : "");
	if (e == PAR_OK) {
		stocks(&m, NULL, "STORE", safety, NULL);
		ok(near(50 + safety[0], 56.603956),
		    "of one week: the base-stock level of example 4.1, %.4f", 50 + safety[0]);
		ok(near(5 * 50 + safety[4], 250 + Z * 8 * sqrt(5)),
		    "of 4 weeks of lead time and one of review, example 4.4: %.4f",
		    5 * 50 + safety[4]);
		ok(is(safety, 8, 5), "z sigma sqrt(weeks) in every week, at most five of them");
	}
	model_drop(&m);
}

static void two_markets(const par_world *w)
{
	static const double r[] = {0, 0.25, 1};
	for (int i = 0; i < 3; i++) {
		model m;
		double safety[WEEKS] = {0};
		par_err e = make(&m, w, LEVEL, r[i]);
		if (e == PAR_OK)
			stocks(&m, NULL, "STORE", safety, NULL);
		ok(e == PAR_OK && is(safety, 8 * sqrt(2 + 2 * r[i]), 5),
		    "two markets with correlation %g: the deviation of their sum", r[i]);
		model_drop(&m);
	}
	model m;
	double safety[WEEKS] = {0};
	par_err e = make(&m, w, (LEVEL + 0.975) / 2, 0);
	if (e == PAR_OK)
		stocks(&m, NULL, "STORE", safety, NULL);
	ok(e == PAR_OK && is(safety, 8 * sqrt(2) * (1 + 1.959964 / Z) / 2, 5),
	    "between two levels, on a straight line");
	model_drop(&m);
	e = make(&m, w, 0.99, 0);
	ok(e == PAR_E_DATA && strstr(par_err_why(), "highest is 0.975"), "%s",
	    e == PAR_OK ? "accepted" : strstr(par_err_why(), "the highest"));
	model_drop(&m);
}

static par_err plan_with(model *m, solution *s, const par_world *w, double service)
{
	*s = (solution){0};
	PAR_TRY(make(m, w, service, 0.5));
	return interior_solve(s, &m->problem, &m->deal, NULL);
}

/* the stock that has no step in a node and period */
static int rest_of(const model *m, const flow *step)
{
	int j = 0;
	const flow *f = m->flow[0];
	while (f[j].kind != FLOW_STOCK || f[j].step >= 0 || f[j].node != step->node ||
	       f[j].period != step->period)
		j++;
	return j;
}

/* what the steps of a solution hold, and what that is worth beside other stock: on every rank */
static void held_by_hand(const model *m, const solution *s, double held[2])
{
	double mine[2] = {0};
	const pattern *p = &m->problem.pattern[0];
	block b;
	if (panel_numbers(m, 0, &b)) {
		for (int j = 0; j < p->columns; j++)
			if (m->flow[0][j].kind == FLOW_STOCK && m->flow[0][j].step >= 0) {
				double x = s->x[s->x_at[0] + j];
				mine[0] += x;
				mine[1] += (b.cost[j] - b.cost[rest_of(m, &m->flow[0][j])]) * x;
			}
		numbers_close(&b);
	}
	MPI_Allreduce(mine, held, 2, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
}

/* half of a plan's stock lacks half of what is asked for */
static void told(const model *m, solution *s, const double *safety)
{
	totals t;
	double wanted = 0, held[2];
	for (int i = 0; i < WEEKS; i++)
		wanted += safety[i];
	for (int j = 0; m->deal.blocks > 0 && j < m->problem.pattern[0].columns; j++)
		s->x[j] /= 2;
	held_by_hand(m, s, held);
	par_err e = totals_make(&t, m, s);
	ok(e == PAR_OK && near(t.safety_wanted, wanted) && held[0] < 0.6 * wanted &&
		near(t.safety_held, held[0]) && near(t.safety_worth, held[1]),
	    "what is asked for, held and worth adds up to %.1f, %.1f and %.1f", wanted, held[0],
	    held[1]);
	totals_drop(&t);
}

static void effect(const par_world *w)
{
	model m;
	solution s;
	double safety[WEEKS] = {0}, with[WEEKS] = {0}, without[WEEKS] = {0};
	par_err e = plan_with(&m, &s, w, 0);
	if (e == PAR_OK)
		stocks(&m, &s, "STORE", safety, without);
	ok(e == PAR_OK && s.status == SOLVED_OPTIMAL && safety[WEEKS - 1] == 0 &&
		without[WEEKS - 1] < 1e-4,
	    "without a service level nothing is asked for, and nothing left in the end");
	solution_drop(&s);
	model_drop(&m);
	e = plan_with(&m, &s, w, 0.9);
	if (e == PAR_OK)
		stocks(&m, &s, "STORE", safety, with);
	int kept = e == PAR_OK && safety[WEEKS - 1] > 20;
	for (int t = 0; kept && t < WEEKS; t++)
		kept = with[t] >= safety[t] - 1e-4;
	ok(kept, "with one, stock is never below the safety stock");
	if (kept)
		told(&m, &s, safety);
	solution_drop(&s);
	model_drop(&m);
}

/* By way of HUB, and a week ahead of NORTH's demand. The plane is faster and dearer; FAR delivers to NORTH for
 * more, and alone to SOUTH, but nothing leads there. STORE covers 3 + 1 + 1 weeks of lead time and one of
 * review, in its last week but five that still have a demand. */
static void long_way(const par_world *w)
{
	model m;
	double store[WEEKS] = {0}, hub[WEEKS] = {0}, far[WEEKS] = {0};
	panel_table("nodes.csv",
	    "node,kind\nMAKER,supplier\nSTORE,warehouse\nHUB,hub\nFAR,warehouse\n"
	    "NORTH,market\nSOUTH,market\n");
	panel_table("lanes.csv", "lane,from,to,mode,lead_days,cost_unit\n"
				 "PLANE,HUB,STORE,air,0,3\nSHIP,HUB,STORE,sea,7,0.5\n"
				 "ROAD,MAKER,HUB,road,7,0.2\nTRUCK,FAR,NORTH,road,0,5\n"
				 "VAN,STORE,NORTH,road,7,0.1\nBIKE,FAR,SOUTH,road,0,0.1\n");
	panel_table("stock.csv", "sku,node,units\nJUICE,STORE,600\nJUICE,FAR,10\n");
	par_err e = make(&m, w, LEVEL, 0.5);
	if (e == PAR_OK) {
		stocks(&m, NULL, "STORE", store, NULL);
		stocks(&m, NULL, "HUB", hub, NULL);
		stocks(&m, NULL, "FAR", far, NULL);
	}
	int fine = e == PAR_OK;
	for (int t = 0; fine && t < WEEKS; t++) {
		int weeks = t == WEEKS - 1 ? 5 : t < 5 ? t + 1 : 6;
		fine = near(store[t], Z * 8 * sqrt(weeks));
	}
	ok(fine,
	    "the cheapest way counts, by a hub and a week ahead of its market: %.4f in the end",
	    store[WEEKS - 1]);
	int little = e == PAR_OK;
	for (int t = 0; little && t < WEEKS; t++)
		little = hub[t] == 0 && far[t] > 0 && far[t] < 4;
	ok(little, "a hub needs none, a store that nothing comes to next to nothing: %.2g", far[0]);
	model_drop(&m);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	if (par_world_open(&w, MPI_COMM_WORLD) != PAR_OK)
		return 1;
	scratch_begin();
	panel_table("nodes.csv", nodes);
	panel_table("lanes.csv", lanes);
	panel_table("supply.csv", supply);
	panel_table("stock.csv", stock);
	for (int markets = 1; markets <= 2; markets++) {
		par_err e = write_catalog(&w, markets);
		DO(write_forecast(&w, markets));
		ok(e == PAR_OK, "catalog and forecast of %d market%s are written%s%s", markets,
		    markets > 1 ? "s" : "", e ? ": " : "", e ? par_err_why() : "");
		if (e == PAR_OK && markets == 1)
			textbook(&w);
		else if (e == PAR_OK)
			two_markets(&w);
	}
	effect(&w);
	long_way(&w);
	scratch_end();
	par_world_close(&w);
	return tap_end();
}
