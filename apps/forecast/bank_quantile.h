/* Quantiles of one series from the errors of its rolling origins.
 *
 * Errors of each horizon are divided by that horizon's spread (drawn towards its neighbour's where
 * there are few) and pooled; the pooled quantiles times the spread stand around the forecast. */
#ifndef APPS_FORECAST_BANK_QUANTILE_H
#define APPS_FORECAST_BANK_QUANTILE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
	int horizon, origins;
	const double *error; /* [origins][horizon], one series in `stride` */
	const double *known; /* the same shape, 0 where there is no error */
	int64_t stride;
	const double *forecast; /* [horizon], same stride */
	double spread;          /* of one step, where there are no errors */
	double lowest;          /* no quantile is below this */
	const double *quantile;
	int quantiles;
	float *pool, *spare; /* [origins * horizon] each */
	double *scale;       /* [horizon] */
} bank_errors;

/* local | out[horizon][quantiles], ascending in each row */
void bank_quantiles(const bank_errors *e, double *out);

/* local | ascending order by value (radix); n floats without NaN, spare of the same size */
void bank_sort(float *x, float *spare, int64_t n);

#endif
