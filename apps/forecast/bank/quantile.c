#include "forecast/bank/quantile.h"

#include "forecast/bank/math.h"

#include <math.h>

/* spread of each horizon: root mean square, with the horizon before counting as a few more */
static void spreads(const bank_errors *e, double *s)
{
	const double weight = 4;
	double *n = e->seen, before = e->spread * e->spread;
	for (int h = 0; h < e->horizon; h++)
		s[h] = n[h] = 0;
	for (int j = 0; j < e->origins; j++)
		for (int h = 0; h < e->horizon; h++) {
			double v = e->error[j * (int64_t)e->horizon + h];
			bool known = v == v;
			s[h] += known ? v * v : 0;
			n[h] += known;
		}
	if (n[0] >= weight)
		before = s[0] / n[0];
	for (int h = 0; h < e->horizon; h++) {
		before = (s[h] + weight * before) / (n[h] + weight);
		s[h] = sqrt(before);
	}
}

/* errors over their horizon's spread, counted in bins: as good as sorting and several times faster;
 * beyond REACH spreads all counts as REACH. Each counts once with either sign: a series' few horizons
 * hardly tell on which side of the outcomes its next forecast will be, and where they seemed to, their
 * quantiles stood beside the forecast and lost 1 to 7 % more than those around it */
enum { REACH = 8, FINE = 128, BINS = 2 * REACH * FINE };

typedef struct {
	int64_t n; /* errors; twice as many counts */
	int32_t bin[BINS];
} pool;

static void pool_take(pool *p, const bank_errors *e, const double *s)
{
	*p = (pool){.n = 0};
	double *scale = e->seen;
	for (int h = 0; h < e->horizon; h++)
		scale[h] = s[h] > 0 ? FINE / s[h] : 0;
	for (int j = 0; j < e->origins; j++)
		for (int h = 0; h < e->horizon; h++) {
			double v = e->error[j * (int64_t)e->horizon + h];
			double at = v * scale[h] + REACH * FINE;
			if (v != v)
				continue;
			at = at > 0 ? at : 0;
			int b = (int)(at < BINS - 1 ? at : BINS - 1);
			p->bin[b]++;
			p->bin[BINS - 1 - b]++;
			p->n++;
		}
}

/* standard normal quantile, rational approximation (Hastings 1955, 26.2.23): error below 4.5e-4 */
static double normal_quantile(double u)
{
	double p = u < .5 ? u : 1 - u, t = sqrt(-2 * bank_log(p));
	double x = t - (2.515517 + t * (.802853 + t * .010328)) /
			   (1 + t * (1.432788 + t * (.189269 + t * .001308)));
	return u < .5 ? -x : x;
}

/* the first bin after b that holds any; b when none does */
static int next_seen(const pool *p, int b)
{
	for (int next = b + 1; next < BINS; next++)
		if (p->bin[next])
			return next;
	return b;
}

/* pooled quantiles with the normal's mixed in as if it had been seen `weight` times */
static void pooled_quantiles(const pool *p, const bank_errors *e, double *z)
{
	const double weight = 20;
	int64_t below = 0;
	int b = 0;
	for (int q = 0; q < e->quantiles; q++) {
		double upto = 2 * e->quantile[q] * (double)p->n;
		while (b < BINS - 1 && (double)(below + p->bin[b]) < upto)
			below += p->bin[b++];
		int next = (double)(below + p->bin[b]) > upto ? b : next_seen(p, b);
		double seen = (.5 * (b + next) + .5) / FINE - REACH,
		       normal = normal_quantile(e->quantile[q]);
		z[q] = (seen * (double)p->n + normal * weight) / ((double)p->n + weight);
	}
}

/* errors over horizons that overlap tell less than their number: few horizons' worth, wider */
static double widening(const bank_errors *e)
{
	double n = 0;
	for (int j = 0; j < e->origins; j++)
		n += !isnan(e->error[j * (int64_t)e->horizon]);
	return sqrt(1 + e->horizon / (n + 1));
}

void bank_quantiles(const bank_errors *e, double *out)
{
	if (bank_count_quantiles(e, out))
		return;
	double *s = e->scale;
	spreads(e, s);
	pool p;
	pool_take(&p, e, s);
	double *z = e->z, wide = widening(e);
	pooled_quantiles(&p, e, z);
	for (int h = 0; h < e->horizon; h++)
		for (int q = 0; q < e->quantiles; q++) {
			double v = e->forecast[h * e->stride] + z[q] * wide * s[h];
			double *row = out + (int64_t)h * e->quantiles;
			v = v < e->lowest ? e->lowest : v;
			row[q] = q && v < row[q - 1] ? row[q - 1] : v;
		}
}
