/* Slices: which operators of a training pass run slice by slice, so that what one hands to the next stays in the
 * second cache. */
#include "grad/graph_inside.h"

#include <unistd.h>

#define ROWS_LEAST 256        /* of a shard, that a matrix must serve to be packed for each slice */
#define CACHE_USUAL (1 << 20) /* where the processor does not tell */

static int64_t cache_bytes(const par_graph *g)
{
	if (g->spec.cache > 0)
		return g->spec.cache;
	int64_t told = sysconf(_SC_LEVEL2_CACHE_SIZE);
	return told > 0 ? told : CACHE_USUAL;
}

/* may it run on some samples at a time, and is it worth the reading of its parameters each time? */
static bool may_slice(const par_graph *g, const par_op *op)
{
	double weights = 0, shard = (double)g->shards.batch / g->shards.shards;
	if (!op->kind->slices)
		return false;
	for (int k = 0; k < op->params; k++) {
		if (op->param[k]->kind != PAR_PARAM_DENSE || op->param[k]->rests_sharded ||
		    op->param[k]->spectral)
			return false;
		weights += op->param[k]->nd > 1 ? (double)op->param[k]->n : 0;
	}
	return op->flops * shard >= 2 * ROWS_LEAST * weights;
}

/* what an operator reads runs whole, if it does */
static void keep_whole(par_graph *g, int maker)
{
	if (maker < 0 || !g->sliced[maker])
		return;
	g->sliced[maker] = false;
	for (int i = 0; i < g->op[maker]->ins; i++)
		keep_whole(g, g->value[g->op[maker]->in[i]].maker);
}

/* bytes of a sample's values and their gradients */
static int64_t sample_bytes(const par_graph *g)
{
	int64_t floats = 0;
	for (int i = 0; i < g->ops; i++)
		floats += g->sliced[i] ? g->value[g->op[i]->out].elements : 0;
	return 2 * floats * (int64_t)sizeof(float);
}

static int64_t samples_of(const par_graph *g, par_node at)
{
	return par_shards_first(&g->shards, at.hi) - par_shards_first(&g->shards, at.lo);
}

bool par_graph_is_slice(const par_graph *g, par_node at)
{
	return at.hi - at.lo == 1 || samples_of(g, at) <= g->slice_aim;
}

static int64_t largest(const par_graph *g, par_node at)
{
	if (par_graph_is_slice(g, at))
		return samples_of(g, at);
	int cut = par_node_cut(g->shards.shards, at);
	int64_t left = largest(g, (par_node){at.lo, cut});
	int64_t right = largest(g, (par_node){cut, at.hi});
	return left > right ? left : right;
}

static int training_passes(const par_graph *g)
{
	int n = 0;
	for (int i = 0; i < g->passes; i++)
		n += g->pass[i].training;
	return n;
}

void par_graph_slice(par_graph *g, bool *sliced)
{
	g->sliced = sliced;
	for (int i = 0; i < g->ops; i++)
		sliced[i] = training_passes(g) == 1;
	for (int i = 0; i < g->ops; i++)
		if (!may_slice(g, g->op[i]))
			keep_whole(g, i);
	int64_t each = sample_bytes(g), cache = cache_bytes(g);
	bool fits = each * (g->shards.hi - g->shards.lo) <= cache;
	g->slice_aim = each > 0 ? cache / each : 0;
	for (int i = 0; i < g->ops; i++)
		sliced[i] = sliced[i] && !fits;
	for (int i = 0; i < g->shards.nodes; i++) {
		int64_t most = largest(g, g->shards.node[i]);
		g->slice_most = most > g->slice_most ? most : g->slice_most;
	}
}
