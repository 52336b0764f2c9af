#include "score/series.h"

#include "comm/gather.h"

#include <math.h>
#include <stdlib.h>

#define AT_ONCE 512 /* series read in one go */

typedef struct {
	float *units, *mean, *quantiles; /* of AT_ONCE series */
	int32_t *price;
	double *history, *actual, *f, *q; /* of one */
} scratch;

static par_err make_scratch(scratch *s, const input *in)
{
	size_t h = (size_t)in->horizon, nq = (size_t)in->quantiles, n = (size_t)in->of.length;
	s->units = malloc(AT_ONCE * n * sizeof *s->units + 1);
	s->price = malloc(AT_ONCE * n * sizeof *s->price + 1);
	s->mean = malloc(AT_ONCE * h * sizeof *s->mean + 1);
	s->quantiles = malloc(AT_ONCE * h * nq * sizeof *s->quantiles + 1);
	s->history = malloc((n + h * (2 + nq) + 1) * sizeof *s->history);
	if (!s->units || !s->price || !s->mean || !s->quantiles || !s->history)
		return par_fail(PAR_E_MEMORY, "no memory for %d series of %zu periods", AT_ONCE, n);
	s->actual = s->history + n;
	s->f = s->actual + h;
	s->q = s->f + h;
	return PAR_OK;
}

static void free_scratch(scratch *s)
{
	free(s->units);
	free(s->price);
	free(s->mean);
	free(s->quantiles);
	free(s->history);
}

static double sales_value(const float *units, const int32_t *price, int64_t n, int64_t periods)
{
	double sum = 0, last = 0;
	for (int64_t t = 0; t < n; t++) {
		last = price[t] >= 0 ? price[t] : last;
		if (t >= n - periods && !isnan(units[t]))
			sum += (double)units[t] * last;
	}
	return sum;
}

/* series i is the k-th of what was read */
static par_err measure_one(
    const input *in, const item_rules *r, scratch *s, int64_t i, int64_t k, double *row)
{
	int64_t h = in->horizon, nq = in->quantiles;
	for (int64_t t = 0; t < in->history; t++)
		s->history[t] = (double)s->units[k * in->of.length + t];
	for (int64_t t = 0; t < h; t++) {
		s->actual[t] = (double)in->actual[i * h + t];
		s->f[t] = (double)s->mean[k * h + t];
		for (int64_t q = 0; q < nq; q++)
			s->q[q * h + t] = (double)s->quantiles[(k * h + t) * nq + q];
	}
	return item_measure(r, i, s->history, in->history, s->actual, s->f, s->q, row);
}

static par_err read_rows(const input *in, scratch *s, int64_t first, int64_t rows)
{
	PAR_TRY(input_units(in, first, rows, s->units));
	PAR_TRY(input_price(in, first, rows, s->price));
	PAR_TRY(input_mean(in, first, rows, s->mean));
	return in->quantiles > 0 ? input_quantiles(in, first, rows, s->quantiles) : PAR_OK;
}

/* every rank goes through as many rounds as the one with most series */
static par_err measure_mine(
    series_scores *scores, const input *in, const item_rules *r, int64_t periods, scratch *s)
{
	const par_blocks *b = &scores->blocks;
	int64_t most = par_world_max(in->world, b->hi - b->lo);
	par_err e = PAR_OK;
	for (int64_t done = 0; done < most; done += AT_ONCE) {
		int64_t first = b->lo + done < b->hi ? b->lo + done : b->hi;
		int64_t rows = b->hi - first < AT_ONCE ? b->hi - first : AT_ONCE;
		PAR_TRY(read_rows(in, s, first, rows));
		for (int64_t k = 0; k < rows && e == PAR_OK; k++) {
			double *row = scores->rows + (first + k - b->lo) * item_width(r);
			row[ITEM_WEIGHT] = sales_value(s->units + k * in->of.length,
			    s->price + k * in->of.length, in->history, periods);
			e = measure_one(in, r, s, first + k, k, row);
		}
		par_world_alive();
	}
	return par_agree(in->world, e);
}

static par_err share_values(series_scores *scores, const input *in, int width)
{
	int64_t mine = scores->blocks.hi - scores->blocks.lo, all;
	double *value = malloc(((size_t)mine + 1) * sizeof *value);
	par_err e = par_agree(
	    in->world, value ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for weights"));
	for (int64_t i = 0; i < mine && e == PAR_OK; i++)
		value[i] = scores->rows[i * width + ITEM_WEIGHT];
	if (e == PAR_OK)
		e = par_gather_rows(
		    in->world, value, mine, sizeof *value, (void **)&scores->value, &all);
	free(value);
	return e;
}

par_err series_measure(series_scores *scores, const input *in, const item_rules *r, int64_t periods)
{
	scratch s = {0};
	*scores = (series_scores){0};
	par_blocks_deal(&scores->blocks, in->world, in->of.series, SERIES_BLOCK);
	size_t cells = (size_t)(scores->blocks.hi - scores->blocks.lo) * (size_t)item_width(r);
	par_err e = make_scratch(&s, in);
	scores->rows = calloc(cells + 1, sizeof *scores->rows);
	if (e == PAR_OK && !scores->rows)
		e = par_fail(PAR_E_MEMORY, "no memory for %zu measures", cells);
	e = par_agree(in->world, e);
	if (e == PAR_OK)
		e = measure_mine(scores, in, r, periods, &s);
	if (e == PAR_OK)
		e = share_values(scores, in, item_width(r));
	free_scratch(&s);
	return e;
}

void series_free(series_scores *scores)
{
	free(scores->rows);
	free(scores->value);
}
