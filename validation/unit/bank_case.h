/* What the tests of the bank share: a call of it, and numbers drawn. */
#ifndef VALIDATION_UNIT_BANK_CASE_H
#define VALIDATION_UNIT_BANK_CASE_H

#include "forecast/bank/bank.h"

enum { STEPS = 18, LEVELS = 5, MANY = 64 };
static const double levels[LEVELS] = {.025, .25, .5, .75, .975};

typedef struct {
	float mean[MANY * STEPS], quantiles[MANY * STEPS * LEVELS];
	int16_t model[MANY], status[MANY];
	float mase[MANY], rmsse[MANY], smape[MANY];
} answers;

static inline bank_spec spec_of(int season, int horizon, bool counts, unsigned models)
{
	return (bank_spec){.season = season,
	    .horizon = horizon,
	    .counts = counts,
	    .quantile = levels,
	    .quantiles = LEVELS,
	    .models = models};
}

static inline par_err forecast(
    const bank_spec *s, int64_t n, const float *units, int64_t length, answers *a)
{
	bank_result r = {a->mean, a->quantiles, a->model, a->status, a->mase, a->rmsse, a->smape};
	return bank_forecast(s, n, units, length, &r);
}

static uint32_t state = 1;

/* from 0 up to 1 */
static inline double draw(void)
{
	state = state * 1664525u + 1013904223u;
	return (state >> 8) / 16777216.;
}

#endif
