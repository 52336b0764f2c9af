#include "forecast/results.h"

#include <stdlib.h>

int64_t results_origin(int64_t length, int horizon, int number)
{
	return length - (int64_t)horizon * (number + 1);
}

const char *results_model_text(int model)
{
	return model == RESULTS_NETWORK  ? "network"
	       : model == RESULTS_POOLED ? "pooled"
					 : bank_model_text(model);
}

const char *results_status_text(int status)
{
	static const char *const cold[] = {
#define X(text) text,
	    RESULTS_COLD_LIST(X)
#undef X
	};
	return status < RESULTS_COLD ? bank_status_text(status) : cold[status - RESULTS_COLD];
}

par_err results_init(
    results *r, int64_t first, int64_t rows, int horizon, int quantiles, int origins)
{
	size_t n = (size_t)rows + 1, steps = n * (size_t)horizon;
	*r = (results){.first = first, .rows = rows, .horizon = horizon, .quantiles = quantiles};
	r->origins = origins;
	r->past = calloc(steps * (size_t)origins + 1, sizeof *r->past);
	r->mean = calloc(steps, sizeof *r->mean);
	r->quantile = calloc(steps * (size_t)quantiles, sizeof *r->quantile);
	r->model = calloc(n, sizeof *r->model);
	r->status = calloc(n, sizeof *r->status);
	r->mase = calloc(n, sizeof *r->mase);
	r->rmsse = calloc(n, sizeof *r->rmsse);
	r->smape = calloc(n, sizeof *r->smape);
	r->done = calloc(n, sizeof *r->done);
	if (r->past && r->mean && r->quantile && r->model && r->status && r->mase && r->rmsse &&
	    r->smape && r->done)
		return PAR_OK;
	return par_fail(PAR_E_MEMORY, "no memory for the forecasts of %lld series; use more ranks",
	    (long long)rows);
}

void results_drop(results *r)
{
	free(r->past);
	free(r->mean);
	if (!r->spill)
		free(r->quantile);
	par_spill_close(r->spill);
	free(r->model);
	free(r->status);
	free(r->mase);
	free(r->rmsse);
	free(r->smape);
	free(r->done);
	*r = (results){0};
}

par_err results_spill(results *r, const char *beside)
{
	size_t n = (size_t)r->rows + 1;
	free(r->quantile);
	r->quantile = NULL;
	PAR_TRY(par_spill_open(
	    &r->spill, beside, n * results_quantile_bytes(r->horizon, r->quantiles)));
	r->quantile = par_spill_at(r->spill);
	return PAR_OK;
}

void results_rest(const results *r, int64_t row)
{
	int64_t n = (row + 1) % RESULTS_RESTING, width = (int64_t)r->horizon * r->quantiles;
	if (!r->spill || (n != 0 && row + 1 < r->rows))
		return;
	n = n > 0 ? n : RESULTS_RESTING;
	par_spill_rest(r->quantile + (row + 1 - n) * width, (size_t)(n * width) * sizeof(float));
}

bank_result results_from(const results *r, int64_t row)
{
	int64_t step = row * r->horizon;
	return (bank_result){
	    .mean = r->mean + step,
	    .quantiles = r->quantile + step * r->quantiles,
	    .model = r->model + row,
	    .status = r->status + row,
	    .mase = r->mase + row,
	    .rmsse = r->rmsse + row,
	    .smape = r->smape + row,
	};
}

int64_t results_done(const results *r)
{
	int64_t n = 0;
	for (int64_t i = 0; i < r->rows; i++)
		n += r->done[i];
	return n;
}

size_t results_bytes(int horizon, int quantiles, int origins)
{
	return sizeof(float) * (size_t)horizon * (size_t)(1 + origins) +
	       results_quantile_bytes(horizon, quantiles) + 2 * sizeof(int16_t) +
	       3 * sizeof(float) + 1;
}

size_t results_quantile_bytes(int horizon, int quantiles)
{
	return sizeof(float) * (size_t)horizon * (size_t)quantiles;
}
