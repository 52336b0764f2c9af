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

static int64_t real_here(const par_graph *g)
{
	const par_shards *s = &g->shards;
	int64_t last = g->count < s->hi ? g->count : s->hi;
	return last > s->lo ? last - s->lo : 0;
}

static par_run running(par_graph *g, const par_pass *pass)
{
	return (par_run){.graph = g,
	    .shards = &g->shards,
	    .samples = g->shards.hi - g->shards.lo,
	    .real = real_here(g),
	    .count = g->count,
	    .step = g->step,
	    .seed = g->spec.seed,
	    .training = pass->training,
	    .bf16 = g->spec.bf16};
}

static void bind(par_graph *g, const par_plan *p, par_op *op, const par_call *call)
{
	for (int i = 0; i < op->ins; i++) {
		op->x[i] = at_value(g, p, op->in[i]);
		op->dx[i] = NULL;
	}
	for (int i = 0; i < PAR_OP_SAVED; i++)
		op->saved[i] = at_room(g, p, p->saved[op->index][i]);
	op->y = at_value(g, p, op->out);
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

void par_graph_forward(par_graph *g, int pass)
{
	const par_pass *p = &g->pass[pass];
	const par_plan *plan = &g->plan[p->plan];
	par_run r = running(g, p);
	for (int i = 0; i < p->forwards; i++) {
		par_op *op = g->op[p->forward[i].op];
		bind(g, plan, op, &p->forward[i]);
		fetch(g, op);
		op->kind->forward(&r, op);
		release(g, op);
	}
}

static void begin_backward(const par_graph *g, const par_pass *pass, const par_run *r)
{
	const par_plan *plan = &g->plan[pass->plan];
	float *dy = at_room(g, plan, pass->gradient[par_root(g, pass->loss)]);
	float each = r->count > 0 ? (float)(1.0 / (double)r->count) : 0;
	for (int64_t i = 0; i < r->samples; i++)
		dy[i] = i < r->real ? each : 0;
}

static void bind_gradients(
    const par_graph *g, const par_pass *pass, par_op *op, const par_call *call)
{
	const par_plan *plan = &g->plan[pass->plan];
	op->dy = at_room(g, plan, pass->gradient[par_root(g, op->out)]);
	for (int i = 0; i < op->ins; i++) {
		if (call->way[i] == PAR_GRAD_ADD)
			op->dx[i] = at_room(g, plan, call->temp[i]);
		else if (call->way[i] == PAR_GRAD_WRITE)
			op->dx[i] = at_room(g, plan, pass->gradient[par_root(g, op->in[i])]);
	}
}

static void add_gradients(
    const par_graph *g, const par_pass *pass, const par_op *op, const par_call *call)
{
	const par_plan *plan = &g->plan[pass->plan];
	for (int i = 0; i < op->ins; i++) {
		if (call->way[i] != PAR_GRAD_ADD)
			continue;
		int room = pass->gradient[par_root(g, op->in[i])];
		float *sum = at_room(g, plan, room);
		par_add(PAR_F32, sum, sum, op->dx[i], plan->room[room].bytes, false);
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

void par_graph_backward(par_graph *g, int pass)
{
	const par_pass *p = &g->pass[pass];
	par_run r = running(g, p);
	PAR_MUST(p->training, "pass %d is an answer", pass);
	begin_backward(g, p, &r);
	for (int i = 0; i < p->backwards; i++) {
		const par_call *call = &p->backward[i];
		par_op *op = g->op[call->op];
		r.wants_param = call->wants;
		bind(g, &g->plan[p->plan], op, call);
		bind_gradients(g, p, op, call);
		fetch(g, op);
		op->kind->backward(&r, op);
		release(g, op);
		add_gradients(g, p, op, call);
		tell_born(g, op, call);
	}
}

double par_graph_loss(par_graph *g, int pass)
{
	const float *loss = par_graph_at(g, g->pass[pass].loss);
	par_exact sum = {0};
	for (int64_t i = 0; i < real_here(g); i++)
		par_exact_add(&sum, (double)loss[i]);
	par_exact_sum(g->spec.world, &sum, 1);
	return g->count > 0 ? par_exact_value(&sum) / (double)g->count : 0;
}
