/* np: 1 2 3 6, apps: plan */
#include "plan/check/ray.h"

#include "../tap.h"
#include "alone.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS 29

/* Block k must have k + 1 units, bounded by `most`, each of which uses one of the common row. Two more columns
 * buy and sell a unit; selling brings `gain` more and uses `uses` of the row. The last is a gift, bounded too.
 * The row has a slack, lends up to `lent`, and where `over` is not 0 more than that at this price. */
typedef struct {
	double capacity, most, gain, uses, lent, over;
} trade;

static void fill(void *ctx, int64_t k, block *b)
{
	const trade *t = ctx;
	b->upper[0] = b->upper[1] = t->most * (double)(k + 1);
	b->right[0] = (double)(k + 1);
	b->right[1] = 0;
	b->cost[0] = 1;
	b->cost[1] = 2;
	b->cost[2] = -2 - t->gain;
	b->cost[3] = -1;
	b->link[0] = 1;
	b->link[1] = t->uses;
}

#define COLUMNS 4
#define OWN 3
static int first[] = {0, 1, 2, 3, 3}, row[] = {0, 1, 1}, bound[] = {0, -1, -1, 1};
static int link_first[] = {0, 1, 1, 2, 2}, links[] = {0, 0};
static double entry[] = {1, 1, -1};
static const pattern shape = {COLUMNS, 2, first, row, entry, link_first, links, 2, bound, 2};
static uint8_t class[BLOCKS];
static int own_row[OWN];
static double own_value[] = {1, -1, -1}, own_cost[OWN], own_upper[] = {INFINITY, 0, INFINITY};

static problem problem_of(trade *t)
{
	own_upper[1] = t->lent;
	own_cost[2] = t->over;
	return (problem){.patterns = 1,
	    .pattern = &shape,
	    .blocks = BLOCKS,
	    .class = class,
	    .fill = fill,
	    .ctx = t,
	    .link = {.rows = 1,
		.right = &t->capacity,
		.columns = t->over != 0 ? 3 : 2,
		.row = own_row,
		.value = own_value,
		.cost = own_cost,
		.upper = own_upper}};
}

/* a ray that is the same in every block */
typedef struct {
	double price, row_price[2], own[OWN], x[COLUMNS];
} claim;

static solution claimed(const claim *c, const deal *d)
{
	solution s = {.blocks = d->blocks};
	size_t n = (size_t)d->blocks + 1;
	s.price = calloc(1, sizeof(double));
	s.own = calloc(OWN, sizeof(double));
	s.block = calloc(n, sizeof(int64_t));
	s.x_at = calloc(n, sizeof(int64_t));
	s.row_at = calloc(n, sizeof(int64_t));
	s.x = calloc(COLUMNS * n, sizeof(double));
	s.row_price = calloc(2 * n, sizeof(double));
	*s.price = c->price;
	memcpy(s.own, c->own, sizeof c->own);
	int64_t i = 0;
	for (int64_t g = 0; g < d->groups; g++)
		for (int lane = 0; lane < d->mine[g].lanes; lane++, i++) {
			s.block[i] = d->mine[g].block[lane];
			s.x_at[i] = COLUMNS * i;
			s.row_at[i] = 2 * i;
			memcpy(s.x + COLUMNS * i, c->x, sizeof c->x);
			memcpy(s.row_price + 2 * i, c->row_price, sizeof c->row_price);
		}
	return s;
}

typedef par_err (*checker)(ray_report *, const problem *, const deal *, const solution *);

static ray_report check(const par_world *w, trade *t, const claim *c, checker fn)
{
	problem p = problem_of(t);
	deal d;
	ray_report r = {0};
	if (par_agree(w, deal_groups(&d, w, &p)) != PAR_OK)
		return r;
	solution s = claimed(c, &d);
	if (fn(&r, &p, &d, &s) != PAR_OK)
		r.holds = false;
	solution_drop(&s);
	deal_drop(&d);
	return r;
}

#define NEED (0.5 * BLOCKS * (BLOCKS + 1))

static void no_plan(const par_world *w)
{
	trade t = {.capacity = NEED - 10, .most = 3, .uses = 1};
	claim c = {.price = -1, .row_price = {1, 0}};
	ray_report r = check(w, &t, &c, ray_check_no_plan);
	ok(r.holds && r.gain == 10 && r.slack == 0, "ten units too few are proved by ten");
	ok(r.links == 1 && r.link[0].which == 0 && r.link[0].share == 1 && r.blocks == RAY_NAMED &&
		r.block[0].which == BLOCKS - 1 && r.block[1].which == BLOCKS - 2 &&
		fabs(r.block[0].share - (double)BLOCKS / NEED) < 1e-15,
	    "the row and the largest blocks are named, with their shares");
	c.price = -0.9999999999;
	r = check(w, &t, &c, ray_check_no_plan);
	ok(!r.holds || r.slack < 1e-6, "bounded columns that pull pay with their bounds");
	c.price = -0.9;
	ok(!check(w, &t, &c, ray_check_no_plan).holds,
	    "prices that bounded columns outbid prove nothing");
	c = (claim){.price = -1, .row_price = {1, 1e-3}};
	ok(!check(w, &t, &c, ray_check_no_plan).holds,
	    "nor do prices that pull an unbounded column");
	c = (claim){.price = 1, .row_price = {1, 0}};
	ok(!check(w, &t, &c, ray_check_no_plan).holds, "nor do prices that pull the slack");
	c = (claim){.price = -1, .row_price = {1, 0}};
	t.capacity = NEED;
	ok(!check(w, &t, &c, ray_check_no_plan).holds,
	    "where there is just enough, nothing is proved");
	t = (trade){.capacity = NEED - 10, .most = 3, .uses = 1, .lent = 4};
	r = check(w, &t, &c, ray_check_no_plan);
	ok(r.holds && r.gain == 6, "what the row lends counts against the proof");
	t.lent = 11;
	ok(!check(w, &t, &c, ray_check_no_plan).holds, "and ends it where it is enough");
	t = (trade){.capacity = NEED + 1000., .most = 0.9, .uses = 1};
	c = (claim){.row_price = {1, 0}};
	ok(check(w, &t, &c, ray_check_no_plan).holds,
	    "bounds below the need are proved by the blocks alone");
}

static void no_end(const par_world *w)
{
	trade t = {.capacity = NEED, .most = 3, .gain = 0.5};
	claim c = {.x = {0, 1, 1}};
	ray_report r = check(w, &t, &c, ray_check_no_end);
	ok(r.holds && fabs(r.gain - 0.5 * BLOCKS) < 1e-12 && r.slack == 0 && r.blocks == RAY_NAMED,
	    "trade without limit is a ray");
	t.uses = 1;
	ok(!check(w, &t, &c, ray_check_no_end).holds, "not where it uses a row");
	c.own[0] = -BLOCKS;
	ok(!check(w, &t, &c, ray_check_no_end).holds, "nor with a negative slack");
	t.uses = -1;
	c.own[0] = BLOCKS;
	ok(check(w, &t, &c, ray_check_no_end).holds, "but where it frees a row");
	c = (claim){.x = {0, 1, 1.01}};
	t.uses = 0;
	ok(!check(w, &t, &c, ray_check_no_end).holds, "selling more than was bought is none");
	c = (claim){.x = {-1, 1, 1}};
	ok(!check(w, &t, &c, ray_check_no_end).holds, "nor is a negative column");
	c = (claim){.x = {0, 1, 1}};
	t.gain = 0;
	ok(!check(w, &t, &c, ray_check_no_end).holds, "without a gain there is none");
	t.gain = 1e-12;
	ok(!check(w, &t, &c, ray_check_no_end).holds, "nor with one that may be rounding");
	t.gain = -0.5;
	c = (claim){.x = {0, -1, -1}};
	ok(!check(w, &t, &c, ray_check_no_end).holds, "a losing trade cannot be turned round");
	c = (claim){.x = {0, 0, 0, 1}};
	ok(!check(w, &t, &c, ray_check_no_end).holds, "a gift that is bounded ends");
}

static void no_end_of_the_row(const par_world *w)
{
	trade t = {.capacity = NEED, .most = 3, .gain = 0.5, .uses = 1, .lent = 1000};
	claim c = {.own = {0, BLOCKS}, .x = {0, 1, 1}};
	ok(!check(w, &t, &c, ray_check_no_end).holds, "what the row lends ends, too");
	c.own[1] = 0;
	c.own[2] = BLOCKS;
	t.over = 0.25;
	ray_report r = check(w, &t, &c, ray_check_no_end);
	ok(r.holds && fabs(r.gain - 0.25 * BLOCKS) < 1e-12,
	    "passing the row is a ray at its price");
	t.over = 0.75;
	ok(!check(w, &t, &c, ray_check_no_end).holds, "while that is less than the gain");
	t.over = -1;
	c = (claim){.own = {1, 0, 1}};
	r = check(w, &t, &c, ray_check_no_end);
	ok(r.holds && r.gain == 1, "a row that pays for being passed is one alone");
}

static void same_bits(const par_world *w)
{
	par_world alone = alone_of(w);
	trade t = {.capacity = NEED / 3., .most = 2.7, .uses = 1};
	claim c = {.price = -0.7, .row_price = {0.9, 1e-9}};
	ray_report a = check(w, &t, &c, ray_check_no_plan);
	ray_report b = check(&alone, &t, &c, ray_check_no_plan);
	ok(memcmp(&a, &b, sizeof a) == 0, "the report has the bits of one rank alone");
}

static void told(void)
{
	static char lane[2][MODEL_NAME] = {"SHA-HAM", "SHA-OAK"}, sku[2][MODEL_NAME] = {"A1", "B2"};
	int32_t day[] = {19723, 19730};
	limit limits[] = {{.kind = LIMIT_LANE, .which = 1, .period = 0, .until = 1},
	    {.kind = LIMIT_COMMITMENT, .which = 0, .period = 0, .until = 2},
	    {.kind = LIMIT_BUDGET, .which = -1, .period = 1, .until = 2}};
	model m = {
	    .lane = {2, lane}, .sku = {2, sku}, .periods = 2, .period_date = day, .limit = limits};
	ray_report r = {.links = 3,
	    .blocks = 2,
	    .link = {{1, 0.5}, {0, 0.3}, {2, 0.2}},
	    .block = {{1, 0.9}, {0, 0.1}}};
	char text[400], small[20];
	ray_tell(text, sizeof text, &r, &m);
	ok(strcmp(text,
	       "commitment on lane SHA-HAM from 2024-01-01 (50 %), lane SHA-OAK of 2024-01-01 "
	       "(30 %), budget of 2024-01-08 (20 %); SKUs B2 (90 %), A1 (10 %)") == 0,
	    "\"%s\"", text);
	ok(strlen(ray_tell(small, sizeof small, &r, &m)) == sizeof small - 1, "a long list is cut");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	no_plan(&w);
	no_end(&w);
	no_end_of_the_row(&w);
	same_bits(&w);
	told();
	par_world_close(&w);
	return tap_end();
}
