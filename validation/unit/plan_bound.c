/* np: 1 2 3 6, apps: plan */
#include "plan/check/bound.h"

#include "../tap.h"
#include "alone.h"
#include "base/rng.h"

#include <math.h>
#include <stdlib.h>

#define BLOCKS 37

/* Block k must have need[k] units, from a source that uses weight[k] of the one common row for each, or at
 * extra[k] more from elsewhere: a knapsack that may be filled in part, whose best value is known.
 * Two more columns turn in a circle, for nothing or for gain. Up to `lent` of the row more than its capacity
 * costs `interest` for each, and any more than that `overflow`. */
typedef struct {
	double need[BLOCKS], weight[BLOCKS], near[BLOCKS], extra[BLOCKS];
	double capacity, lent, interest, overflow, circle;
	int64_t starved; /* a block that nothing reaches, or -1 */
	int64_t turning; /* the only block whose circle gains, or -1: all do */
} knapsack;

static void fill(void *ctx, int64_t k, block *b)
{
	const knapsack *s = ctx;
	b->right[0] = s->need[k];
	b->link[0] = s->weight[k];
	b->cost[0] = s->near[k];
	b->cost[1] = s->near[k] + s->extra[k];
	b->right[1] = 0;
	b->cost[2] = s->turning < 0 || k == s->turning ? s->circle : 0;
	b->cost[3] = 0;
	b->upper[0] = k == s->starved ? s->need[k] / 4 : 2 * s->need[k];
	b->upper[1] = b->upper[0];
}

static void draw(knapsack *s)
{
	const par_rng rng = {11, 2, 0};
	double all = 0;
	for (int k = 0; k < BLOCKS; k++) {
		s->need[k] = 1 + 9 * par_rng_f64(rng, 4 * k);
		s->weight[k] = 0.2 + par_rng_f64(rng, 4 * k + 1);
		s->near[k] = 3 * par_rng_f64(rng, 4 * k + 2);
		s->extra[k] = 0.1 + 5 * par_rng_f64(rng, 4 * k + 3);
		all += s->need[k] * s->weight[k];
	}
	s->capacity = 0.6 * all;
	s->overflow = 1000;
	s->circle = 0;
	s->starved = s->turning = -1;
	s->lent = s->interest = 0;
}

/* Dantzig 1957: the row goes to those that save most for what they use of it; *price: what the last of
 * them saves */
static double best_value(const knapsack *s, double *price)
{
	bool served[BLOCKS] = {false};
	double left = s->capacity, value = 0;
	for (int round = 0; round < BLOCKS; round++) {
		int best = -1;
		for (int k = 0; k < BLOCKS; k++)
			if (!served[k] && (best < 0 || s->extra[k] / s->weight[k] >
							   s->extra[best] / s->weight[best]))
				best = k;
		double units = fmin(s->need[best], left / s->weight[best]);
		served[best] = true;
		value += s->near[best] * s->need[best] + s->extra[best] * (s->need[best] - units);
		if (left > 0 && units < s->need[best])
			*price = -s->extra[best] / s->weight[best];
		left -= units * s->weight[best];
	}
	return value;
}

/* ---- the problem around it */

static int first[] = {0, 1, 2, 3, 4}, row[] = {0, 0, 1, 1}, bound[] = {0, 1, -1, -1};
static int link_first[] = {0, 1, 1, 1, 1}, link[] = {0};
static double entry[] = {1, 1, 1, -1};
static const pattern shape = {4, 2, first, row, entry, link_first, link, 1, bound, 2};
static uint8_t class[BLOCKS];
static int own_row[] = {0, 0, 0};
static double own_value[] = {1, -1, -0.5}, own_cost[3], own_upper[] = {INFINITY, INFINITY, 0};

static problem problem_of(knapsack *s)
{
	own_cost[1] = s->overflow;
	own_cost[2] = s->interest / 2;
	own_upper[2] = s->lent * 2;
	return (problem){.patterns = 1,
	    .pattern = &shape,
	    .blocks = BLOCKS,
	    .class = class,
	    .fill = fill,
	    .ctx = s,
	    .link = {.rows = 1,
		.right = &s->capacity,
		.columns = 3,
		.row = own_row,
		.value = own_value,
		.cost = own_cost,
		.upper = own_upper}};
}

static bound_report bound_at(const par_world *w, knapsack *s, double price)
{
	problem p = problem_of(s);
	deal d;
	bound_report b = {NAN, -2, NAN};
	if (par_agree(w, deal_groups(&d, w, &p)) != PAR_OK)
		return b;
	if (lagrangian_bound(&b, &p, &d, &price) != PAR_OK)
		b.bound = NAN;
	deal_drop(&d);
	return b;
}

static void at_the_best_price(const par_world *w, knapsack *s)
{
	double price = 0, best = best_value(s, &price);
	bound_report b = bound_at(w, s, price);
	ok(fabs(b.bound - best) < 1e-12 * best && b.hopeless == -1 && b.moved == 0,
	    "at the best price the bound is the best value, %.9g", best);
	int below = 0;
	for (int i = 0; i < 50; i++)
		below += bound_at(w, s, -0.2 * i).bound <= best * (1 + 1e-12);
	ok(below == 50, "at no price is it above");
}

static void with_a_bounded_column(const par_world *w, knapsack *s)
{
	knapsack lends = *s, more = *s;
	double price = 0;
	lends.lent = 0.1 * s->capacity;
	more.capacity += lends.lent;
	double best = best_value(&more, &price);
	lends.interest = -0.9 * price;
	best += lends.interest * lends.lent;
	bound_report b = bound_at(w, &lends, price);
	ok(fabs(b.bound - best) < 1e-12 * best && b.moved == 0,
	    "what the row lends below its price is used up, as far as it goes");
	lends.interest = -1.1 * price;
	ok(bound_at(w, &lends, price).bound == bound_at(w, s, price).bound,
	    "and not at all above it");
}

static void at_prices_that_gain(const par_world *w, knapsack *s)
{
	bound_report high = bound_at(w, s, 0.5), none = bound_at(w, s, 0);
	ok(high.bound == none.bound && high.moved == 1,
	    "a price at which the slack gains is moved to 0, which is told");
	bound_report low = bound_at(w, s, -1500), edge = bound_at(w, s, -1000);
	ok(low.bound == edge.bound && fabs(low.moved - 1. / 3) < 1e-15,
	    "a price beyond the overflow's is moved to the overflow's");
	s->overflow = -1;
	ok(bound_at(w, s, 0).bound == -INFINITY,
	    "own columns that gain at any price have no bound");
	s->overflow = 1000;
}

static void without_an_answer(const par_world *w, knapsack *s)
{
	s->circle = -1;
	bound_report b = bound_at(w, s, -1);
	ok(b.bound == -INFINITY && b.hopeless == -1, "a block that falls for ever has no bound");
	s->starved = 17;
	b = bound_at(w, s, -1);
	ok(b.hopeless == 17, "a block without an answer is named, also where it would fall");
	s->circle = 0;
	b = bound_at(w, s, -1);
	ok(b.hopeless == 17, "... and where it would not");
	s->starved = -1;
	s->circle = -1;
	s->turning = BLOCKS - 1;
	b = bound_at(w, s, -1);
	ok(b.bound == -INFINITY && b.hopeless == -1, "nor has one such block among others");
	s->turning = -1;
	s->circle = 0;
}

static void same_bits(const par_world *w, knapsack *s)
{
	par_world alone = alone_of(w);
	int same = 0;
	for (int i = 0; i < 20; i++)
		same += bound_at(w, s, -0.31 * i).bound == bound_at(&alone, s, -0.31 * i).bound;
	ok(same == 20, "the bits are those of one rank alone");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	knapsack s;
	draw(&s);
	at_the_best_price(&w, &s);
	with_a_bounded_column(&w, &s);
	at_prices_that_gain(&w, &s);
	without_an_answer(&w, &s);
	same_bits(&w, &s);
	par_world_close(&w);
	return tap_end();
}
