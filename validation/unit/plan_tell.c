/* np: 1 2 3 6, apps: plan */
#include "plan/tell/orders_csv.h"
#include "plan/tell/picture.h"
#include "plan/tell/plan_file.h"

#include "../tap.h"
#include "any_plan.h"
#include "base/date.h"
#include "plan/check/numbers.h"
#include "plan/model/chain.h"
#include "plan/tell/csv.h"
#include "plan/tell/limit_text.h"
#include "plan/tell/number_text.h"
#include "scratch.h"

#include <math.h>
#include <string.h>

/* the whole table, asked of the file by every rank */
static float *table_of(const par_world *w, const char *path, const char *name, const char *who)
{
	par_store *s = NULL;
	par_err e = par_store_open(&s, w, path, "entrepot-plan", 1);
	int64_t extent[PAR_STORE_RANK] = {0};
	if (e == PAR_OK)
		par_store_shape(s, name, extent);
	float *all = calloc((size_t)(extent[0] * extent[1] * extent[2]) + 1, sizeof *all);
	if (e == PAR_OK)
		e = par_store_get(s, name, PAR_F32,
		    (const char *const[]){"sku", who, "period", NULL}, 0, extent[0], all);
	par_store_close(s);
	if (e == PAR_OK)
		return all;
	free(all);
	return NULL;
}

/* the cell a flow belongs to in the table of a kind, -1: none */
static int place(const flow *f, flow_kind kind)
{
	if (kind == FLOW_SHIPMENT)
		return f->lane;
	if (f->kind != kind)
		return -1;
	return kind == FLOW_PURCHASE ? f->supplier : kind == FLOW_STOCK ? f->node : f->market;
}

/* largest difference of a table and of what its flows add up to by hand */
static double misses(const model *m, const float *table, flow_kind kind, int whos)
{
	double worst = 0, *want = calloc((size_t)(whos * m->periods), sizeof *want);
	for (int64_t k = 0; k < SKUS; k++) {
		memset(want, 0, (size_t)(whos * m->periods) * sizeof *want);
		const flow *f = m->flow[m->problem.class[k]];
		for (int j = 0; j < pattern_of(&m->problem, k)->columns; j++)
			if (place(&f[j], kind) >= 0)
				want[place(&f[j], kind) * m->periods + f[j].period] += amount(k, j);
		for (int c = 0; c < whos * m->periods; c++)
			worst = fmax(
			    worst, fabs((double)table[k * whos * m->periods + c] - want[c]) /
				       (1 + want[c]));
	}
	free(want);
	return worst;
}

static void tables_hold(const par_world *w, const model *m, const char *path)
{
	const struct {
		const char *name, *who;
		flow_kind kind;
		int64_t whos;
	} t[] = {
	    {"purchase", "supplier", FLOW_PURCHASE, m->supplier.n},
	    {"shipment", "lane", FLOW_SHIPMENT, m->lane.n},
	    {"stock", "node", FLOW_STOCK, m->node.n},
	    {"sales", "market", FLOW_SALE, m->market.n},
	};
	for (int i = 0; i < 4; i++) {
		float *table = table_of(w, path, t[i].name, t[i].who);
		ok(table && misses(m, table, t[i].kind, (int)t[i].whos) < 1e-6,
		    "%s has the sum of its flows in every cell", t[i].name);
		free(table);
	}
}

/* largest difference of what is sold and lost, and of the demand */
static double undemanded(const model *m, const float *sold, const float *lost)
{
	int cells = (int)m->market.n * m->periods;
	double worst = 0, *want = calloc((size_t)cells, sizeof *want);
	block b;
	par_err e = numbers_open(&b, &m->problem);
	for (int64_t k = 0; e == PAR_OK && k < SKUS; k++) {
		const pattern *p = pattern_of(&m->problem, k);
		const flow *f = m->flow[m->problem.class[k]];
		memset(want, 0, (size_t)cells * sizeof *want);
		m->problem.fill(m->problem.ctx, k, &b);
		for (int j = 0; j < p->columns; j++)
			if (f[j].kind == FLOW_SALE)
				want[f[j].market * m->periods + f[j].period] +=
				    b.upper[p->bound[j]];
		for (int c = 0; c < cells; c++)
			worst = fmax(worst, fabs((double)sold[k * cells + c] +
						 (double)lost[k * cells + c] - want[c]) /
						(1 + want[c]));
	}
	numbers_close(&b);
	free(want);
	return e == PAR_OK ? worst : INFINITY;
}

static void demand_holds(const par_world *w, const model *m, const char *path)
{
	float *sold = table_of(w, path, "sales", "market"),
	      *lost = table_of(w, path, "lost", "market");
	ok(sold && lost && undemanded(m, sold, lost) < 1e-5, "what is sold and lost is the demand");
	free(sold);
	free(lost);
}

/* a variable over the limits or lanes against what is wanted of each; its columns are told one after the other */
static bool has(
    par_store *s, const char *name, const char *who, int64_t n, int64_t columns, const double *want)
{
	double *got = calloc((size_t)(n * columns) + 1, sizeof *got);
	const char *dims[] = {who, columns > 1 ? "period" : NULL, NULL};
	bool same = par_store_get(s, name, PAR_F64, dims, 0, n, got) == PAR_OK;
	for (int64_t i = 0; same && i < n * columns; i++)
		same = fabs(got[i] - want[i]) <= 1e-12 * fabs(want[i]);
	free(got);
	return same;
}

static bool has_places(par_store *s, const char *name, int64_t n, const int32_t *want)
{
	int32_t *got = calloc((size_t)n + 1, sizeof *got);
	bool same = par_store_get(s, name, PAR_I32, (const char *const[]){"link", NULL}, 0, n,
			got) == PAR_OK &&
		    memcmp(got, want, (size_t)n * sizeof *want) == 0;
	free(got);
	return same;
}

static void limits_hold(par_store *s, const model *m, const solution *plan, const totals *t)
{
	int n = m->problem.link.rows;
	double *number = calloc(3 * (size_t)n, sizeof *number);
	int32_t *place = calloc(3 * (size_t)n, sizeof *place);
	for (int i = 0; i < n; i++) {
		const limit *l = &m->limit[i];
		number[i] = l->capacity;
		number[n + i] = l->overflow_price;
		number[2 * n + i] = -plan->price[i];
		place[i] = l->which;
		place[n + i] = l->period;
		place[2 * n + i] = l->until - l->period;
	}
	ok(has(s, "link_capacity", "link", n, 1, number) &&
		has(s, "link_use", "link", n, 1, t->use) &&
		has(s, "link_overflow_price", "link", n, 1, number + n) &&
		has(s, "link_price", "link", n, 1, number + 2 * n),
	    "capacities, uses and prices of the limits are told");
	ok(has_places(s, "link_which", n, place) && has_places(s, "link_period", n, place + n) &&
		has_places(s, "link_periods", n, place + 2 * n),
	    "... and what they limit, when");
	free(number);
	free(place);
}

/* containers are counted in doubles here: no sum lies within rounding of a full one */
static void containers_hold(par_store *s, const model *m, const totals *t)
{
	int lanes = (int)m->lane.n, periods = m->periods;
	double *rate = calloc((size_t)lanes, sizeof *rate),
	       *size = calloc((size_t)lanes, sizeof *size);
	int32_t *booked = calloc((size_t)(lanes * periods), sizeof *booked);
	bool same = par_store_get(s, "containers", PAR_I32,
			(const char *const[]){"lane", "period", NULL}, 0, lanes, booked) == PAR_OK;
	for (int l = 0; l < lanes; l++) {
		rate[l] = m->load[l].rate;
		size[l] = m->load[l].container;
		for (int i = l * periods; size[l] > 0 && i < (l + 1) * periods; i++)
			same &= booked[i] == (int)ceil(t->shipped[i] / size[l]);
	}
	ok(same && has(s, "lane_rate", "lane", lanes, 1, rate) &&
		has(s, "lane_container", "lane", lanes, 1, size),
	    "lanes have their containers, what an m3 costs, and how many are booked");
	free(booked);
	free(rate);
	free(size);
}

static void variables_hold(
    const par_world *w, const model *m, const solution *plan, const totals *t, const char *path)
{
	par_store *s = NULL;
	par_err e = par_store_open(&s, w, path, "entrepot-plan", 1);
	if (e == PAR_OK) {
		limits_hold(s, m, plan, t);
		containers_hold(s, m, t);
	}
	par_store_close(s);
}

/* stock before + what came of before + arriving - leaving - stock after is the residual of its row:
 * nothing, in a plan */
static double unbalanced(const model *m, float *const t[4])
{
	chain c = {.periods = m->periods, .nodes = (int)m->node.n, .markets = (int)m->market.n};
	double worst = 0, *row = calloc((size_t)m->problem.pattern[0].rows, sizeof *row);
	block b;
	par_err e = numbers_open(&b, &m->problem);
	for (int64_t k = m->deal.groups ? 0 : SKUS; e == PAR_OK && k < SKUS; k++) {
		m->problem.fill(m->problem.ctx, k, &b);
		residuals(m, k, &b, row);
		for (int i = 0; i < c.nodes * c.periods; i++) {
			int64_t at = k * c.nodes * c.periods + i;
			double was = i % c.periods ? (double)t[0][at - 1] : 0;
			double got = was + (double)t[1][at] + (double)t[2][at] - (double)t[3][at] -
				     (double)t[0][at];
			double want = row[chain_node_row(&c, i / c.periods, i % c.periods)];
			worst = fmax(worst, fabs(got - want) / (1 + (double)t[0][at] + was));
		}
	}
	numbers_close(&b);
	free(row);
	return e == PAR_OK ? worst : INFINITY;
}

static void goods_balance(const par_world *w, const model *m, const char *path)
{
	static const char *const name[] = {"stock", "before", "arriving", "leaving"};
	float *t[4];
	for (int i = 0; i < 4; i++)
		t[i] = table_of(w, path, name[i], "node");
	bool all = t[0] && t[1] && t[2] && t[3];
	ok(all && unbalanced(m, t) < 1e-4,
	    "stock, goods from before, arriving and leaving hold the balance of every node");
	for (int i = 0; i < 4; i++)
		free(t[i]);
}

/* the orders of a SKU in a period with a supplier for a node */
static int64_t print_orders(FILE *out, const model *m, int64_t k, const block *b, const int key[3])
{
	int64_t n = 0;
	const flow *f = m->flow[m->problem.class[k]];
	for (int j = 0; j < pattern_of(&m->problem, k)->columns; j++) {
		char ordered[11], arrives[11];
		double x = amount(k, j);
		if (f[j].kind != FLOW_PURCHASE || f[j].period != key[0] ||
		    f[j].supplier != key[1] || f[j].node != key[2] || x < 0.005)
			continue;
		fprintf(out, "%s,%s,%s,%s,%s,%.2f,%.2f,USD\n", m->sku.name[k],
		    m->supplier.name[key[1]], m->node.name[key[2]],
		    par_date_text(ordered, m->period_date[key[0]]),
		    par_date_text(arrives, m->period_date[f[j].arrives]), x, x * b->cost[j]);
		n++;
	}
	return n;
}

static int64_t print_all(FILE *out, const model *m)
{
	int64_t n = 0;
	block b;
	if (numbers_open(&b, &m->problem) != PAR_OK)
		return -1;
	fputs("sku,supplier,node,ordered,arrives,units,cost,currency\n", out);
	for (int64_t k = 0; k < SKUS; k++) {
		m->problem.fill(m->problem.ctx, k, &b);
		for (int c = 0; c < m->periods * (int)m->supplier.n * (int)m->node.n; c++) {
			int nodes = (int)m->node.n, pairs = (int)m->supplier.n * nodes;
			n += print_orders(
			    out, m, k, &b, (int[]){c / pairs, c % pairs / nodes, c % nodes});
		}
	}
	numbers_close(&b);
	return n;
}

static void orders_hold(const model *m, const char *path, int64_t count)
{
	char *want = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&want, &bytes), *f = fopen(path, "r");
	int64_t n = print_all(out, m);
	fclose(out);
	char *got = calloc(bytes + 2, 1);
	size_t read = f ? fread(got, 1, bytes + 1, f) : 0;
	if (f)
		fclose(f);
	ok(count == n && read == bytes && strcmp(got, want) == 0,
	    "every purchase that two digits show is an order, by SKU and date (%lld)",
	    (long long)n);
	free(got);
	free(want);
}

static void names_of_tables(void)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&text, &bytes);
	csv_name(out, "plain", ',');
	csv_name(out, "a,b", ',');
	csv_name(out, "6\" pipe", '\n');
	fclose(out);
	ok(strcmp(text, "plain,\"a,b\",\"6\"\" pipe\"\n") == 0,
	    "names with commas and quotes are quoted");
	free(text);
}

static bool reads(double v, const char *want)
{
	char text[NUMBER_TEXT];
	return strcmp(number_text(text, v), want) == 0;
}

static void numbers_of_people(void)
{
	ok(reads(-1234567.4, "-1,234,567") && reads(1000, "1,000") && reads(999.4, "999") &&
		reads(-0.4, "0"),
	    "whole numbers have a comma at each thousand");
}

/* every limit by its own name */
static void names_of_limits(const model *m)
{
	bool fine = true;
	for (int i = 0; i < m->problem.link.rows; i++) {
		const limit *l = &m->limit[i];
		char got[LIMIT_NAME], want[LIMIT_NAME], date[11];
		const char *day = par_date_text(date, m->period_date[l->period]);
		if (l->kind == LIMIT_BUDGET)
			snprintf(want, sizeof want, "budget/%s", day);
		else
			snprintf(want, sizeof want, "%s/%s/%s",
			    l->kind == LIMIT_LANE    ? "lane"
			    : l->kind == LIMIT_SPACE ? "space"
						     : "supplier",
			    (l->kind == LIMIT_LANE       ? &m->lane
				: l->kind == LIMIT_SPACE ? &m->node
							 : &m->supplier)
				->name[l->which],
			    day);
		fine &= strcmp(limit_name(m, i, got), want) == 0;
	}
	ok(fine, "limits are named by kind, whose they are and their first day");
}

static void tell(const par_world *w, int periods, bool two_classes)
{
	model m;
	solution s;
	totals t = {0};
	int64_t count = 0;
	const char *path = scratch_path("plan.h5");
	app a = {
	    .world = *w, .section = "plan", .sections = {"plan", "run"}, .own = 1, .out = path};
	bound_report bound = {.bound = -1, .hopeless = -1};
	generate_options o = {
	    .skus = SKUS, .seed = 3, .periods = periods, .two_classes = two_classes};
	a.conf = par_conf_new(app_settings, app_settings_count);
	par_err e = generate(&m, w, &o);
	any_solution(&s, &m);
	if (e == PAR_OK)
		e = totals_make(&t, &m, &s);
	s.value = t.value;
	if (e == PAR_OK)
		e = plan_file_write(&a, &m, &s, &t, &bound);
	if (e == PAR_OK)
		e = orders_csv_write(&a, &m, &s, &count);
	if (e == PAR_OK)
		e = picture_write(&a, &m, &s, &t);
	ok(e == PAR_OK, "a plan of %d weeks and %d classes is told: %s", periods, 1 + two_classes,
	    par_err_why());
	if (e == PAR_OK) {
		tables_hold(w, &m, path);
		names_of_limits(&m);
		demand_holds(w, &m, path);
		goods_balance(w, &m, path);
		variables_hold(w, &m, &s, &t, path);
		orders_hold(&m, scratch_path("plan.orders.csv"), count);
	}
	totals_drop(&t);
	drop_solution(&s);
	model_drop(&m);
	par_conf_free(a.conf);
	scratch_empty();
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	scratch_begin();
	names_of_tables();
	numbers_of_people();
	tell(&w, 8, true);
	tell(&w, 13, true);
	scratch_end();
	par_world_close(&w);
	return tap_end();
}
