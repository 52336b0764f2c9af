/* np: 1 2 3 6 */
#include "base/cpu.h"
#include "base/rng.h"
#include "grad/layers.h"

#include "../tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 100, REAL = 93, STEPS = 150, WIDE = 4, SEEN = 3, WIDTH = 5 };

/* a network whose steps are many rows a sample and whose other layers are one */
typedef struct {
	par_graph *g;
	par_value x, steps, target, weight;
	int pass;
} net;

static par_value dense(par_graph *g, par_value x, const char *name, int64_t out, par_act act)
{
	return par_linear(g, x, &(par_linear_spec){.name = name, .out = out, .act = act});
}

static par_err open_net(net *n, const par_world *w, int64_t cache)
{
	PAR_TRY(par_graph_open(
	    &n->g, &(par_graph_spec){.world = w, .batch = BATCH, .seed = 3, .cache = cache}));
	par_graph *g = n->g;
	n->x = par_graph_input(g, "x", PAR_F32, 1, (int64_t[]){WIDE});
	n->steps = par_graph_input(g, "steps", PAR_F32, 2, (int64_t[]){STEPS, SEEN});
	n->target = par_graph_input(g, "target", PAR_F32, 2, (int64_t[]){STEPS, 1});
	n->weight = par_graph_input(g, "weight", PAR_F32, 1, (int64_t[]){1});
	par_value h = dense(g, n->x, "whole", WIDE, PAR_ACT_RELU);
	par_value own = par_reshape(
	    g, dense(g, h, "own", STEPS, PAR_ACT_NONE), 2, (int64_t[]){STEPS, 1});
	par_value all = par_repeat(g, dense(g, h, "shared", WIDTH, PAR_ACT_NONE), STEPS);
	par_value v = dense(
	    g, par_concat(g, 2, (par_value[]){own, n->steps}), "step1", WIDTH, PAR_ACT_NONE);
	v = par_activate(g, par_add_values(g, v, all), PAR_ACT_LEAKY);
	v = par_dropout(g, par_layer_norm(g, "norm", v, 0), 0.2);
	v = par_add_values(g, v, dense(g, v, "step2", WIDTH, PAR_ACT_TANH));
	v = par_add_values(g, dense(g, par_multiply(g, v, all), "head", 1, PAR_ACT_NONE), own);
	v = par_multiply(g, par_ladder(g, v, 0),
	    par_activate(g, par_reduce_last(g, all, PAR_MEAN), PAR_ACT_EXP));
	par_value loss = par_weigh(g, par_loss_huber(g, v, n->target, 1), n->weight);
	n->pass = par_graph_pass(g, loss, "model");
	return par_graph_plan(g);
}

static void fill(net *n)
{
	par_value in[] = {n->x, n->steps, n->target, n->weight};
	const par_shards *s = par_graph_shards(n->g);
	for (uint32_t k = 0; k < 4; k++) {
		int64_t each = par_graph_elements(n->g, in[k]);
		par_rng_fill_normal((par_rng){5, k, 0}, s->lo * each, (s->hi - s->lo) * each,
		    par_graph_at(n->g, in[k]));
	}
	for (int i = 0; i < par_graph_params(n->g); i++) {
		par_param *p = par_graph_param(n->g, i);
		p->weights = calloc((size_t)p->n, sizeof(float));
		par_param_fill(p, 1, 0, p->n, p->weights);
		for (int k = 0; k < s->nodes; k++)
			p->grad[k] = calloc((size_t)p->n, sizeof(float));
	}
	par_graph_step(n->g, 7, REAL);
}

static void close_net(net *n)
{
	for (int i = 0; i < par_graph_params(n->g); i++) {
		par_param *p = par_graph_param(n->g, i);
		free(p->weights);
		for (int k = 0; k < PAR_NODES; k++)
			free(p->grad[k]);
	}
	par_graph_close(n->g);
}

static bool same_gradients(const net *a, const net *b)
{
	bool same = true;
	for (int i = 0; i < par_graph_params(a->g); i++) {
		const par_param *p = par_graph_param(a->g, i), *q = par_graph_param(b->g, i);
		for (int k = 0; k < par_graph_shards(a->g)->nodes; k++)
			same = same &&
			       memcmp(p->grad[k], q->grad[k], (size_t)p->n * sizeof(float)) == 0;
	}
	return same;
}

static void spoil(const net *n)
{
	for (int i = 0; i < par_graph_params(n->g); i++)
		for (int k = 0; k < par_graph_shards(n->g)->nodes; k++)
			par_graph_param(n->g, i)->grad[k][0] += 1;
}

/* slices of so many bytes against everything at once */
static void check(
    const par_world *w, const net *whole, double loss, int64_t cache, const char *what)
{
	net n;
	par_err e = open_net(&n, w, cache);
	ok(e == PAR_OK, "%s: planned", what);
	fill(&n);
	bool less = par_graph_shards(n.g)->hi - par_graph_shards(n.g)->lo < 2 ||
		    par_graph_bytes(n.g) < par_graph_bytes(whole->g);
	ok(less, "%s: %zu bytes, of %zu", what, par_graph_bytes(n.g), par_graph_bytes(whole->g));
	par_graph_learn(n.g, n.pass);
	ok(same_gradients(whole, &n), "%s: gradients have the bits of the whole batch's", what);
	ok(par_graph_loss(n.g, n.pass) == loss, "%s: and so has the loss", what);
	spoil(&n);
	par_graph_forward(n.g, n.pass);
	ok(par_graph_loss(n.g, n.pass) == loss, "%s: a forward run brings the loss alone", what);
	par_graph_backward(n.g, n.pass);
	ok(same_gradients(whole, &n), "%s: and a backward run after it the gradients", what);
	close_net(&n);
}

static void check_all(const par_world *w)
{
	net whole;
	const char *set = par_kernels_name(par_cpu_kernels());
	par_err e = open_net(&whole, w, (int64_t)1 << 40);
	fill(&whole);
	par_graph_forward(whole.g, whole.pass);
	double loss = par_graph_loss(whole.g, whole.pass);
	ok(e == PAR_OK && isfinite(loss) && loss != 0, "the whole batch at once (%s): loss %.4f",
	    set, loss);
	par_graph_backward(whole.g, whole.pass);
	bool none = par_graph_shards(whole.g)->lo >= REAL;
	for (int k = 0; k < par_graph_shards(whole.g)->nodes; k++)
		none = none || par_graph_find(whole.g, "step1/weight")->grad[k][0] != 0;
	ok(none, "and gradients");
	check(w, &whole, loss, 1, "slices of a shard");
	check(w, &whole, loss, (int64_t)200 * 1024, "slices of several shards");
	close_net(&whole);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	for (int k = PAR_KERNELS_PLAIN; k <= (int)par_cpu_best(); k++) {
		par_cpu_use((par_kernels)k);
		check_all(&w);
	}
	par_world_close(&w);
	return tap_end();
}
