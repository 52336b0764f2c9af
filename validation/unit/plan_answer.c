/* np: 1 2 3 6   apps: plan */
#include "plan/check/bound.h"
#include "plan/model/generate.h"
#include "plan/prove/answer.h"

#include "../tap.h"
#include "alone.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST 40
#define LINKS 4

/* Goods on hand today and what is bought can be sold, or kept for tomorrow, when more can be bought, sold or left
 * over. Linking rows: bought today, bought tomorrow, kept, and one that nothing enters. All are `at most`
 * but those that `least` names. */
enum { BUY, BUY_LATER, KEEP, SELL, SELL_LATER, LEAVE, COLUMNS };

typedef struct {
	int blocks, links;
	double stock, demand; /* of block k, times size(k) */
	double growth;        /* the size of the next block against this one's */
	double leave_cost, leave_most;
	double capacity[LINKS]; /* in sizes of all blocks */
	unsigned least;         /* bit l: row l is at least so much */
	double overflow;        /* its price; INFINITY: none */
	int idle,
	    stuck; /* blocks without stock and demand: the first ones; one that can sell nothing, or -1 */
} shop;

static int first[] = {0, 1, 2, 4, 5, 6, 7}, row[] = {0, 1, 0, 1, 0, 1, 1};
static double entry[] = {1, 1, -1, 1, -1, -1, -1};
static int bound[] = {-1, -1, -1, 0, 1, 2}, free_bound[] = {-1, -1, -1, 0, 1, -1};
static int link_first[] = {0, 1, 2, 3, 3, 3, 3}, links[] = {0, 1, 2};
static int no_links[COLUMNS + 1];
static uint8_t class[MOST];

static double size(const shop *s, int64_t k)
{
	return pow(s->growth, (double)k);
}

static void fill(void *ctx, int64_t k, block *b)
{
	const shop *s = ctx;
	double much = k < s->idle ? 0 : size(s, k), sold = k == s->stuck ? 0 : much;
	const double cost[] = {3, 3.5, 0.1, -5, -6, s->leave_cost};
	memcpy(b->cost, cost, sizeof cost);
	b->right[0] = -s->stock * much;
	b->right[1] = 0;
	b->upper[0] = s->demand * sold;
	b->upper[1] = 2 * s->demand * sold;
	if (isfinite(s->leave_most))
		b->upper[2] = s->leave_most * sold;
	for (int l = 0; s->links > 0 && l < 3; l++)
		b->link[l] = 1;
}

static double right[LINKS], own_value[2 * LINKS], own_cost[2 * LINKS], own_upper[2 * LINKS];
static int own_row[2 * LINKS];
static pattern shape;

static problem problem_of(shop *s)
{
	bool leaves = isfinite(s->leave_most);
	double all = 0;
	for (int k = s->idle; k < s->blocks; k++)
		all += size(s, k);
	int columns = 0;
	for (int l = 0; l < s->links; l++) {
		right[l] = s->capacity[l] * all;
		for (int way = 0; way < (s->overflow < INFINITY ? 2 : 1); way++, columns++) {
			own_row[columns] = l;
			own_value[columns] = (way == 1) == (s->least >> l & 1) ? 1 : -1;
			own_cost[columns] = way ? s->overflow : 0;
			own_upper[columns] = INFINITY;
		}
	}
	shape = (pattern){COLUMNS, 2, first, row, entry, s->links ? link_first : no_links, links,
	    s->links ? 3 : 0, leaves ? bound : free_bound, leaves ? 3 : 2};
	return (problem){1, &shape, s->blocks, class, fill, s,
	    {s->links, right, columns, own_row, own_value, own_cost, own_upper}};
}

static const shop usual = {.blocks = 21,
    .links = LINKS,
    .stock = 10,
    .demand = 4,
    .growth = 1.1,
    .leave_cost = 0.5,
    .leave_most = INFINITY,
    .capacity = {3, 3, 20, 1},
    .overflow = INFINITY,
    .stuck = -1};

typedef struct {
	par_err err;
	solved status;
	ray_report ray;
	double value, bound, primal;
} outcome;

static outcome answer(const par_world *w, const problem *p)
{
	outcome o = {.err = PAR_E_BUG, .bound = NAN};
	deal d;
	solution s = {0};
	if ((o.err = par_agree(w, deal_groups(&d, w, p))) != PAR_OK)
		return o;
	o.err = interior_solve(&s, p, &d, NULL);
	if (o.err == PAR_OK)
		o.err = answer_find(&s, &o.ray, p, &d, NULL);
	o.status = s.status;
	o.value = s.value;
	bound_report b = {0};
	if (o.err == PAR_OK && o.status == SOLVED_OPTIMAL)
		o.err = lagrangian_bound(&b, p, &d, s.price);
	o.bound = b.bound;
	solution_drop(&s);
	deal_drop(&d);
	return o;
}

static outcome of_shop(const par_world *w, shop s)
{
	problem p = problem_of(&s);
	return answer(w, &p);
}

static bool certified(const outcome *o)
{
	return o->err == PAR_OK && o->status == SOLVED_OPTIMAL &&
	       fabs(o->value - o->bound) <= 1e-6 * fmax(1, fabs(o->value));
}

static void solved_well(const par_world *w, shop s, const char *what)
{
	outcome o = of_shop(w, s);
	ok(certified(&o), "%s: solved, and the bound is the value (status %d, %.9g, %.9g)", what,
	    (int)o.status, o.value, o.bound);
}

static outcome without_plan(const par_world *w, shop s, const char *what)
{
	outcome o = of_shop(w, s);
	ok(o.err == PAR_OK && o.status == SOLVED_INFEASIBLE && o.ray.holds,
	    "%s: no plan, proved (status %d)", what, (int)o.status);
	return o;
}

/* at most 4 are sold today, so at least 6 of 10 are kept */
static void limits(const par_world *w)
{
	shop s = usual;
	s.capacity[2] = 5;
	outcome o = without_plan(w, s, "too little space");
	ok(o.ray.links == 1 && o.ray.link[0].which == 2 && o.ray.link[0].share > 0.999 &&
		o.ray.block[0].which == s.blocks - 1,
	    "... the row that is too small and the largest block are named");
	s.capacity[2] = 6 * (1 - 1e-4);
	without_plan(w, s, "too little space by a ten-thousandth");
	s.capacity[2] = 6 * (1 + 1e-4);
	solved_well(w, s, "enough space by a ten-thousandth");
	s.capacity[2] = 6;
	solved_well(w, s, "just enough space, so that nothing can move");
	s.capacity[2] = 6 * (1 - 1e-6);
	without_plan(w, s, "too little by a millionth");
	s = usual;
	s.capacity[0] = s.capacity[2] = 1e10;
	solved_well(w, s, "limits that are out of sight");
	s = usual;
	s.least = 1 << 3;
	o = without_plan(w, s, "a commitment that nothing can meet");
	ok(o.ray.links == 1 && o.ray.link[0].which == 3 && o.ray.blocks == 0,
	    "... is named, and no block with it");
	s.overflow = 100;
	solved_well(w, s, "the same at a price");
	s = usual;
	s.capacity[3] = -1;
	without_plan(w, s, "an empty row whose slack would be below zero");
	s = usual;
	s.least = 1;
	s.capacity[0] = 50;
	s.capacity[2] = 30;
	o = without_plan(w, s, "a commitment against the space for its goods");
	ok(o.ray.links == 2 && o.ray.link[0].which + o.ray.link[1].which == 2,
	    "... both are named");
}

static void blocks(const par_world *w)
{
	shop s = usual;
	s.leave_most = 1;
	s.stuck = 7;
	outcome o = without_plan(w, s, "a block whose goods can go nowhere");
	ok(o.ray.blocks == 1 && o.ray.block[0].which == 7 && o.ray.links == 0,
	    "... it is named alone");
	s.overflow = 100;
	o = without_plan(w, s, "the same where limits can be passed at a price");
	ok(o.ray.blocks == 1 && o.ray.block[0].which == 7, "... it is named alone");
}

static void endless(const par_world *w)
{
	shop s = usual;
	s.leave_cost = -4;
	solved_well(w, s, "a gain on every unit that limits hold");
	s.links = 0;
	outcome o = of_shop(w, s);
	ok(o.err == PAR_OK && o.status == SOLVED_UNBOUNDED && o.ray.holds && o.ray.links == 0,
	    "the same without limits has no end (status %d)", (int)o.status);
	s = usual;
	s.leave_cost = -3.1 - 0.02;
	s.least = 7;
	o = of_shop(w, s);
	ok(o.err == PAR_OK && o.status == SOLVED_UNBOUNDED && o.ray.holds,
	    "nor has one with commitments alone, at a small gain (status %d)", (int)o.status);
	s.leave_cost = -3.1 + 0.02;
	solved_well(w, s, "a small loss instead");
}

static void odd(const par_world *w)
{
	shop s = usual;
	solved_well(w, s, "the usual shop");
	s.idle = 9;
	solved_well(w, s, "blocks without stock and demand");
	s.idle = s.blocks - 1;
	solved_well(w, s, "all but one of them");
	s = usual;
	s.demand = 0;
	s.leave_most = 20;
	solved_well(w, s, "bounds of zero");
	s = usual;
	s.capacity[0] = s.capacity[1] = 0;
	solved_well(w, s, "two dead lanes");
	s.capacity[3] = 0;
	solved_well(w, s, "and an empty row of capacity zero");
	s = usual;
	s.links = 0;
	solved_well(w, s, "no linking rows at all");
	s = usual;
	s.blocks = 1;
	solved_well(w, s, "one block");
	s = usual;
	s.blocks = 16;
	s.growth = 10;
	solved_well(w, s, "sizes over fifteen decades");
	s.stock = 0;
	solved_well(w, s, "the same without goods on hand");
}

/* ---- the generator's network, which nothing can be moved in at the first week's end */

static outcome of_generator(const par_world *w, int64_t skus, limit_kind kind, double factor)
{
	model m;
	outcome o = {.err = PAR_E_BUG};
	generate_options g = {
	    .skus = skus, .seed = 5, .periods = 8, .hard = true, .two_classes = true, .idle = 0.1};
	if ((o.err = generate(&m, w, &g)) == PAR_OK) {
		model_scale(&m, kind, factor);
		o = answer(w, &m.problem);
	}
	model_drop(&m);
	return o;
}

static void generated(const par_world *w)
{
	outcome o = of_generator(w, 24, LIMIT_SPACE, 0.3);
	ok(o.err == PAR_OK && o.status == SOLVED_INFEASIBLE && o.ray.links > 0 && o.ray.blocks > 0,
	    "24 SKUs in a third of the space: no plan, proved");
	o = of_generator(w, 24, LIMIT_BUDGET, 0);
	ok(certified(&o), "without any budget: solved (status %d, %.9g, %.9g)", (int)o.status,
	    o.value, o.bound);
	o = of_generator(w, 3, LIMIT_LANE, 0);
	ok(certified(&o), "3 SKUs without lanes: solved (status %d, %.9g, %.9g)", (int)o.status,
	    o.value, o.bound);
}

/* what is left when the gap is closed: steps that mend the residual must not spoil it */
static void to_the_last_digit(const par_world *w)
{
	model m;
	solution s = {0};
	generate_options g = {.skus = 100, .seed = 3, .periods = 8, .hard = true};
	par_err e = generate(&m, w, &g);
	if (e == PAR_OK)
		e = interior_solve(&s, &m.problem, &m.deal, &(interior_spec){.tolerance = 1e-12});
	ok(e == PAR_OK && s.status == SOLVED_OPTIMAL,
	    "100 SKUs under hard limits are solved to 1e-12 (residuals %.1e and %.1e, gap %.1e)",
	    s.primal_residual, s.dual_residual, s.gap);
	solution_drop(&s);
	model_drop(&m);
}

/* the Schur complement factored on a grid, which fewer than four ranks do not fill */
static void on_a_grid(const par_world *w)
{
	model m;
	solution one = {0}, grid = {0};
	generate_options g = {.skus = 24, .seed = 4, .periods = 8};
	const interior_spec spec = {.schur = {.whole = 1, .rows = 2, .cols = 2, .block = 16}};
	par_err e = generate(&m, w, &g);
	if (e == PAR_OK)
		e = interior_solve(&one, &m.problem, &m.deal, NULL);
	if (e == PAR_OK)
		e = interior_solve(&grid, &m.problem, &m.deal, &spec);
	ok(e == PAR_OK && grid.status == SOLVED_OPTIMAL && one.same_bits &&
		fabs(grid.value - one.value) < 1e-7 * fabs(one.value),
	    "with the Schur complement on a grid the value is the same (%.9g, %.9g)", grid.value,
	    one.value);
	ok(e == PAR_OK && grid.same_bits == (w->size >= 4),
	    "... and it is told whether ranks filled the grid");
	solution_drop(&one);
	solution_drop(&grid);
	model_drop(&m);
}

static void same_bits(const par_world *w)
{
	par_world alone = alone_of(w);
	shop s = usual;
	s.capacity[2] = 6 * (1 - 1e-4);
	outcome a = of_shop(w, s), b = of_shop(&alone, s);
	ok(memcmp(&a.ray, &b.ray, sizeof a.ray) == 0, "a proof has the bits of one rank alone");
	s.capacity[0] = s.capacity[1] = 0;
	s.capacity[2] = 6;
	a = of_shop(w, s);
	b = of_shop(&alone, s);
	ok(a.value == b.value && a.bound == b.bound, "so has a plan with nothing to move");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	limits(&w);
	blocks(&w);
	endless(&w);
	odd(&w);
	generated(&w);
	to_the_last_digit(&w);
	on_a_grid(&w);
	same_bits(&w);
	par_world_close(&w);
	return tap_end();
}
