#include "score/input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const by_series[] = {"series", NULL};
static const char *const by_time[] = {"series", "time", NULL};
static const char *const by_step[] = {"series", "step", NULL};
static const char *const by_quantile[] = {"series", "step", "quantile", NULL};

static par_err have(const input *in, const void *memory)
{
	return par_agree(in->world,
	    memory ? PAR_OK
		   : par_fail(PAR_E_MEMORY, "no memory for %lld series", (long long)in->of.series));
}

static par_err read_steps(input *in)
{
	in->horizon = par_store_extent(in->forecast, "step");
	int64_t quantiles = par_store_extent(in->forecast, "quantile");
	in->quantiles = quantiles > 0 && par_store_has(in->forecast, "quantiles") ? (int)quantiles
										  : 0;
	in->step = malloc(((size_t)in->horizon + 1) * sizeof *in->step);
	in->level = malloc(((size_t)in->quantiles + 1) * sizeof *in->level);
	PAR_TRY(have(in, in->step && in->level ? in : NULL));
	PAR_TRY(
	    par_store_get(in->forecast, "step", PAR_I64, by_step + 1, 0, in->horizon, in->step));
	if (in->quantiles == 0)
		return PAR_OK;
	return par_store_get(
	    in->forecast, "quantile", PAR_F64, by_quantile + 2, 0, in->quantiles, in->level);
}

/* the history ends where the forecast begins; it may go on in the catalog, which is then the future */
static par_err cut_history(input *in, const char *path)
{
	if (in->horizon < 1)
		return par_fail(PAR_E_DATA, "%s: no step to score", path);
	int64_t k = 0;
	while (k < in->of.length &&
	       par_period_time(in->of.frequency, in->of.first_time, k) < in->step[0])
		k++;
	in->history = k;
	if (par_period_time(in->of.frequency, in->of.first_time, k) == in->step[0])
		return PAR_OK;
	char begin[20], end[20];
	par_period_text(begin, in->of.frequency, in->step[0]);
	par_period_text(
	    end, in->of.frequency, par_period_time(in->of.frequency, in->of.first_time, k));
	return par_fail(PAR_E_DATA,
	    "%s: begins at %s, but the history's next %s is %s; give the history it was made from",
	    path, begin, par_frequency_name(in->of.frequency), end);
}

/* local | ids of the forecast, which owns nothing here, against those of the catalog */
static par_err same_ids(const char *path, const char *what, const char *a, int64_t an, int a_stride,
    const char *b, int64_t bn, int b_stride)
{
	for (int64_t i = 0; i < an && i < bn; i++)
		if (strcmp(a + i * a_stride, b + i * b_stride) != 0)
			return par_fail(PAR_E_DATA,
			    "%s:/%s[%lld]: %s, but the history has %s; give the history it was "
			    "made from",
			    path, what, (long long)i, b + i * b_stride, a + i * a_stride);
	if (an != bn)
		return par_fail(PAR_E_DATA,
		    "%s:/%s: %lld ids, but the history has %lld; give the history it was made from",
		    path, what, (long long)bn, (long long)an);
	return PAR_OK;
}

static par_err check_ids(
    const input *in, const char *path, const char *what, const char *ids, int64_t n, int stride)
{
	char *theirs;
	int64_t their_n;
	int their_stride;
	PAR_TRY(par_store_get_text(in->forecast, what, &theirs, &their_n, &their_stride));
	par_err e = same_ids(path, what, ids, n, stride, theirs, their_n, their_stride);
	free(theirs);
	return par_agree(in->world, e);
}

static par_err check_index(
    const input *in, const char *path, const char *what, const int32_t *index)
{
	int32_t *theirs = malloc(((size_t)in->of.series + 1) * sizeof *theirs);
	par_err e = have(in, theirs);
	if (e == PAR_OK)
		e = par_store_get(in->forecast, what, PAR_I32, by_series, 0, in->of.series, theirs);
	for (int64_t i = 0; i < in->of.series && e == PAR_OK; i++)
		if (theirs[i] != index[i])
			e = par_fail(PAR_E_DATA,
			    "%s:/%s[%lld]: %d, but the history has %d; give the history it was "
			    "made from",
			    path, what, (long long)i, theirs[i], index[i]);
	free(theirs);
	return par_agree(in->world, e);
}

static par_err check_same_series(const input *in, const char *path)
{
	int64_t theirs = par_store_extent(in->forecast, "series");
	if (theirs != in->of.series)
		return par_fail(PAR_E_DATA,
		    "%s: %lld series, but the history has %lld; give the history it was made from",
		    path, (long long)theirs, (long long)in->of.series);
	PAR_TRY(check_ids(in, path, "sku", in->of.sku, in->of.skus, in->of.sku_stride));
	PAR_TRY(check_ids(in, path, "market", in->of.market, in->of.markets, in->of.market_stride));
	PAR_TRY(check_index(in, path, "series_sku", in->of.series_sku));
	return check_index(in, path, "series_market", in->of.series_market);
}

par_err input_open(input *in, app *a)
{
	const char *history = app_text(a, "history"), *forecast = app_text(a, "forecast");
	*in = (input){.world = &a->world};
	PAR_TRY(catalog_open(&in->of, &a->world, history));
	PAR_TRY(par_store_open(&in->forecast, &a->world, forecast, "entrepot-forecast", 1));
	PAR_TRY(read_steps(in));
	PAR_TRY_ALL(&a->world, cut_history(in, forecast));
	return check_same_series(in, forecast);
}

void input_close(input *in)
{
	par_store_close(in->forecast);
	catalog_close(&in->of);
	free(in->step);
	free(in->level);
	free(in->actual);
}

par_err input_units(const input *in, int64_t first, int64_t rows, float *units)
{
	return par_store_get(in->of.store, "units", PAR_F32, by_time, first, rows, units);
}

par_err input_mean(const input *in, int64_t first, int64_t rows, float *mean)
{
	return par_store_get(in->forecast, "mean", PAR_F32, by_step, first, rows, mean);
}

par_err input_quantiles(const input *in, int64_t first, int64_t rows, float *quantiles)
{
	return par_store_get(
	    in->forecast, "quantiles", PAR_F32, by_quantile, first, rows, quantiles);
}

par_err input_node_names(const input *in, char **names, int64_t *n, int *stride)
{
	*names = NULL;
	*n = 0;
	if (in->quantiles == 0 || !par_store_has(in->forecast, "node_quantiles"))
		return PAR_OK;
	return par_store_get_text(in->forecast, "node", names, n, stride);
}

par_err input_node_quantiles(const input *in, int64_t first, int64_t rows, float *quantiles)
{
	static const char *const by_node[] = {"node", "step", "quantile", NULL};
	return par_store_get(
	    in->forecast, "node_quantiles", PAR_F32, by_node, first, rows, quantiles);
}

par_err input_price(const input *in, int64_t first, int64_t rows, int32_t *price)
{
	if (par_store_has(in->of.store, "price"))
		return par_store_get(in->of.store, "price", PAR_I32, by_time, first, rows, price);
	for (int64_t i = 0; i < rows * in->of.length; i++)
		price[i] = 1;
	return PAR_OK;
}

par_err input_read_hierarchy(const input *in, const app *a, hierarchy **h)
{
	const char *path = app_text(a, "hierarchy");
	*h = NULL;
	return path ? levels_read(h, path, &in->of) : PAR_OK;
}
