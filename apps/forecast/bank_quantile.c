#include "bank_quantile.h"

#include <math.h>
#include <string.h>

/* a float's bits, ordered as unsigned numbers */
static uint32_t key_of(float x)
{
	uint32_t b;
	memcpy(&b, &x, 4);
	return b & 0x80000000u ? ~b : b | 0x80000000u;
}

void bank_sort(float *x, float *spare, int64_t n)
{
	int64_t at[4][256] = {{0}};
	for (int64_t i = 0; i < n; i++)
		for (int b = 0; b < 4; b++)
			at[b][key_of(x[i]) >> 8 * b & 255]++;
	for (int b = 0; b < 4; b++) {
		int64_t sum = 0;
		for (int v = 0; v < 256; v++) {
			int64_t c = at[b][v];
			at[b][v] = sum;
			sum += c;
		}
		for (int64_t i = 0; i < n; i++)
			spare[at[b][key_of(x[i]) >> 8 * b & 255]++] = x[i];
		float *t = x;
		x = spare;
		spare = t;
	}
}

/* spread of each horizon: root mean square, with the horizon before counting as a few more */
static void spreads(const bank_errors *e, double *s)
{
	double before = e->spread * e->spread;
	for (int h = 0; h < e->horizon; h++) {
		double sum = 0, n = 0;
		for (int j = 0; j < e->origins; j++) {
			int64_t i = (j * (int64_t)e->horizon + h) * e->stride;
			sum += e->error[i] * e->error[i];
			n += e->known[i];
		}
		const double weight = 4;
		before = (sum + weight * before) / (n + weight);
		s[h] = sqrt(before);
	}
}

static int64_t pool_of(const bank_errors *e, const double *s)
{
	int64_t n = 0;
	for (int j = 0; j < e->origins; j++)
		for (int h = 0; h < e->horizon; h++) {
			int64_t i = (j * (int64_t)e->horizon + h) * e->stride;
			if (e->known[i] > 0 && s[h] > 0)
				e->pool[n++] = (float)(e->error[i] / s[h]);
		}
	bank_sort(e->pool, e->spare, n);
	return n;
}

/* standard normal quantile, rational approximation (Hastings 1955, 26.2.23): error below 4.5e-4 */
static double normal_quantile(double u)
{
	double p = u < .5 ? u : 1 - u, t = sqrt(-2 * log(p));
	double x = t - (2.515517 + t * (.802853 + t * .010328)) /
			   (1 + t * (1.432788 + t * (.189269 + t * .001308)));
	return u < .5 ? -x : x;
}

/* order statistics with the normal's mixed in as if it had been seen `weight` times */
static double pooled_quantile(const float *x, int64_t n, double u)
{
	const double weight = 20;
	double normal = normal_quantile(u);
	if (n == 0)
		return normal;
	double at = u * (double)(n + 1) - 1;
	at = at < 0 ? 0 : at > (double)(n - 1) ? (double)(n - 1) : at;
	int64_t i = (int64_t)at;
	double next = i + 1 < n ? x[i + 1] : x[i];
	double seen = x[i] + (at - (double)i) * (next - x[i]);
	return (seen * (double)n + normal * weight) / ((double)n + weight);
}

/* errors over horizons that overlap tell less than their number: few horizons' worth, wider */
static double widening(const bank_errors *e)
{
	double n = 0;
	for (int j = 0; j < e->origins; j++)
		n += e->known[j * (int64_t)e->horizon * e->stride];
	return sqrt(1 + e->horizon / (n + 1));
}

void bank_quantiles(const bank_errors *e, double *out)
{
	if (bank_count_quantiles(e, out))
		return;
	double *s = e->scale;
	spreads(e, s);
	int64_t n = pool_of(e, s);
	double wide = widening(e);
	for (int q = 0; q < e->quantiles; q++) {
		double z = pooled_quantile(e->pool, n, e->quantile[q]);
		for (int h = 0; h < e->horizon; h++) {
			double v = e->forecast[h * e->stride] + z * wide * s[h];
			v = v < e->lowest ? e->lowest : v;
			double *row = out + (int64_t)h * e->quantiles;
			row[q] = q && v < row[q - 1] ? row[q - 1] : v;
		}
	}
}
