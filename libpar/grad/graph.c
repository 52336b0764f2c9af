#include "grad/graph_inside.h"
#include "grad/layers.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* room for one more of n entries, doubling at powers of two; building may fail for lack of memory
 * only as a broken contract: graphs are small */
static void *grown(void *p, int n, size_t size)
{
	if (n & (n - 1))
		return p;
	void *more = realloc(p, (size_t)(n ? 2 * n : 1) * size);
	PAR_MUST(more, "no memory for a graph of %d entries", n);
	return more;
}

par_err par_graph_open(par_graph **out, const par_graph_spec *spec)
{
	par_graph *g = calloc(1, sizeof *g);
	if (!g)
		return par_fail(PAR_E_MEMORY, "no memory for a graph");
	g->spec = *spec;
	par_shards_cut(
	    &g->shards, spec->world, spec->batch, spec->shards ? spec->shards : PAR_SHARDS);
	par_graph_group(g, "model");
	g->count = spec->batch;
	*out = g;
	return PAR_OK;
}

static void free_pass(par_pass *p)
{
	for (int i = 0; i < p->forwards; i++)
		if (p->forward[i].back) {
			free_pass(p->forward[i].back);
			free(p->forward[i].back);
		}
	free(p->value);
	free(p->forward);
	free(p->backward);
	free(p->gradient);
}

static void free_plan(par_plan *p)
{
	free(p->room);
	free(p->value);
	free(p->saved);
}

static void free_op(par_op *op)
{
	if (op->kind->close)
		op->kind->close(op);
	free(op->own);
	free(op);
}

void par_graph_close(par_graph *g)
{
	if (!g)
		return;
	for (int i = 0; i < g->ops; i++)
		free_op(g->op[i]);
	for (int i = 0; i < g->params; i++)
		free(g->param[i]);
	for (int i = 0; i < g->passes; i++)
		free_pass(&g->pass[i]);
	for (int i = 0; i < g->plans; i++)
		free_plan(&g->plan[i]);
	free(g->value);
	free(g->op);
	free(g->param);
	free(g->pass);
	free(g->plan);
	free(g->arena);
	free(g->kept_at);
	free(g->buffers);
	free(g->sliced);
	free(g->slice_sum);
	free(g->slice_sums);
	free(g);
}

par_value par_op_fail(par_graph *g, const char *fmt, ...)
{
	if (g->failed == PAR_OK) {
		va_list ap;
		va_start(ap, fmt);
		vsnprintf(g->why, sizeof g->why, fmt, ap);
		va_end(ap);
		g->failed = PAR_E_CONFIG;
	}
	return -1;
}

void par_graph_group(par_graph *g, const char *name)
{
	for (int i = 0; i < g->groups; i++)
		if (strcmp(g->group[i], name) == 0) {
			g->now_group = i;
			return;
		}
	PAR_MUST(g->groups < PAR_GROUPS && strlen(name) < sizeof g->group[0],
	    "group %s of %d groups", name, g->groups);
	g->now_group = g->groups++;
	snprintf(g->group[g->now_group], sizeof g->group[0], "%s", name);
}

static par_value new_value(
    par_graph *g, par_dtype type, int nd, const int64_t *shape, int maker, unsigned follows)
{
	PAR_MUST(nd >= 0 && nd <= PAR_AXES, "%d axes", nd);
	g->value = grown(g->value, g->values, sizeof *g->value);
	par_node_value *v = &g->value[g->values];
	*v = (par_node_value){.type = type,
	    .nd = nd,
	    .elements = 1,
	    .root = g->values,
	    .maker = maker,
	    .follows = follows};
	for (int i = 0; i < nd; i++) {
		v->shape[i] = shape[i];
		v->elements *= shape[i];
		if (shape[i] < 0)
			return par_op_fail(
			    g, "axis %d of a value is %lld long", i, (long long)shape[i]);
	}
	return g->values++;
}

par_value par_graph_input(
    par_graph *g, const char *name, par_dtype type, int nd, const int64_t shape[])
{
	PAR_MUST(type == PAR_F32 || type == PAR_I32, "input %s of type %d", name, type);
	par_value v = new_value(g, type, nd, shape, -1, 0);
	if (v >= 0) {
		snprintf(g->value[v].name, sizeof g->value[v].name, "%s", name);
		g->value[v].kept = true;
	}
	return v;
}

par_value par_reshape(par_graph *g, par_value x, int nd, const int64_t shape[])
{
	if (x < 0)
		return -1;
	par_value v = new_value(
	    g, g->value[x].type, nd, shape, g->value[x].maker, g->value[x].follows);
	if (v < 0)
		return v;
	if (g->value[v].elements != g->value[x].elements)
		return par_op_fail(g, "%lld elements cannot take a shape of %lld",
		    (long long)g->value[x].elements, (long long)g->value[v].elements);
	g->value[v].root = g->value[x].root;
	return v;
}

par_value par_flatten(par_graph *g, par_value x)
{
	return x < 0 ? -1 : par_reshape(g, x, 1, &g->value[x].elements);
}

par_op *par_op_new(
    par_graph *g, const par_op_kind *kind, int n, const par_value *in, size_t own_bytes)
{
	PAR_MUST(n <= PAR_OP_INS, "%s has %d inputs", kind->name, n);
	for (int i = 0; i < n; i++)
		if (in[i] < 0)
			return NULL;
	if (g->failed != PAR_OK)
		return NULL;
	par_op *op = calloc(1, sizeof *op);
	void *own = calloc(1, own_bytes + 1);
	PAR_MUST(op && own, "no memory for operator %s", kind->name);
	*op = (par_op){.kind = kind, .graph = g, .index = g->ops, .ins = n, .out = -1, .own = own};
	for (int i = 0; i < n; i++)
		op->in[i] = in[i];
	g->op = grown(g->op, g->ops, sizeof(par_op *));
	g->op[g->ops++] = op;
	return op;
}

unsigned par_group_bit(const par_graph *g, const char *name)
{
	for (int i = 0; i < g->groups; i++)
		if (strcmp(g->group[i], name) == 0)
			return 1u << i;
	return 0;
}

par_value par_op_done(par_op *op, par_dtype type, int nd, const int64_t *shape)
{
	par_graph *g = op->graph;
	unsigned follows = 0;
	for (int i = 0; i < op->ins; i++)
		follows |= g->value[op->in[i]].follows;
	for (int k = 0; k < op->params; k++)
		follows |= par_group_bit(g, op->param[k]->group);
	op->out = new_value(g, type, nd, shape, op->index, follows);
	return op->out;
}

par_value par_op_done_like(par_op *op, par_value like)
{
	const par_node_value *v = &op->graph->value[like];
	int64_t shape[PAR_AXES];
	memcpy(shape, v->shape, sizeof shape);
	return par_op_done(op, PAR_F32, v->nd, shape);
}

static par_param *new_param(
    par_graph *g, const char *name, par_param_kind kind, int nd, const int64_t *shape)
{
	par_param *p = calloc(1, sizeof *p);
	PAR_MUST(p && nd <= PAR_PARAM_AXES, "parameter %s of %d axes", name, nd);
	snprintf(p->name, sizeof p->name, "%s", name);
	snprintf(p->group, sizeof p->group, "%s", g->group[g->now_group]);
	p->kind = kind;
	p->nd = nd;
	p->n = 1;
	p->decays = nd > 1;
	for (int i = 0; i < nd; i++) {
		p->shape[i] = shape[i];
		p->n *= shape[i];
	}
	g->param = grown(g->param, g->params, sizeof(par_param *));
	g->param[g->params++] = p;
	return p;
}

par_param *par_op_param(par_op *op, const char *name, const char *part, par_param_kind kind, int nd,
    const int64_t *shape, par_init init, double scale)
{
	char whole[96];
	par_graph *g = op->graph;
	PAR_MUST(op->params < PAR_OP_PARAMS, "%s has %d parameters", op->kind->name, op->params);
	if (snprintf(whole, sizeof whole, "%s/%s", name, part) >= (int)sizeof whole) {
		par_op_fail(g, "parameter name %s/%s is longer than %zu bytes", name, part,
		    sizeof whole - 1);
		return NULL;
	}
	par_param *p = par_graph_find(g, whole);
	if (!p) {
		p = new_param(g, whole, kind, nd, shape);
		p->init = init;
		p->scale = scale;
	} else if (p->kind != kind || p->nd != nd ||
		   memcmp(p->shape, shape, (size_t)nd * sizeof *shape) != 0) {
		par_op_fail(g, "%s is used by two operators that want other shapes", whole);
		return NULL;
	}
	op->param[op->params++] = p;
	return p;
}

static int new_pass(par_graph *g, par_pass pass)
{
	g->pass = grown(g->pass, g->passes, sizeof *g->pass);
	g->pass[g->passes] = pass;
	return g->passes++;
}

int par_graph_pass(par_graph *g, par_value loss, const char *group)
{
	unsigned bit = par_group_bit(g, group);
	if (loss >= 0 && g->value[loss].elements != 1)
		return par_op_fail(
		    g, "a loss of %lld elements; wanted 1", (long long)g->value[loss].elements);
	if (bit == 0 || (loss >= 0 && !(g->value[loss].follows & bit)))
		return par_op_fail(g, "the loss does not depend on parameters of group %s", group);
	return new_pass(g, (par_pass){.training = true, .loss = loss, .by = -1, .group = bit});
}

int par_graph_answer(par_graph *g, int n, const par_value values[])
{
	par_value *copy = calloc((size_t)n + 1, sizeof *copy);
	PAR_MUST(copy, "no memory for an answer of %d values", n);
	memcpy(copy, values, (size_t)n * sizeof *copy);
	return new_pass(g, (par_pass){.loss = -1, .by = -1, .values = n, .value = copy});
}

const par_shards *par_graph_shards(const par_graph *g)
{
	return &g->shards;
}

uint64_t par_graph_seed(const par_graph *g)
{
	return g->spec.seed;
}

int par_graph_shape(const par_graph *g, par_value v, int64_t shape[PAR_AXES])
{
	memcpy(shape, g->value[v].shape, sizeof g->value[v].shape);
	return g->value[v].nd;
}

int64_t par_graph_elements(const par_graph *g, par_value v)
{
	return g->value[v].elements;
}

size_t par_graph_bytes(const par_graph *g)
{
	return g->bytes;
}

int par_graph_params(const par_graph *g)
{
	return g->params;
}

par_param *par_graph_param(par_graph *g, int i)
{
	return g->param[i];
}

par_param *par_graph_find(par_graph *g, const char *name)
{
	for (int i = 0; i < g->params; i++)
		if (strcmp(g->param[i]->name, name) == 0)
			return g->param[i];
	return NULL;
}

void par_graph_hook(par_graph *g, const char *group, const par_graph_hooks *hooks)
{
	for (int i = 0; i < g->groups; i++)
		if (strcmp(g->group[i], group) == 0)
			g->hooks[i] = *hooks;
}

int par_op_axes(const par_graph *g, par_value v, int64_t shape[PAR_AXES])
{
	return par_graph_shape(g, v, shape);
}

int64_t par_op_axis(const par_graph *g, par_value v, int axis)
{
	const par_node_value *at = &g->value[v];
	int k = axis < 0 ? at->nd + axis : axis;
	return k >= 0 && k < at->nd ? at->shape[k] : 1;
}

int64_t par_op_elements(const par_graph *g, par_value v)
{
	return g->value[v].elements;
}

bool par_op_alike(const par_graph *g, par_value a, par_value b)
{
	const par_node_value *x = &g->value[a], *y = &g->value[b];
	return x->nd == y->nd && memcmp(x->shape, y->shape, (size_t)x->nd * sizeof *x->shape) == 0;
}

par_dtype par_op_type(const par_graph *g, par_value v)
{
	return g->value[v].type;
}
