/* apps: plan   The interior point on the generator's problem, iteration by iteration.
 *
 * mpirun -n R plan_interior SKUS [weeks=8] [seed=1] [hard=0] [classes=1] [idle=0] [kernels=auto] [quiet=0]
 * prints the iterations and one line of what they took. */
#include "base/pin.h"
#include "comm/kernels.h"
#include "plan/model/generate.h"
#include "plan/solve/interior.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

typedef struct {
	generate_options model;
	const char *kernels;
	bool quiet;
} options;

static par_err parse(options *o, int argc, char **argv)
{
	*o = (options){.model = {.skus = argc > 1 ? atoll(argv[1]) : 0, .seed = 1, .periods = 8},
	    .kernels = "auto"};
	for (int i = 2; i < argc; i++) {
		const char *value = strchr(argv[i], '=');
		double number = value ? atof(++value) : 0;
		if (strncmp(argv[i], "weeks=", 6) == 0)
			o->model.periods = (int)number;
		else if (strncmp(argv[i], "seed=", 5) == 0)
			o->model.seed = (uint64_t)number;
		else if (strncmp(argv[i], "hard=", 5) == 0)
			o->model.hard = number != 0;
		else if (strncmp(argv[i], "classes=", 8) == 0)
			o->model.two_classes = number == 2;
		else if (strncmp(argv[i], "idle=", 5) == 0)
			o->model.idle = number;
		else if (strncmp(argv[i], "kernels=", 8) == 0)
			o->kernels = value;
		else if (strncmp(argv[i], "quiet=", 6) == 0)
			o->quiet = number != 0;
		else
			return par_fail(PAR_E_USAGE, "what is %s?", argv[i]);
	}
	return o->model.skus > 0 ? PAR_OK : par_fail(PAR_E_USAGE, "how many SKUs?");
}

static void show(void *ctx, const interior_progress *n)
{
	(void)ctx;
	printf("%3d %3d  %.10e %.10e  p %.1e d %.1e gap %.1e xz %.1e  steps %.3f %.3f  %.3f s\n",
	    n->iteration, n->correctors, n->value, n->dual_value, n->primal_residual,
	    n->dual_residual, n->gap, n->mean_product, n->primal_step, n->dual_step, n->seconds);
}

static double cpu_seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void sum_up(const solution *s, const model *m, double seconds)
{
	static const char *const names[] = {"optimal", "infeasible", "unbounded", "stalled"};
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	double blocks = (double)m->deal.blocks;
	printf(
	    "%s %.12e, gap %.1e, primal %.1e, dual %.1e: %d iterations, %d correctors, %.3f s of "
	    "rank 0, %.2f us a SKU and iteration, %.0f MB\n",
	    names[s->status], s->value, s->gap, s->primal_residual, s->dual_residual, s->iterations,
	    s->correctors, seconds, seconds / blocks / (s->iterations + 1) * 1e6,
	    (double)u.ru_maxrss / 1024);
}

static par_err run(par_world *w, const options *o)
{
	model m;
	solution s;
	PAR_TRY(par_world_kernels(w, o->kernels));
	PAR_TRY(generate(&m, w, &o->model));
	double from = cpu_seconds();
	interior_spec spec = {.progress = w->rank == 0 && !o->quiet ? show : NULL};
	par_err e = interior_solve(&s, &m.problem, &m.deal, &spec);
	if (e == PAR_OK && w->rank == 0)
		sum_up(&s, &m, cpu_seconds() - from);
	if (e == PAR_OK)
		solution_drop(&s);
	model_drop(&m);
	return e;
}

int main(int argc, char **argv)
{
	options o;
	par_world w;
	par_err e = parse(&o, argc, argv);
	par_kernels set = par_cpu_best();
	if (e == PAR_OK && strcmp(o.kernels, "auto") != 0)
		e = par_kernels_parse(&set, o.kernels);
	if (e == PAR_OK)
		e = par_blas_pin(argv, set);
	if (e == PAR_OK)
		e = par_world_start(&w);
	if (e == PAR_OK) {
		e = par_agree(&w, run(&w, &o));
		par_world_finish(&w);
	}
	if (e != PAR_OK)
		fprintf(stderr, "plan_interior: %s\n", par_err_why());
	return par_err_status(e);
}
