/* np: 1 2 3, apps: plan */
#include "plan/tell/summary.h"

#include "../tap.h"
#include "any_plan.h"
#include "plan/check/numbers.h"

#include <math.h>
#include <string.h>

#define MOST_CELLS 2000 /* limits, lanes x periods */

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

/* sums over all SKUs, as plainly as they can be made */
typedef struct {
	double sold, demand, goods_sold, goods_held, miss, right;
	double shipped[MOST_CELLS], use[MOST_CELLS];
} plain_sums;

static void add_plain(plain_sums *s, const model *m, int64_t k, const block *b, double *row)
{
	const pattern *p = pattern_of(&m->problem, k);
	const flow *f = m->flow[m->problem.class[k]];
	double cheapest = INFINITY;
	for (int j = 0; j < p->columns; j++)
		if (f[j].kind == FLOW_PURCHASE)
			cheapest = fmin(cheapest, b->cost[j]);
	for (int j = 0; j < p->columns; j++) {
		double x = amount(k, j),
		       chance = f[j].kind == FLOW_SALE ? m->chance(m->own, k, &f[j]) : 0;
		s->sold += chance * x;
		s->demand += f[j].kind == FLOW_SALE ? chance * b->upper[p->bound[j]] : 0;
		s->goods_sold += f[j].kind == FLOW_SALE ? cheapest * x : 0;
		s->goods_held += f[j].kind == FLOW_STOCK ? cheapest * x : 0;
		if (f[j].lane >= 0)
			s->shipped[f[j].lane * m->periods + f[j].period] += m->volume(m->own, k) *
									    x;
		for (int e = p->link_first[j]; e < p->link_first[j + 1]; e++)
			s->use[p->link[e]] += b->link[e] * x;
	}
	residuals(m, k, b, row);
	for (int i = 0; i < p->rows; i++) {
		s->miss += row[i] * row[i];
		s->right += b->right[i] * b->right[i];
	}
}

static bool near(double a, double b)
{
	return fabs(a - b) <= 1e-9 * (1 + fabs(b));
}

static bool all_near(const double *a, const double *b, int64_t n)
{
	bool fine = true;
	for (int64_t i = 0; i < n; i++)
		fine &= near(a[i], b[i]);
	return fine;
}

/* the worst linking row, and all blocks as one */
static double residual_of(const plain_sums *s, const model *m, const solution *plan)
{
	const linking *l = &m->problem.link;
	double worst = sqrt(s->miss) / (1 + sqrt(s->right));
	for (int i = 0; i < l->rows; i++) {
		double left = s->use[i] - l->right[i];
		for (int e = 0; e < l->columns; e++)
			left += l->row[e] == i ? l->value[e] * plan->own[e] : 0;
		worst = fmax(worst, fabs(left) / (1 + fabs(l->right[i])));
	}
	return worst;
}

/* slacks that leave nothing to miss in the limits */
static void blocks_alone(const model *m, const solution *plan, const plain_sums *s)
{
	const linking *l = &m->problem.link;
	solution slack = *plan;
	totals t;
	slack.own = calloc((size_t)l->columns + 1, sizeof *slack.own);
	for (int i = 0; i < l->rows; i++)
		slack.own[i] = (l->right[i] - s->use[i]) / l->value[i];
	par_err e = totals_make(&t, m, &slack);
	ok(e == PAR_OK && near(t.residual, sqrt(s->miss) / (1 + sqrt(s->right))),
	    "where limits hold it is that of the blocks");
	totals_drop(&t);
	free(slack.own);
}

static void totals_hold(const model *m, const solution *plan, const totals *t)
{
	static plain_sums s;
	double value = value_by_hand(m, plan), demand, sold = totals_sold(t, m, &demand);
	double *row = calloc((size_t)m->problem.pattern[0].rows, sizeof *row);
	block b;
	s = (plain_sums){0};
	ok(near(t->value, value), "money by kind adds up to the value");
	par_err e = numbers_open(&b, &m->problem);
	for (int64_t k = 0; e == PAR_OK && k < SKUS; k++) {
		m->problem.fill(m->problem.ctx, k, &b);
		add_plain(&s, m, k, &b, row);
	}
	numbers_close(&b);
	free(row);
	ok(near(sold, s.sold) && near(demand, s.demand),
	    "expected sales and demand add up over SKUs");
	ok(near(t->goods_sold, s.goods_sold) && near(t->goods_held, s.goods_held),
	    "so do goods sold and held, each at its cheapest purchase");
	ok(all_near(t->shipped, s.shipped, m->lane.n * m->periods) &&
		all_near(t->use, s.use, m->problem.link.rows),
	    "what leaves on lanes and what limits hold");
	ok(near(t->residual, residual_of(&s, m, plan)), "the residual is that of all rows");
	blocks_alone(m, plan, &s);
}

/* price times capacity of the dearest limit that binds */
static double dearest(const model *m, const solution *s, const totals *t)
{
	double most = 0;
	for (int i = 0; i < m->problem.link.rows; i++)
		if (totals_binds(t, m, i))
			most = fmax(most, -s->price[i] * m->limit[i].capacity);
	return most;
}

/* what people read of the totals */
static void summary_holds(app *a, const model *m, const solution *s, const totals *t)
{
	a->report = json_object();
	summary_tell(a, m, s, t);
	json_t *money = json_object_get(a->report, "money"),
	       *list = json_object_get(a->report, "limits");
	double stock = json_number_value(json_object_get(money, "stock"));
	ok(near(stock, t->safety_worth - t->money[FLOW_STOCK]) &&
		near(json_number_value(json_object_get(money, "contribution")), -t->value),
	    "money of stocks is told without what safety stock is worth");
	double weeks = m->periods, year = t->goods_sold / t->goods_held * weeks * 365 / (7 * weeks);
	ok(near(json_number_value(json_object_get(a->report, "turnover")), year),
	    "turnover is goods sold over goods held, in a year");
	double room = 0, filled = 0;
	for (int64_t c = 0; c < m->lane.n * m->periods; c++) {
		double size = m->load[c / m->periods].container;
		room += size > 0 ? size * ceil(t->shipped[c] / size) : 0;
		filled += size > 0 ? t->shipped[c] : 0;
	}
	json_t *sea = json_object_get(json_object_get(a->report, "containers"), "sea");
	ok(near(json_number_value(json_object_get(sea, "fill")), filled / room),
	    "containers are so full as what they carry");
	double demand, sold = totals_sold(t, m, &demand);
	ok(near(json_number_value(json_object_get(a->report, "service")), sold / demand),
	    "service is the share of the demand that is sold");
	bool falls = json_array_size(list) > 1;
	double last = dearest(m, s, t);
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *one = json_array_get(list, i);
		double weight = json_number_value(json_object_get(one, "capacity")) *
				json_number_value(json_object_get(one, "price"));
		falls &= i == 0 ? near(weight, last) : weight <= last;
		last = weight;
	}
	ok(falls, "the dearest limits come first");
	json_decref(a->report);
}

static void add_up(const par_world *w, int periods, bool two_classes)
{
	model m;
	solution s;
	totals t = {0};
	app quiet = {.world = *w};
	quiet.world.rank = 1; /* rank 0 would tell it */
	generate_options o = {
	    .skus = SKUS, .seed = 3, .periods = periods, .two_classes = two_classes};
	par_err e = generate(&m, w, &o);
	any_solution(&s, &m);
	if (e == PAR_OK)
		e = totals_make(&t, &m, &s);
	ok(e == PAR_OK, "a plan of %d weeks and %d classes is added up", periods, 1 + two_classes);
	if (e == PAR_OK) {
		totals_hold(&m, &s, &t);
		summary_holds(&quiet, &m, &s, &t);
	}
	totals_drop(&t);
	drop_solution(&s);
	model_drop(&m);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	if (par_world_open(&w, MPI_COMM_WORLD) != PAR_OK)
		return 1;
	add_up(&w, 8, false);
	add_up(&w, 13, true);
	par_world_close(&w);
	return tap_end();
}
