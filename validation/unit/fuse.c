/* np: 1 2 3 6 */
#include "base/cpu.h"
#include "base/rng.h"
#include "grad/graph_inside.h"
#include "grad/layers.h"
#include "train/optimizer.h"

#include "../tap.h"

#include <math.h>

/* two convolutions, each with a max pool behind it */
typedef struct {
	int64_t size, stride; /* of the first pool's windows */
	par_act act;
	bool no_bias, spectral;
} model;

typedef struct {
	par_graph *g;
	par_optimizer *optimizer;
	par_value x, truth;
	int pass;
} network;

static par_value conv(par_graph *g, par_value x, const char *name, int64_t out, const model *m)
{
	return par_conv2d(g, x,
	    &(par_conv_spec){.name = name,
		.out = out,
		.kernel = 3,
		.pad = 1,
		.act = m->act,
		.no_bias = m->no_bias,
		.spectral = m->spectral});
}

/* seen: the convolutions' own values are asked for as well, so that each pool runs apart */
static void open_network(network *n, const par_world *w, const model *m, bool seen)
{
	int64_t shape[PAR_AXES];
	par_graph_open(&n->g, &(par_graph_spec){.world = w, .batch = 9, .seed = 3});
	n->x = par_graph_input(n->g, "x", PAR_F32, 3, (int64_t[]){13, 12, 2});
	par_value a = conv(n->g, n->x, "a", 18, m);
	par_value b = par_pool2d(n->g, a, PAR_POOL_MAX, m->size, m->stride);
	b = conv(n->g, b, "b", 5, m);
	par_value y = par_pool2d(n->g, b, PAR_POOL_MAX, 2, 2);
	int nd = par_graph_shape(n->g, y, shape);
	n->truth = par_graph_input(n->g, "truth", PAR_F32, nd, shape);
	n->pass = par_graph_pass(n->g, par_loss_mse(n->g, y, n->truth), "model");
	if (seen)
		par_graph_answer(n->g, 2, (par_value[]){a, b});
	par_graph_plan(n->g);
	par_optimizer_open(
	    &n->optimizer, n->g, "model", &(par_optimizer_spec){.rule = PAR_MOMENTUM});
}

static void close_network(network *n)
{
	par_optimizer_close(n->optimizer);
	par_graph_close(n->g);
}

static void fill(const network *n, par_value v, uint32_t stream, uint32_t step)
{
	const par_shards *s = par_graph_shards(n->g);
	int64_t each = par_graph_elements(n->g, v);
	par_rng_fill_normal((par_rng){5, stream, step}, s->lo * each, (s->hi - s->lo) * each,
	    par_graph_at(n->g, v));
}

static void train(network *n, uint32_t steps)
{
	for (uint32_t step = 0; step < steps; step++) {
		fill(n, n->x, 1, step);
		fill(n, n->truth, 2, step);
		par_graph_step(n->g, step, par_graph_shards(n->g)->batch);
		par_graph_forward(n->g, n->pass);
		par_graph_backward(n->g, n->pass);
		par_optimizer_step(n->optimizer, 0.05);
	}
}

/* the largest difference of two models' weights */
static double difference(const network *one, const network *other)
{
	double most = 0;
	for (int i = 0; i < par_graph_params(one->g); i++) {
		const par_param *p = par_graph_param(one->g, i), *q = par_graph_param(other->g, i);
		for (int64_t k = 0; k < p->n; k++) {
			double off = fabs((double)p->weights[k] - (double)q->weights[k]);
			most = off <= most ? most : off; /* a NaN stays */
		}
	}
	return most;
}

/* weights after some steps, with so many pools taken over and with none */
static void check(const par_world *w, const char *what, model m, int taken)
{
	network one, apart;
	const char *set = par_kernels_name(par_cpu_kernels());
	open_network(&one, w, &m, false);
	open_network(&apart, w, &m, true);
	train(&one, 5);
	train(&apart, 5);
	double off = difference(&one, &apart);
	ok(one.g->pass[one.pass].forwards == apart.g->pass[apart.pass].forwards - taken,
	    "%s (%s): %d of 2 pools run with their convolutions", what, set, taken);
	if (m.no_bias || taken == 0)
		ok(off == 0, "... with the bits of pools that run apart");
	else
		ok(off < 1e-6, "... %.1e from pools that run apart", off);
	close_network(&one);
	close_network(&apart);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	for (int k = PAR_KERNELS_PLAIN; k <= (int)par_cpu_best(); k++) {
		par_cpu_use((par_kernels)k);
		check(&w, "ReLU", (model){2, 2, PAR_ACT_RELU, true, false}, 2);
		check(&w, "leaky ReLU, 3 x 3", (model){3, 3, PAR_ACT_LEAKY, true, false}, 2);
		check(&w, "no activation", (model){2, 2, PAR_ACT_NONE, true, false}, 2);
		check(&w, "cells between windows", (model){2, 3, PAR_ACT_LEAKY, true, false}, 2);
		check(&w, "windows that overlap", (model){3, 2, PAR_ACT_LEAKY, true, false}, 1);
		check(&w, "tanh in between", (model){2, 2, PAR_ACT_TANH, false, false}, 0);
		check(&w, "spectral", (model){2, 2, PAR_ACT_RELU, true, true}, 2);
		check(&w, "biases", (model){2, 2, PAR_ACT_RELU, false, false}, 2);
	}
	par_world_close(&w);
	return tap_end();
}
