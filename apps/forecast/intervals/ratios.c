#include "forecast/intervals/ratios.h"

#include "base/rng.h"

#include <math.h>
#include <stdlib.h>

enum { MEANS = 24, SPREADS = 8 };
#define CELL 400           /* outcomes that make a cell ... */
#define ROW 1600           /* ... and a range of means */
#define LEAST 0.05         /* units, or of the middle of a range of means */
#define NOISE 0x726174696f /* the seed of a unit's width; its own, so that no setting moves it */

static int compare(float x, float y)
{
	return (x > y) - (x < y);
}

/* equal ones in an order of their own, so that any sort gives the same */
static int by_mean(const void *a, const void *b)
{
	const ratios_case *x = a, *y = b;
	int order = compare(x->mean, y->mean);
	order = order ? order : compare(x->spread, y->spread);
	return order ? order : compare(x->outcome, y->outcome);
}

static int by_spread(const void *a, const void *b)
{
	const ratios_case *x = a, *y = b;
	int order = compare(x->spread, y->spread);
	order = order ? order : compare(x->mean, y->mean);
	return order ? order : compare(x->outcome, y->outcome);
}

static int ascending(const void *a, const void *b)
{
	return compare(*(const float *)a, *(const float *)b);
}

/* where part k of n begins */
static int64_t part(int64_t n, int parts, int k)
{
	return n * k / parts;
}

/* empirical quantiles of n > 0 sorted ratios, between neighbours in a straight line */
static void take_quantiles(
    const float *sorted, int64_t n, int levels, const double *level, float *out)
{
	for (int q = 0; q < levels; q++) {
		double at = level[q] * (double)n - 0.5;
		at = at < 0 ? 0 : at > (double)(n - 1) ? (double)(n - 1) : at;
		int64_t below = (int64_t)at, above = below + 1 < n ? below + 1 : below;
		double share = at - (double)below;
		out[q] =
		    (float)((1 - share) * (double)sorted[below] + share * (double)sorted[above]);
	}
}

static double base(const ratios *r, int row, double mean)
{
	return mean < r->least[row] ? r->least[row] : mean;
}

static void fill(
    const ratios *r, int row, const ratios_case *c, int64_t first, int64_t n, float *ratio)
{
	const par_rng noise = {NOISE, 0, 0};
	for (int64_t i = 0; i < n; i++) {
		double u = r->counts ? par_rng_f64(noise, first + i) - 0.5 : 0;
		ratio[i] = (float)(((double)c[i].outcome + u) / base(r, row, (double)c[i].mean));
	}
	qsort(ratio, (size_t)n, sizeof *ratio, ascending);
}

typedef struct {
	ratios *r;
	const double *level;
	ratios_case *cases;
	float *room; /* ratios of one row of cells */
} making;

/* the cells of one range of means, cases [lo, hi) */
static void make_row(const making *m, int row, int64_t lo, int64_t hi)
{
	ratios *r = m->r;
	int64_t n = hi - lo;
	float *out = r->ratio + (int64_t)row * r->spreads * r->levels;
	r->least[row] = LEAST * (r->counts ? 1 : (double)m->cases[lo + n / 2].mean);
	qsort(m->cases + lo, (size_t)n, sizeof *m->cases, by_spread);
	for (int k = 0; k < r->spreads; k++) {
		int64_t from = part(n, r->spreads, k), to = part(n, r->spreads, k + 1);
		if (k > 0)
			r->spread_edge[row * (r->spreads - 1) + k - 1] =
			    (double)m->cases[lo + from].spread;
		fill(r, row, m->cases + lo + from, lo + from, to - from, m->room);
		take_quantiles(m->room, to - from, r->levels, m->level, out + k * r->levels);
	}
}

static int cells_for(int64_t n, int64_t each, int most)
{
	int64_t cells = n / each;
	return cells < 1 ? 1 : cells > most ? most : (int)cells;
}

par_err ratios_make(
    ratios *r, int64_t n, ratios_case *cases, int levels, const double *level, bool counts)
{
	*r = (ratios){.means = cells_for(n, ROW, MEANS), .levels = levels, .counts = counts};
	r->spreads = cells_for(n / r->means, CELL, SPREADS);
	size_t cells = (size_t)(r->means * r->spreads);
	float *room = malloc((size_t)n * sizeof *room + 1);
	r->least = calloc((size_t)r->means, sizeof *r->least);
	r->mean_edge = calloc((size_t)r->means, sizeof *r->mean_edge);
	r->spread_edge = calloc(cells, sizeof *r->spread_edge);
	r->ratio = calloc(cells * (size_t)levels + 1, sizeof *r->ratio);
	if (!room || !r->least || !r->mean_edge || !r->spread_edge || !r->ratio) {
		free(room);
		return par_fail(PAR_E_MEMORY, "no memory for %lld outcomes", (long long)n);
	}
	making m = {r, level, cases, room};
	if (n > 0)
		qsort(cases, (size_t)n, sizeof *cases, by_mean);
	for (int k = 0; n > 0 && k < r->means; k++) {
		if (k > 0)
			r->mean_edge[k - 1] = (double)cases[part(n, r->means, k)].mean;
		make_row(&m, k, part(n, r->means, k), part(n, r->means, k + 1));
	}
	free(room);
	return PAR_OK;
}

void ratios_drop(ratios *r)
{
	free(r->least);
	free(r->mean_edge);
	free(r->spread_edge);
	free(r->ratio);
	*r = (ratios){0};
}

static int cell_of(const double *edge, int cells, double x)
{
	int k = 0;
	while (k < cells - 1 && x > edge[k])
		k++;
	return k;
}

void ratios_at(const ratios *r, double mean, double spread, float *out)
{
	int row = cell_of(r->mean_edge, r->means, mean);
	int col = cell_of(r->spread_edge + row * (r->spreads - 1), r->spreads, spread);
	const float *ratio = r->ratio + ((int64_t)row * r->spreads + col) * r->levels;
	for (int q = 0; q < r->levels; q++) {
		double v = base(r, row, mean) * (double)ratio[q];
		v = r->counts ? floor(v + 0.5) : v;
		out[q] = v > 0 && mean > 0 ? (float)v : 0;
	}
}
