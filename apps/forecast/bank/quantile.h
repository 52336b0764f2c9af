/* Quantiles of one series from the errors of its rolling origins.
 *
 * In general: errors of each horizon are divided by that horizon's spread (drawn towards its
 * neighbour's where there are few) and pooled, with either sign; the pooled quantiles times the
 * spread stand around the forecast, which is their median.
 *
 * For demand in whole numbers with many zeros: a negative binomial around the forecast, its
 * variance to mean ratio from the squared errors, mixed with the recent days' own histogram. Its
 * quantiles are whole numbers and know the share of zeros. */
#ifndef APPS_FORECAST_BANK_QUANTILE_H
#define APPS_FORECAST_BANK_QUANTILE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
	int horizon, origins;
	const float *error;     /* [origins][horizon], NaN where there is none */
	const double *actual;   /* [origins]: what followed origin j at step h is actual[j + h] */
	int64_t stride;         /* of actual and forecast */
	double unit;            /* one unit, for demand with many zeros; 0: the general form */
	const double *forecast; /* [horizon] */
	double spread;          /* of one step, where there are no errors */
	double lowest;          /* no quantile is below this */
	const double *quantile;
	int quantiles;
	double *scale, *seen, *z; /* scratch: [horizon] twice, [quantiles] */
} bank_errors;

/* local | out[horizon][quantiles], ascending in a row: demand's where it applies, else general */
void bank_quantiles(const bank_errors *e, double *out);

/* local | the demand form; returns 0 and writes nothing when values are too large for it */
int bank_count_quantiles(const bank_errors *e, double *out);

#endif
