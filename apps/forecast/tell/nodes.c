#include "forecast/tell/nodes.h"

#include "comm/gather.h"
#include "common/levels.h"
#include "forecast/intervals/nodes.h"
#include "forecast/tell/covered.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NODES_BLOCK 64

static const float missing = NAN;

typedef struct {
	levels_sums of;
	int steps;
	int64_t nodes;
	par_blocks blocks; /* which nodes are mine */
	int32_t *level_of; /* [nodes here] */
	double *sum;       /* [nodes here][steps] */
	double *adjusted;  /* [nodes here][steps] the same after the planners' words */
	float *direct;     /* [nodes here][steps] NaN where a node has no forecast of its own */
	float *quantile;   /* [nodes here][steps][quantiles] */
	int quantiles;
	coverage covered; /* of the levels and the series */
} tally;

static par_err make(tally *t, const hierarchy *h, const panel *p)
{
	PAR_TRY(levels_choose(&t->of, h, p->of.series));
	t->nodes = t->of.first[t->of.count];
	par_blocks_deal(&t->blocks, p->blocks.world, t->nodes, NODES_BLOCK);
	size_t here = (size_t)(t->blocks.hi - t->blocks.lo), cells = here * (size_t)t->steps;
	t->level_of = calloc(here + 1, sizeof *t->level_of);
	t->sum = calloc(cells + 1, sizeof *t->sum);
	t->adjusted = calloc(cells + 1, sizeof *t->adjusted);
	t->direct = calloc(cells + 1, sizeof *t->direct);
	t->quantile = calloc(cells * (size_t)t->quantiles + 1, sizeof *t->quantile);
	for (size_t i = 0; t->direct && i < cells; i++)
		t->direct[i] = NAN;
	return t->level_of && t->sum && t->adjusted && t->direct && t->quantile
		   ? PAR_OK
		   : par_fail(PAR_E_MEMORY, "no memory for the sums of %zu nodes", here);
}

static void drop(tally *t)
{
	coverage_drop(&t->covered);
	free(t->quantile);
	free(t->direct);
	free(t->adjusted);
	free(t->sum);
	free(t->level_of);
	levels_drop(&t->of);
}

typedef struct {
	tally *t;
	double *sum; /* [nodes here][steps] */
} adder;

/* add the means of some series to their node of this level, where that node is mine */
static void add_level(const adder *a, int l, int64_t first, int64_t rows, const float *mean)
{
	tally *t = a->t;
	for (int64_t i = 0; i < rows; i++) {
		int64_t node = t->of.first[l] + t->of.level[l]->node_of[first + i];
		if (node < t->blocks.lo || node >= t->blocks.hi)
			continue;
		int64_t row = node - t->blocks.lo;
		t->level_of[row] = l;
		for (int h = 0; h < t->steps; h++)
			a->sum[row * t->steps + h] += (double)mean[i * t->steps + h];
	}
}

static void add_rows(void *ctx, int64_t first, int64_t rows, const void *row)
{
	const adder *a = ctx;
	for (int l = 0; l < a->t->of.count; l++)
		add_level(a, l, first, rows, row);
}

static par_err add_up(tally *t, const panel *p, const float *mean, int64_t rows, double *sum)
{
	adder a = {t, sum};
	return par_pass_rows(
	    p->blocks.world, mean, rows, (size_t)t->steps * sizeof(float), add_rows, &a);
}

/* what the nodes of the same level forecast of themselves */
static void take_direct(tally *t, const totals *sums, int l)
{
	int from = 0;
	while (from < sums->levels.count &&
	       strcmp(sums->levels.level[from]->name, t->of.level[l]->name) != 0)
		from++;
	for (int64_t k = 0; from < sums->levels.count && k < t->of.level[l]->nodes; k++) {
		int64_t node = t->of.first[l] + k, at = (sums->levels.first[from] + k) * t->steps;
		if (node < t->blocks.lo || node >= t->blocks.hi)
			continue;
		for (int h = 0; h < t->steps; h++)
			t->direct[(node - t->blocks.lo) * t->steps + h] =
			    (float)sums->direct[at + h];
	}
}

static const char *node_name(const void *t, int64_t node)
{
	const levels_sums *of = t;
	int l = 0;
	while (node >= of->first[l + 1])
		l++;
	return of->level[l]->label + (node - of->first[l]) * of->level[l]->stride;
}

static par_err put(par_store *s, const tally *t, bool direct)
{
	const par_store_var level = {
	    "node_level", PAR_I32, {"node"}, NULL, "index into level", NULL};
	const par_store_var mean = {"node_mean", PAR_F64, {"node", "step"}, "1",
	    "expected demand of all series of the node", NULL};
	const par_store_var own = {"node_direct", PAR_F32, {"node", "step"}, "1",
	    "expected demand of the node by its own history alone", &missing};
	const par_store_var quantiles = {"node_quantiles", PAR_F32, {"node", "step", "quantile"},
	    "1", "quantiles of demand of all series of the node", NULL};
	int64_t lo = t->blocks.lo, here = t->blocks.hi - lo;
	const par_world *w = t->blocks.world;
	PAR_TRY(catalog_put_names(s, w, "node", t->nodes, node_name, &t->of));
	PAR_TRY(par_store_put(s, &level, lo, here, t->level_of));
	PAR_TRY(par_store_put(s, &mean, lo, here, t->sum));
	PAR_TRY(par_store_put(s, &quantiles, lo, here, t->quantile));
	return direct ? par_store_put(s, &own, lo, here, t->direct) : PAR_OK;
}

static par_err put_adjusted(par_store *s, const tally *t)
{
	const par_store_var adjusted = {"node_adjusted", PAR_F64, {"node", "step"}, "1",
	    "expected demand of all series of the node after the planners' words", NULL};
	return par_store_put(s, &adjusted, t->blocks.lo, t->blocks.hi - t->blocks.lo, t->adjusted);
}

static par_err make_quantiles(
    tally *t, const panel *p, const plan *f, const totals *sums, const results *r)
{
	const nodes_asked asked = {p, f, sums, r, &t->of, t->blocks, t->sum};
	PAR_TRY(nodes_quantiles(&asked, t->quantile, &t->covered));
	coverage_share(&t->covered, t->blocks.world);
	coverage_take(&t->covered, t->of.count, &r->covered, 0);
	return PAR_OK;
}

static par_err put_levels(app *a, par_store *s, const hierarchy *h, const panel *p, const plan *f,
    const totals *sums, const results *r, const float *adjusted)
{
	tally t = {.steps = r->horizon, .quantiles = r->quantiles};
	par_err e = make(&t, h, p);
	if (e == PAR_OK)
		e = coverage_make(&t.covered, t.of.count + 1, r->quantiles, f->level);
	e = par_agree(&a->world, e);
	if (e == PAR_OK)
		e = add_up(&t, p, r->mean, r->rows, t.sum);
	if (e == PAR_OK && adjusted)
		e = add_up(&t, p, adjusted, r->rows, t.adjusted);
	for (int l = 0; e == PAR_OK && sums->direct && l < t.of.count; l++)
		take_direct(&t, sums, l);
	if (e == PAR_OK)
		e = make_quantiles(&t, p, f, sums, r);
	if (e == PAR_OK)
		e = covered_put(s, &a->world, &t.of, &t.covered);
	if (e == PAR_OK)
		e = put(s, &t, sums->direct != NULL);
	if (e == PAR_OK && adjusted)
		e = put_adjusted(s, &t);
	if (e == PAR_OK)
		covered_tell(a, &t.of, &t.covered);
	drop(&t);
	return e;
}

/* without a hierarchy the series are all there is */
static par_err put_series(app *a, par_store *s, const results *r)
{
	PAR_TRY(covered_put(s, &a->world, NULL, &r->covered));
	covered_tell(a, NULL, &r->covered);
	return PAR_OK;
}

par_err nodes_put(app *a, par_store *s, const panel *p, const plan *f, const totals *sums,
    const results *r, const float *adjusted)
{
	const char *path = app_text(a, "hierarchy");
	hierarchy *h;
	if (!path)
		return put_series(a, s, r);
	PAR_TRY(levels_read(&h, path, &p->of));
	par_err e = put_levels(a, s, h, p, f, sums, r, adjusted);
	hierarchy_free(h);
	return e;
}
