/* np: 1 2 3 6   apps: plan */
#include "base/rng.h"
#include "plan/model/generate.h"
#include "plan/solve/interior.h"

#include "../tap.h"
#include "alone.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHARE 0.05 /* of the SKUs that are other tonight */

static generate_options options[2] = {
    {.skus = 400, .seed = 1, .periods = 8}, {.skus = 400, .seed = 2, .periods = 8}};

static const par_rng draw = {99, 5, 0};

static bool changes(int64_t k)
{
	return par_rng_f64(draw, 2 * k) < SHARE;
}

/* last night's problem with other steps of demand */
static void fill_changed(void *ctx, int64_t k, block *b)
{
	const model *m = ctx;
	m->problem.fill(m->problem.ctx, k, b);
	double f = 0.7 + 0.6 * par_rng_f64(draw, 2 * k + 1);
	for (int j = 0; changes(k) && j < m->problem.pattern->bounds; j++)
		b->upper[j] *= f;
}

/* last night's model and another one, some of whose SKUs take the place of its own */
typedef struct {
	const model *last, *other;
} pair_of;

static void fill_new(void *ctx, int64_t k, block *b)
{
	const pair_of *p = ctx;
	const model *m = changes(k) ? p->other : p->last;
	m->problem.fill(m->problem.ctx, k, b);
}

static int64_t mine(const model *m, int64_t k)
{
	int64_t at = 0;
	for (int64_t i = 0; i < m->deal.groups; i++)
		for (int lane = 0; lane < m->deal.mine[i].lanes; lane++, at++)
			if (m->deal.mine[i].block[lane] == k)
				return at;
	return -1;
}

/* x of the SKUs that were not there becomes unknown */
static void forget(warm_point *w, const model *m)
{
	for (int64_t k = 0; k < m->problem.blocks; k++) {
		int64_t at = changes(k) ? mine(m, k) : -1;
		for (int j = 0; at >= 0 && j < m->problem.pattern->columns; j++)
			w->x[w->x_at[at] + j] = NAN;
	}
}

static solution solve(const model *m, const problem *p, const warm_point *near, warm_point *keep)
{
	solution s;
	interior_spec spec = {.near = near, .keep = keep};
	par_err e = interior_solve(&s, p, &m->deal, &spec);
	ok(e == PAR_OK && s.status == SOLVED_OPTIMAL, "solved in %d iterations", s.iterations);
	return s;
}

static bool equal(double a, double b)
{
	return fabs(a - b) < 1e-7 * fabs(b);
}

/* tonight's problem from a cold start and near last night's */
static void tonight(
    const char *what, const model *m, problem p, const warm_point *near, double share)
{
	solution cold = solve(m, &p, NULL, NULL), warm = solve(m, &p, near, NULL);
	ok(warm.warm && !cold.warm && equal(warm.value, cold.value),
	    "%s: the value is that of a cold start", what);
	ok(warm.iterations <= share * cold.iterations, "%s: %d of %d iterations", what,
	    warm.iterations, cold.iterations);
	solution_drop(&cold);
	solution_drop(&warm);
}

static void given_up(const char *what, const model *m, const warm_point *near)
{
	solution cold = solve(m, &m->problem, NULL, NULL);
	solution got = solve(m, &m->problem, near, NULL);
	ok(!got.warm && equal(got.value, cold.value), "%s is given up for a cold start", what);
	solution_drop(&cold);
	solution_drop(&got);
}

static void without_a_point(const model *m)
{
	warm_point none;
	ok(warm_open(&none, &m->problem, &m->deal) == PAR_OK, "an empty point opens");
	given_up("a point of which nothing is known", m, &none);
	warm_close(&none);
}

/* a price of each limit that would close every lane, and stock everywhere */
static void hostile(const model *m, const warm_point *last)
{
	warm_point bad;
	ok(warm_open(&bad, &m->problem, &m->deal) == PAR_OK, "a point opens");
	bad.product = last->product;
	for (int l = 0; l < m->problem.link.rows; l++)
		bad.price[l] = -1e9;
	for (int64_t i = 0; i < m->deal.blocks * m->problem.pattern->columns; i++)
		bad.x[i] = 1e9F;
	given_up("a point far from everything", m, &bad);
	warm_close(&bad);
}

/* all ranks against this one alone, which keeps and starts by itself */
static void same_bits(const par_world *w, const model *m, const warm_point *near)
{
	par_world alone = alone_of(w);
	model one;
	warm_point kept = {0};
	solution together = solve(m, &m->problem, near, NULL), last = {0}, got = {0};
	interior_spec keep = {.keep = &kept}, start = {.near = &kept};
	par_err e = generate(&one, &alone, &options[0]);
	e = e == PAR_OK ? warm_open(&kept, &one.problem, &one.deal) : e;
	e = e == PAR_OK ? interior_solve(&last, &one.problem, &one.deal, &keep) : e;
	e = e == PAR_OK ? interior_solve(&got, &one.problem, &one.deal, &start) : e;
	ok(e == PAR_OK && got.warm && got.value == together.value &&
		got.iterations == together.iterations && got.price && together.price &&
		memcmp(got.price, together.price,
		    (size_t)m->problem.link.rows * sizeof *got.price) == 0,
	    "the bits are those of one rank");
	solution_drop(&together);
	solution_drop(&last);
	solution_drop(&got);
	warm_close(&kept);
	model_drop(&one);
}

/* plan_warm [SKUS]: with a number, only how many iterations so many SKUs take */
int main(int argc, char **argv)
{
	par_world w;
	model m, other;
	warm_point last;
	tap_begin(&argc, &argv);
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	if (argc > 1)
		options[0].skus = options[1].skus = strtol(argv[1], NULL, 10);
	ok(generate(&m, &w, &options[0]) == PAR_OK && generate(&other, &w, &options[1]) == PAR_OK,
	    "two catalogs are made");
	ok(warm_open(&last, &m.problem, &m.deal) == PAR_OK, "a point opens");
	solution s = solve(&m, &m.problem, NULL, &last);
	ok(last.product > 0, "the solve left a point");
	solution_drop(&s);
	if (argc == 1) {
		same_bits(&w, &m, &last);
		hostile(&m, &last);
		without_a_point(&m);
	}
	problem p = m.problem;
	p.fill = fill_changed;
	p.ctx = &m;
	tonight("other demand", &m, p, &last, 0.65);
	pair_of both = {&m, &other};
	p.fill = fill_new;
	p.ctx = &both;
	forget(&last, &m);
	tonight("new SKUs", &m, p, &last, 1.1);
	warm_close(&last);
	model_drop(&m);
	model_drop(&other);
	par_world_close(&w);
	return tap_end();
}
