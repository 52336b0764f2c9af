/* np: 1 2 3 6, apps: plan */
#include "plan/model/generate.h"

#include "../tap.h"
#include "plan/check/numbers.h"
#include "plan/model/chain.h"
#include "plan/model/limits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* of the numbers of 50 SKUs, their limits and names; a change of the generator changes it */
#define EXPECTED 0x40b389e880524888u

static uint64_t hash(const void *data, size_t n, uint64_t h)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ ((const unsigned char *)data)[i]) * 0x100000001b3u;
	return h;
}

static uint64_t number(double v, uint64_t h)
{
	return hash(&v, sizeof v, h);
}

/* what the model says of a SKU beside its block */
static uint64_t told_hash(const model *m, int64_t k, uint64_t h)
{
	int class = m->problem.class[k];
	for (int s = 0; s < m->supplier.n; s++) {
		order_terms t = m->terms(m->own, k, s);
		h = number(t.fixed, number(t.multiple, number(t.least, h)));
	}
	for (int j = 0; j < m->problem.pattern[class].columns; j++)
		if (m->flow[class][j].kind == FLOW_SALE)
			h = number(m->chance(m->own, k, &m->flow[class][j]), h);
	return number(m->volume(m->own, k), h);
}

static uint64_t block_hash(const model *m, int64_t k)
{
	const pattern *p = pattern_of(&m->problem, k);
	block b;
	if (numbers_open(&b, &m->problem) != PAR_OK)
		return 0;
	m->problem.fill(m->problem.ctx, k, &b);
	uint64_t h = hash(&k, sizeof k, 0xcbf29ce484222325u);
	h = hash(b.cost, (size_t)p->columns * sizeof(double), h);
	h = hash(b.upper, (size_t)p->bounds * sizeof(double), h);
	h = hash(b.right, (size_t)p->rows * sizeof(double), h);
	h = hash(b.link, (size_t)p->links * sizeof(double), h);
	numbers_close(&b);
	return told_hash(m, k, h);
}

/* limits, lanes and periods */
static uint64_t common_hash(const model *m, uint64_t h)
{
	for (int i = 0; i < m->problem.link.rows; i++) {
		const limit *l = &m->limit[i];
		const double what[] = {l->kind, l->measure, l->which, l->period, l->until,
		    l->capacity, l->overflow_price};
		for (size_t k = 0; k < sizeof what / sizeof what[0]; k++)
			h = number(what[k], h);
	}
	for (int e = 0; e < m->problem.link.columns; e++)
		h = number(m->problem.link.cost[e], h);
	for (int64_t l = 0; l < m->lane.n; l++)
		h = number(
		    m->load[l].rate, number(m->load[l].container, number(m->load[l].mode, h)));
	h = hash(m->period_date, (size_t)m->periods * sizeof *m->period_date, h);
	const model_names *names[] = {&m->supplier, &m->lane, &m->node, &m->market};
	for (int i = 0; i < 4; i++)
		h = hash(names[i]->name, (size_t)names[i]->n * MODEL_NAME, h);
	return number(m->demand, h);
}

/* of all SKUs, whoever has them, of the linking rows and of all else that is told */
static uint64_t model_hash(const model *m, const par_world *w)
{
	uint64_t sum = 0;
	for (int64_t g = 0; g < m->deal.groups; g++)
		for (int i = 0; i < m->deal.mine[g].lanes; i++)
			sum += block_hash(m, m->deal.mine[g].block[i]);
	sum = (uint64_t)par_world_sum(w, (int64_t)sum);
	sum = hash(m->problem.link.right, (size_t)m->problem.link.rows * sizeof(double), sum);
	return common_hash(m, sum);
}

static int as_counted(const par_world *w, int periods, int columns, int rows, int links)
{
	model m;
	generate_options o = {.skus = 3, .seed = 1, .periods = periods};
	if (generate(&m, w, &o) != PAR_OK)
		return 0;
	const pattern *p = m.problem.pattern;
	int good = p->columns == columns && p->rows == rows && m.problem.link.rows == links &&
		   m.problem.link.columns == 2 * links && m.periods == periods;
	model_drop(&m);
	return good;
}

/* every column leaves at most one row and enters at most one */
static int is_network(const pattern *p)
{
	for (int j = 0; j < p->columns; j++) {
		int n = p->first[j + 1] - p->first[j];
		const double *v = p->value + p->first[j];
		if (n < 1 || n > 2 || fabs(v[0]) != 1 || (n == 2 && v[0] + v[1] != 0))
			return 0;
	}
	return 1;
}

static void sizes(const par_world *w)
{
	ok(as_counted(w, 8, 295, 72, 114), "8 weeks: 295 columns and 72 rows a SKU, 114 limits");
	ok(as_counted(w, 13, 742, 169, 316), "13 weeks: 169 rows a SKU, 316 limits");
	ok(as_counted(w, 26, 1535, 338, 680), "26 weeks: 338 rows a SKU, 680 limits");
}

/* the first limit of a kind */
static int row_of(const model *m, limit_kind kind)
{
	int i = 0;
	while (m->limit[i].kind != kind)
		i++;
	return i;
}

static void same_everywhere(const par_world *w)
{
	model m;
	generate_options o = {
	    .skus = 50, .seed = 7, .periods = 8, .two_classes = true, .idle = 0.2};
	ok(generate(&m, w, &o) == PAR_OK, "a model of 50 SKUs is made");
	uint64_t h = model_hash(&m, w);
	if (h != EXPECTED && w->rank == 0)
		printf("# hash 0x%016llxu\n", (unsigned long long)h);
	ok(h == EXPECTED, "its numbers are the same bits at any number of ranks");
	ok(is_network(&m.problem.pattern[0]) && is_network(&m.problem.pattern[1]),
	    "every column is an arc");
	int flies = 0;
	for (int j = 0; j < m.problem.pattern[1].columns; j++)
		flies += m.flow[1][j].kind == FLOW_SHIPMENT && m.flow[1][j].lane % 2;
	ok(flies == 0 && m.problem.class[3] == 1 && m.problem.class[4] == 0,
	    "SKUs of the second class do not fly");
	ok(strcmp(m.lane.name[0], "HUB1-WAREHOUSE1-SEA") == 0 && m.load[0].mode == LANE_SEA &&
		strcmp(m.node.name[m.limit[row_of(&m, LIMIT_SPACE)].which], "WAREHOUSE1") == 0,
	    "lanes are named by their ends and mode, spaces are those of warehouses");
	uint64_t first = block_hash(&m, 11);
	model_drop(&m);
	o.skus = 12;
	ok(generate(&m, w, &o) == PAR_OK && block_hash(&m, 11) == first,
	    "a SKU does not depend on how many there are");
	model_drop(&m);
}

/* the largest container that a lane's goods of a week, a sixth of all, fill twice; else a pallet of 1.7 m3 */
static int container_of(const par_world *w, int64_t skus, double size)
{
	model m;
	generate_options o = {.skus = skus, .seed = 1, .periods = 8};
	if (generate(&m, w, &o) != PAR_OK)
		return 0;
	/* a space holds 0.8 of a third of a week's goods */
	double week = m.limit[row_of(&m, LIMIT_SPACE)].capacity / 0.8 / 2;
	int good = m.load[0].container == size && m.load[0].rate > 0 && m.load[1].container == 0 &&
		   m.load[1].mode == LANE_AIR;
	good &= size == 1.7 ? week < 66 : week >= 2 * size && (size == 67 || week < 2 * 67);
	model_drop(&m);
	return good;
}

static void containers(const par_world *w)
{
	ok(container_of(w, 50, 1.7) && container_of(w, 8000, 33) && container_of(w, 15000, 67),
	    "goods by sea go on pallets, or in the largest container that they fill twice");
}

static void idle_and_hard(const par_world *w)
{
	model m;
	generate_options o = {.skus = 9, .seed = 2, .periods = 8, .hard = true, .idle = 1};
	block b;
	ok(generate(&m, w, &o) == PAR_OK && numbers_open(&b, &m.problem) == PAR_OK,
	    "a hard model of idle SKUs is made");
	m.problem.fill(m.problem.ctx, 8, &b);
	double sum = 0;
	for (int i = 0; i < m.problem.pattern->bounds; i++)
		sum += b.upper[i];
	for (int i = 0; i < m.problem.pattern->rows; i++)
		sum += fabs(b.right[i]);
	ok(sum == 0, "an idle SKU has no demand and no stock");
	ok(m.problem.link.columns == m.problem.link.rows && isinf(m.limit[0].overflow_price),
	    "hard limits have no overflow");
	double before = m.problem.link.right[0];
	model_scale(&m, m.limit[0].kind, 0.5);
	ok(m.problem.link.right[0] == 0.5 * before && m.limit[0].capacity == 0.5 * before,
	    "what if a limit were half as high");
	numbers_close(&b);
	model_drop(&m);
}

/* one supplier, one node, one market, two periods: order -> node (lead 1) -> market, one step
 *	rows 0, 1: the market's periods; 2, 3: the node's
 *	columns: order(0), stock(0), delivery(0), sale(0), backlog(0), stock(1), delivery(1), sale(1) */
static void by_hand(void)
{
	static const int zero = 0;
	static const chain_source source = {0, -1, 0, 1, false};
	static const chain_arc outlet = {-1, 0, 0, 0};
	static const int first[] = {0, 1, 3, 5, 6, 8, 9, 11, 12};
	static const int row[] = {3, 2, 3, 2, 0, 0, 0, 1, 3, 3, 1, 1};
	static const double value[] = {1, -1, 1, -1, 1, -1, 1, -1, -1, -1, 1, -1};
	static const int link_first[] = {0, 2, 3, 3, 3, 3, 3, 3, 3};
	limit limits[] = {{LIMIT_BUDGET, MEASURE_MONEY, -1, 0, 2, 10, 1},
	    {LIMIT_SPACE, MEASURE_VOLUME, 0, 0, 1, 5, 1},
	    {LIMIT_SUPPLIER, MEASURE_HOURS, 0, 0, 1, 3, INFINITY},
	    {LIMIT_SUPPLIER, MEASURE_HOURS, 0, 1, 2, 3, INFINITY}};
	chain c = {2, 1, 1, 1, &zero, &zero, 1, 0, 1, &source, NULL, &outlet, true, 0};
	pattern p;
	flow *f;
	par_err e = chain_pattern(&p, &f, &c, limits, 4);
	ok(e == PAR_OK && p.columns == 8 && p.rows == 4 && p.bounds == 2, "a tiny network's size");
	ok(memcmp(p.first, first, sizeof first) == 0 && memcmp(p.row, row, sizeof row) == 0 &&
		memcmp(p.value, value, sizeof value) == 0,
	    "its A is what one writes down by hand");
	ok(p.links == 3 && memcmp(p.link_first, link_first, sizeof link_first) == 0 &&
		p.link[0] == 0 && p.link[1] == 2 && p.link[2] == 1,
	    "an order counts towards budget and supplier, stock towards space");
	ok(f[0].kind == FLOW_PURCHASE && f[0].arrives == 1 && f[4].kind == FLOW_BACKLOG &&
		f[7].kind == FLOW_SALE && p.bound[7] == 1,
	    "its columns stand for what they should");
	linking rows;
	ok(limits_rows(&rows, limits, 4) == PAR_OK && rows.columns == 6 && rows.value[4] == -1 &&
		rows.row[5] == 1 && rows.cost[5] == 1,
	    "soft limits have a priced overflow, hard ones have none");
	linking_close(&rows);
	chain_pattern_drop(&p);
	free(f);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	if (par_world_open(&w, MPI_COMM_WORLD) != PAR_OK)
		return 1;
	sizes(&w);
	same_everywhere(&w);
	containers(&w);
	idle_and_hard(&w);
	by_hand();
	par_world_close(&w);
	return tap_end();
}
