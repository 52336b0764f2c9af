/* Opcheck: is an operator right? One call compares it with a slow reference in double.
 *
 *   forward   every output element against the reference
 *   backward  the gradient of a random linear form of the output, for inputs and parameters, against
 *             central differences of the reference (a share of the elements when there are many)
 *   bits      outputs, input gradients and summed parameter gradients equal those of one rank alone
 *
 * once for every kernel set this machine runs. The reference sees the whole batch. */
#ifndef VALIDATION_OPCHECK_H
#define VALIDATION_OPCHECK_H

#include "../tap.h"
#include "base/cpu.h"
#include "base/rng.h"
#include "comm/reduce.h"
#include "grad/graph.h"
#include "grad/op.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define OPCHECK_INPUTS 4
#define OPCHECK_PARAMS 8

typedef struct {
	par_dtype type;
	int nd;
	int64_t shape[PAR_AXES];
	int64_t below; /* of PAR_I32: uniform in [0, below) */
	double low;    /* of PAR_F32: normal, plus low when low != 0 taken as |x| + low */
} opcheck_input;

typedef struct {
	const char *what; /* a name for the messages */
	int64_t batch;
	int64_t count; /* real samples; 0: all */
	int inputs;
	opcheck_input input[OPCHECK_INPUTS];
	par_value (*build)(par_graph *g, const par_value *in, const void *ctx);
	/* x[i]: samples x elements; p[k]: parameters in the order they were made, buffers left out;
	 * y: samples x elements of the output, which the call fills */
	void (*reference)(
	    int64_t samples, double *const *x, double *const *p, double *y, const void *ctx);
	const void *ctx;
	double tolerance;   /* of forward and backward, relative to the largest element; 0: 2e-5 */
	double param_scale; /* parameters are normal times this; 0: 0.3 */
	bool no_gradient;   /* forward only */
	bool bf16;
	int shards; /* of the batch; 0: the usual number */
} opcheck;

/* a leaf passes its input on and keeps the gradient that comes back */
static void opcheck_leaf_forward(const par_run *r, par_op *op)
{
	memcpy(op->y, op->x[0],
	    (size_t)(r->samples * par_op_elements(op->graph, op->out)) * sizeof(float));
}

static void opcheck_leaf_backward(const par_run *r, par_op *op)
{
	float **kept = op->own;
	memcpy(*kept, op->dy,
	    (size_t)(r->samples * par_op_elements(op->graph, op->out)) * sizeof(float));
	for (int i = 0; i < r->shards->nodes; i++)
		op->param[0]->grad[i][0] = 0;
}

static par_value opcheck_leaf(par_graph *g, par_value x, int k, float **kept)
{
	static const par_op_kind kind = {
	    .name = "leaf", .forward = opcheck_leaf_forward, .backward = opcheck_leaf_backward};
	char name[16];
	snprintf(name, sizeof name, "leaf%d", k);
	par_op *op = par_op_new(g, &kind, 1, &x, sizeof(float *));
	if (!op)
		return -1;
	int64_t shape[PAR_AXES], samples = par_graph_shards(g)->hi - par_graph_shards(g)->lo;
	int nd = par_op_axes(g, x, shape);
	*kept = calloc((size_t)(samples * par_op_elements(g, x)) + 1, sizeof(float));
	*(float **)op->own = *kept;
	par_op_param(op, name, "none", PAR_PARAM_DENSE, 1, (int64_t[]){1}, PAR_INIT_CONSTANT, 0);
	return par_op_done(op, PAR_F32, nd, shape);
}

/* the loss of a sample: batch times the sum of y times fixed random numbers */
static float opcheck_weight(int64_t global)
{
	return (float)par_rng_normal((par_rng){7, 99, 0}, global);
}

static void opcheck_probe_forward(const par_run *r, par_op *op)
{
	int64_t n = par_op_elements(op->graph, op->in[0]);
	const float *x = op->x[0];
	for (int64_t i = 0; i < r->samples; i++) {
		double sum = 0;
		for (int64_t j = 0; j < n; j++)
			sum += (double)x[i * n + j] *
			       (double)opcheck_weight((r->shards->lo + i) * n + j);
		((float *)op->y)[i] = (float)(sum * (double)r->count);
	}
}

static void opcheck_probe_backward(const par_run *r, par_op *op)
{
	int64_t n = par_op_elements(op->graph, op->in[0]);
	for (int64_t i = 0; i < r->samples; i++)
		for (int64_t j = 0; j < n; j++)
			op->dx[0][i * n + j] = op->dy[i] * (float)r->count *
					       opcheck_weight((r->shards->lo + i) * n + j);
}

static par_value opcheck_probe(par_graph *g, par_value y)
{
	static const par_op_kind kind = {.name = "probe",
	    .reads = PAR_READS_IN,
	    .forward = opcheck_probe_forward,
	    .backward = opcheck_probe_backward};
	par_op *op = par_op_new(g, &kind, 1, &y, 0);
	return op ? par_op_done(op, PAR_F32, 1, (int64_t[]){1}) : -1;
}

/* one run of the operator over the ranks of a world */
typedef struct {
	par_graph *g;
	par_value in[OPCHECK_INPUTS], out;
	float *dx[OPCHECK_INPUTS];
	float *y; /* a copy, my samples */
	int params;
	par_param *param[OPCHECK_PARAMS];
	float *gradient[OPCHECK_PARAMS]; /* summed over ranks, whole */
	const par_shards *shards;
	int64_t y_elements;
	par_err failed;
} opcheck_run;

static int64_t opcheck_elements(const opcheck_input *in)
{
	int64_t n = 1;
	for (int i = 0; i < in->nd; i++)
		n *= in->shape[i];
	return n;
}

static double opcheck_value(const opcheck *c, int input, int64_t global)
{
	const opcheck_input *in = &c->input[input];
	par_rng r = {5, (uint32_t)input, 0};
	if (in->type == PAR_I32)
		return (double)par_rng_below(r, global, in->below);
	float x = (float)par_rng_normal(r, global);
	return (double)(in->low != 0 ? fabsf(x) + (float)in->low : x);
}

static void opcheck_fill(const opcheck *c, opcheck_run *run)
{
	for (int k = 0; k < c->inputs; k++) {
		int64_t n = opcheck_elements(&c->input[k]);
		for (int64_t i = 0; i < (run->shards->hi - run->shards->lo) * n; i++) {
			double v = opcheck_value(c, k, run->shards->lo * n + i);
			if (c->input[k].type == PAR_I32)
				((int32_t *)par_graph_at(run->g, run->in[k]))[i] = (int32_t)v;
			else
				((float *)par_graph_at(run->g, run->in[k]))[i] = (float)v;
		}
	}
}

static float opcheck_param_value(const opcheck *c, int k, int64_t i)
{
	double scale = c->param_scale != 0 ? c->param_scale : 0.3;
	return (float)(scale * par_rng_normal((par_rng){6, (uint32_t)k, 0}, i));
}

static void opcheck_params(const opcheck *c, opcheck_run *run)
{
	for (int i = 0; i < par_graph_params(run->g); i++) {
		par_param *p = par_graph_param(run->g, i);
		if (p->kind != PAR_PARAM_DENSE)
			continue;
		p->weights = calloc((size_t)p->n, sizeof(float));
		for (int k = 0; k < run->shards->nodes; k++)
			p->grad[k] = calloc((size_t)p->n, sizeof(float));
		if (strncmp(p->name, "leaf", 4) == 0)
			continue;
		for (int64_t j = 0; j < p->n; j++)
			p->weights[j] = opcheck_param_value(c, run->params, j);
		run->param[run->params++] = p;
	}
}

static void opcheck_sum(const par_world *w, opcheck_run *run)
{
	for (int k = 0; k < run->params; k++) {
		par_reduce *r;
		par_param *p = run->param[k];
		size_t bytes = (size_t)p->n * sizeof(float);
		run->gradient[k] = calloc(1, bytes);
		if (par_reduce_plan(&r, w, PAR_F32, p->n, run->shards->shards, 0) != PAR_OK)
			continue;
		for (int i = 0; i < par_reduce_nodes(r); i++)
			memcpy(par_reduce_node(r, i), p->grad[i], bytes);
		par_reduce_nodes_born(r);
		memcpy(run->gradient[k], par_reduce_sum(r), bytes);
		par_reduce_free(r);
	}
}

static void opcheck_go(const opcheck *c, const par_world *w, opcheck_run *run)
{
	*run = (opcheck_run){0};
	par_graph_open(&run->g,
	    &(par_graph_spec){
		.world = w, .batch = c->batch, .shards = c->shards, .seed = 3, .bf16 = c->bf16});
	par_value leaf[OPCHECK_INPUTS] = {-1, -1, -1, -1};
	for (int k = 0; k < c->inputs; k++) {
		const opcheck_input *in = &c->input[k];
		run->in[k] = leaf[k] = par_graph_input(run->g, "x", in->type, in->nd, in->shape);
		if (in->type == PAR_F32)
			leaf[k] = opcheck_leaf(run->g, run->in[k], k, &run->dx[k]);
	}
	run->out = c->build(run->g, leaf, c->ctx);
	int pass = c->no_gradient
		       ? par_graph_answer(run->g, 1, &run->out)
		       : par_graph_pass(run->g, opcheck_probe(run->g, run->out), "model");
	/* the output is read by name, so it must have a place of its own */
	if (!c->no_gradient)
		par_graph_answer(run->g, 1, &run->out);
	run->failed = par_graph_plan(run->g);
	run->shards = par_graph_shards(run->g);
	if (run->failed != PAR_OK)
		return;
	run->y_elements = par_graph_elements(run->g, run->out);
	opcheck_fill(c, run);
	opcheck_params(c, run);
	par_graph_step(run->g, 11, c->count ? c->count : c->batch);
	par_graph_forward(run->g, pass);
	size_t bytes = (size_t)((run->shards->hi - run->shards->lo) * run->y_elements) *
		       sizeof(float);
	run->y = malloc(bytes + 1);
	memcpy(run->y, par_graph_at(run->g, run->out), bytes);
	if (c->no_gradient)
		return;
	par_graph_backward(run->g, pass);
	opcheck_sum(w, run);
}

static void opcheck_free(opcheck_run *run)
{
	for (int i = 0; i < par_graph_params(run->g); i++) {
		par_param *p = par_graph_param(run->g, i);
		if (p->kind != PAR_PARAM_DENSE)
			continue;
		free(p->weights);
		for (int k = 0; k < PAR_NODES; k++)
			free(p->grad[k]);
	}
	for (int k = 0; k < OPCHECK_PARAMS; k++)
		free(run->gradient[k]);
	for (int k = 0; k < OPCHECK_INPUTS; k++)
		free(run->dx[k]);
	free(run->y);
	par_graph_close(run->g);
}

/* the reference's side: everything in double, the whole batch */
typedef struct {
	double *x[OPCHECK_INPUTS], *p[OPCHECK_PARAMS], *y;
	int64_t y_all;
} opcheck_oracle;

static void opcheck_oracle_make(const opcheck *c, const opcheck_run *run, opcheck_oracle *o)
{
	*o = (opcheck_oracle){.y_all = c->batch * run->y_elements};
	for (int k = 0; k < c->inputs; k++) {
		int64_t n = c->batch * opcheck_elements(&c->input[k]);
		o->x[k] = calloc((size_t)n + 1, sizeof(double));
		for (int64_t i = 0; i < n; i++)
			o->x[k][i] = opcheck_value(c, k, i);
	}
	for (int k = 0; k < OPCHECK_PARAMS; k++) {
		int64_t n = k < run->params ? run->param[k]->n : 0;
		o->p[k] = calloc((size_t)n + 1, sizeof(double));
		for (int64_t i = 0; i < n; i++)
			o->p[k][i] = (double)run->param[k]->weights[i];
	}
	o->y = calloc((size_t)o->y_all + 1, sizeof(double));
}

static void opcheck_oracle_free(opcheck_oracle *o)
{
	for (int k = 0; k < OPCHECK_INPUTS; k++)
		free(o->x[k]);
	for (int k = 0; k < OPCHECK_PARAMS; k++)
		free(o->p[k]);
	free(o->y);
}

/* the loss: the random linear form over real samples */
static double opcheck_loss(const opcheck *c, const opcheck_run *run, opcheck_oracle *o)
{
	double sum = 0;
	int64_t real = (c->count ? c->count : c->batch) * run->y_elements;
	c->reference(c->batch, o->x, o->p, o->y, c->ctx);
	for (int64_t i = 0; i < real; i++)
		sum += o->y[i] * (double)opcheck_weight(i);
	return sum;
}

static double opcheck_slope(const opcheck *c, const opcheck_run *run, opcheck_oracle *o, double *at)
{
	double old = *at, h = 1e-5;
	*at = old + h;
	double up = opcheck_loss(c, run, o);
	*at = old - h;
	double down = opcheck_loss(c, run, o);
	*at = old;
	return (up - down) / (2 * h);
}

/* the largest difference between got[i - lo] and the slope at[i] over a share of i in [lo, hi),
 * relative to the largest slope (at least 1e-3) */
static double opcheck_worst(const opcheck *c, const opcheck_run *run, opcheck_oracle *o, double *at,
    const float *got, int64_t lo, int64_t hi)
{
	double worst = 0, largest = 1e-3;
	int64_t step = (hi - lo) / 40 + 1;
	for (int64_t i = lo; i < hi; i += step) {
		double want = opcheck_slope(c, run, o, &at[i]);
		double off = fabs((double)got[i - lo] - want);
		worst = !(off <= worst) ? off : worst;
		largest = fabs(want) > largest ? fabs(want) : largest;
	}
	return worst / largest;
}

static double opcheck_forward_error(const opcheck *c, const opcheck_run *run, opcheck_oracle *o)
{
	double worst = 0, largest = 1e-3;
	int64_t n = run->y_elements, real = c->count ? c->count : c->batch;
	int64_t hi = real < run->shards->hi ? real : run->shards->hi;
	c->reference(c->batch, o->x, o->p, o->y, c->ctx);
	for (int64_t i = run->shards->lo * n; i < hi * n; i++) {
		double off = fabs((double)run->y[i - run->shards->lo * n] - o->y[i]);
		worst = !(off <= worst) ? off : worst;
		largest = fabs(o->y[i]) > largest ? fabs(o->y[i]) : largest;
	}
	return worst / largest;
}

static void opcheck_gradients(
    const opcheck *c, const opcheck_run *run, opcheck_oracle *o, const char *set, double tolerance)
{
	for (int k = 0; k < c->inputs; k++) {
		if (c->input[k].type != PAR_F32)
			continue;
		int64_t n = opcheck_elements(&c->input[k]);
		double off = opcheck_worst(
		    c, run, o, o->x[k], run->dx[k], run->shards->lo * n, run->shards->hi * n);
		ok(off < 10 * tolerance, "%s (%s): gradient of input %d is off by %.1e", c->what,
		    set, k, off);
	}
	for (int k = 0; k < run->params; k++) {
		double off = opcheck_worst(
		    c, run, o, o->p[k], run->gradient[k], 0, run->param[k]->n);
		ok(off < 10 * tolerance, "%s (%s): gradient of %s is off by %.1e", c->what, set,
		    run->param[k]->name, off);
	}
}

static bool opcheck_same_bits(const opcheck *c, const opcheck_run *run, const opcheck_run *solo)
{
	int64_t samples = run->shards->hi - run->shards->lo, lo = run->shards->lo;
	size_t row = (size_t)run->y_elements * sizeof(float);
	bool same =
	    memcmp(run->y, (const char *)solo->y + (size_t)lo * row, (size_t)samples * row) == 0;
	for (int k = 0; k < c->inputs && !c->no_gradient; k++) {
		int64_t n = opcheck_elements(&c->input[k]);
		same = same && (c->input[k].type != PAR_F32 ||
				   memcmp(run->dx[k], solo->dx[k] + lo * n,
				       (size_t)(samples * n) * sizeof(float)) == 0);
	}
	for (int k = 0; k < run->params && !c->no_gradient; k++)
		same = same && memcmp(run->gradient[k], solo->gradient[k],
				   (size_t)run->param[k]->n * sizeof(float)) == 0;
	return same;
}

static void opcheck_set(const opcheck *c, const par_world *w, const char *set)
{
	par_world alone = {
	    .comm = MPI_COMM_SELF, .node = MPI_COMM_SELF, .size = 1, .node_size = 1, .nodes = 1};
	opcheck_run run, solo;
	opcheck_oracle o;
	double tolerance = c->tolerance != 0 ? c->tolerance : 2e-5;
	opcheck_go(c, w, &run);
	ok(run.failed == PAR_OK, "%s (%s): planned", c->what, set);
	if (run.failed != PAR_OK) {
		opcheck_free(&run);
		return;
	}
	opcheck_oracle_make(c, &run, &o);
	double off = opcheck_forward_error(c, &run, &o);
	ok(off < tolerance, "%s (%s): forward is off by %.1e", c->what, set, off);
	if (!c->no_gradient)
		opcheck_gradients(c, &run, &o, set, tolerance);
	opcheck_go(c, &alone, &solo);
	ok(opcheck_same_bits(c, &run, &solo), "%s (%s): the bits of one rank alone", c->what, set);
	opcheck_oracle_free(&o);
	opcheck_free(&solo);
	opcheck_free(&run);
}

/* collective | the whole check, in every kernel set of this machine */
__attribute__((unused)) static void opcheck_all(const opcheck *c, const par_world *w)
{
	for (int k = PAR_KERNELS_PLAIN; k <= (int)par_cpu_best(); k++) {
		par_cpu_use((par_kernels)k);
		opcheck_set(c, w, par_kernels_name((par_kernels)k));
	}
}

#endif
