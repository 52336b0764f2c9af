#include "forecast/totals/sums.h"

#include "comm/gather.h"
#include "comm/reduce.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* which series are read next: my shards one after the other, each in pieces of a block */
typedef struct {
	const panel *p;
	par_blocks shards;
	int64_t shard, at; /* the next piece begins at series `at` of that shard */
} walk;

static int64_t shard_first(const walk *w, int64_t shard)
{
	return w->p->of.series * shard / PAR_SHARDS;
}

static void walk_begin(walk *w, const panel *p)
{
	*w = (walk){.p = p};
	par_blocks_deal(&w->shards, p->of.world, PAR_SHARDS, 1);
	w->shard = w->shards.lo;
	w->at = shard_first(w, w->shard);
}

static bool walk_ended(const walk *w)
{
	return w->shard >= w->shards.hi;
}

/* the piece that is next, and whether its shard ends with it */
static int64_t walk_next(walk *w, int64_t *first, bool *ends)
{
	int64_t end = walk_ended(w) ? w->at : shard_first(w, w->shard + 1);
	int64_t rows = end - w->at < PANEL_BLOCK ? end - w->at : PANEL_BLOCK;
	*first = w->at;
	w->at += rows;
	*ends = !walk_ended(w) && w->at == end;
	w->shard += *ends;
	return rows;
}

/* all ranks read as often as the one with most to read */
static int64_t walk_rounds(const panel *p)
{
	walk w;
	int64_t n = 0, first;
	bool ends;
	for (walk_begin(&w, p); !walk_ended(&w); n++)
		walk_next(&w, &first, &ends);
	return par_world_max(p->of.world, n);
}

void sums_mend(float *y, int64_t n, int64_t season, double *made)
{
	int64_t first = 0, last = n - 1;
	memset(made, 0, sizeof *made * (size_t)n);
	while (first < n && !isfinite(y[first]))
		first++;
	while (last > first && !isfinite(y[last]))
		last--;
	int64_t end = n - 1 - last < 2 * season ? n : last + 1;
	for (int64_t t = 0; t < n; t++) {
		if (t < first || t >= end)
			y[t] = 0;
		else if (!isfinite(y[t]))
			made[t] = (double)(y[t] = y[t - season >= first ? t - season : t - 1]);
	}
}

typedef struct {
	const panel *p;
	const levels_sums *levels;
	int64_t cells; /* nodes x length */
	float *units;
	double *made;
	par_reduce *reduce;
} adder;

static void add_series(const adder *a, int64_t i, float *y, double *sum)
{
	int64_t n = a->p->of.length;
	sums_mend(y, n, a->p->of.season, a->made);
	for (int l = 0; l < a->levels->count; l++) {
		int64_t node = a->levels->first[l] + a->levels->level[l]->node_of[i];
		double *to = sum + node * n, *made = to + a->cells;
		for (int64_t t = 0; t < n; t++) {
			to[t] += (double)y[t];
			made[t] += fabs(a->made[t]);
		}
	}
}

static par_err add_all(adder *a)
{
	walk w;
	double *sum = NULL;
	int64_t rounds = walk_rounds(a->p), first;
	walk_begin(&w, a->p);
	for (int64_t k = 0; k < rounds; k++) {
		bool ends;
		int64_t rows = walk_next(&w, &first, &ends);
		PAR_TRY(panel_units(a->p, first, rows, a->units));
		if (!sum && (rows > 0 || ends)) {
			sum = par_reduce_next(a->reduce);
			memset(sum, 0, sizeof *sum * (size_t)(2 * a->cells));
		}
		for (int64_t i = 0; i < rows; i++)
			add_series(a, first + i, a->units + i * a->p->of.length, sum);
		if (ends) {
			par_reduce_born(a->reduce);
			sum = NULL;
		}
		par_world_alive();
	}
	return PAR_OK;
}

bool sums_lost(double sum, double made)
{
	return 3 * made > fabs(sum);
}

static void take(const adder *a, double *out)
{
	const double *sum = par_reduce_sum(a->reduce);
	for (int64_t i = 0; i < a->cells; i++)
		out[i] = sums_lost(sum[i], sum[a->cells + i]) ? NAN : sum[i];
}

par_err sums_history(const panel *p, const levels_sums *levels, double *sum)
{
	adder a = {.p = p, .levels = levels};
	a.cells = levels->first[levels->count] * p->of.length;
	a.units = malloc(sizeof *a.units * (size_t)(PANEL_BLOCK * p->stored + 1));
	a.made = malloc(sizeof *a.made * (size_t)(p->of.length + 1));
	par_err e = par_agree(
	    p->of.world, a.units && a.made ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for sums"));
	if (e == PAR_OK)
		e = par_reduce_plan(&a.reduce, p->of.world, PAR_F64, 2 * a.cells, PAR_SHARDS, 0);
	if (e == PAR_OK)
		e = add_all(&a);
	if (e == PAR_OK)
		take(&a, sum);
	par_reduce_free(a.reduce);
	free(a.made);
	free(a.units);
	return e;
}

double sums_bytes(const panel *p, int64_t nodes)
{
	/* the shard that is added to, those that wait in the tree, and the window */
	double vectors = 10, cells = 2 * (double)nodes * (double)p->of.length;
	return 8 * vectors * cells + 4. * PANEL_BLOCK * (double)p->stored;
}

typedef struct {
	const levels_sums *levels;
	int columns;
	double *sum;
} row_adder;

static void add_rows(void *ctx, int64_t first, int64_t rows, const void *row)
{
	const row_adder *a = ctx;
	const float *all = row;
	for (int l = 0; l < a->levels->count; l++)
		for (int64_t i = 0; i < rows; i++) {
			int64_t node = a->levels->first[l] +
				       a->levels->level[l]->node_of[first + i];
			for (int h = 0; h < a->columns; h++)
				a->sum[node * a->columns + h] += (double)all[i * a->columns + h];
		}
}

par_err sums_rows(const panel *p, const levels_sums *levels, const float *mine, int64_t rows,
    int columns, double *sum)
{
	row_adder a = {levels, columns, sum};
	memset(sum, 0, sizeof *sum * (size_t)(levels->first[levels->count] * columns));
	return par_pass_rows(p->of.world, mine, rows, (size_t)columns * sizeof *mine, add_rows, &a);
}
