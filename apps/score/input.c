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
		   : par_fail(PAR_E_MEMORY, "no memory for %lld series", (long long)in->series));
}

static par_err read_times(input *in)
{
	char *name;
	PAR_TRY(par_store_get_attr_text(in->catalog, "time", "frequency", &name));
	par_err e = par_frequency_parse(&in->frequency, name);
	free(name);
	PAR_TRY(e);
	PAR_TRY(par_store_get_attr_int(in->catalog, "time", "season", &in->season));
	in->stored = par_store_extent(in->catalog, "time");
	return par_store_get(in->catalog, "time", PAR_I64, (const char *const[]){"time", NULL}, 0,
	    in->stored > 0, &in->first_time);
}

static par_err read_series(input *in)
{
	in->series = par_store_extent(in->catalog, "series");
	in->series_sku = malloc(((size_t)in->series + 1) * sizeof *in->series_sku);
	in->series_market = malloc(((size_t)in->series + 1) * sizeof *in->series_market);
	PAR_TRY(have(in, in->series_sku && in->series_market ? in : NULL));
	PAR_TRY(par_store_get(
	    in->catalog, "series_sku", PAR_I32, by_series, 0, in->series, in->series_sku));
	PAR_TRY(par_store_get(
	    in->catalog, "series_market", PAR_I32, by_series, 0, in->series, in->series_market));
	PAR_TRY(par_store_get_text(in->catalog, "sku", &in->sku, &in->skus, &in->sku_stride));
	return par_store_get_text(
	    in->catalog, "market", &in->market, &in->markets, &in->market_stride);
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
	while (k < in->stored && par_period_time(in->frequency, in->first_time, k) < in->step[0])
		k++;
	in->history = k;
	if (par_period_time(in->frequency, in->first_time, k) == in->step[0])
		return PAR_OK;
	char begin[20], end[20];
	par_period_text(begin, in->frequency, in->step[0]);
	par_period_text(end, in->frequency, par_period_time(in->frequency, in->first_time, k));
	return par_fail(PAR_E_DATA,
	    "%s: begins at %s, but the history's next %s is %s; give the history it was made from",
	    path, begin, par_frequency_name(in->frequency), end);
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
	int32_t *theirs = malloc(((size_t)in->series + 1) * sizeof *theirs);
	par_err e = have(in, theirs);
	if (e == PAR_OK)
		e = par_store_get(in->forecast, what, PAR_I32, by_series, 0, in->series, theirs);
	for (int64_t i = 0; i < in->series && e == PAR_OK; i++)
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
	if (theirs != in->series)
		return par_fail(PAR_E_DATA,
		    "%s: %lld series, but the history has %lld; give the history it was made from",
		    path, (long long)theirs, (long long)in->series);
	PAR_TRY(check_ids(in, path, "sku", in->sku, in->skus, in->sku_stride));
	PAR_TRY(check_ids(in, path, "market", in->market, in->markets, in->market_stride));
	PAR_TRY(check_index(in, path, "series_sku", in->series_sku));
	return check_index(in, path, "series_market", in->series_market);
}

par_err input_open(input *in, app *a)
{
	const char *history = app_text(a, "history"), *forecast = app_text(a, "forecast");
	*in = (input){.world = &a->world};
	PAR_TRY(par_store_open(&in->catalog, &a->world, history, "entrepot-catalog", 1));
	PAR_TRY(par_store_open(&in->forecast, &a->world, forecast, "entrepot-forecast", 1));
	PAR_TRY(read_times(in));
	PAR_TRY(read_series(in));
	PAR_TRY(read_steps(in));
	PAR_TRY_ALL(&a->world, cut_history(in, forecast));
	return check_same_series(in, forecast);
}

void input_close(input *in)
{
	if (in->forecast)
		par_store_close(in->forecast);
	if (in->catalog)
		par_store_close(in->catalog);
	free(in->step);
	free(in->level);
	free(in->sku);
	free(in->market);
	free(in->series_sku);
	free(in->series_market);
	free(in->actual);
}

par_err input_units(const input *in, int64_t first, int64_t rows, float *units)
{
	return par_store_get(in->catalog, "units", PAR_F32, by_time, first, rows, units);
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
	if (par_store_has(in->catalog, "price"))
		return par_store_get(in->catalog, "price", PAR_I32, by_time, first, rows, price);
	for (int64_t i = 0; i < rows * in->stored; i++)
		price[i] = 1;
	return PAR_OK;
}

par_err input_read_hierarchy(const input *in, const app *a, hierarchy **h)
{
	const char *path = app_text(a, "hierarchy");
	const levels_catalog c = {in->catalog, in->skus, in->markets, in->series, in->sku,
	    in->market, in->sku_stride, in->market_stride, in->series_sku, in->series_market};
	*h = NULL;
	return path ? levels_read(h, in->world, path, &c) : PAR_OK;
}
