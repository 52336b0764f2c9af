#include "forecast/past.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* one block's histories cut short, and what the bank answers */
typedef struct {
	float *units, *mean, *error;
	int16_t *model;
} scratch;

static par_err make(scratch *s, int64_t n, int64_t length, int horizon)
{
	s->units = malloc(sizeof *s->units * (size_t)(n * length + 1));
	s->mean = malloc(sizeof *s->mean * (size_t)(n * horizon + 1));
	s->error = malloc(sizeof *s->error * (size_t)(3 * n + 1));
	s->model = malloc(sizeof *s->model * (size_t)(2 * n + 1));
	return s->units && s->mean && s->error && s->model
		   ? PAR_OK
		   : par_fail(PAR_E_MEMORY, "no memory for past forecasts");
}

static void drop(scratch *s)
{
	free(s->units);
	free(s->mean);
	free(s->error);
	free(s->model);
}

static par_err at_origin(const plan *f, const results *r, int origin, int64_t row, int64_t n,
    const float *units, int64_t length, scratch *s)
{
	int64_t known = results_origin(length, r->horizon, origin);
	bank_result out = {
	    s->mean, NULL, s->model, s->model + n, s->error, s->error + n, s->error + 2 * n};
	bank_spec spec = f->spec;
	spec.origins = 1;
	for (int64_t i = 0; i < n; i++)
		memcpy(s->units + i * known, units + i * length, sizeof *units * (size_t)known);
	PAR_TRY(bank_forecast(&spec, n, s->units, known, &out));
	for (int64_t i = 0; i < n; i++)
		memcpy(r->past + ((row + i) * r->origins + origin) * r->horizon,
		    s->mean + i * r->horizon, sizeof *s->mean * (size_t)r->horizon);
	return PAR_OK;
}

par_err past_forecast(
    const plan *f, const results *r, int64_t row, int64_t n, const float *units, int64_t length)
{
	scratch s;
	par_err e = make(&s, n, length, r->horizon);
	for (int o = 0; o < r->origins && e == PAR_OK; o++)
		e = at_origin(f, r, o, row, n, units, length, &s);
	drop(&s);
	return e;
}

double past_step(const float *y, int64_t first, int64_t n)
{
	double sum = 0;
	int64_t count = 0;
	while (first < n && !(y[first] > 0))
		first++;
	for (int64_t t = first + 1; t < n; t++)
		if (isfinite(y[t]) && isfinite(y[t - 1])) {
			double d = (double)y[t] - (double)y[t - 1];
			sum += d * d;
			count++;
		}
	return count > 0 ? sum / (double)count : 0;
}

float past_spread(const float *y, int64_t n, double little)
{
	double sum = 0, squares = 0, seen = 0;
	for (int64_t t = 0; t < n; t++)
		if (isfinite(y[t])) {
			sum += (double)y[t];
			squares += (double)y[t] * (double)y[t];
			seen++;
		}
	double mean = seen > 0 ? sum / seen : 0;
	double variance = seen > 0 ? fmax(squares / seen - mean * mean, 0) : 0;
	return (float)((variance + little) / (mean + little));
}
