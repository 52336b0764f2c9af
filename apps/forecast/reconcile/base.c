#include "forecast/reconcile/base.h"

#include "comm/gather.h"
#include "forecast/past.h"
#include "forecast/totals/sums.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEALT 16                        /* nodes that go to a rank together: a vector of the bank */
#define WAVE_BYTES ((int64_t)128 << 20) /* of histories that a rank adds up at a time */

/* nodes on their way through the bank; ranks take blocks of them, and of those a wave at a time */
typedef struct {
	base *b;
	const panel *p;
	const plan *f;
	const levels_sums *levels;
	par_blocks blocks;
	int64_t wave;   /* nodes */
	double *sum;    /* owned: [wave][length] */
	double *made;   /* owned: [wave][length] */
	float *units;   /* owned: [PANEL_BLOCK][stored] series as they are read */
	double *filled; /* owned: [length] */
	double *row;    /* owned: [nodes here] what was said, then what came */
	results r;      /* owned: of the nodes here */
} work;

/* -- histories of a wave of nodes [lo, hi) -- */

static bool block_matters(const work *s, int64_t first, int64_t end, int64_t lo, int64_t hi)
{
	for (int l = 0; l < s->levels->count; l++)
		for (int64_t i = first; i < end; i++) {
			int64_t at = s->levels->first[l] + s->levels->level[l]->node_of[i];
			if (at >= lo && at < hi)
				return true;
		}
	return false;
}

static void add_series(const work *s, int64_t i, float *y, int64_t lo, int64_t hi)
{
	int64_t n = s->p->of.length;
	bool mended = false;
	for (int l = 0; l < s->levels->count; l++) {
		int64_t at = s->levels->first[l] + s->levels->level[l]->node_of[i];
		if (at < lo || at >= hi)
			continue;
		if (!mended)
			sums_mend(y, n, s->p->of.season, s->filled);
		mended = true;
		double *sum = s->sum + (at - lo) * n, *made = s->made + (at - lo) * n;
		for (int64_t t = 0; t < n; t++) {
			sum[t] += (double)y[t];
			made[t] += fabs(s->filled[t]);
		}
	}
}

/* the next block of series with one of the wave's nodes, from `from` on; the catalog's end when there is none */
static int64_t next_block(const work *s, int64_t from, int64_t lo, int64_t hi)
{
	int64_t n = s->p->of.series;
	for (; from < n && lo < hi; from += PANEL_BLOCK)
		if (block_matters(s, from, from + PANEL_BLOCK < n ? from + PANEL_BLOCK : n, lo, hi))
			return from;
	return n;
}

/* collective: ranks read each what their own nodes need, series in catalog order */
static par_err add_wave(work *s, int64_t lo, int64_t hi)
{
	const int64_t n = s->p->of.series, length = s->p->of.length;
	memset(s->sum, 0, sizeof *s->sum * (size_t)((hi - lo) * length));
	memset(s->made, 0, sizeof *s->made * (size_t)((hi - lo) * length));
	int64_t first = next_block(s, 0, lo, hi);
	while (par_world_max(s->p->of.world, first < n)) {
		int64_t rows = first < n ? n - first : 0;
		rows = rows < PANEL_BLOCK ? rows : PANEL_BLOCK;
		PAR_TRY(panel_units(s->p, rows > 0 ? first : 0, rows, s->units));
		for (int64_t i = 0; i < rows; i++)
			add_series(s, first + i, s->units + i * length, lo, hi);
		first = next_block(s, first + PANEL_BLOCK, lo, hi);
		par_world_alive();
	}
	return PAR_OK;
}

/* -- and what the bank says of it -- */

static size_t row_of(const base *b)
{
	return (size_t)((1 + 2 * b->origins) * b->horizon);
}

/* what is said, and what came, of the i-th node of a wave */
static void keep(work *s, int64_t lo, int64_t i)
{
	int h = s->b->horizon, origins = s->b->origins;
	int64_t row = lo + i - s->r.first, n = s->p->of.length;
	double *said = s->row + (size_t)row * row_of(s->b), *came = said + (1 + origins) * h;
	for (int k = 0; k < h; k++)
		said[k] = (double)s->r.mean[row * h + k];
	for (int k = 0; k < origins * h; k++)
		said[h + k] = (double)s->r.past[row * origins * h + k];
	for (int o = 0; o < origins; o++)
		for (int k = 0; k < h; k++) {
			int64_t at = i * n + results_origin(n, h, o) + k;
			came[o * h + k] = sums_lost(s->sum[at], s->made[at]) ? NAN : s->sum[at];
		}
}

/* nodes [lo, lo + n), n at most PANEL_BLOCK, which begin `done` nodes into the wave */
static par_err forecast_block(work *s, int64_t lo, int64_t n, int64_t done)
{
	const int64_t length = s->p->of.length;
	float *units = malloc(sizeof *units * (size_t)(n * length + 1));
	if (!units)
		return par_fail(PAR_E_MEMORY, "no memory for the histories of nodes");
	for (int64_t i = 0; i < n * length; i++)
		units[i] = sums_lost(s->sum[done * length + i], s->made[done * length + i])
			       ? NAN
			       : (float)s->sum[done * length + i];
	bank_result out = results_from(&s->r, lo - s->r.first);
	out.quantiles = NULL;
	par_err e = bank_forecast(&s->f->spec, n, units, length, &out);
	if (e == PAR_OK)
		e = past_forecast(s->f, &s->r, lo - s->r.first, n, units, length);
	free(units);
	return e;
}

static par_err forecast_wave(work *s, int64_t lo, int64_t hi)
{
	for (int64_t at = lo; at < hi; at += PANEL_BLOCK) {
		int64_t n = hi - at < PANEL_BLOCK ? hi - at : PANEL_BLOCK;
		PAR_TRY(forecast_block(s, at, n, at - lo));
		par_world_alive();
	}
	for (int64_t i = 0; i < hi - lo; i++)
		keep(s, lo, i);
	return PAR_OK;
}

static par_err forecast_all(work *s)
{
	int64_t mine = s->blocks.hi - s->blocks.lo;
	int64_t waves = par_world_max(s->p->of.world, (mine + s->wave - 1) / s->wave);
	for (int64_t k = 0; k < waves; k++) {
		int64_t lo = s->blocks.lo + k * s->wave, hi = lo + s->wave;
		lo = lo < s->blocks.hi ? lo : s->blocks.hi;
		hi = hi < s->blocks.hi ? hi : s->blocks.hi;
		PAR_TRY(add_wave(s, lo, hi));
		PAR_TRY_ALL(s->p->of.world, forecast_wave(s, lo, hi));
	}
	return PAR_OK;
}

static par_err share(work *s)
{
	void *all;
	int64_t rows;
	base *b = s->b;
	size_t row = row_of(b), came = (size_t)(b->origins * b->horizon), said = row - came;
	PAR_TRY(
	    par_gather_rows(s->p->of.world, s->row, s->r.rows, sizeof(double) * row, &all, &rows));
	for (int64_t i = 0; i < rows; i++) {
		const double *from = (const double *)all + (size_t)i * row;
		memcpy(b->said + (size_t)i * said, from, sizeof *from * said);
		memcpy(b->came + (size_t)i * came, from + said, sizeof *from * came);
	}
	free(all);
	return PAR_OK;
}

static int64_t wave_of(const panel *p)
{
	int64_t nodes = WAVE_BYTES / (16 * (p->of.length + 1));
	return nodes < PANEL_BLOCK ? PANEL_BLOCK : nodes / PANEL_BLOCK * PANEL_BLOCK;
}

static par_err room(work *s)
{
	int64_t mine = s->blocks.hi - s->blocks.lo, h = s->b->horizon;
	s->wave = wave_of(s->p);
	int64_t cells = (mine < s->wave ? mine : s->wave) * s->p->of.length;
	s->sum = malloc(sizeof *s->sum * (size_t)(cells + 1));
	s->made = malloc(sizeof *s->made * (size_t)(cells + 1));
	s->units = malloc(sizeof *s->units * (size_t)(PANEL_BLOCK * s->p->stored + 1));
	s->filled = malloc(sizeof *s->filled * (size_t)(s->p->of.length + 1));
	s->row = calloc((size_t)mine * row_of(s->b) + 1, sizeof *s->row);
	if (!s->sum || !s->made || !s->units || !s->filled || !s->row)
		return par_fail(
		    PAR_E_MEMORY, "no memory for the histories of %lld nodes", (long long)mine);
	return results_init(&s->r, s->blocks.lo, mine, (int)h, 0, s->b->origins);
}

static void leave(work *s)
{
	results_drop(&s->r);
	free(s->row);
	free(s->filled);
	free(s->units);
	free(s->made);
	free(s->sum);
}

static par_err begin(base *b)
{
	size_t n = (size_t)b->nodes + 1, came = (size_t)(b->origins * b->horizon);
	b->said = calloc(n * (came + (size_t)b->horizon), sizeof *b->said);
	b->came = calloc(n * came + 1, sizeof *b->came);
	return b->said && b->came
		   ? PAR_OK
		   : par_fail(PAR_E_MEMORY, "no memory for the forecasts of %lld nodes",
			 (long long)b->nodes);
}

par_err base_make(base *b, const panel *p, const plan *f, const levels_sums *levels, int origins)
{
	*b = (base){
	    .nodes = levels->first[levels->count], .horizon = f->spec.horizon, .origins = origins};
	work s = {.b = b, .p = p, .f = f, .levels = levels};
	par_err e = par_agree(p->of.world, begin(b));
	if (e == PAR_OK) {
		par_blocks_deal(&s.blocks, p->of.world, b->nodes, DEALT);
		e = par_agree(p->of.world, room(&s));
	}
	if (e == PAR_OK)
		e = forecast_all(&s);
	if (e == PAR_OK)
		e = share(&s);
	leave(&s);
	return e;
}

void base_drop(base *b)
{
	free(b->said);
	free(b->came);
	*b = (base){0};
}

double base_bytes(const panel *p, int64_t nodes, int horizon, int origins)
{
	int64_t wave = nodes < wave_of(p) ? nodes : wave_of(p);
	double forecasts = 24. * (double)nodes * horizon * (1 + 2 * origins);
	return forecasts + 16. * (double)wave * (double)p->of.length +
	       8. * PANEL_BLOCK * (double)p->stored;
}
