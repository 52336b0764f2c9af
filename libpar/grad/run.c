#include "comm/add.h"
#include "comm/exact.h"
#include "grad/graph_inside.h"

#include <string.h>

static void *at_room(const par_graph *g, const par_plan *p, int room)
{
	return room < 0 ? NULL : g->arena + p->room[room].at;
}

static void *at_value(const par_graph *g, const par_plan *p, par_value v)
{
	int root = par_root(g, v);
	if (g->value[root].kept)
		return g->arena + g->kept_at[root];
	return at_room(g, p, p->value[root]);
}

void *par_graph_at(par_graph *g, par_value v)
{
	PAR_MUST(g->value[par_root(g, v)].kept, "value %d is no input and no result", v);
	return at_value(g, g->plan, v);
}

void par_graph_step(par_graph *g, int64_t step, int64_t count)
{
	PAR_MUST(count >= 0 && count <= g->shards.batch, "%lld samples in a batch of %lld",
	    (long long)count, (long long)g->shards.batch);
	g->step = step;
	g->count = count;
}

void par_graph_measure(par_graph *g, double moving)
{
	g->moving = moving;
}

/* my samples of s that are real */
static int64_t real_of(const par_graph *g, const par_shards *s)
{
	int64_t last = g->count < s->hi ? g->count : s->hi;
	return last > s->lo ? last - s->lo : 0;
}

/* a run over the samples of s: all of mine, or a slice */
static par_run running(par_graph *g, const par_pass *pass, const par_shards *s)
{
	return (par_run){.graph = g,
	    .shards = s,
	    .samples = s->hi - s->lo,
	    .real = real_of(g, s),
	    .count = g->count,
	    .step = g->step,
	    .seed = g->spec.seed,
	    .training = pass->training,
	    .moving = g->moving,
	    .bf16 = g->spec.bf16};
}

/* what belongs to a value from the run's first sample on: what operators that run slice by slice make has room for
 * one slice, unless it is read from outside */
static void *from_here(const par_run *r, void *at, par_value v, bool kept)
{
	const par_graph *g = r->graph;
	const par_node_value *of = &g->value[par_root(g, v)];
	bool some = !kept && of->maker >= 0 && g->sliced[of->maker];
	int64_t first = some ? 0 : r->shards->lo - g->shards.lo;
	return at ? (char *)at + (size_t)(first * of->elements) * sizeof(float) : NULL;
}

static void *value_here(const par_run *r, const par_plan *p, par_value v)
{
	const par_graph *g = r->graph;
	return from_here(r, at_value(g, p, v), v, g->value[par_root(g, v)].kept);
}

static void bind(const par_run *r, const par_plan *p, par_op *op, const par_call *call)
{
	const par_graph *g = r->graph;
	for (int i = 0; i < op->ins; i++) {
		op->x[i] = value_here(r, p, op->in[i]);
		op->dx[i] = NULL;
	}
	for (int i = 0; i < PAR_OP_SAVED; i++)
		op->saved[i] = at_room(g, p, p->saved[op->index][i]);
	op->y = value_here(r, p, op->out);
	op->dy = NULL;
	op->scratch = at_room(g, p, call->scratch);
}

static const par_graph_hooks *hooks_of(const par_graph *g, const par_param *q)
{
	for (int i = 0; i < g->groups; i++)
		if (strcmp(g->group[i], q->group) == 0)
			return &g->hooks[i];
	return &g->hooks[0];
}

static void fetch(const par_graph *g, const par_op *op)
{
	for (int k = 0; k < op->params; k++) {
		const par_graph_hooks *h = hooks_of(g, op->param[k]);
		if (op->param[k]->rests_sharded && h->fetch)
			h->fetch(h->ctx, op->param[k]);
	}
}

static void release(const par_graph *g, const par_op *op)
{
	for (int k = 0; k < op->params; k++) {
		const par_graph_hooks *h = hooks_of(g, op->param[k]);
		if (op->param[k]->rests_sharded && h->release)
			h->release(h->ctx, op->param[k]);
	}
}

static void begin_backward(const par_run *r, const par_pass *pass)
{
	const par_graph *g = r->graph;
	float *dy = at_room(g, &g->plan[pass->plan], pass->gradient[par_root(g, pass->loss)]);
	int64_t n = g->value[pass->loss].elements;
	float each = r->count > 0 ? (float)(1.0 / (double)r->count) : 0;
	if (pass->by >= 0) /* each sample's own, not of a mean */
		each = 1;
	for (int64_t i = 0; i < r->samples * n; i++)
		dy[i] = i < r->real * n ? each : 0;
}

static float *gradient_here(const par_run *r, const par_pass *pass, par_value v)
{
	const par_graph *g = r->graph;
	int room = pass->gradient[par_root(g, v)];
	return from_here(r, at_room(g, &g->plan[pass->plan], room), v, false);
}

static void bind_gradients(const par_run *r, const par_pass *pass, par_op *op, const par_call *call)
{
	op->dy = gradient_here(r, pass, op->out);
	for (int i = 0; i < op->ins; i++) {
		if (call->way[i] == PAR_GRAD_ADD)
			op->dx[i] = at_room(r->graph, &r->graph->plan[pass->plan], call->temp[i]);
		else if (call->way[i] == PAR_GRAD_WRITE)
			op->dx[i] = gradient_here(r, pass, op->in[i]);
	}
}

static void add_gradients(
    const par_run *r, const par_pass *pass, const par_op *op, const par_call *call)
{
	for (int i = 0; i < op->ins; i++) {
		if (call->way[i] != PAR_GRAD_ADD)
			continue;
		float *sum = gradient_here(r, pass, op->in[i]);
		int64_t n = r->samples * r->graph->value[op->in[i]].elements;
		par_add(PAR_F32, sum, sum, op->dx[i], (size_t)n * sizeof *sum, false);
	}
}

static void tell_born(const par_graph *g, const par_op *op, const par_call *call)
{
	for (int k = 0; k < op->params; k++) {
		const par_graph_hooks *h = hooks_of(g, op->param[k]);
		if (call->wants[k] && h->born)
			h->born(h->ctx, op->param[k]);
	}
}

static void run_backward(const par_run *whole, const par_pass *p, int from, int to)
{
	par_run r = *whole;
	par_graph *g = r.graph;
	for (int i = from; i < to; i++) {
		const par_call *call = &p->backward[i];
		par_op *op = g->op[call->op];
		r.wants_param = call->wants;
		bind(&r, &g->plan[p->plan], op, call);
		bind_gradients(&r, p, op, call);
		fetch(g, op);
		op->kind->backward(&r, op);
		release(g, op);
		add_gradients(&r, p, op, call);
		if (r.shards == &g->shards)
			tell_born(g, op, call);
	}
}

/* its own way back, from in[0] to in[1], before a gradient operator's forward */
static void run_gradient(const par_run *r, const par_pass *back, par_op *op)
{
	begin_backward(r, back);
	run_backward(r, back, 0, back->backwards);
	op->dx[1] = gradient_here(r, back, back->by);
}

static void run_forward(const par_run *r, const par_pass *p, int from, int to)
{
	par_graph *g = r->graph;
	for (int i = from; i < to; i++) {
		par_op *op = g->op[p->forward[i].op];
		bind(r, &g->plan[p->plan], op, &p->forward[i]);
		if (p->forward[i].back)
			run_gradient(r, p->forward[i].back, op);
		fetch(g, op);
		op->kind->forward(r, op);
		release(g, op);
	}
}

/* ---- slices ---- */

typedef struct {
	par_graph *g;
	const par_pass *pass;
	bool backward;
	int node; /* of mine, whose gradients are summed */
} slices;

/* where a sum that waits at this level of the tree stands; at level 0 it is the node's own */
static float *sum_at(const slices *s, const par_slice_sum *sum, int level)
{
	if (level > 0)
		return s->g->slice_sums + (level - 1) * s->g->slice_floats + sum->at;
	return s->node > 0 ? sum->param->grad[s->node] : sum->first;
}

static void run_slice(const slices *s, par_node at, int level)
{
	par_graph *g = s->g;
	par_shards some = g->shards;
	some.nodes = 1;
	some.node[0] = at;
	some.shard_lo = at.lo;
	some.shard_hi = at.hi;
	some.lo = par_shards_first(&g->shards, at.lo);
	some.hi = par_shards_first(&g->shards, at.hi);
	par_run r = running(g, s->pass, &some);
	run_forward(&r, s->pass, s->pass->whole_forwards, s->pass->forwards);
	if (!s->backward)
		return;
	for (int i = 0; i < g->slice_params; i++)
		g->slice_sum[i].param->grad[0] = sum_at(s, &g->slice_sum[i], level);
	begin_backward(&r, s->pass);
	run_backward(&r, s->pass, 0, s->pass->slice_backwards);
}

static void run_slices(const slices *s, par_node at, int level)
{
	if (par_graph_is_slice(s->g, at)) {
		run_slice(s, at, level);
		return;
	}
	int cut = par_node_cut(s->g->shards.shards, at);
	run_slices(s, (par_node){at.lo, cut}, level);
	run_slices(s, (par_node){cut, at.hi}, level + 1);
	for (int i = 0; s->backward && i < s->g->slice_params; i++) {
		const par_slice_sum *sum = &s->g->slice_sum[i];
		float *to = sum_at(s, sum, level);
		size_t bytes = (size_t)sum->param->n * sizeof *to;
		par_add(PAR_F32, to, to, sum_at(s, sum, level + 1), bytes, false);
	}
}

static void run_all_slices(par_graph *g, const par_pass *pass, bool backward)
{
	slices s = {g, pass, backward, 0};
	for (int i = 0; i < g->slice_params; i++)
		g->slice_sum[i].first = g->slice_sum[i].param->grad[0];
	for (; s.node < g->shards.nodes && pass->whole_forwards < pass->forwards; s.node++)
		run_slices(&s, g->shards.node[s.node], 0);
	for (int i = 0; i < g->slice_params; i++)
		g->slice_sum[i].param->grad[0] = g->slice_sum[i].first;
}

/* ---- passes ---- */

void par_graph_forward(par_graph *g, int pass)
{
	const par_pass *p = &g->pass[pass];
	par_run r = running(g, p, &g->shards);
	run_forward(&r, p, 0, p->whole_forwards);
	run_all_slices(g, p, false);
}

void par_graph_backward(par_graph *g, int pass)
{
	const par_pass *p = &g->pass[pass];
	par_run r = running(g, p, &g->shards);
	PAR_MUST(p->training, "pass %d is an answer", pass);
	run_all_slices(g, p, true);
	for (int i = 0; i < p->slice_backwards; i++)
		tell_born(g, g->op[p->backward[i].op], &p->backward[i]);
	if (p->slice_backwards == 0)
		begin_backward(&r, p);
	run_backward(&r, p, p->slice_backwards, p->backwards);
}

void par_graph_learn(par_graph *g, int pass)
{
	const par_pass *p = &g->pass[pass];
	par_run r = running(g, p, &g->shards);
	run_forward(&r, p, 0, p->whole_forwards);
	par_graph_backward(g, pass);
}

double par_graph_loss(par_graph *g, int pass)
{
	const float *loss = par_graph_at(g, g->pass[pass].loss);
	par_exact sum = {0};
	for (int64_t i = 0; i < real_of(g, &g->shards); i++)
		par_exact_add(&sum, (double)loss[i]);
	par_exact_sum(g->spec.world, &sum, 1);
	return g->count > 0 ? par_exact_value(&sum) / (double)g->count : 0;
}
