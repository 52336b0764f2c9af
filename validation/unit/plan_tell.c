/* np: 1 2 3 6, apps: plan */
#include "plan/tell/orders_csv.h"
#include "plan/tell/picture.h"
#include "plan/tell/plan_file.h"

#include "../tap.h"
#include "plan/check/numbers.h"
#include "plan/model/chain.h"
#include "plan/model/generate.h"
#include "scratch.h"

#include <math.h>
#include <string.h>

#define SKUS 45

/* any amounts at all: what is told of them need not be a good plan. Some orders are too small to show. */
static double amount(int64_t sku, int column)
{
	double x = (double)((sku * 7919 + column * 104729) % 1000) / 100;
	return x < 2 ? 0.001 * x : x;
}

/* amounts of my blocks and some for the linking columns */
static void any_solution(solution *s, const model *m)
{
	const problem *p = &m->problem;
	int columns = 0;
	*s = (solution){.blocks = m->deal.blocks};
	for (int i = 0; i < p->patterns; i++)
		columns = p->pattern[i].columns > columns ? p->pattern[i].columns : columns;
	s->block = calloc((size_t)s->blocks + 1, sizeof *s->block);
	s->x_at = calloc((size_t)s->blocks + 1, sizeof *s->x_at);
	s->x = calloc((size_t)(s->blocks * columns + 1), sizeof *s->x);
	s->own = calloc((size_t)p->link.columns + 1, sizeof *s->own);
	s->price = calloc((size_t)p->link.rows + 1, sizeof *s->price);
	int64_t i = 0, at = 0;
	for (int64_t g = 0; g < m->deal.groups; g++)
		for (int lane = 0; lane < m->deal.mine[g].lanes; lane++, i++) {
			s->block[i] = m->deal.mine[g].block[lane];
			s->x_at[i] = at;
			for (int j = 0; j < pattern_of(p, s->block[i])->columns; j++)
				s->x[at++] = amount(s->block[i], j);
		}
	for (int j = 0; j < p->link.columns; j++)
		s->own[j] = j % 3;
	for (int j = 0; j < p->link.rows; j++)
		s->price[j] = -(j % 5);
}

static void drop_solution(solution *s)
{
	free(s->block);
	free(s->x_at);
	free(s->x);
	free(s->own);
	free(s->price);
}

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

/* A x - b of a block, row by row */
static void residuals(const model *m, int64_t k, const block *b, double *row)
{
	const pattern *p = pattern_of(&m->problem, k);
	for (int i = 0; i < p->rows; i++)
		row[i] = -b->right[i];
	for (int j = 0; j < p->columns; j++)
		for (int e = p->first[j]; e < p->first[j + 1]; e++)
			row[p->row[e]] += p->value[e] * amount(k, j);
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

/* value of all columns, summed in the order of SKUs */
static double value_by_hand(const model *m, const solution *s)
{
	double sum = 0;
	block b;
	if (numbers_open(&b, &m->problem) != PAR_OK)
		return NAN;
	for (int64_t k = 0; k < SKUS; k++) {
		m->problem.fill(m->problem.ctx, k, &b);
		for (int j = 0; j < pattern_of(&m->problem, k)->columns; j++)
			sum += b.cost[j] * amount(k, j);
	}
	for (int j = 0; j < m->problem.link.columns; j++)
		sum += m->problem.link.cost[j] * s->own[j];
	numbers_close(&b);
	return sum;
}

static void totals_hold(const model *m, const solution *s, const totals *t)
{
	double sold = 0, demand = 0, by_hand = 0, value = value_by_hand(m, s);
	ok(fabs(t->value - value) < 1e-9 * fabs(value), "money by kind adds up to the value");
	for (int64_t i = 0; i < m->market.n * m->periods; i++) {
		sold += t->sold[i];
		demand += t->demand[i];
	}
	for (int64_t k = 0; k < SKUS; k++) {
		const flow *f = m->flow[m->problem.class[k]];
		for (int j = 0; j < pattern_of(&m->problem, k)->columns; j++)
			if (f[j].kind == FLOW_SALE)
				by_hand += amount(k, j) * m->chance(m->own, k, &f[j]);
	}
	ok(fabs(sold - by_hand) < 1e-9 * sold && demand > 0, "expected sales add up over SKUs");
}

/* lines of the orders after the first, and their units */
static int64_t read_orders(const char *path, double *units)
{
	char line[512];
	int64_t n = -1;
	FILE *f = fopen(path, "r");
	*units = 0;
	for (; f && fgets(line, sizeof line, f); n++) {
		char *at = line;
		for (int comma = 0; n >= 0 && comma < 5; comma++)
			at = strchr(at, ',') + 1;
		*units += n >= 0 ? strtod(at, NULL) : 0;
	}
	if (f)
		fclose(f);
	return n;
}

static void orders_hold(const model *m, const char *path, int64_t count)
{
	int64_t want = 0, got;
	double units = 0, told;
	for (int64_t k = 0; k < SKUS; k++) {
		const flow *f = m->flow[m->problem.class[k]];
		for (int j = 0; j < pattern_of(&m->problem, k)->columns; j++)
			if (f[j].kind == FLOW_PURCHASE && amount(k, j) >= 0.005) {
				want++;
				units += amount(k, j);
			}
	}
	got = read_orders(path, &told);
	ok(count == want && got == want && fabs(told - units) < 0.005 * (double)want,
	    "every purchase that two digits show is an order (%lld)", (long long)want);
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
		goods_balance(w, &m, path);
		totals_hold(&m, &s, &t);
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
	tell(&w, 8, false);
	tell(&w, 8, true);
	tell(&w, 13, true);
	scratch_end();
	par_world_close(&w);
	return tap_end();
}
