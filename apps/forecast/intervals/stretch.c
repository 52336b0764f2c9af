#include "forecast/intervals/stretch.h"

#include <math.h>
#include <stdlib.h>

enum { REACH = 8, FINE = 64, BINS = 2 * REACH * FINE };
#define LEAST 0.5
#define MOST 3.0

par_err stretch_make(stretch *s, int windows, int quantiles, const double *level)
{
	*s = (stretch){.windows = windows, .quantiles = quantiles, .level = level};
	for (int q = 0; q < quantiles; q++)
		if (fabs(level[q] - .5) < fabs(level[s->middle] - .5))
			s->middle = q;
	s->count = calloc((size_t)windows * (size_t)quantiles * BINS + 1, sizeof *s->count);
	return s->count ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to count outcomes");
}

void stretch_drop(stretch *s)
{
	free(s->count);
	*s = (stretch){0};
}

void stretch_add(stretch *s, int window, const float *quantile, double outcome)
{
	double middle = (double)quantile[s->middle];
	for (int q = 0; q < s->quantiles; q++) {
		double far = (double)quantile[q] - middle;
		if (far == 0 || isnan(outcome))
			continue;
		double at = ((outcome - middle) / far + REACH) * FINE;
		int bin = at < 0 ? 0 : at >= BINS ? BINS - 1 : (int)at;
		s->count[(window * s->quantiles + q) * BINS + bin]++;
	}
}

static double factor(const stretch *s, int without, int q)
{
	/* below the median a larger distance is a lower outcome */
	double level = s->level[q] < .5 ? 1 - s->level[q] : s->level[q];
	int64_t all = 0, upto = 0;
	int32_t count[BINS] = {0};
	for (int w = 0; w < s->windows; w++)
		for (int b = 0; b < BINS && w != without; b++)
			count[b] += s->count[(w * s->quantiles + q) * BINS + b];
	for (int b = 0; b < BINS; b++)
		all += count[b];
	int b = 0;
	while (b < BINS - 1 && (double)(upto + count[b]) < level * (double)all)
		upto += count[b++];
	double part = count[b] > 0 ? (level * (double)all - (double)upto) / count[b] : .5;
	double seen = (b + part) / FINE - REACH;
	seen = seen < LEAST ? LEAST : seen > MOST ? MOST : seen;
	return (seen * (double)all + STRETCH_PRIOR) / ((double)all + STRETCH_PRIOR);
}

void stretch_factors(const stretch *s, int without, double *by)
{
	for (int q = 0; q < s->quantiles; q++)
		by[q] = q == s->middle ? 1 : factor(s, without, q);
}

void stretch_apply(const stretch *s, const double *by, float *quantile)
{
	double middle = (double)quantile[s->middle];
	for (int q = s->middle + 1; q < s->quantiles; q++) {
		float v = (float)(middle + by[q] * ((double)quantile[q] - middle));
		quantile[q] = v < quantile[q - 1] ? quantile[q - 1] : v;
	}
	for (int q = s->middle - 1; q >= 0; q--) {
		float v = (float)(middle + by[q] * ((double)quantile[q] - middle));
		quantile[q] = v > quantile[q + 1] ? quantile[q + 1] : v;
	}
}
