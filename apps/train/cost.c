#include "train/cost.h"

#include "base/clock.h"

#include <math.h>

#define PROGRAM_BYTES 44e6 /* MPI, HDF5, their buffers and the code */
#define STEPS 4            /* timed; the quickest counts */

static par_err one_step(network *n, par_feed *train, int64_t step)
{
	const par_value input[] = {n->input, n->values.truth};
	PAR_TRY(par_feed_fill(train, n->graph, input, step));
	par_graph_step(n->graph, step, par_sampler_count(par_feed_order(train), step));
	par_graph_learn(n->graph, n->train);
	par_optimizer_step(n->optimizer, 0);
	return PAR_OK;
}

static par_err time_steps(network *n, par_feed *train, double *seconds)
{
	*seconds = INFINITY;
	for (int i = 0; i < STEPS; i++) {
		double begun = par_clock_s();
		PAR_TRY(one_step(n, train, 0));
		*seconds = fmin(*seconds, par_clock_s() - begun);
	}
	return PAR_OK;
}

par_err cost_tell(app *a, network *n, par_feed *train, par_feed *validation)
{
	double step, steps = (double)fit_steps(a, train);
	PAR_TRY(time_steps(n, train, &step));
	par_optimizer_bytes o = par_optimizer_memory(n->optimizer);
	double bytes = PROGRAM_BYTES + (double)par_graph_bytes(n->graph) + (double)o.weights +
		       (double)o.gradients + (double)o.state + (double)par_feed_bytes(train) +
		       (validation ? (double)par_feed_bytes(validation) : 0);
	double flops = par_graph_flops(n->graph, n->train);
	app_log(a,
	    "memory a rank: %.0f MiB, of it weights %.1f, gradients %.1f, optimizer %.1f, "
	    "values %.1f",
	    bytes / (1 << 20), (double)o.weights / (1 << 20), (double)o.gradients / (1 << 20),
	    (double)o.state / (1 << 20), (double)par_graph_bytes(n->graph) / (1 << 20));
	app_log(a, "work: %.4g GFLOP a step, %.0f steps, %.4g GFLOP in all", flops / 1e9, steps,
	    flops * steps / 1e9);
	app_log(a, "time: %.3g ms a step as just measured, about %.3g s in all", 1e3 * step,
	    step * steps);
	json_object_set_new(a->report, "memory_mib", json_real(bytes / (1 << 20)));
	json_object_set_new(a->report, "parameters", json_integer(layers_params(&n->layers)));
	json_object_set_new(a->report, "gflop", json_real(flops * steps / 1e9));
	json_object_set_new(a->report, "steps", json_integer((json_int_t)steps));
	json_object_set_new(a->report, "seconds", json_real(step * steps));
	return PAR_OK;
}
