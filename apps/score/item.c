#include "score/item.h"

#include "base/rng.h"
#include "score/metrics.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define RNG_COVERAGE 0x636f76 /* the stream of randomised coverage */

static int find_level(const item_rules *r, double u)
{
	for (int q = 0; q < r->quantiles; q++)
		if (fabs(r->level[q] - u) < 1e-6)
			return q;
	return -1;
}

void item_find_levels(item_rules *r)
{
	static const double spl[ITEM_LEVELS] = {.005, .025, .165, .25, .5, .75, .835, .975, .995};
	for (int i = 0; i < ITEM_LEVELS; i++) {
		r->sql[i] = find_level(r, (i + 1) / 10.);
		r->spl[i] = find_level(r, spl[i]);
	}
	r->low = find_level(r, .025);
	r->middle = find_level(r, .5);
	r->high = find_level(r, .975);
}

int item_width(const item_rules *r)
{
	return ITEM_MEASURES + 3 * r->quantiles;
}

static double over(double error, double scale)
{
	return scale > 0 ? error / scale : NAN;
}

static void clip(double *x, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		x[i] = x[i] < 0 ? 0 : x[i];
}

static bool has_negative(const double *x, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		if (x[i] < 0)
			return true;
	return false;
}

static double mean_pinball(const double *pinball, const int *levels)
{
	double sum = 0;
	for (int i = 0; i < ITEM_LEVELS; i++)
		sum += levels[i] < 0 ? NAN : pinball[levels[i]];
	return sum / ITEM_LEVELS;
}

static par_err measure_naive2(
    const item_rules *r, const double *history, int64_t n, const double *actual, double *row)
{
	double *f = malloc((size_t)r->horizon * sizeof *f);
	if (!f || !metric_naive2(history, n, r->lag, r->horizon, f)) {
		free(f);
		return par_fail(
		    PAR_E_MEMORY, "no memory for Naive2 over %lld periods", (long long)n);
	}
	row[ITEM_NAIVE2_SMAPE] = metric_smape(actual, f, r->horizon);
	row[ITEM_NAIVE2_MASE] = over(
	    metric_absolute(actual, f, r->horizon), metric_scale(history, n, r->lag));
	free(f);
	return PAR_OK;
}

/* of a point forecast by absolute errors */
static void measure_point(const item_rules *r, const double *history, int64_t n,
    const double *actual, const double *point, double *row)
{
	int64_t h = r->horizon;
	double error = metric_absolute(actual, point, h);
	row[ITEM_SMAPE] = metric_smape(actual, point, h);
	row[ITEM_MASE] = over(error, metric_scale(history, n, r->lag));
	row[ITEM_MASE_SEASONAL] = over(error, metric_scale(history, n, r->season));
	row[ITEM_ACTUAL] = 0;
	row[ITEM_STEPS] = 0;
	for (int64_t t = 0; t < h; t++) {
		row[ITEM_ACTUAL] += isnan(actual[t]) ? 0 : fabs(actual[t]);
		row[ITEM_STEPS] += !isnan(actual[t]);
	}
	row[ITEM_ERROR] = error * row[ITEM_STEPS];
}

static void measure_mean(const item_rules *r, const double *history, int64_t n,
    const double *actual, const double *mean, double *row)
{
	int64_t first = metric_first_sale(history, n);
	row[ITEM_RMSSE] = sqrt(over(metric_square(actual, mean, r->horizon),
	    metric_scale_square(history + first, n - first, 1)));
}

static void measure_quantiles(const item_rules *r, const double *history, int64_t n,
    const double *actual, const double *quantile, double *row)
{
	int64_t h = r->horizon, first = metric_first_sale(history, n);
	double *pinball = row + ITEM_MEASURES, *coverage = pinball + r->quantiles;
	for (int q = 0; q < r->quantiles; q++) {
		pinball[q] = metric_pinball(r->level[q], actual, quantile + q * h, h);
		coverage[q] = metric_coverage(actual, quantile + q * h, h);
	}
	double sql = 2 * mean_pinball(pinball, r->sql);
	row[ITEM_SQL] = over(sql, metric_scale(history, n, r->season));
	row[ITEM_LOSS] = sql * row[ITEM_STEPS];
	row[ITEM_SPL] = over(
	    mean_pinball(pinball, r->spl), metric_scale(history + first, n - first, 1));
	if (r->low < 0 || r->high < 0)
		return;
	const double *lo = quantile + r->low * h, *up = quantile + r->high * h;
	row[ITEM_MSIS] = over(
	    metric_interval(actual, lo, up, h, .05), metric_scale(history, n, r->lag));
	row[ITEM_INSIDE] = metric_inside(actual, lo, up, h);
}

/* share of steps whose place in the distribution is up to each level */
static par_err cover_randomly(
    const item_rules *r, int64_t id, const double *actual, const double *quantile, double *row)
{
	const par_rng rng = {r->seed, RNG_COVERAGE, 0};
	int64_t h = r->horizon;
	double *coverage = row + ITEM_MEASURES + 2 * r->quantiles;
	double *draw = malloc(2 * (size_t)h * sizeof *draw);
	if (!draw)
		return par_fail(PAR_E_MEMORY, "no memory for %lld steps", (long long)h);
	for (int64_t t = 0; t < h; t++)
		draw[t] = par_rng_f64(rng, id * h + t);
	double *v = draw + h;
	metric_pit(actual, quantile, h, r->quantiles, r->level, draw, v);
	for (int q = 0; q < r->quantiles; q++) {
		int64_t upto = 0;
		for (int64_t t = 0; t < h; t++)
			upto += v[t] <= r->level[q];
		coverage[q] = over((double)upto, row[ITEM_STEPS]);
	}
	free(draw);
	return PAR_OK;
}

par_err item_measure(const item_rules *r, int64_t id, const double *history, int64_t n,
    const double *actual, double *mean, double *quantile, double *row)
{
	for (int i = 0; i < item_width(r); i++)
		if (i != ITEM_WEIGHT)
			row[i] = NAN;
	bool below = r->clip == ITEM_CLIP_NO ||
		     (r->clip == ITEM_CLIP_AUTO && has_negative(history, n));
	if (!below)
		clip(mean, r->horizon);
	if (!below && quantile)
		clip(quantile, r->quantiles * r->horizon);
	const double *point = mean;
	if (quantile && r->median && r->middle >= 0)
		point = quantile + r->middle * r->horizon;
	measure_point(r, history, n, actual, point, row);
	measure_mean(r, history, n, actual, mean, row);
	if (quantile && r->quantiles > 0) {
		measure_quantiles(r, history, n, actual, quantile, row);
		PAR_TRY(cover_randomly(r, id, actual, quantile, row));
	}
	return measure_naive2(r, history, n, actual, row);
}
