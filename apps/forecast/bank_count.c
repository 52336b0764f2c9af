#include "bank_quantile.h"

#include <math.h>

/* the mixture was chosen on daily and monthly demand: less of the histogram loses the share of
 * zeros, more loses the level */
#define HISTOGRAM 0.4 /* weight of the recent histogram */
#define MEMORY 0.98   /* weight of a step against the next */
#define EXCESS 0.8    /* of the variance beyond Poisson; a few surges weigh too much in squares */
#define USUAL 1.5     /* variance to mean ratio assumed as if seen in PRIOR errors */
#define PRIOR 50
enum { UNITS = 256, FORECAST_MAX = 64 };

static double dispersion(const bank_errors *e)
{
	double squares = 0, means = 0, n = 0;
	for (int j = 0; j < e->origins; j++)
		for (int h = 0; h < e->horizon; h++) {
			int64_t i = (j * (int64_t)e->horizon + h) * e->stride;
			double f = e->actual[(int64_t)(j + h) * e->stride] - e->error[i];
			if (!(e->known[i] > 0))
				continue;
			squares += e->error[i] * e->error[i];
			means += f;
			n++;
		}
	double seen = means > 0 ? squares / means / e->unit : USUAL;
	return fmax(1.02, 1 + EXCESS * ((seen * n + USUAL * PRIOR) / (n + PRIOR) - 1));
}

/* shares of 0, 1, 2, ... units among the steps after the origins; returns 0 when some are larger */
static int histogram(const bank_errors *e, double *share)
{
	double weight = 1, total = 0;
	for (int v = 0; v < UNITS; v++)
		share[v] = 0;
	for (int j = e->origins - 1; j >= 0; j--) {
		double v = e->actual[j * e->stride] / e->unit;
		if (v > UNITS - 1)
			return 0;
		bool in = e->known[j * (int64_t)e->horizon * e->stride] > 0;
		share[(int)(v + .5)] += in ? weight : 0;
		total += in ? weight : 0;
		weight *= MEMORY;
	}
	for (int v = 0; v < UNITS && total > 0; v++)
		share[v] /= total;
	share[0] += total > 0 ? 0 : 1;
	return 1;
}

/* quantiles of the mixture: negative binomial of this mean and variance ratio, and the histogram */
static void mixture(
    const bank_errors *e, double mean, double ratio, const double *share, double *row)
{
	double size = mean / (ratio - 1), fade = (ratio - 1) / ratio;
	double p = exp(-size * log(ratio)), v = 0;
	double sum = (1 - HISTOGRAM) * p + HISTOGRAM * share[0];
	for (int q = 0; q < e->quantiles; q++) {
		while (sum < e->quantile[q] && v < 64 * UNITS) {
			v++;
			p *= (size + v - 1) / v * fade;
			sum += (1 - HISTOGRAM) * p + (v < UNITS ? HISTOGRAM * share[(int)v] : 0);
		}
		row[q] = v * e->unit;
	}
}

int bank_count_quantiles(const bank_errors *e, double *out)
{
	double share[UNITS];
	for (int h = 0; h < e->horizon; h++)
		if (e->forecast[h * e->stride] > FORECAST_MAX * e->unit)
			return 0;
	if (!(e->unit > 0) || !histogram(e, share))
		return 0;
	double ratio = dispersion(e);
	for (int h = 0; h < e->horizon; h++)
		mixture(e, e->forecast[h * e->stride] / e->unit, ratio, share,
		    out + (int64_t)h * e->quantiles);
	return 1;
}
