/* np: 1 2 3 4 6 */
#include "train/optimizer.h"

#include "../tap.h"
#include "base/rng.h"
#include "comm/exact.h"
#include "grad/layers.h"

#include <math.h>
#include <string.h>
#include <sys/resource.h>

/* Linear layers whose weights rest sharded: each rank holds a slice of all and, while one is used, that one
 * whole. Such a model has the bits of one that stands whole, and may be larger than a rank's memory. */
enum { BATCH = 48, STEPS = 3 };

typedef struct {
	par_graph *graph;
	par_optimizer *optimizer;
	par_value x, y, loss;
	int64_t width;
	int pass, layers;
} model;

static bool open_model(model *m, const par_world *w, int64_t width, int layers, bool rests,
    const par_optimizer_spec *rule)
{
	char name[16];
	par_graph *g;
	if (par_graph_open(&g, &(par_graph_spec){.world = w, .batch = BATCH, .seed = 9}) != PAR_OK)
		return false;
	*m = (model){.graph = g, .width = width, .layers = layers};
	m->x = par_graph_input(g, "x", PAR_F32, 1, &width);
	m->y = par_graph_input(g, "y", PAR_F32, 1, (int64_t[]){3});
	par_value h = m->x;
	for (int k = 0; k < layers; k++) {
		snprintf(name, sizeof name, "layer%d", k);
		h = par_linear(g, h,
		    &(par_linear_spec){.name = name,
			.out = k % 2 ? width : width + 5,
			.act = PAR_ACT_LEAKY,
			.no_bias = k > 1,
			.rests_sharded = rests});
	}
	h = par_linear(g, h, &(par_linear_spec){.name = "last", .out = 3});
	m->loss = par_loss_mse(g, h, m->y);
	m->pass = par_graph_pass(g, m->loss, "model");
	return par_graph_plan(g) == PAR_OK &&
	       par_optimizer_open(&m->optimizer, g, "model", rule) == PAR_OK;
}

static void close_model(model *m)
{
	par_optimizer_close(m->optimizer);
	par_graph_close(m->graph);
}

static void fill(model *m, par_value v, uint32_t stream)
{
	const par_shards *s = par_graph_shards(m->graph);
	int64_t n = par_graph_elements(m->graph, v);
	par_rng_fill_normal(
	    (par_rng){4, stream, 0}, s->lo * n, (s->hi - s->lo) * n, par_graph_at(m->graph, v));
}

static double step(model *m, int64_t number)
{
	fill(m, m->x, 1);
	fill(m, m->y, 2);
	par_graph_step(m->graph, number, BATCH);
	par_graph_forward(m->graph, m->pass);
	par_graph_backward(m->graph, m->pass);
	par_optimizer_step(m->optimizer, 0.01);
	return par_graph_loss(m->graph, m->pass);
}

/* do the slices of one model stand in the whole weights of the other? */
static bool same_weights(model *sharded, model *whole)
{
	bool same = true;
	for (int i = 0; i < par_graph_params(whole->graph); i++) {
		const par_param *p = par_graph_param(whole->graph, i);
		par_optimizer_part part[PAR_OPTIMIZER_PARTS];
		par_optimizer_parts(sharded->optimizer, par_graph_param(sharded->graph, i), part);
		same = same && memcmp(part[0].here, p->weights + part[0].lo,
				   (size_t)(part[0].hi - part[0].lo) * sizeof(float)) == 0;
	}
	return same;
}

static void as_whole(const par_world *w, const char *name, const par_optimizer_spec *rule)
{
	model sharded, whole;
	bool opened = open_model(&sharded, w, 37, 4, true, rule) &&
		      open_model(&whole, w, 37, 4, false, rule);
	ok(opened, "%s: opened", name);
	if (!opened)
		return;
	bool losses = true, weights = same_weights(&sharded, &whole);
	for (int64_t k = 0; k < STEPS; k++) {
		losses = losses && step(&sharded, k) == step(&whole, k);
		weights = weights && same_weights(&sharded, &whole);
	}
	ok(losses && weights, "... weights at rest sharded have the bits of whole ones");
	ok(par_optimizer_norm(sharded.optimizer) == par_optimizer_norm(whole.optimizer),
	    "... and so has the norm");
	if (rule->average > 0) {
		par_optimizer_swap_average(sharded.optimizer);
		par_optimizer_swap_average(whole.optimizer);
		ok(same_weights(&sharded, &whole), "... and their averages");
	}
	close_model(&sharded);
	close_model(&whole);
}

static int64_t weight_bytes(const model *m)
{
	int64_t n = 0;
	for (int i = 0; i < par_graph_params(m->graph); i++)
		n += par_graph_param(m->graph, i)->n;
	return n * (int64_t)sizeof(float);
}

/* memory this process may still take beyond what it has */
static bool cap(int64_t more)
{
	char line[256];
	long long kib = 0;
	FILE *f = fopen("/proc/self/status", "r");
	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "VmData: %lld", &kib) == 1)
			break;
	if (f)
		fclose(f);
	struct rlimit limit = {(rlim_t)(kib * 1024 + more), RLIM_INFINITY};
	return kib > 0 && setrlimit(RLIMIT_DATA, &limit) == 0;
}

/* forty layers of 0.6 MiB: the weights alone are more than a rank may take */
static void larger_than_memory(const par_world *w)
{
	model m;
	if (w->size < 4) {
		skip("a model larger than a rank's memory wants at least 4 ranks");
		return;
	}
	struct rlimit before;
	getrlimit(RLIMIT_DATA, &before);
	int64_t most = (int64_t)18 << 20;
	par_optimizer_spec sgd = {.rule = PAR_SGD};
	bool capped = cap(most), opened = open_model(&m, w, 384, 40, true, &sgd);
	ok(capped && opened && weight_bytes(&m) > most,
	    "a model of %.1f MiB opens on ranks that may take %.1f",
	    opened ? (double)weight_bytes(&m) / 0x1p20 : 0, (double)most / 0x1p20);
	if (!opened)
		return;
	double first = step(&m, 0), last = first;
	for (int64_t k = 1; k < 6; k++)
		last = step(&m, k);
	ok(last < first, "... and learns (loss %.4f to %.4f)", first, last);
	par_optimizer_bytes b = par_optimizer_memory(m.optimizer);
	ok((int64_t)(b.weights + b.gradients) < weight_bytes(&m),
	    "... with %.1f MiB of weights, %.1f of gradients and %.1f of state a rank",
	    (double)b.weights / 0x1p20, (double)b.gradients / 0x1p20, (double)b.state / 0x1p20);
	close_model(&m);
	setrlimit(RLIMIT_DATA, &before);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	as_whole(&w, "SGD", &(par_optimizer_spec){.rule = PAR_SGD});
	as_whole(&w, "clipped Adam with averages",
	    &(par_optimizer_spec){
		.rule = PAR_ADAM, .clip = 0.1, .average = 0.9, .l2 = 0.1, .bucket_bytes = 4096});
	larger_than_memory(&w);
	par_world_close(&w);
	return tap_end();
}
