#include "augment/cost.h"

#include "base/clock.h"
#include "common/judge/trial.h"
#include "common/judge/tuned.h"

#include <math.h>

#define PROGRAM_BYTES 60e6 /* MPI, HDF5, their buffers and the code */
#define TIMED 3            /* steps, the quickest counts */
#define TRIALS 4 /* classifiers besides those that tune, when nothing proves a gain at once */

static double time_gan(gan *n)
{
	double least = INFINITY;
	for (int i = 0; i < TIMED; i++) {
		double begun = par_clock_s();
		par_graph_step(n->graph, i, n->spec.batch);
		par_graph_learn(n->graph, n->judge);
		par_optimizer_step(n->judges, 0);
		par_graph_learn(n->graph, n->make);
		par_optimizer_step(n->makes, 0);
		least = fmin(least, par_clock_s() - begun);
	}
	return least;
}

static double time_classifier(classifier *c)
{
	double least = INFINITY;
	for (int i = 0; i < TIMED; i++) {
		double begun = par_clock_s();
		par_graph_step(c->graph, i, c->spec.batch);
		par_graph_learn(c->graph, c->learn);
		par_optimizer_step(c->optimizer, 0);
		least = fmin(least, par_clock_s() - begun);
	}
	return least;
}

static double bytes_of(par_graph *graph, par_optimizer *o)
{
	par_optimizer_bytes b = par_optimizer_memory(o);
	return (double)par_graph_bytes(graph) + (double)b.weights + (double)b.gradients +
	       (double)b.state;
}

static void tell(app *a, double bytes, double flops, double seconds)
{
	app_log(a, "memory a rank: %.0f MiB", bytes / (1 << 20));
	app_log(a, "work: %.4g GFLOP, about %.0f s as just measured", flops / 1e9, seconds);
	json_object_set_new(a->report, "memory_mib", json_real(bytes / (1 << 20)));
	json_object_set_new(a->report, "gflop", json_real(flops / 1e9));
	json_object_set_new(a->report, "seconds", json_real(seconds));
}

par_err cost_tell(app *a, const gallery *g, gan *n, int64_t steps)
{
	classifier c = {0};
	double trials = (double)((TUNED_KINDS + TRIALS) * app_int(a, "trial_steps"));
	par_err e = classifier_open(&c, &(classifier_spec){.world = &a->world,
					    .batch = TRIAL_BATCH,
					    .height = g->height,
					    .width = g->width,
					    .channels = g->channels,
					    .categories = g->categories});
	if (e == PAR_OK) {
		double pictures = (double)g->first[GALLERY_TRAIN][g->categories];
		double bytes =
		    PROGRAM_BYTES + (double)(g->pictures * g->bytes) / a->world.node_size +
		    pictures * CLASSIFIER_FEATURES * sizeof(float) + bytes_of(n->graph, n->judges) +
		    bytes_of(n->graph, n->makes) + bytes_of(c.graph, c.optimizer);
		double flops = (double)steps * (par_graph_flops(n->graph, n->judge) +
						   par_graph_flops(n->graph, n->make)) +
			       trials * par_graph_flops(c.graph, c.learn);
		app_log(a,
		    "%lld pictures of %lld categories, %lld steps of a GAN, about %.0f of "
		    "classifiers",
		    (long long)g->pictures, (long long)g->categories, (long long)steps, trials);
		tell(a, bytes, flops, (double)steps * time_gan(n) + trials * time_classifier(&c));
	}
	classifier_close(&c);
	return e;
}
