#include "comm/tree.h"

#include "base/err.h"
#include "comm/add.h"

#include <string.h>

static int power_below(int n)
{
	int p = 1;
	while (2 * p < n)
		p *= 2;
	return p;
}

int par_node_cut(int shards, par_node n)
{
	int unit = 1, size = n.hi - n.lo;
	while (24 * unit <= shards)
		unit *= 2;
	if (size <= unit)
		return n.lo + power_below(size);
	int units = (size + unit - 1) / unit, first = units / 2;
	bool leans = units % 2 && n.lo / unit / units % 2 == 0;
	return n.lo + (first + leans) * unit;
}

static int count_held(const bool *held, par_node n)
{
	int count = 0;
	for (int s = n.lo; s < n.hi; s++)
		count += held[s];
	return count;
}

static int nodes_within(int shards, const bool *held, par_node n, par_node *out)
{
	int count = count_held(held, n);
	if (count == 0)
		return 0;
	if (count == n.hi - n.lo) {
		*out = n;
		return 1;
	}
	int cut = par_node_cut(shards, n);
	int left = nodes_within(shards, held, (par_node){n.lo, cut}, out);
	return left + nodes_within(shards, held, (par_node){cut, n.hi}, out + left);
}

int par_nodes_held(int shards, const bool *held, par_node *out)
{
	return nodes_within(shards, held, (par_node){0, shards}, out);
}

int par_node_steps(
    int shards, par_node target, const par_node *sources, int n, int *steps, int *most)
{
	for (int i = 0; i < n; i++)
		if (sources[i].lo == target.lo && sources[i].hi == target.hi) {
			*steps = i;
			*most = 1;
			return 1;
		}
	PAR_MUST(target.hi - target.lo > 1, "shard %d of %d is in no source", target.lo, shards);
	int cut = par_node_cut(shards, target), most_left, most_right;
	int count = par_node_steps(
	    shards, (par_node){target.lo, cut}, sources, n, steps, &most_left);
	count += par_node_steps(
	    shards, (par_node){cut, target.hi}, sources, n, steps + count, &most_right);
	steps[count++] = PAR_STEP_ADD;
	*most = most_left > most_right + 1 ? most_left : most_right + 1;
	return count;
}

static void run_block(par_dtype type, const int *steps, int count, const void *const *sources,
    size_t at, void *out, size_t bytes, char *scratch, bool past_cache)
{
	const void *waiting[PAR_STEP_WAITING] = {sources[0]};
	int used = 0;
	for (int i = 0; i < count; i++) {
		if (steps[i] != PAR_STEP_ADD) {
			waiting[used++] = (const char *)sources[steps[i]] + at;
			continue;
		}
		used--;
		bool last = i == count - 1;
		void *sum = last ? out : scratch + (size_t)(used - 1) * PAR_STEP_BLOCK;
		par_add(type, sum, waiting[used - 1], waiting[used], bytes, last && past_cache);
		waiting[used - 1] = sum;
	}
	if (count == 1 && out != waiting[0])
		memcpy(out, waiting[0], bytes);
}

void par_steps_run(par_dtype type, const int *steps, int count, const void *const *sources,
    void *out, size_t bytes, void *scratch, bool past_cache)
{
	for (size_t at = 0; at < bytes; at += PAR_STEP_BLOCK) {
		size_t here = bytes - at < PAR_STEP_BLOCK ? bytes - at : PAR_STEP_BLOCK;
		run_block(
		    type, steps, count, sources, at, (char *)out + at, here, scratch, past_cache);
	}
	if (past_cache)
		par_add_fence();
}
