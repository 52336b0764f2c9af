#include "forecast/intervals/recent.h"

#include "comm/gather.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LITTLE 0.05 /* units, or a share of the mean, that dispersion stands on */

static int chunks_of(const panel *p, int horizon, int origins)
{
	int64_t room = p->of.length / horizon, wanted = origins + RECENT_SPREAD;
	return (int)(room < wanted ? room : wanted);
}

static void add(double *sum, double x)
{
	if (!isnan(x))
		*sum = isnan(*sum) ? x : *sum + x;
}

typedef struct {
	const nodes_asked *a;
	double *to; /* row k of my nodes is at to + k x stride */
	int64_t stride;
} node_adder;

static void add_rows(void *ctx, int64_t first, int64_t rows, const void *row)
{
	const node_adder *x = ctx;
	const nodes_asked *a = x->a;
	const float *all = row;
	int steps = a->r->horizon;
	for (int l = 0; l < a->of->count; l++)
		for (int64_t i = 0; i < rows; i++) {
			int64_t node = a->of->first[l] + a->of->level[l]->node_of[first + i];
			if (node < a->blocks.lo || node >= a->blocks.hi)
				continue;
			double *sum = x->to + (node - a->blocks.lo) * x->stride;
			for (int h = 0; h < steps; h++)
				add(&sum[h], (double)all[i * steps + h]);
		}
}

/* collective | add mine[rows][horizon] of all series to their nodes */
static par_err add_up(const nodes_asked *a, const float *mine, double *to, int64_t stride)
{
	node_adder x = {a, to, stride};
	return par_pass_rows(
	    a->p->of.world, mine, a->r->rows, (size_t)a->r->horizon * sizeof *mine, add_rows, &x);
}

/* the last periods of my series: units[rows][periods] */
static par_err read_recent(const nodes_asked *a, int64_t periods, float *block, float *units)
{
	const panel *p = a->p;
	int64_t rounds = par_blocks_rounds(&p->blocks, 1), length = p->of.length;
	for (int64_t k = 0; k < rounds; k++) {
		int64_t lo = p->blocks.lo + k * PANEL_BLOCK;
		lo = lo < p->blocks.hi ? lo : p->blocks.hi;
		int64_t rows = p->blocks.hi - lo < PANEL_BLOCK ? p->blocks.hi - lo : PANEL_BLOCK;
		PAR_TRY(panel_units(p, lo, rows, block));
		for (int64_t i = 0; i < rows; i++)
			memcpy(units + (lo - p->blocks.lo + i) * periods,
			    block + i * length + length - periods, sizeof *units * (size_t)periods);
		par_world_alive();
	}
	return PAR_OK;
}

static par_err add_history(recent *s, const nodes_asked *a, const float *units, float *piece)
{
	int steps = s->horizon;
	for (int64_t from = 0; from < s->periods; from += steps) {
		for (int64_t i = 0; i < a->r->rows; i++)
			memcpy(piece + i * steps, units + i * s->periods + from,
			    sizeof *piece * (size_t)steps);
		PAR_TRY(add_up(a, piece, s->history + from, s->periods));
	}
	return PAR_OK;
}

static par_err add_past(recent *s, const nodes_asked *a, float *piece)
{
	const results *r = a->r;
	int64_t stride = (int64_t)s->origins * s->horizon;
	for (int o = 0; o < s->origins; o++) {
		for (int64_t i = 0; i < r->rows; i++)
			memcpy(piece + i * s->horizon, r->past + (i * r->origins + o) * s->horizon,
			    sizeof *piece * (size_t)s->horizon);
		PAR_TRY(add_up(a, piece, s->past + (int64_t)o * s->horizon, stride));
	}
	return PAR_OK;
}

static par_err collect(recent *s, const nodes_asked *a)
{
	size_t rows = (size_t)a->r->rows;
	float *block = malloc(sizeof *block * (size_t)(PANEL_BLOCK * a->p->stored + 1));
	float *units = malloc(sizeof *units * (rows * (size_t)s->periods + 1));
	float *piece = malloc(sizeof *piece * (rows * (size_t)s->horizon + 1));
	par_err e = par_agree(a->p->of.world,
	    block && units && piece ? PAR_OK
				    : par_fail(PAR_E_MEMORY, "no memory for the last %lld periods",
					  (long long)s->periods));
	if (e == PAR_OK)
		e = read_recent(a, s->periods, block, units);
	free(block);
	if (e == PAR_OK)
		e = add_history(s, a, units, piece);
	free(units);
	if (e == PAR_OK)
		e = add_past(s, a, piece);
	free(piece);
	return e;
}

par_err recent_make(recent *s, const nodes_asked *a)
{
	*s = (recent){.horizon = a->r->horizon, .origins = a->r->origins};
	s->periods = (int64_t)chunks_of(a->p, s->horizon, s->origins) * s->horizon;
	size_t here = (size_t)(a->blocks.hi - a->blocks.lo);
	size_t cells = here * (size_t)s->periods;
	s->history = malloc(sizeof *s->history * (cells + 1));
	s->past = calloc(here * (size_t)s->origins * (size_t)s->horizon + 1, sizeof *s->past);
	PAR_TRY_ALL(a->p->of.world, s->history && s->past
					? PAR_OK
					: par_fail(PAR_E_MEMORY, "no memory for %zu sums", here));
	for (size_t i = 0; i < cells; i++)
		s->history[i] = NAN;
	return collect(s, a);
}

void recent_drop(recent *s)
{
	free(s->history);
	free(s->past);
	*s = (recent){0};
}

const double *recent_outcome(const recent *s, int64_t row, int origin)
{
	return s->history + row * s->periods + s->periods - (int64_t)(origin + 1) * s->horizon;
}

float recent_spread(const recent *s, int64_t row, int origin, bool counts)
{
	int64_t end = s->periods - (int64_t)(origin + 1) * s->horizon;
	int64_t wanted = (int64_t)RECENT_SPREAD * s->horizon,
		from = end > wanted ? end - wanted : 0;
	const double *y = s->history + row * s->periods;
	double sum = 0, squares = 0, seen = 0;
	for (int64_t t = from; t < end; t++)
		if (!isnan(y[t])) {
			sum += y[t];
			squares += y[t] * y[t];
			seen++;
		}
	double mean = seen > 0 ? sum / seen : 0, little = counts ? LITTLE : LITTLE * fabs(mean);
	double variance = seen > 0 ? squares / seen - mean * mean : 0;
	variance = variance > 0 ? variance : 0;
	return mean + little > 0 ? (float)((variance + little) / (mean + little)) : 0;
}

double recent_bytes(const panel *p, int horizon, int origins, double rows, double nodes_here)
{
	double steps = horizon, periods = chunks_of(p, horizon, origins) * steps;
	return 8 * nodes_here * (periods + origins * steps) + 4 * rows * (periods + steps);
}
