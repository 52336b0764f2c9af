/* np: 1   apps: forecast
 * Quantiles against sorted errors and summed probabilities, and against what comes. */
#include "forecast/bank/quantile.h"

#include "../tap.h"
#include "bank_case.h"

#include <math.h>
#include <stdlib.h>

enum { ORIGINS = 40, HORIZON = 7 };
#define SPREAD 2.

typedef struct {
	float error[ORIGINS * HORIZON];
	double actual[ORIGINS + HORIZON], forecast[HORIZON];
	double scale[HORIZON], seen[HORIZON], z[LEVELS];
} history;

static bank_errors errors_of(history *h)
{
	return (bank_errors){.horizon = HORIZON,
	    .origins = ORIGINS,
	    .error = h->error,
	    .actual = h->actual,
	    .stride = 1,
	    .forecast = h->forecast,
	    .spread = SPREAD,
	    .lowest = -INFINITY,
	    .quantile = levels,
	    .quantiles = LEVELS,
	    .scale = h->scale,
	    .seen = h->seen,
	    .z = h->z};
}

/* errors of a demand of about 2 units, a tenth of them missing */
static void make(history *h, double mean)
{
	for (int t = 0; t < ORIGINS + HORIZON; t++) {
		h->actual[t] = 0;
		for (int k = 0; k < 10; k++)
			h->actual[t] += draw() < mean / 10;
	}
	for (int j = 0; j < ORIGINS; j++)
		for (int k = 0; k < HORIZON; k++) {
			double f = mean + (draw() - .5) * (1 + .2 * k);
			bool in = j + k < ORIGINS && draw() < .9;
			h->error[j * HORIZON + k] = in ? (float)(h->actual[j + k] - f) : NAN;
		}
	for (int k = 0; k < HORIZON; k++)
		h->forecast[k] = mean + .1 * k;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static double normal_by_hand(double u)
{
	double lo = -10, hi = 10;
	while (hi - lo > 1e-12)
		*(.5 * erfc(-(lo + hi) / 2 / sqrt(2)) < u ? &lo : &hi) = (lo + hi) / 2;
	return lo;
}

/* root mean square at each horizon, the horizon before counting as four errors */
static void spreads_by_hand(const history *h, double *spread, int *n)
{
	double before = SPREAD * SPREAD;
	for (int k = 0; k < HORIZON; k++) {
		double squares = 0;
		n[k] = 0;
		for (int j = 0; j < ORIGINS; j++)
			if (!isnan(h->error[j * HORIZON + k])) {
				squares += pow(h->error[j * HORIZON + k], 2);
				n[k]++;
			}
		if (k == 0 && n[0] >= 4)
			before = squares / n[0];
		before = (squares + 4 * before) / (n[k] + 4);
		spread[k] = sqrt(before);
	}
}

/* of n sorted values; between two of them where just as many are below as should be */
static double pooled_by_hand(const double *pool, int n, double level)
{
	int at = n ? (int)ceil(level * n) - 1 : 0;
	return n && at + 1 == level * n ? (pool[at] + pool[at + 1]) / 2 : pool[at];
}

static double general_gap(history *h)
{
	double spread[HORIZON], pool[2 * ORIGINS * HORIZON] = {0}, out[HORIZON * LEVELS], gap = 0;
	int n[HORIZON], all = 0;
	spreads_by_hand(h, spread, n);
	for (int i = 0; i < ORIGINS * HORIZON; i++)
		if (!isnan(h->error[i]))
			pool[all++] = h->error[i] / spread[i % HORIZON];
	for (int i = 0; i < all; i++)
		pool[all + i] = -pool[i];
	qsort(pool, 2 * (size_t)all, sizeof *pool, ascending);
	bank_errors e = errors_of(h);
	bank_quantiles(&e, out);
	double wide = sqrt(1 + HORIZON / (n[0] + 1.));
	for (int k = 0; k < HORIZON; k++)
		for (int q = 0; q < LEVELS; q++) {
			double z = (pooled_by_hand(pool, 2 * all, levels[q]) * all +
				       20 * normal_by_hand(levels[q])) /
				   (all + 20);
			double want = h->forecast[k] + z * wide * spread[k];
			gap = fmax(gap, fabs(out[k * LEVELS + q] - want) / spread[k]);
		}
	return gap;
}

static void general(void)
{
	history h;
	double worst = 0;
	for (int round = 0; round < 20; round++) {
		make(&h, 3);
		worst = fmax(worst, general_gap(&h));
	}
	ok(worst < .008,
	    "errors pooled with either sign, sorted, give the same quantiles to a bin: %g", worst);
	bank_errors e = errors_of(&h);
	double out[HORIZON * LEVELS];
	for (int i = 0; i < ORIGINS * HORIZON; i++)
		h.error[i] = fabsf(h.error[i]);
	bank_quantiles(&e, out);
	worst = 0;
	for (int k = 0; k < HORIZON; k++)
		worst = fmax(worst, fabs(out[k * LEVELS + LEVELS / 2] - h.forecast[k]));
	ok(worst < .002, "the forecast is their median, wherever it erred: %g", worst);
	for (int i = 0; i < ORIGINS * HORIZON; i++)
		h.error[i] = NAN;
	worst = general_gap(&h);
	ok(worst < .008, "without any error they are a normal's: %g", worst);
}

/* the mixture's chance of v units or fewer */
static double chance_by_hand(const history *h, double mean, double ratio, int v)
{
	double size = mean / (ratio - 1), below = 0, weight = 1, recent = 0, total = 0;
	for (int i = 0; i <= v; i++)
		below += exp(lgamma(size + i) - lgamma(size) - lgamma(i + 1.) - size * log(ratio) +
			     i * log((ratio - 1) / ratio));
	for (int j = ORIGINS - 1; j >= 0; j--) {
		if (!isnan(h->error[j * HORIZON])) {
			recent += h->actual[j] <= v ? weight : 0;
			total += weight;
		}
		weight *= .98;
	}
	return .6 * below + .4 * recent / total;
}

static double ratio_by_hand(const history *h)
{
	double squares = 0, means = 0;
	int n = 0;
	for (int j = 0; j < ORIGINS; j++)
		for (int k = 0; k < HORIZON; k++) {
			double e = h->error[j * HORIZON + k];
			if (isnan(e))
				continue;
			squares += e * e;
			means += h->actual[j + k] - e;
			n++;
		}
	double seen = (squares / means * n + 1.5 * 50) / (n + 50);
	return fmax(1.02, 1 + .8 * (seen - 1));
}

static void counted(void)
{
	history h;
	double out[HORIZON * LEVELS];
	int wrong = 0, taken = 0;
	for (int round = 0; round < 40; round++) {
		make(&h, .2 + .2 * round);
		bank_errors e = errors_of(&h);
		e.unit = 1;
		taken += bank_count_quantiles(&e, out);
		double ratio = ratio_by_hand(&h);
		for (int i = 0; i < HORIZON * LEVELS; i++) {
			int v = 0;
			while (chance_by_hand(&h, h.forecast[i / LEVELS], ratio, v) <
			       levels[i % LEVELS])
				v++;
			wrong += out[i] != v;
		}
	}
	ok(taken == 40 && wrong == 0,
	    "demand: sums of the mixture's own chances give the same units");
	bank_errors e = errors_of(&h);
	ok(!bank_count_quantiles(&e, out), "amounts are not demand");
	e.unit = 1;
	h.forecast[3] = 65;
	ok(!bank_count_quantiles(&e, out), "nor are forecasts above 64 units");
}

/* share of what came at or under each quantile, and strictly under */
static void shares(bool counts, double at_or[LEVELS], double under[LEVELS])
{
	static answers a;
	enum { LENGTH = 90, ROUNDS = 24 };
	static float y[MANY * (LENGTH - 1)], next[MANY];
	for (int q = 0; q < LEVELS; q++)
		at_or[q] = under[q] = 0;
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < MANY * LENGTH; i++) {
			double v = 0;
			for (int k = 0; k < 6; k++)
				v += counts ? draw() < .15 : draw();
			if (i % LENGTH < LENGTH - 1)
				y[i / LENGTH * (LENGTH - 1) + i % LENGTH] = (float)v;
			else
				next[i / LENGTH] = (float)v;
		}
		bank_spec s = spec_of(1, 1, counts, 0);
		forecast(&s, MANY, y, LENGTH - 1, &a);
		for (int i = 0; i < MANY * LEVELS; i++) {
			at_or[i % LEVELS] += (next[i / LEVELS] <= a.quantiles[i]) /
					     (1. * MANY * ROUNDS);
			under[i % LEVELS] += (next[i / LEVELS] < a.quantiles[i]) /
					     (1. * MANY * ROUNDS);
		}
	}
}

static void coverage(void)
{
	double at_or[LEVELS], under[LEVELS];
	for (int counts = 0; counts < 2; counts++) {
		shares(counts, at_or, under);
		for (int q = 0; q < LEVELS; q++) {
			double slack = .02 + 3 * sqrt(levels[q] * (1 - levels[q]) / (24 * MANY));
			ok(at_or[q] >= levels[q] - slack && under[q] <= levels[q] + slack,
			    "%s: %.3f under and %.3f at or under the quantile of %.3f",
			    counts ? "demand" : "amounts", under[q], at_or[q], levels[q]);
		}
	}
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	general();
	counted();
	coverage();
	return tap_end();
}
