#include "forecast/results.h"

#include <stdlib.h>
#include <string.h>

#define SCALED 4. /* a quantile is scaled with its mean up to this factor, and moved beyond it */

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
	r->origins = r->proved = origins;
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
	held_drop(&r->held);
	coverage_drop(&r->covered);
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

void results_move(float *q, int n, double from, double to, bool counts)
{
	bool scales = from > 0 && to >= 0 && to <= SCALED * from;
	for (int k = 0; k < n; k++) {
		double v = scales ? (double)q[k] * (to / from) : (double)q[k] + (to - from);
		q[k] = (float)(counts && v < 0 ? 0 : v);
	}
}

/* so that what ascends in both still does */
static float between(float from, float to, double share)
{
	return (float)(1 - share) * from + (float)share * to;
}

static double share_at(const results_word *w, int h)
{
	return w->mean[h] == 0 ? 1 : w->share;
}

/* what was said of a step hears a word */
static void hear_step(const results *r, int h, float *mean, float *q, const results_word *w)
{
	double share = share_at(w, h);
	float before = *mean;
	*mean = between(before, w->mean[h], share);
	if (!w->quantile)
		results_move(q, r->quantiles, (double)before, (double)*mean, r->held.counts);
	for (int k = 0; w->quantile && k < r->quantiles; k++)
		q[k] = between(q[k], w->quantile[h * r->quantiles + k], share);
}

void results_hear(results *r, int64_t row, const results_word *w)
{
	for (int h = 0; h < r->horizon; h++) {
		int64_t step = row * r->horizon + h;
		hear_step(r, h, r->mean + step, r->quantile + step * r->quantiles, w);
	}
}

void results_hear_past(results *r, int64_t row, int origin, const results_word *w)
{
	float *at = held_at(&r->held, row, origin);
	float *past = r->past + (row * r->origins + origin) * r->horizon;
	for (int h = 0; h < r->horizon; h++) {
		float *step = at ? held_step(&r->held, at, h) : NULL;
		past[h] = between(past[h], w->mean[h], share_at(w, h));
		if (!step)
			continue;
		hear_step(r, h, step + HELD_MEAN, step + HELD_QUANTILES, w);
		step[HELD_PAST] = past[h];
	}
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
	       5 * sizeof(float) + 1;
}

size_t results_quantile_bytes(int horizon, int quantiles)
{
	return sizeof(float) * (size_t)horizon * (size_t)quantiles;
}
