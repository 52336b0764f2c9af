#include "comm/shards.h"

#include "comm/add.h"
#include "comm/blocks.h"

#include <string.h>

void par_shards_cut(par_shards *s, const par_world *w, int64_t batch, int shards)
{
	PAR_MUST(batch > 0 && shards > 0 && shards <= 64, "batch %lld, %d shards", (long long)batch,
	    shards);
	*s = (par_shards){.world = w, .batch = batch};
	s->shards = shards < batch ? shards : (int)batch;
	par_blocks b;
	par_blocks_deal(&b, w, s->shards, 1);
	s->shard_lo = (int)b.lo;
	s->shard_hi = (int)b.hi;
	s->lo = par_shards_first(s, s->shard_lo);
	s->hi = par_shards_first(s, s->shard_hi);
	bool held[64] = {false};
	for (int k = s->shard_lo; k < s->shard_hi; k++)
		held[k] = true;
	par_node node[64];
	s->nodes = par_nodes_held(s->shards, held, node);
	PAR_MUST(s->nodes <= PAR_NODES, "%d nodes of %d shards on one rank", s->nodes, s->shards);
	for (int i = 0; i < s->nodes; i++)
		s->node[i] = node[i];
}

int64_t par_shards_first(const par_shards *s, int shard)
{
	return s->batch * shard / s->shards;
}

typedef struct {
	const par_shards *shards;
	par_shard_fn fn;
	void *ctx;
	int64_t n;
} sum;

static void sum_node(const sum *s, par_node at, float *out, float *scratch)
{
	if (at.hi - at.lo == 1) {
		s->fn(s->ctx, par_shards_first(s->shards, at.lo),
		    par_shards_first(s->shards, at.hi), out);
		return;
	}
	int cut = par_node_cut(s->shards->shards, at);
	sum_node(s, (par_node){at.lo, cut}, out, scratch);
	sum_node(s, (par_node){cut, at.hi}, scratch, scratch + s->n);
	par_add(PAR_F32, out, out, scratch, (size_t)s->n * sizeof(float), false);
}

void par_shards_sum(
    const par_shards *s, par_shard_fn fn, void *ctx, int64_t n, float *const *out, float *scratch)
{
	sum job = {s, fn, ctx, n};
	for (int i = 0; i < s->nodes; i++)
		sum_node(&job, s->node[i], out[i], scratch);
}

typedef struct {
	const float *x; /* of my first sample */
	int64_t first, rows, n;
} array;

static void sum_shard_rows(void *ctx, int64_t lo, int64_t hi, float *out)
{
	const array *a = ctx;
	const float *row = a->x + (lo - a->first) * a->rows * a->n;
	size_t bytes = (size_t)a->n * sizeof *out;
	memcpy(out, row, bytes);
	for (int64_t i = 1; i < (hi - lo) * a->rows; i++)
		par_add(PAR_F32, out, out, row + i * a->n, bytes, false);
}

void par_shards_sum_rows(
    const par_shards *s, int64_t rows, int64_t n, const float *x, float *const *out, float *scratch)
{
	PAR_MUST(rows > 0, "%lld rows a sample", (long long)rows);
	par_shards_sum(s, sum_shard_rows, &(array){x, s->lo, rows, n}, n, out, scratch);
}

static int depth(int shards, par_node at)
{
	if (at.hi - at.lo == 1)
		return 0;
	int cut = par_node_cut(shards, at);
	int left = depth(shards, (par_node){at.lo, cut});
	int right = 1 + depth(shards, (par_node){cut, at.hi});
	return left > right ? left : right;
}

int par_shards_scratch(const par_shards *s)
{
	return depth(s->shards, (par_node){0, s->shards});
}
