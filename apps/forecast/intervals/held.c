#include "forecast/intervals/held.h"

#include "forecast/past.h"
#include "forecast/results.h"
#include "forecast/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HELD_FLOATS ((int64_t)1 << 23) /* at most, of all ranks */
#define LITTLE 0.05                    /* units that dispersion stands on ... */
#define NOTHING 1e-30                  /* ... and amounts, which may be of any size */

/* ---- which, and where ---- */

static int64_t width_of(int horizon, int quantiles)
{
	return HELD_ROWS + (int64_t)horizon * (HELD_QUANTILES + quantiles);
}

/* fewer of many steps and quantiles */
static int level_of(const plan *f, int64_t series)
{
	int origins = f->origins > 0 ? f->origins : 1;
	int64_t fit = HELD_FLOATS / width_of(f->spec.horizon, f->spec.quantiles) / origins;
	fit = fit < 1 ? 1 : fit < HELD_SERIES ? fit : HELD_SERIES;
	return sample_level(series, fit);
}

par_err held_make(held_back *k, const plan *f, int64_t first, int64_t n, int64_t series)
{
	*k = (held_back){.horizon = f->spec.horizon,
	    .quantiles = f->spec.quantiles,
	    .origins = f->origins,
	    .counts = f->spec.counts,
	    .first = first,
	    .level = level_of(f, series)};
	k->rows = held_below(k, first + n) - held_below(k, first);
	k->cells = calloc((size_t)(k->rows * k->origins * held_width(k)) + 1, sizeof *k->cells);
	k->spread = calloc((size_t)n + 1, sizeof *k->spread);
	k->since = calloc((size_t)n + 1, sizeof *k->since);
	return k->cells && k->spread && k->since
		   ? PAR_OK
		   : par_fail(PAR_E_MEMORY, "no memory for %lld series that are held back",
			 (long long)k->rows);
}

void held_drop(held_back *k)
{
	free(k->cells);
	free(k->spread);
	free(k->since);
	*k = (held_back){0};
}

int64_t held_width(const held_back *k)
{
	return width_of(k->horizon, k->quantiles);
}

int64_t held_below(const held_back *k, int64_t series)
{
	return sample_below(k->level, series);
}

static bool is_held(const held_back *k, int64_t row)
{
	return k->cells && sample_has(k->level, k->first + row);
}

float *held_at(const held_back *k, int64_t row, int origin)
{
	if (!is_held(k, row))
		return NULL;
	int64_t at = held_below(k, k->first + row) - held_below(k, k->first);
	return k->cells + (at * k->origins + origin) * held_width(k);
}

float *held_step(const held_back *k, float *at, int step)
{
	return at + HELD_ROWS + (int64_t)step * (HELD_QUANTILES + k->quantiles);
}

double held_share(const plan *f, int64_t series)
{
	return series > 0 ? ldexp(1, -level_of(f, series)) : 0;
}

double held_bytes(const plan *f, int64_t series)
{
	double rows = ceil(held_share(f, series) * (double)series);
	return 4. * rows * f->origins * (double)width_of(f->spec.horizon, f->spec.quantiles);
}

/* ---- what happened ---- */

static int64_t first_of(const float *y, int64_t n)
{
	int64_t t = 0;
	while (t < n && !isfinite(y[t]))
		t++;
	return t;
}

float held_spread(const float *y, int64_t n, int horizon, bool counts)
{
	int64_t wanted = (int64_t)HELD_SPREAD * horizon, from = n > wanted ? n - wanted : 0;
	return first_of(y, n) < n ? past_spread(y + from, n - from, counts ? LITTLE : NOTHING)
				  : INFINITY;
}

/* mean absolute difference over a season before the origin */
static double scale_of(const float *y, int64_t n, int season)
{
	double sum = 0, seen = 0;
	for (int64_t t = season; t < n; t++)
		if (isfinite(y[t]) && isfinite(y[t - season])) {
			sum += fabs((double)y[t] - (double)y[t - season]);
			seen++;
		}
	return seen > 0 ? sum / seen : 0;
}

static void see_outcomes(
    const plan *f, const held_back *k, float *at, const float *y, int64_t known)
{
	at[HELD_SPREAD_AT] = held_spread(y, known, k->horizon, k->counts);
	at[HELD_SCALE_AT] = (float)scale_of(y, known, f->spec.season);
	for (int h = 0; h < k->horizon; h++)
		held_step(k, at, h)[HELD_OUTCOME] = y[known + h];
}

void held_see(
    const plan *f, held_back *k, int64_t row, int64_t n, const float *units, int64_t length)
{
	for (int64_t i = row; i < row + n; i++, units += length) {
		k->since[i] = (int32_t)first_of(units, length);
		k->spread[i] = held_spread(units, length, k->horizon, k->counts);
		for (int o = 0; o < k->origins && is_held(k, i); o++)
			see_outcomes(
			    f, k, held_at(k, i, o), units, results_origin(length, k->horizon, o));
	}
}

/* ---- what the models say ---- */

/* the held series of a block, and what the bank answers for them at one origin */
typedef struct {
	int64_t n;
	int64_t *from; /* [n] which row of the block */
	float *units, *mean, *quantile, *error;
	int16_t *model;
} scratch;

static par_err make(scratch *s, const held_back *k, int64_t n, int64_t length)
{
	size_t steps = (size_t)(n * k->horizon);
	s->from = malloc(sizeof *s->from * (size_t)n + 1);
	s->units = malloc(sizeof *s->units * (size_t)(n * length) + 1);
	s->mean = malloc(sizeof *s->mean * steps + 1);
	s->quantile = malloc(sizeof *s->quantile * steps * (size_t)k->quantiles + 1);
	s->error = malloc(sizeof *s->error * 3 * (size_t)n + 1);
	s->model = malloc(sizeof *s->model * 2 * (size_t)n + 1);
	return s->from && s->units && s->mean && s->quantile && s->error && s->model
		   ? PAR_OK
		   : par_fail(PAR_E_MEMORY, "no memory for series that are held back");
}

static void drop(scratch *s)
{
	free(s->from);
	free(s->units);
	free(s->mean);
	free(s->quantile);
	free(s->error);
	free(s->model);
}

static void keep(const held_back *k, const scratch *s, const held_block *b, int origin)
{
	for (int64_t i = 0; i < s->n; i++) {
		const float *past = b->past + (s->from[i] * k->origins + origin) * k->horizon;
		float *to = held_at(k, b->row + s->from[i], origin);
		for (int h = 0; h < k->horizon; h++) {
			float *step = held_step(k, to, h);
			step[HELD_MEAN] = s->mean[i * k->horizon + h];
			step[HELD_PAST] = past[h];
			memcpy(step + HELD_QUANTILES,
			    s->quantile + (i * k->horizon + h) * k->quantiles,
			    sizeof *step * (size_t)k->quantiles);
		}
	}
}

static par_err at_origin(
    const plan *f, const held_back *k, scratch *s, const held_block *b, int origin)
{
	int64_t known = results_origin(b->length, k->horizon, origin), n = s->n;
	bank_result out = {
	    s->mean, s->quantile, s->model, s->model + n, s->error, s->error + n, s->error + 2 * n};
	for (int64_t i = 0; i < n; i++)
		memcpy(s->units + i * known, b->units + s->from[i] * b->length,
		    sizeof *b->units * (size_t)known);
	PAR_TRY(bank_forecast(&f->spec, n, s->units, known, &out));
	keep(k, s, b, origin);
	return PAR_OK;
}

par_err held_forecast(const plan *f, const held_back *k, const held_block *b)
{
	scratch s = {0};
	par_err e = make(&s, k, b->n, b->length);
	for (int64_t i = 0; i < b->n && e == PAR_OK; i++)
		if (is_held(k, b->row + i))
			s.from[s.n++] = i;
	for (int o = 0; o < k->origins && s.n > 0 && e == PAR_OK; o++)
		e = at_origin(f, k, &s, b, o);
	drop(&s);
	return e;
}
