#include "forecast/nodes.h"

#include "comm/gather.h"
#include "common/levels.h"

#include <stdlib.h>
#include <string.h>

#define NODES_BLOCK 64

typedef struct {
	const hierarchy_level **level; /* those that add up */
	int levels, steps;
	int64_t *first; /* [levels + 1] where a level's nodes begin */
	int64_t nodes;
	par_blocks blocks; /* which nodes are mine */
	int32_t *level_of; /* [nodes here] */
	double *sum;       /* [nodes here][steps] */
	float *mean;       /* the same as stored */
} tally;

static par_err choose(tally *t, const hierarchy *h, const panel *p)
{
	size_t n = (size_t)hierarchy_levels(h);
	t->level = calloc(n + 1, sizeof(void *));
	t->first = calloc(n + 1, sizeof *t->first);
	if (!t->level || !t->first)
		return par_fail(PAR_E_MEMORY, "no memory for %zu levels", n);
	for (int l = 0; l < (int)n; l++)
		if (levels_adds_up(hierarchy_at(h, l), p->series)) {
			t->level[t->levels++] = hierarchy_at(h, l);
			t->first[t->levels] = t->first[t->levels - 1] + hierarchy_at(h, l)->nodes;
		}
	t->nodes = t->first[t->levels];
	par_blocks_deal(&t->blocks, p->blocks.world, t->nodes, NODES_BLOCK);
	size_t here = (size_t)(t->blocks.hi - t->blocks.lo), cells = here * (size_t)t->steps;
	t->level_of = calloc(here + 1, sizeof *t->level_of);
	t->sum = calloc(cells + 1, sizeof *t->sum);
	t->mean = calloc(cells + 1, sizeof *t->mean);
	return t->level_of && t->sum && t->mean
		   ? PAR_OK
		   : par_fail(PAR_E_MEMORY, "no memory for the sums of %zu nodes", here);
}

static void drop(tally *t)
{
	free(t->mean);
	free(t->sum);
	free(t->level_of);
	free(t->first);
	free(t->level);
}

/* add the mean of every series to its node of this level, where that node is mine */
static void add_level(tally *t, int l, const float *mean, int64_t series)
{
	for (int64_t i = 0; i < series; i++) {
		int64_t node = t->first[l] + t->level[l]->node_of[i];
		if (node < t->blocks.lo || node >= t->blocks.hi)
			continue;
		int64_t row = node - t->blocks.lo;
		t->level_of[row] = l;
		for (int h = 0; h < t->steps; h++)
			t->sum[row * t->steps + h] += (double)mean[i * t->steps + h];
	}
}

static par_err add_up(tally *t, const panel *p, const results *r)
{
	void *all;
	int64_t series;
	size_t row = (size_t)t->steps * sizeof(float);
	PAR_TRY(par_gather_rows(p->blocks.world, r->mean, r->rows, row, &all, &series));
	for (int l = 0; l < t->levels; l++)
		add_level(t, l, all, series);
	free(all);
	int64_t cells = (t->blocks.hi - t->blocks.lo) * t->steps;
	for (int64_t i = 0; i < cells; i++)
		t->mean[i] = (float)t->sum[i];
	return PAR_OK;
}

/* a scale of names, packed to the longest of them */
static par_err put_names(par_store *s, const char *scale, int64_t n,
    const char *(*name)(const tally *, int64_t), const tally *t)
{
	size_t width = 1;
	for (int64_t i = 0; i < n; i++)
		width = strlen(name(t, i)) > width ? strlen(name(t, i)) : width;
	char *packed = calloc((size_t)n * width + 1, 1);
	PAR_MUST(packed, "no memory for %lld names", (long long)n);
	for (int64_t i = 0; i < n; i++)
		memcpy(packed + (size_t)i * width, name(t, i), strlen(name(t, i)));
	par_err e = par_store_dim_text(s, scale, n, (int)width, packed);
	free(packed);
	return e;
}

static const char *level_name(const tally *t, int64_t l)
{
	return t->level[l]->name;
}

static const char *node_name(const tally *t, int64_t node)
{
	int l = 0;
	while (node >= t->first[l + 1])
		l++;
	return t->level[l]->label + (node - t->first[l]) * t->level[l]->stride;
}

static par_err put(par_store *s, const tally *t)
{
	const par_store_var level = {
	    "node_level", PAR_I32, {"node"}, NULL, "index into level", NULL};
	const par_store_var mean = {"node_mean", PAR_F32, {"node", "step"}, "1",
	    "expected demand of all series of the node", NULL};
	int64_t lo = t->blocks.lo, here = t->blocks.hi - lo;
	PAR_TRY(put_names(s, "level", t->levels, level_name, t));
	PAR_TRY(put_names(s, "node", t->nodes, node_name, t));
	PAR_TRY(par_store_put(s, &level, lo, here, t->level_of));
	return par_store_put(s, &mean, lo, here, t->mean);
}

par_err nodes_put(app *a, par_store *s, const panel *p, const results *r)
{
	const char *path = app_text(a, "hierarchy");
	const levels_catalog c = {p->store, p->skus, p->markets, p->series, p->sku, p->market,
	    p->sku_stride, p->market_stride, p->series_sku, p->series_market};
	hierarchy *h;
	if (!path)
		return PAR_OK;
	PAR_TRY(levels_read(&h, &a->world, path, &c));
	tally t = {.steps = r->horizon};
	par_err e = par_agree(&a->world, choose(&t, h, p));
	if (e == PAR_OK)
		e = add_up(&t, p, r);
	if (e == PAR_OK)
		e = put(s, &t);
	drop(&t);
	hierarchy_free(h);
	return e;
}
