/* np: 1 2 3 6, apps: plan */
#include "plan/orders/integer.h"

#include "../tap.h"
#include "alone.h"
#include "plan/check/bound.h"
#include "plan/check/pricing.h"
#include "plan/model/generate.h"
#include "plan/orders/vertex.h"
#include "plan/orders/whole.h"
#include "plan/solve/interior.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SKUS 24
#define MOST_LINKS 200
#define MOST_LEAVINGS 200 /* lanes x periods */

typedef struct {
	model m;
	solution s;
	bound_report bound;
} solved_model;

static par_err open_solved(solved_model *z, const par_world *w, bool hard)
{
	generate_options o = {
	    .skus = SKUS, .seed = 4, .periods = 8, .hard = hard, .two_classes = true};
	*z = (solved_model){0};
	PAR_TRY_ALL(w, generate(&z->m, w, &o));
	PAR_TRY_ALL(w, interior_solve(&z->s, &z->m.problem, &z->m.deal, NULL));
	return lagrangian_bound(&z->bound, &z->m.problem, &z->m.deal, z->s.price);
}

static void close_solved(solved_model *z)
{
	solution_drop(&z->s);
	model_drop(&z->m);
}

/* how far columns x of block k are from its rows and bounds */
static double miss(pricing *q, int64_t k, const double *x)
{
	const pattern *p = &q->problem->pattern[q->problem->class[k]];
	double rest[200], worst = 0;
	pricing_take(q, k);
	for (int i = 0; i < p->rows; i++)
		rest[i] = -q->numbers.right[i];
	for (int j = 0; j < p->columns; j++) {
		double most = p->bound[j] >= 0 ? q->numbers.upper[p->bound[j]] : INFINITY;
		worst = fmax(worst, fmax(-x[j], x[j] - most));
		for (int e = p->first[j]; e < p->first[j + 1]; e++)
			rest[p->row[e]] += p->value[e] * x[j];
	}
	for (int i = 0; i < p->rows; i++)
		worst = fmax(worst, fabs(rest[i]));
	return worst;
}

/* the largest miss of all plans of mine */
static double all_miss(const solved_model *z, const double *x)
{
	pricing q;
	double worst = 0;
	if (pricing_open(&q, &z->m.problem) != PAR_OK)
		return INFINITY;
	for (int64_t i = 0; i < z->s.blocks; i++)
		worst = fmax(worst, miss(&q, z->s.block[i], x + z->s.x_at[i]));
	pricing_close(&q);
	return worst;
}

static void vertex(solved_model *z, const char *what)
{
	vertex_plan v;
	const bound_report *b = &z->bound;
	par_err e = vertex_make(&v, &z->m.problem, &z->m.deal, &z->s);
	ok(e == PAR_OK && v.value - b->bound < 1e-8 * fabs(b->bound) &&
		v.value > b->bound - 1e-9 * fabs(b->bound),
	    "%s: the vertex plan is within 1e-8 of the bound (%.1e)", what,
	    (v.value - b->bound) / fabs(b->bound));
	ok(v.missed < 1e-9 && all_miss(z, v.x) < 1e-8, "... and keeps every row and bound");
	ok(v.mixed <= z->m.problem.link.rows, "... with %d SKUs between vertices", v.mixed);
	vertex_drop(&v);
}

/* all columns but those that keep stock or count a step of demand are whole */
static bool is_whole(const model *m, int64_t k, const double *x)
{
	int class = m->problem.class[k];
	for (int j = 0; j < m->problem.pattern[class].columns; j++) {
		flow_kind kind = m->flow[class][j].kind;
		if (kind != FLOW_STOCK && kind != FLOW_SALE && fabs(x[j] - rint(x[j])) > 1e-9)
			return false;
	}
	return true;
}

/* every order is nothing, or at least the least and a multiple; *fixed, *orders: what they cost, how many */
static bool keeps_terms(const model *m, int64_t k, const double *x, double *fixed, int *orders)
{
	int class = m->problem.class[k], columns = m->problem.pattern[class].columns;
	const flow *f = m->flow[class];
	*fixed = *orders = 0;
	for (int s = 0; s < m->supplier.n; s++)
		for (int t = 0; t < m->periods; t++) {
			double size = 0;
			for (int j = 0; j < columns; j++)
				if (f[j].kind == FLOW_PURCHASE && f[j].supplier == s &&
				    f[j].period == t)
					size += x[j];
			order_terms o = m->terms(m->own, k, s);
			double lots = o.multiple > 0 ? size / o.multiple : 0;
			if (size > 0 && (size < o.least - 1e-6 || fabs(lots - rint(lots)) > 1e-6))
				return false;
			*fixed += size > 0 ? o.fixed : 0;
			*orders += size > 0;
		}
	return true;
}

static void whole_units(solved_model *z)
{
	pricing q;
	whole *w = NULL;
	double *x = calloc(4000, sizeof *x);
	bool fits = true, kept = true, bounded = true, closer = true;
	par_err e = pricing_open(&q, &z->m.problem);
	e = e == PAR_OK ? whole_open(&w, &z->m, false) : e;
	for (int64_t i = 0; e == PAR_OK && i < z->s.blocks; i++) {
		int64_t k = z->s.block[i];
		whole_answer few = {.x = x}, many = {.x = x};
		double fixed = 0, priced = 0;
		int orders = 0;
		pricing_ask(&q, k, z->s.price, NULL);
		double within = 1e-3 * fabs(q.answer.value);
		whole_solve(
		    w, k, &q.numbers, q.priced, &(whole_effort){within, 3, INFINITY, NULL}, &few);
		whole_solve(w, k, &q.numbers, q.priced,
		    &(whole_effort){within, 4000, INFINITY, NULL}, &many);
		for (int j = 0; j < z->m.problem.pattern[z->m.problem.class[k]].columns; j++)
			priced += q.priced[j] * x[j];
		kept &= is_whole(&z->m, k, x) && keeps_terms(&z->m, k, x, &fixed, &orders) &&
			fabs(fixed - many.fixed) < 1e-9 && orders == many.orders;
		fits &= miss(&q, k, x) < 1e-9 && fabs(priced + fixed - many.value) < 1e-7;
		bounded &= many.bound >= q.answer.value - 1e-6 && few.bound <= many.value + 1e-7 &&
			   few.bound <= many.bound + 1.001 * within;
		closer &= many.value - many.bound <= 1.001 * within;
	}
	ok(e == PAR_OK && kept, "orders obey their terms, and goods move in whole units");
	ok(fits, "such plans keep every row and bound and cost what is said");
	ok(bounded, "their bound is above that of parts of units and below any plan");
	ok(closer, "the search ends within what it was given");
	whole_close(w);
	pricing_close(&q);
	free(x);
}

/* what a plan costs and uses, added up from its columns and orders alone */
typedef struct {
	double cost, fixed, orders, use[MOST_LINKS], leaves[MOST_LEAVINGS];
} account;

static void add_leaving(const model *m, int64_t k, const double *x, double *leaves)
{
	int class = m->problem.class[k];
	const flow *f = m->flow[class];
	for (int j = 0; j < m->problem.pattern[class].columns; j++)
		if (f[j].kind == FLOW_SHIPMENT)
			leaves[f[j].lane * m->periods + f[j].period] += x[j] * m->volume(m->own, k);
}

/* what containers' empty space costs, and how many there are */
static double empty_space(const model *m, const double *leaves, double *containers)
{
	double cost = 0;
	for (int64_t c = 0; c < m->lane.n * m->periods; c++) {
		const lane_load *l = &m->load[c / m->periods];
		if (l->container == 0)
			continue;
		double n = ceil(leaves[c] / l->container - 1e-9);
		cost += l->rate * (n * l->container - leaves[c]);
		*containers += n;
	}
	return cost;
}

static bool add_up(solved_model *z, const double *x, account *sum)
{
	pricing q;
	account mine = {0};
	bool opened = pricing_open(&q, &z->m.problem) == PAR_OK;
	for (int64_t i = 0; opened && i < z->s.blocks; i++) {
		double fixed;
		int orders = 0;
		const double *one = x + z->s.x_at[i];
		keeps_terms(&z->m, z->s.block[i], one, &fixed, &orders);
		pricing_take(&q, z->s.block[i]);
		pricing_use(&q, one, mine.use);
		add_leaving(&z->m, z->s.block[i], one, mine.leaves);
		mine.cost += pricing_cost(&q, one);
		mine.fixed += fixed;
		mine.orders += orders;
	}
	if (opened)
		pricing_close(&q);
	MPI_Allreduce(
	    &mine, sum, sizeof mine / sizeof(double), MPI_DOUBLE, MPI_SUM, z->m.deal.world->comm);
	return opened;
}

static void adds_up(solved_model *z, const integer_plan *v)
{
	const linking *l = &z->m.problem.link;
	account sum;
	double worst = 0;
	bool added = add_up(z, v->x, &sum);
	double containers = 0, unfilled = empty_space(&z->m, sum.leaves, &containers);
	double value = sum.cost + sum.fixed + unfilled;
	for (int e = 0; e < l->columns; e++) {
		value += l->cost[e] * v->own[e];
		sum.use[l->row[e]] += l->value[e] * v->own[e];
		worst = fmax(worst, fmax(-v->own[e], v->own[e] - l->upper[e]));
	}
	for (int r = 0; r < l->rows; r++)
		worst = fmax(worst, fabs(sum.use[r] - l->right[r]) / (1 + l->right[r]));
	ok(added && worst < 1e-9, "with what limits leave or lack, its rows add up");
	ok(fabs(v->value - value) < 1e-9 * fabs(value) &&
		fabs(v->fixed - sum.fixed) < 1e-9 * sum.fixed,
	    "its value and fixed costs are those of its columns and orders");
	ok(containers > 0 && unfilled > 0 && fabs(v->unfilled - unfilled) < 1e-9 * unfilled,
	    "empty space in its %.0f containers costs %.0f, which is in its value", containers,
	    unfilled);
	ok((double)v->orders == sum.orders, "it has %.0f orders", sum.orders);
}

static void integer(solved_model *z)
{
	integer_plan v;
	bool kept = true;
	const integer_spec spec = {
	    .steered = 4, .mended = 2, .nodes = 20, .proof = 100, .within = 1e-3, .seed = 1};
	par_err e = integer_make(&v, &z->m, &z->s, &spec);
	for (int64_t i = 0; e == PAR_OK && i < z->s.blocks; i++) {
		double fixed;
		int orders;
		kept &= keeps_terms(&z->m, z->s.block[i], v.x + z->s.x_at[i], &fixed, &orders);
	}
	ok(e == PAR_OK && kept && all_miss(z, v.x) < 1e-9,
	    "all orders of an integer plan obey their terms");
	ok(v.bound <= v.value && v.bound > z->bound.bound && v.gap < 0.1,
	    "its proven gap is %.1f %% with %d SKUs", 100 * v.gap, SKUS);
	if (e == PAR_OK)
		adds_up(z, &v);
	integer_drop(&v);
}

static void same_bits(const par_world *w, bool hard)
{
	const integer_spec spec = {
	    .steered = 1, .mended = 1, .nodes = 8, .proof = 8, .within = 1e-3, .seed = 1};
	par_world alone = alone_of(w);
	const par_world *world[2] = {w, &alone};
	double value[2] = {0}, bound[2] = {0}, vertex_value[2] = {0};
	for (int i = 0; i < 2; i++) {
		solved_model z;
		vertex_plan v = {0};
		integer_plan p = {0};
		if (open_solved(&z, world[i], hard) == PAR_OK &&
		    vertex_make(&v, &z.m.problem, &z.m.deal, &z.s) == PAR_OK &&
		    integer_make(&p, &z.m, &z.s, &spec) == PAR_OK) {
			vertex_value[i] = v.value;
			value[i] = p.value;
			bound[i] = p.bound;
		}
		vertex_drop(&v);
		integer_drop(&p);
		close_solved(&z);
	}
	ok(vertex_value[0] != 0 && vertex_value[0] == vertex_value[1] && value[0] == value[1] &&
		bound[0] == bound[1],
	    "%s limits: vertex plan, integer plan and bound have the bits of one rank alone",
	    hard ? "hard" : "priced");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	solved_model z;
	ok(open_solved(&z, &w, true) == PAR_OK, "a problem with hard limits is solved");
	vertex(&z, "hard limits");
	close_solved(&z);
	ok(open_solved(&z, &w, false) == PAR_OK, "a problem with priced limits is solved");
	vertex(&z, "priced limits");
	whole_units(&z);
	integer(&z);
	close_solved(&z);
	same_bits(&w, false);
	same_bits(&w, true);
	par_world_close(&w);
	return tap_end();
}
