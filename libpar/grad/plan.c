#include "base/memory.h"
#include "grad/graph_inside.h"

#include <stdlib.h>
#include <string.h>

/* what is known of the operators while one plan is made */
typedef struct {
	par_graph *g;
	par_plan *plan;
	int *ran;                   /* by operator: the training pass it last ran forward in; -1 */
	bool *needed;               /* by operator: an ancestor of what the pass is after */
	bool *flows;                /* by operator: gradients of the pass's group come through it */
	bool *reached;              /* by root value: its gradient is written */
	bool *trained;              /* by parameter: an operator of this pass has its gradient */
	bool training;              /* this plan is that of the training passes ... */
	int slices_from, slices_to; /* ... and when its slices run */
} planner;

static void *must_calloc(int n, size_t size)
{
	void *p = calloc((size_t)n + 1, size);
	PAR_MUST(p, "no memory to plan %d entries", n);
	return p;
}

static int new_room(par_plan *p, size_t bytes)
{
	if (p->rooms == p->most) {
		p->most = p->most ? 2 * p->most : 64;
		p->room = realloc(p->room, (size_t)p->most * sizeof *p->room);
		PAR_MUST(p->room, "no memory to plan %d rooms", p->most);
	}
	p->room[p->rooms] = (par_room){.bytes = bytes, .born = p->now, .dies = p->now};
	return p->rooms++;
}

/* alive now */
static void touch(par_plan *p, int room)
{
	if (room >= 0)
		p->room[room].dies = p->now;
}

static int64_t samples(const par_graph *g)
{
	return g->shards.hi - g->shards.lo;
}

static size_t value_bytes(const par_graph *g, int root)
{
	return (size_t)(samples(g) * g->value[root].elements) * sizeof(float);
}

/* does it run slice by slice in this plan? answers run whole */
static bool slices(const planner *p, int op)
{
	return p->training && p->g->sliced[op];
}

/* samples that an operator sees at once, and that a value has room for */
static int64_t op_samples(const planner *p, const par_op *op)
{
	return slices(p, op->index) ? p->g->slice_most : samples(p->g);
}

static size_t room_bytes(const planner *p, int root)
{
	int maker = p->g->value[root].maker;
	bool some = maker >= 0 && slices(p, maker);
	return (size_t)((some ? p->g->slice_most : samples(p->g)) * p->g->value[root].elements) *
	       sizeof(float);
}

static void need_ancestors(planner *p, par_value v)
{
	int maker = p->g->value[v].maker;
	if (maker < 0 || p->needed[maker])
		return;
	p->needed[maker] = true;
	const par_op *op = p->g->op[maker];
	for (int i = 0; i < op->ins; i++)
		need_ancestors(p, op->in[i]);
}

/* has a group the operator's value depends on been updated since it ran? */
static bool stale(const planner *p, const par_op *op, int pass)
{
	unsigned follows = p->g->value[op->out].follows;
	if (p->ran[op->index] < 0)
		return true;
	for (int k = p->ran[op->index]; k < pass; k++)
		if (p->g->pass[k].training && (p->g->pass[k].group & follows))
			return true;
	return false;
}

static void place_values(planner *p, const par_op *op)
{
	const par_graph *g = p->g;
	int out = par_root(g, op->out);
	for (int i = 0; i < op->ins; i++)
		touch(p->plan, p->plan->value[par_root(g, op->in[i])]);
	if (g->value[out].kept)
		return;
	if (p->plan->value[out] < 0)
		p->plan->value[out] = new_room(p->plan, room_bytes(p, out));
	touch(p->plan, p->plan->value[out]);
}

static void place_saved(planner *p, const par_op *op)
{
	for (int k = 0; k < PAR_OP_SAVED; k++) {
		int *room = &p->plan->saved[op->index][k];
		size_t bytes = op->saved_floats[k] * (size_t)op_samples(p, op) * sizeof(float);
		if (*room < 0 && bytes > 0)
			*room = new_room(p->plan, bytes);
		touch(p->plan, *room);
	}
}

static int scratch_room(planner *p, const par_op *op)
{
	size_t each = op->scratch_sample * (size_t)op_samples(p, op);
	return new_room(p->plan, (op->scratch_floats + each) * sizeof(float));
}

static bool trains(const par_graph *g, const par_pass *pass, const par_param *q)
{
	return q->kind != PAR_PARAM_BUFFER && par_group_bit(g, q->group) == pass->group;
}

/* is the gradient of a value wanted, for itself or for what made it? */
static bool comes_to(const planner *p, const par_pass *pass, par_value v)
{
	const par_graph *g = p->g;
	int maker = g->value[v].maker;
	bool itself = pass->by >= 0 && par_root(g, v) == par_root(g, pass->by);
	return itself || (maker >= 0 && p->flows[maker]);
}

static void find_flows(planner *p, const par_pass *pass)
{
	const par_graph *g = p->g;
	for (int i = 0; i < g->ops; i++) {
		const par_op *op = g->op[i];
		bool flows = false;
		for (int k = 0; k < op->params; k++)
			flows = flows || trains(g, pass, op->param[k]);
		for (int k = 0; k < op->ins; k++)
			flows = flows || comes_to(p, pass, op->in[k]);
		p->flows[i] = flows && p->needed[i] && op->kind->backward;
	}
}

static par_err mark_trained(planner *p, const par_pass *pass, const par_op *op, par_call *call)
{
	for (int k = 0; k < op->params; k++) {
		if (!trains(p->g, pass, op->param[k]))
			continue;
		for (int i = 0; i < p->g->params; i++) {
			if (p->g->param[i] != op->param[k])
				continue;
			if (p->trained[i])
				return par_fail(PAR_E_CONFIG,
				    "%s is trained by two operators of one pass; stack their "
				    "inputs and apply one",
				    op->param[k]->name);
			p->trained[i] = true;
		}
		call->wants[k] = true;
	}
	return PAR_OK;
}

static void route_inputs(planner *p, par_pass *pass, const par_op *op, par_call *call)
{
	const par_graph *g = p->g;
	for (int i = 0; i < op->ins; i++) {
		int root = par_root(g, op->in[i]);
		if (!comes_to(p, pass, op->in[i]))
			continue;
		if (p->reached[root]) {
			call->way[i] = PAR_GRAD_ADD;
			call->temp[i] = new_room(p->plan,
			    (size_t)(op_samples(p, op) * g->value[root].elements) * sizeof(float));
		} else {
			call->way[i] = PAR_GRAD_WRITE;
			p->reached[root] = true;
			pass->gradient[root] = new_room(p->plan, room_bytes(p, root));
		}
		touch(p->plan, pass->gradient[root]);
	}
}

static void keep_for_backward(planner *p, const par_pass *pass, const par_op *op)
{
	const par_graph *g = p->g;
	touch(p->plan, pass->gradient[par_root(g, op->out)]);
	if (op->kind->reads & PAR_READS_OUT)
		touch(p->plan, p->plan->value[par_root(g, op->out)]);
	for (int i = 0; i < op->ins && (op->kind->reads & PAR_READS_IN); i++)
		touch(p->plan, p->plan->value[par_root(g, op->in[i])]);
	for (int k = 0; k < PAR_OP_SAVED; k++)
		touch(p->plan, p->plan->saved[op->index][k]);
}

static par_err check_reached(const planner *p, const par_pass *pass)
{
	if (pass->by >= 0 && !p->reached[par_root(p->g, pass->by)])
		return par_fail(PAR_E_CONFIG, "a gradient by a value that does not lead there");
	for (int i = 0; i < p->g->params; i++)
		if (trains(p->g, pass, p->g->param[i]) && !p->trained[i])
			return par_fail(PAR_E_CONFIG, "the loss does not reach parameter %s",
			    p->g->param[i]->name);
	return PAR_OK;
}

static par_err plan_backward(planner *p, par_pass *pass)
{
	par_graph *g = p->g;
	int loss = par_root(g, pass->loss);
	pass->backward = must_calloc(g->ops, sizeof *pass->backward);
	pass->gradient = must_calloc(g->values, sizeof *pass->gradient);
	for (int i = 0; i < g->values; i++) {
		pass->gradient[i] = -1;
		p->reached[i] = false;
	}
	find_flows(p, pass);
	p->plan->now++;
	p->reached[loss] = true;
	pass->gradient[loss] = new_room(p->plan, room_bytes(p, loss));
	for (int k = 2 * g->ops - 1; k >= 0; k--) {
		int i = k % g->ops;
		const par_op *op = g->op[i];
		if (slices(p, i) != (k >= g->ops) || !p->flows[i] ||
		    !p->reached[par_root(g, op->out)])
			continue;
		p->plan->now++;
		par_call call = {.op = i, .scratch = scratch_room(p, op)};
		PAR_TRY(mark_trained(p, pass, op, &call));
		keep_for_backward(p, pass, op);
		route_inputs(p, pass, op, &call);
		pass->backward[pass->backwards++] = call;
		if (k >= g->ops) {
			pass->slice_backwards++;
			p->slices_to = p->plan->now;
		}
	}
	return check_reached(p, pass);
}

/* what a gradient operator does before its forward */
static par_err plan_gradient(planner *p, const par_pass *pass, const par_op *op, par_call *call)
{
	if (!pass->training)
		return par_fail(
		    PAR_E_CONFIG, "an answer asks for a gradient; training passes alone can");
	call->back = must_calloc(1, sizeof *call->back);
	*call->back = (par_pass){
	    .training = true, .loss = op->in[0], .by = op->in[1], .plan = pass->plan};
	PAR_TRY(plan_backward(p, call->back));
	p->plan->now++;
	touch(p->plan, call->back->gradient[par_root(p->g, op->in[1])]);
	return PAR_OK;
}

static par_err plan_forward(planner *p, int number)
{
	par_graph *g = p->g;
	par_pass *pass = &g->pass[number];
	pass->forward = must_calloc(g->ops, sizeof *pass->forward);
	for (int k = 0; k < 2 * g->ops; k++) {
		int i = k % g->ops;
		const par_op *op = g->op[i];
		if (slices(p, i) != (k >= g->ops) || !p->needed[i] ||
		    (pass->training && !stale(p, op, number)))
			continue;
		par_call *call = &pass->forward[pass->forwards++];
		call->op = i;
		p->plan->now++;
		if (op->kind->gradient)
			PAR_TRY(plan_gradient(p, pass, op, call));
		place_values(p, op);
		place_saved(p, op);
		call->scratch = scratch_room(p, op);
		if (k < g->ops) {
			pass->whole_forwards++;
			p->slices_from = p->plan->now + 1;
		}
		p->ran[i] = number;
	}
	return PAR_OK;
}

/* while slices run one after the other, what is whole stays: the next slice reads and writes other samples of it */
static void outlast_slices(planner *p, const par_pass *pass)
{
	int from = p->slices_from, to = p->slices_to;
	for (int v = 0; v < p->g->values; v++) {
		int maker = p->g->value[v].maker, rooms[] = {p->plan->value[v], pass->gradient[v]};
		for (int k = 0; k < 2 && (maker < 0 || !p->g->sliced[maker]); k++) {
			par_room *r = rooms[k] < 0 ? NULL : &p->plan->room[rooms[k]];
			if (!r || r->dies < from || r->born > to)
				continue;
			r->born = r->born < from ? r->born : from;
			r->dies = r->dies > to ? r->dies : to;
		}
	}
}

static void list_slice_params(par_graph *g, const par_pass *pass)
{
	g->slice_sum = must_calloc(g->params, sizeof *g->slice_sum);
	for (int i = 0; i < pass->slice_backwards; i++) {
		const par_op *op = g->op[pass->backward[i].op];
		for (int k = 0; k < op->params; k++) {
			if (!pass->backward[i].wants[k])
				continue;
			g->slice_sum[g->slice_params++] = (par_slice_sum){
			    .param = op->param[k], .at = g->slice_floats};
			g->slice_floats += op->param[k]->n;
		}
	}
}

static par_err plan_pass(planner *p, int number)
{
	par_graph *g = p->g;
	par_pass *pass = &g->pass[number];
	pass->plan = (int)(p->plan - g->plan);
	memset(p->needed, 0, (size_t)g->ops * sizeof *p->needed);
	memset(p->trained, 0, (size_t)g->params * sizeof *p->trained);
	if (pass->training)
		need_ancestors(p, pass->loss);
	for (int i = 0; i < pass->values; i++)
		need_ancestors(p, pass->value[i]);
	PAR_TRY(plan_forward(p, number));
	if (!pass->training)
		return PAR_OK;
	PAR_TRY(plan_backward(p, pass));
	if (pass->slice_backwards > 0) {
		outlast_slices(p, pass);
		list_slice_params(g, pass);
	}
	return PAR_OK;
}

static void begin_plan(planner *p)
{
	par_graph *g = p->g;
	p->plan = &g->plan[g->plans++];
	p->plan->value = must_calloc(g->values, sizeof *p->plan->value);
	p->plan->saved = must_calloc(g->ops, sizeof *p->plan->saved);
	memset(p->plan->value, 0xff, (size_t)g->values * sizeof *p->plan->value);
	memset(p->plan->saved, 0xff, (size_t)g->ops * sizeof *p->plan->saved);
	for (int i = 0; i < g->ops; i++)
		p->ran[i] = -1;
}

static par_err plan_passes(planner *p)
{
	par_graph *g = p->g;
	g->plan = must_calloc(g->passes + 1, sizeof *g->plan);
	begin_plan(p);
	p->training = true;
	for (int i = 0; i < g->passes; i++)
		if (g->pass[i].training)
			PAR_TRY(plan_pass(p, i));
	p->training = false;
	for (int i = 0; i < g->passes; i++)
		if (!g->pass[i].training) {
			begin_plan(p);
			PAR_TRY(plan_pass(p, i));
		}
	return PAR_OK;
}

static void keep_results(par_graph *g)
{
	for (int i = 0; i < g->passes; i++) {
		if (g->pass[i].training)
			g->value[par_root(g, g->pass[i].loss)].kept = true;
		for (int k = 0; k < g->pass[i].values; k++)
			g->value[par_root(g, g->pass[i].value[k])].kept = true;
	}
}

static par_err plan_all(par_graph *g)
{
	planner p = {.g = g,
	    .ran = must_calloc(g->ops, sizeof *p.ran),
	    .needed = must_calloc(g->ops, sizeof *p.needed),
	    .flows = must_calloc(g->ops, sizeof *p.flows),
	    .reached = must_calloc(g->values, sizeof *p.reached),
	    .trained = must_calloc(g->params, sizeof *p.trained)};
	keep_results(g);
	par_graph_fuse(g);
	par_graph_slice(g, must_calloc(g->ops, sizeof(bool)));
	par_err e = plan_passes(&p);
	free(p.ran);
	free(p.needed);
	free(p.flows);
	free(p.reached);
	free(p.trained);
	return e;
}

/* what is read from outside stands in front, the plans lie over each other behind it */
static void place_all(par_graph *g)
{
	size_t end = 0;
	g->kept_at = must_calloc(g->values, sizeof *g->kept_at);
	for (int i = 0; i < g->values; i++)
		if (g->value[i].kept && g->value[i].root == i) {
			g->kept_at[i] = end;
			end += (value_bytes(g, i) + 63) / 64 * 64;
		}
	g->kept_bytes = g->bytes = end;
	for (int i = 0; i < g->plans; i++) {
		par_plan *p = &g->plan[i];
		int *order = must_calloc(p->rooms, sizeof *order);
		size_t plan_end = par_rooms_place(p->room, p->rooms, end, order);
		free(order);
		g->bytes = plan_end > g->bytes ? plan_end : g->bytes;
	}
}

static par_err allocate(par_graph *g)
{
	int64_t floats = 0;
	g->arena = par_memory(g->bytes);
	for (int i = 0; i < g->params; i++)
		if (g->param[i]->kind == PAR_PARAM_BUFFER)
			floats += g->param[i]->n;
	g->buffers = calloc((size_t)floats + 1, sizeof *g->buffers);
	int64_t waiting = g->slice_floats * par_shards_scratch(&g->shards);
	g->slice_sums = calloc((size_t)waiting + 1, sizeof *g->slice_sums);
	if (!g->arena || !g->buffers || !g->slice_sums)
		return par_fail(PAR_E_MEMORY, "no memory for an arena of %zu MiB", g->bytes >> 20);
	float *at = g->buffers;
	for (int i = 0; i < g->params; i++) {
		par_param *p = g->param[i];
		if (p->kind != PAR_PARAM_BUFFER)
			continue;
		p->weights = at;
		par_param_fill(p, g->spec.seed, 0, p->n, at);
		at += p->n;
	}
	return PAR_OK;
}

par_err par_graph_plan(par_graph *g)
{
	const par_world *w = g->spec.world;
	PAR_MUST(!g->plan, "a graph is planned once");
	par_err e = g->failed == PAR_OK ? plan_all(g) : par_fail(g->failed, "%s", g->why);
	PAR_TRY_ALL(w, e);
	place_all(g);
	PAR_TRY_ALL(w, allocate(g));
	for (int i = 0; i < g->ops; i++)
		if (g->op[i]->kind->plan)
			PAR_TRY(g->op[i]->kind->plan(g->op[i], &g->shards));
	return PAR_OK;
}

static double backward_flops(const par_graph *g, const par_pass *p)
{
	double flops = 0;
	for (int i = 0; i < p->backwards; i++) {
		const par_call *call = &p->backward[i];
		bool weights = false, inputs = false;
		for (int k = 0; k < PAR_OP_PARAMS; k++)
			weights = weights || call->wants[k];
		for (int k = 0; k < PAR_OP_INS; k++)
			inputs = inputs || call->way[k] != PAR_GRAD_NONE;
		flops += g->op[call->op]->flops * (weights + inputs);
	}
	return flops;
}

double par_graph_flops(const par_graph *g, int pass)
{
	const par_pass *p = &g->pass[pass];
	double flops = backward_flops(g, p);
	for (int i = 0; i < p->forwards; i++) {
		const par_call *call = &p->forward[i];
		flops += g->op[call->op]->flops;
		flops += call->back ? backward_flops(g, call->back) : 0;
	}
	return flops * (double)g->shards.batch;
}
