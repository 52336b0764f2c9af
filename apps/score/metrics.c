#include "score/metrics.h"

#include "common/pit.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static double mean(double sum, int64_t count)
{
	return count > 0 ? sum / (double)count : NAN;
}

double metric_scale(const double *y, int64_t n, int64_t lag)
{
	double sum = 0;
	int64_t count = 0;
	for (int64_t t = lag; t < n; t++) {
		double d = fabs(y[t] - y[t - lag]);
		if (!isnan(d))
			sum += d, count++;
	}
	return mean(sum, count);
}

double metric_scale_square(const double *y, int64_t n, int64_t lag)
{
	double sum = 0;
	int64_t count = 0;
	for (int64_t t = lag; t < n; t++) {
		double d = y[t] - y[t - lag];
		if (!isnan(d))
			sum += d * d, count++;
	}
	return mean(sum, count);
}

int64_t metric_first_sale(const double *y, int64_t n)
{
	int64_t t = 0;
	while (t < n && (isnan(y[t]) || y[t] == 0))
		t++;
	return t;
}

double metric_absolute(const double *a, const double *f, int64_t h)
{
	double sum = 0;
	int64_t count = 0;
	for (int64_t t = 0; t < h; t++)
		if (!isnan(a[t]))
			sum += fabs(a[t] - f[t]), count++;
	return mean(sum, count);
}

double metric_square(const double *a, const double *f, int64_t h)
{
	double sum = 0;
	int64_t count = 0;
	for (int64_t t = 0; t < h; t++)
		if (!isnan(a[t]))
			sum += (a[t] - f[t]) * (a[t] - f[t]), count++;
	return mean(sum, count);
}

double metric_smape(const double *a, const double *f, int64_t h)
{
	double sum = 0;
	int64_t count = 0;
	for (int64_t t = 0; t < h; t++) {
		if (isnan(a[t]))
			continue;
		double size = fabs(a[t]) + fabs(f[t]);
		sum += size == 0 ? 0 : 200 * fabs(a[t] - f[t]) / size;
		count++;
	}
	return mean(sum, count);
}

double metric_pinball(double u, const double *a, const double *q, int64_t h)
{
	double sum = 0;
	int64_t count = 0;
	for (int64_t t = 0; t < h; t++) {
		if (isnan(a[t]))
			continue;
		sum += a[t] >= q[t] ? u * (a[t] - q[t]) : (1 - u) * (q[t] - a[t]);
		count++;
	}
	return mean(sum, count);
}

double metric_interval(const double *a, const double *lo, const double *up, int64_t h, double alpha)
{
	double sum = 0;
	int64_t count = 0;
	for (int64_t t = 0; t < h; t++) {
		if (isnan(a[t]))
			continue;
		double below = a[t] < lo[t] ? lo[t] - a[t] : 0;
		double above = a[t] > up[t] ? a[t] - up[t] : 0;
		sum += up[t] - lo[t] + 2 / alpha * (below + above);
		count++;
	}
	return mean(sum, count);
}

double metric_coverage(const double *a, const double *q, int64_t h)
{
	int64_t below = 0, count = 0;
	for (int64_t t = 0; t < h; t++)
		if (!isnan(a[t]))
			below += a[t] <= q[t], count++;
	return mean((double)below, count);
}

void metric_pit(const double *a, const double *q, int64_t h, int n, const double *u,
    const double *draw, double *v)
{
	for (int64_t t = 0; t < h; t++)
		v[t] = pit_place(a[t], q + t, h, n, u, draw[t]);
}

double metric_inside(const double *a, const double *lo, const double *up, int64_t h)
{
	int64_t inside = 0, count = 0;
	for (int64_t t = 0; t < h; t++)
		if (!isnan(a[t]))
			inside += lo[t] <= a[t] && a[t] <= up[t], count++;
	return mean((double)inside, count);
}

/* sum of (y[t] - mu) (y[t+k] - mu); over its value at lag 0 this is the autocorrelation */
static double autocovariance(const double *y, int64_t n, double mu, int64_t k)
{
	double sum = 0;
	for (int64_t t = k; t < n; t++)
		sum += (y[t] - mu) * (y[t - k] - mu);
	return sum;
}

static bool seasonal(const double *y, int64_t n, int64_t m)
{
	if (m < 2 || n < 3 * m)
		return false;
	double mu = 0, spread = 1;
	for (int64_t t = 0; t < n; t++)
		mu += y[t];
	mu /= (double)n;
	double all = autocovariance(y, n, mu, 0);
	if (!(all > 0))
		return false;
	for (int64_t k = 1; k < m; k++) {
		double r = autocovariance(y, n, mu, k) / all;
		spread += 2 * r * r;
	}
	double at_m = autocovariance(y, n, mu, m) / all;
	return fabs(at_m) > 1.645 * sqrt(spread / (double)n);
}

/* centred moving average of one season about t, its two ends counted half when m is even */
static double trend(const double *y, int64_t t, int64_t m)
{
	int64_t half = m / 2;
	double sum = 0;
	for (int64_t i = t - half; i <= t + half; i++)
		sum += m % 2 == 0 && (i == t - half || i == t + half) ? y[i] / 2 : y[i];
	return sum / (double)m;
}

/* index[p] for the values t with t % m == p, their mean 1; false when one is not positive */
static bool seasonal_indices(const double *y, int64_t n, int64_t m, double *index)
{
	double total = 0;
	for (int64_t p = 0; p < m; p++) {
		double sum = 0;
		int64_t count = 0;
		for (int64_t t = p; t < n - m / 2; t += m) {
			double level = t >= m / 2 ? trend(y, t, m) : 0;
			if (level != 0)
				sum += y[t] / level, count++;
		}
		index[p] = mean(sum, count);
		if (!(index[p] > 0))
			return false;
		total += index[p];
	}
	for (int64_t p = 0; p < m; p++)
		index[p] /= total / (double)m;
	return true;
}

/* copy y without what is missing at its start, gaps taking the value before them; returns the
 * length */
static int64_t fill(const double *y, int64_t n, double *whole)
{
	int64_t kept = 0;
	for (int64_t t = 0; t < n; t++) {
		if (!isnan(y[t]))
			whole[kept++] = y[t];
		else if (kept > 0)
			whole[kept] = whole[kept - 1], kept++;
	}
	return kept;
}

int metric_naive2(const double *y, int64_t n, int64_t m, int64_t h, double *f)
{
	double *whole = calloc((size_t)(n + m + 1), sizeof *whole);
	if (!whole)
		return 0;
	double *index = whole + n;
	int64_t kept = fill(y, n, whole);
	double last = kept > 0 ? whole[kept - 1] : NAN;
	bool season = seasonal(whole, kept, m) && seasonal_indices(whole, kept, m, index);
	for (int64_t t = 0; t < h; t++)
		f[t] = season ? last / index[(kept - 1) % m] * index[(kept + t) % m] : last;
	free(whole);
	return 1;
}
