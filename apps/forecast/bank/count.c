#include "forecast/bank/math.h"
#include "forecast/bank/quantile.h"

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
			double v = e->error[j * (int64_t)e->horizon + h];
			if (isnan(v))
				continue;
			double f = e->actual[(int64_t)(j + h) * e->stride] - v;
			squares += v * v;
			means += f;
			n++;
		}
	double seen = means > 0 ? squares / means / e->unit : USUAL;
	return fmax(1.02, 1 + EXCESS * ((seen * n + USUAL * PRIOR) / (n + PRIOR) - 1));
}

/* what recent steps weigh in the mixture, and their part of each number of units */
typedef struct {
	double weight, part[UNITS];
} recent;

/* returns 0 when a step is outside [0, UNITS) */
static int recent_take(recent *r, const bank_errors *e)
{
	double weight = 1, total = 0;
	*r = (recent){.weight = 0};
	for (int j = e->origins - 1; j >= 0; j--) {
		double v = e->actual[j * e->stride] / e->unit;
		if (!(v >= 0 && v < UNITS - 1))
			return 0;
		bool in = !isnan(e->error[j * (int64_t)e->horizon]);
		r->part[(int)(v + .5)] += in ? weight : 0;
		total += in ? weight : 0;
		weight *= MEMORY;
	}
	if (total > 0)
		r->weight = HISTOGRAM;
	for (int v = 0; v < UNITS && total > 0; v++)
		r->part[v] *= HISTOGRAM / total;
	return 1;
}

/* quantiles of the mixture: negative binomial of this mean and variance ratio, and recent steps */
static void mixture(const bank_errors *e, double mean, double ratio, const recent *r, double *row)
{
	double size = mean / (ratio - 1), fade = (ratio - 1) / ratio;
	double p = (1 - r->weight) * bank_exp(-size * bank_log(ratio)), sum = p + r->part[0];
	int v = 0;
	for (int q = 0; q < e->quantiles; q++) {
		while (sum < e->quantile[q] && v < 64 * UNITS) {
			v++;
			p *= (size + v - 1) / v * fade;
			sum += p + (v < UNITS ? r->part[v] : 0);
		}
		row[q] = v * e->unit;
	}
}

int bank_count_quantiles(const bank_errors *e, double *out)
{
	recent r;
	for (int h = 0; h < e->horizon; h++)
		if (e->forecast[h * e->stride] > FORECAST_MAX * e->unit)
			return 0;
	if (!(e->unit > 0) || !recent_take(&r, e))
		return 0;
	double ratio = dispersion(e);
	for (int h = 0; h < e->horizon; h++)
		mixture(e, e->forecast[h * e->stride] / e->unit, ratio, &r,
		    out + (int64_t)h * e->quantiles);
	return 1;
}
