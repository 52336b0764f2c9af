/* np: 1 2 3 6   apps: plan */
#include "plan/solve/interior.h"

#include "../tap.h"
#include "alone.h"
#include "other_night.h"

#include <stdlib.h>
#include <string.h>

#define SKUS 403

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
    const char *what, const model *m, const problem *p, const warm_point *near, double share)
{
	solution cold = solve(m, p, NULL, NULL), warm = solve(m, p, near, NULL);
	ok(warm.warm && !cold.warm && equal(warm.value, cold.value),
	    "%s: the value is that of a cold start", what);
	ok(warm.iterations <= share * cold.iterations, "%s: %d of %d iterations", what,
	    warm.iterations, cold.iterations);
	solution_drop(&cold);
	solution_drop(&warm);
}

/* this rank alone keeps a point and starts near it by itself: has the solution the bits of the one given? */
static bool alone_alike(const par_world *w, const generate_options *o, const solution *together)
{
	par_world alone = alone_of(w);
	model one;
	warm_point kept = {0};
	solution last = {0}, got = {0};
	interior_spec keep = {.keep = &kept}, start = {.near = &kept};
	par_err e = generate(&one, &alone, o);
	e = e == PAR_OK ? warm_open(&kept, &one.problem, &one.deal) : e;
	e = e == PAR_OK ? interior_solve(&last, &one.problem, &one.deal, &keep) : e;
	e = e == PAR_OK ? interior_solve(&got, &one.problem, &one.deal, &start) : e;
	bool alike = e == PAR_OK && got.warm && got.value == together->value &&
		     got.iterations == together->iterations && got.price && together->price &&
		     memcmp(got.price, together->price,
			 (size_t)one.problem.link.rows * sizeof *got.price) == 0;
	solution_drop(&last);
	solution_drop(&got);
	warm_close(&kept);
	model_drop(&one);
	return alike;
}

/* one rank is enough to tell: all have the same prices */
static void same_bits(
    const par_world *w, const model *m, const generate_options *o, const warm_point *near)
{
	solution together = solve(m, &m->problem, near, NULL);
	ok(w->rank != 0 || alone_alike(w, o, &together), "the bits are those of one rank");
	solution_drop(&together);
}

/* percent: of the SKUs that are other tonight, with other demand and new. share: of a cold start's iterations */
static void nights(const model *m, const model *other, warm_point *last, const double percent[2],
    const double share[2])
{
	two_nights n = {m, other, percent[0]};
	problem p = m->problem;
	p.ctx = &n;
	p.fill = fill_demand;
	tonight("other demand", m, &p, last, share[0]);
	n.percent = percent[1];
	p.fill = fill_new;
	forget_new(last, &n);
	tonight("new SKUs", m, &p, last, share[1]);
}

/* plan_warm [SKUS]: with a number, only how many iterations so many SKUs of one network take */
int main(int argc, char **argv)
{
	par_world w;
	model m, other;
	warm_point last;
	bool study = argc > 1;
	generate_options o = {.skus = study ? strtol(argv[1], NULL, 10) : SKUS,
	    .seed = 1,
	    .periods = 8,
	    .two_classes = !study};
	tap_begin(&argc, &argv);
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	generate_options new = o;
	new.seed = 2;
	bool made = generate(&m, &w, &o) == PAR_OK;
	ok(made && generate(&other, &w, &new) == PAR_OK, "two catalogs are made");
	ok(warm_open(&last, &m.problem, &m.deal) == PAR_OK, "a point opens");
	solution s = solve(&m, &m.problem, NULL, &last);
	ok(last.product > 0, "the solve left a point");
	solution_drop(&s);
	if (!study)
		same_bits(&w, &m, &o, &last);
	nights(&m, &other, &last, (const double[]){5, study ? 5 : 2}, (const double[]){0.8, 0.75});
	warm_close(&last);
	model_drop(&m);
	model_drop(&other);
	par_world_close(&w);
	return tap_end();
}
