#include "score/nodes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define AT_ONCE 512 /* series read in one go */

/* nodes [lo, hi) of this wave, summed; a node has history, actual and mean one after another */
typedef struct {
	const node_scores *s;
	const input *in;
	int64_t lo, hi, each; /* doubles a node */
	double *sums;         /* NaN where no series has a value yet */
	float *units, *mean;  /* of AT_ONCE series */
	float *quantiles;     /* rows of the forecast's nodes from first_row on */
	int64_t first_row;
	double *q; /* [quantiles][horizon] of one node */
} wave;

static void add(double *sum, double x)
{
	if (isnan(x))
		return;
	*sum = isnan(*sum) ? x : *sum + x;
}

static void add_series(wave *v, int64_t node, int64_t i, const float *units, const float *mean)
{
	const input *in = v->in;
	const float *actual = in->actual + i * in->horizon;
	double *history = v->sums + (node - v->lo) * v->each;
	double *came = history + in->history, *f = came + in->horizon;
	for (int64_t t = 0; t < in->history; t++)
		add(&history[t], (double)units[t]);
	for (int64_t t = 0; t < in->horizon; t++) {
		add(&came[t], (double)actual[t]);
		if (!isnan(actual[t]))
			add(&f[t], (double)mean[t]);
	}
}

/* the node of series i in level l when it is one of this wave, else -1 */
static int64_t node_here(const wave *v, int l, int64_t i)
{
	int64_t node = v->s->of.first[l] + v->s->of.level[l]->node_of[i];
	return node >= v->lo && node < v->hi ? node : -1;
}

static bool wanted(const wave *v, int64_t first, int64_t rows)
{
	for (int64_t i = first; i < first + rows; i++)
		for (int l = 0; l < v->s->of.count; l++)
			if (node_here(v, l, i) >= 0)
				return true;
	return false;
}

static par_err sum_wave(wave *v)
{
	const input *in = v->in;
	for (int64_t i = 0; i < (v->hi - v->lo) * v->each; i++)
		v->sums[i] = NAN;
	for (int64_t first = 0; first < in->of.series; first += AT_ONCE) {
		int64_t rows = in->of.series - first < AT_ONCE ? in->of.series - first : AT_ONCE;
		if (!wanted(v, first, rows))
			rows = 0;
		PAR_TRY(input_units(in, first, rows, v->units));
		PAR_TRY(input_mean(in, first, rows, v->mean));
		for (int64_t k = 0; k < rows; k++)
			for (int l = 0; l < v->s->of.count; l++) {
				int64_t node = node_here(v, l, first + k);
				if (node >= 0)
					add_series(v, node, first + k, v->units + k * in->of.length,
					    v->mean + k * in->horizon);
			}
		par_world_alive();
	}
	return PAR_OK;
}

/* the rows from the first to the last that the wave's nodes have */
static par_err read_quantiles(wave *v)
{
	const int64_t *row = v->s->quantile_row - v->s->blocks.lo;
	int64_t end = v->first_row = 0, each = v->in->horizon * v->in->quantiles;
	for (int64_t node = v->lo; node < v->hi; node++) {
		if (row[node] < 0)
			continue;
		v->first_row = end == 0 || row[node] < v->first_row ? row[node] : v->first_row;
		end = row[node] >= end ? row[node] + 1 : end;
	}
	free(v->quantiles);
	v->quantiles = malloc((size_t)((end - v->first_row) * each + 1) * sizeof *v->quantiles);
	PAR_TRY_ALL(v->in->world,
	    v->quantiles ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for quantiles"));
	return input_node_quantiles(v->in, v->first_row, end - v->first_row, v->quantiles);
}

static double *quantiles_of(const wave *v, int64_t node)
{
	int64_t row = v->s->quantile_row[node - v->s->blocks.lo];
	int64_t h = v->in->horizon, nq = v->in->quantiles;
	if (row < 0 || !v->quantiles)
		return NULL;
	const float *from = v->quantiles + (row - v->first_row) * h * nq;
	for (int64_t t = 0; t < h; t++)
		for (int64_t q = 0; q < nq; q++)
			v->q[q * h + t] = (double)from[t * nq + q];
	return v->q;
}

static par_err measure_wave(const wave *v, const item_rules *r, double *rows)
{
	for (int64_t node = v->lo; node < v->hi; node++) {
		double *history = v->sums + (node - v->lo) * v->each;
		double *came = history + v->in->history;
		PAR_TRY(item_measure(r, v->in->of.series + node, history, v->in->history, came,
		    came + v->in->horizon, quantiles_of(v, node),
		    rows + (node - v->s->blocks.lo) * item_width(r)));
	}
	return PAR_OK;
}

static void weigh(node_scores *s, const input *in, int width, const double *value)
{
	const par_blocks *b = &s->blocks;
	for (int64_t node = b->lo; node < b->hi; node++)
		s->rows[(node - b->lo) * width + ITEM_WEIGHT] = 0;
	for (int l = 0; l < s->of.count; l++)
		for (int64_t i = 0; i < in->of.series; i++) {
			int64_t node = s->of.first[l] + s->of.level[l]->node_of[i];
			if (node >= b->lo && node < b->hi)
				s->rows[(node - b->lo) * width + ITEM_WEIGHT] += value[i];
		}
}

static par_err make_wave(wave *v, int64_t nodes)
{
	v->sums = malloc((size_t)(nodes * v->each + 1) * sizeof *v->sums);
	v->units = malloc((size_t)(AT_ONCE * v->in->of.length + 1) * sizeof *v->units);
	v->mean = malloc((size_t)(AT_ONCE * v->in->horizon + 1) * sizeof *v->mean);
	v->q = malloc((size_t)(v->in->horizon * v->in->quantiles + 1) * sizeof *v->q);
	return v->sums && v->units && v->mean && v->q
		   ? PAR_OK
		   : par_fail(
			 PAR_E_MEMORY, "no memory for the sums of %lld nodes", (long long)nodes);
}

static par_err measure_waves(wave *v, const item_rules *r, int64_t at_once, bool quantiles)
{
	const par_blocks *b = &v->s->blocks;
	int64_t most = par_world_max(v->in->world, b->hi - b->lo);
	par_err e = PAR_OK;
	for (int64_t done = 0; done < most && e == PAR_OK; done += at_once) {
		v->lo = b->lo + done < b->hi ? b->lo + done : b->hi;
		v->hi = v->lo + at_once < b->hi ? v->lo + at_once : b->hi;
		e = sum_wave(v);
		if (e == PAR_OK && quantiles)
			e = read_quantiles(v);
		if (e == PAR_OK)
			e = par_agree(v->in->world, measure_wave(v, r, v->s->rows));
	}
	return e;
}

static par_err choose_levels(node_scores *s, const input *in, const hierarchy *h)
{
	PAR_TRY(levels_choose(&s->of, h, in->of.series));
	par_blocks_deal(&s->blocks, in->world, s->of.first[s->of.count], NODES_BLOCK);
	return PAR_OK;
}

static par_err make_rows(node_scores *s, int width)
{
	int64_t nodes = s->blocks.hi - s->blocks.lo;
	s->rows = calloc((size_t)(nodes * width + 1), sizeof *s->rows);
	s->quantile_row = malloc((size_t)(nodes + 1) * sizeof *s->quantile_row);
	if (!s->rows || !s->quantile_row)
		return par_fail(
		    PAR_E_MEMORY, "no memory for the scores of %lld nodes", (long long)nodes);
	for (int64_t i = 0; i < nodes; i++)
		s->quantile_row[i] = -1;
	return PAR_OK;
}

typedef struct {
	const char *name;
	int64_t row;
} named_row;

static int by_name(const void *a, const void *b)
{
	return strcmp(((const named_row *)a)->name, ((const named_row *)b)->name);
}

static par_err find_rows(node_scores *s, const char *names, int64_t n, int stride)
{
	named_row *rows = malloc((size_t)(n + 1) * sizeof *rows);
	if (!rows)
		return par_fail(PAR_E_MEMORY, "no memory for %lld names", (long long)n);
	for (int64_t i = 0; i < n; i++)
		rows[i] = (named_row){names + i * stride, i};
	qsort(rows, (size_t)n, sizeof *rows, by_name);
	for (int l = 0; l < s->of.count; l++)
		for (int64_t k = 0; k < s->of.level[l]->nodes; k++) {
			int64_t node = s->of.first[l] + k;
			if (node < s->blocks.lo || node >= s->blocks.hi)
				continue;
			named_row want = {s->of.level[l]->label + k * s->of.level[l]->stride, 0};
			named_row *at = bsearch(&want, rows, (size_t)n, sizeof want, by_name);
			s->quantile_row[node - s->blocks.lo] = at ? at->row : -1;
		}
	free(rows);
	return PAR_OK;
}

/* *found: the forecast has quantiles of nodes */
static par_err find_quantiles(node_scores *s, const input *in, bool *found)
{
	char *names;
	int64_t n;
	int stride;
	PAR_TRY(input_node_names(in, &names, &n, &stride));
	*found = n > 0;
	par_err e = n > 0 ? par_agree(in->world, find_rows(s, names, n, stride)) : PAR_OK;
	free(names);
	return e;
}

par_err nodes_measure(node_scores *s, const input *in, const hierarchy *h, const item_rules *r,
    const double *value, int64_t memory)
{
	wave v = {.s = s, .in = in, .each = in->history + 2 * in->horizon};
	int64_t fit = memory / (v.each * (int64_t)sizeof(double)), at_once = fit > 0 ? fit : 1;
	*s = (node_scores){0};
	PAR_TRY_ALL(in->world, choose_levels(s, in, h));
	int64_t mine = s->blocks.hi - s->blocks.lo;
	par_err e = make_rows(s, item_width(r));
	if (e == PAR_OK)
		e = make_wave(&v, mine < at_once ? mine : at_once);
	e = par_agree(in->world, e);
	bool quantiles = false;
	if (e == PAR_OK)
		e = find_quantiles(s, in, &quantiles);
	if (e == PAR_OK) {
		weigh(s, in, item_width(r), value);
		e = measure_waves(&v, r, at_once, quantiles);
	}
	free(v.quantiles);
	free(v.q);
	free(v.sums);
	free(v.units);
	free(v.mean);
	return e;
}

void nodes_free(node_scores *s)
{
	levels_drop(&s->of);
	free(s->rows);
	free(s->quantile_row);
}
