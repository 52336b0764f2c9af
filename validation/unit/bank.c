/* np: 1   apps: forecast */
#include "../tap.h"
#include "bank_case.h"
#include "base/cpu.h"
#include "series.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double largest_gap(const float *got, const double *want, int n)
{
	double gap = 0;
	for (int h = 0; h < n; h++)
		gap = fmax(gap, fabs(got[h] - want[h]) / fabs(want[h]));
	return gap;
}

static void theta(void)
{
	static answers a;
	bank_spec s = spec_of(12, 18, false, 1u << BANK_THETA);
	for (int i = 0; i < 3; i++) {
		forecast(&s, 1, theta_series[i].y, theta_series[i].n, &a);
		ok(largest_gap(a.mean, theta_series[i].theta, 18) < 2e-5,
		    "M3 %s: theta is that of R's thetaf", theta_series[i].name);
	}
}

/* slow and plain: the test, the decomposition, the last adjusted value */
static void naive2_by_hand(const float *y, int n, int m, int horizon, double *out)
{
	double mean = 0, c0 = 0, sum = 0, r = 0, index[24] = {0};
	for (int t = 0; t < n; t++)
		mean += y[t] / (double)n;
	for (int t = 0; t < n; t++)
		c0 += (y[t] - mean) * (y[t] - mean);
	for (int k = 1; k <= m; k++) {
		sum += k > 1 ? r * r : 0;
		r = 0;
		for (int t = k; t < n; t++)
			r += (y[t] - mean) * (y[t - k] - mean) / c0;
	}
	bool seasonal = n >= 3 * m && fabs(r) > 1.645 * sqrt((1 + 2 * sum) / n);
	for (int p = 0; p < m; p++) {
		int seen = 0;
		for (int t = m / 2; t < n - m / 2; t++) {
			double trend = 0;
			for (int i = -m / 2; i <= m / 2; i++)
				trend += y[t + i] * (abs(i) == m / 2 && m % 2 == 0 ? .5 : 1) / m;
			if (t % m == p) {
				index[p] += y[t] / trend;
				seen++;
			}
		}
		index[p] /= seen;
	}
	for (int h = 0; h < horizon; h++)
		out[h] = y[n - 1] * (seasonal ? index[(n + h) % m] / index[(n - 1) % m] : 1);
}

static void naives(void)
{
	static answers a;
	double want[STEPS];
	for (int i = 0; i < 3; i++) {
		const float *y = theta_series[i].y;
		int n = theta_series[i].n;
		bank_spec s = spec_of(12, 18, false, 1u << BANK_NAIVE2);
		forecast(&s, 1, y, n, &a);
		naive2_by_hand(y, n, 12, 18, want);
		ok(largest_gap(a.mean, want, 18) < 1e-6, "M3 %s: naive2 as worked slowly",
		    theta_series[i].name);
		s.models = 1u << BANK_SNAIVE;
		forecast(&s, 1, y, n, &a);
		for (int h = 0; h < 18; h++)
			want[h] = y[n - 12 + h % 12];
		ok(largest_gap(a.mean, want, 18) == 0, "seasonal naive repeats the last season");
		s.models = 1u << BANK_NAIVE;
		forecast(&s, 1, y, n, &a);
		ok(a.mean[0] == y[n - 1] && a.mean[17] == y[n - 1], "naive repeats the last value");
	}
}

/* the demand models on series short enough for a pencil */
static void demand(void)
{
	static answers a;
	static const float y[] = {0, 0, 4, 0, 0, 2, 0, 6}, pairs[] = {3, 0, 3, 0, 3, 0, 3, 0};
	bank_spec s = spec_of(1, 3, true, 1u << BANK_CROSTON);
	forecast(&s, 1, y, 8, &a);
	/* sizes 4, 3.8, 4.02; intervals 1, 1.2, 1.28; leading zeros are not yet on sale */
	ok(fabs(a.mean[2] - 4.02 / 1.28) < 1e-6, "croston: 4.02 units every 1.28 steps");
	s.models = 1u << BANK_SBA;
	forecast(&s, 1, y, 8, &a);
	ok(fabs(a.mean[0] - .95 * 4.02 / 1.28) < 1e-6, "sba: a twentieth less");
	s.models = 1u << BANK_ADIDA;
	forecast(&s, 1, pairs, 8, &a);
	ok(fabs(a.mean[0] - 1.5) < 1e-6, "adida: 3 units in each bucket of 2 steps");
	ok(a.model[0] == BANK_ADIDA, "a model asked for is the model used");
}

/* the gains of the grid that fit best, tried one by one */
static double tsb_by_hand(const double *y, int n)
{
	static const double chances[] = {.005, .01, .02, .04, .07, .1, .2, .3};
	static const double sizes[] = {.01, .05, .15};
	double sold = 0, total = 0, least = DBL_MAX, best = 0;
	for (int t = 0; t < n; t++) {
		sold += y[t] > 0;
		total += y[t];
	}
	for (int i = 0; i < 24; i++) {
		double size = total / sold, chance = sold / n, squares = 0;
		for (int t = 0; t < n; t++) {
			squares += (y[t] - size * chance) * (y[t] - size * chance);
			chance += chances[i % 8] * ((y[t] > 0) - chance);
			size += y[t] > 0 ? sizes[i / 8] * (y[t] - size) : 0;
		}
		best = squares < least ? size * chance : best;
		least = fmin(least, squares);
	}
	return best;
}

static void tsb(void)
{
	static answers a;
	float y[60];
	double z[60];
	for (int t = 0; t < 60; t++)
		z[t] = y[t] = (float)(t == 0 || draw() < .3 - .004 * t ? 1 + (int)(4 * draw()) : 0);
	bank_spec s = spec_of(1, 1, true, 1u << BANK_TSB);
	forecast(&s, 1, y, 60, &a);
	ok(fabs(a.mean[0] - tsb_by_hand(z, 60)) < 1e-6,
	    "tsb: the best of its gains, tried one by one");
}

static void statuses(void)
{
	static answers a;
	float none[6], zeros[6] = {0}, five[6], few[6], stale[40], wild[40];
	for (int t = 0; t < 6; t++) {
		none[t] = NAN;
		five[t] = 5;
		few[t] = t < 3 ? NAN : (float)t;
	}
	for (int t = 0; t < 40; t++) {
		stale[t] = t < 30 ? (float)(t % 7) : NAN;
		wild[t] = (float)(t < 20 ? 1e30 * (t % 3) : -INFINITY);
	}
	bank_spec s = spec_of(4, 8, false, 0);
	ok(forecast(&s, 1, none, 0, &a) == PAR_OK && a.status[0] == BANK_EMPTY && a.mean[7] == 0,
	    "no history at all is empty, answered by zeros");
	forecast(&s, 1, none, 6, &a);
	ok(a.status[0] == BANK_EMPTY, "nothing but missing values is empty");
	forecast(&s, 1, zeros, 6, &a);
	ok(a.status[0] == BANK_ZERO && a.quantiles[39] == 0, "zeros stay zero");
	forecast(&s, 1, five, 6, &a);
	ok(a.status[0] == BANK_CONSTANT && a.mean[3] == 5 && a.quantiles[3] == 5,
	    "fives stay five");
	forecast(&s, 1, few, 6, &a);
	ok(a.status[0] == BANK_SHORT && a.mean[0] >= 3 && a.mean[0] <= 5, "three values are short");
	forecast(&s, 1, stale, 40, &a);
	ok(a.status[0] == BANK_STALE, "two seasons missing at the end are stale");
	forecast(&s, 1, wild, 40, &a);
	ok(isfinite(a.mean[7]) && isfinite(a.quantiles[39]), "1e30 and infinities give numbers");
}

static float garbage(int kind)
{
	switch (kind % 6) {
	case 0:
		return (float)(10 * draw());
	case 1:
		return draw() < .7 ? 0 : (float)(int)(9 * draw());
	case 2:
		return draw() < .3 ? NAN : (float)(1e30 * (draw() - .5));
	case 3:
		return (float)(1e-38 * draw());
	case 4:
		return draw() < .1 ? (float)INFINITY : (float)(int)(1e6 * draw());
	default:
		return draw() < .02 ? 3e38f : (float)(1 + draw());
	}
}

static bool sound(const answers *a, int64_t n, const bank_spec *s)
{
	bool fine = true;
	for (int64_t i = 0; i < n; i++) {
		fine &= a->model[i] >= 0 && a->model[i] < BANK_MODELS;
		fine &= a->status[i] >= 0 && a->status[i] < BANK_STATUSES;
		for (int h = 0; h < s->horizon; h++) {
			float m = a->mean[i * s->horizon + h];
			const float *q = a->quantiles + (i * s->horizon + h) * LEVELS;
			fine &= isfinite(m) && (!s->counts || m >= 0);
			for (int k = 0; k < LEVELS; k++)
				fine &= isfinite(q[k]) && (!s->counts || q[k] >= 0) &&
					(k == 0 || q[k] >= q[k - 1]);
		}
	}
	return fine;
}

static bool same_bits(const float *a, const float *b, int n)
{
	return memcmp((const void *)a, (const void *)b, sizeof *a * (size_t)n) == 0; /* NOLINT */
}

/* any length, any values: finite and ordered; alone or in company, in any kernel set, the same
 * bits */
static void properties(void)
{
	static answers a, b;
	static const int seasons[] = {1, 4, 7, 12, 50};
	bool fine = true, alone = true, sets = true;
	for (int round = 0; round < 60; round++) {
		int length = round < 58 ? round : 1400, n = 1 + round % 19,
		    horizon = 1 + round % STEPS;
		float *y = malloc(sizeof(float) * (size_t)(n * length + 1));
		for (int i = 0; i < n * length; i++)
			y[i] = i % length < i / length * (7 + length / 10) % length
				   ? NAN
				   : garbage(round % 7 == 6 ? i : i / length);
		bank_spec s = spec_of(seasons[round % 5], horizon, round % 2, 0);
		s.season2 = round % 3 ? 0 : 14;
		par_cpu_use(par_cpu_best());
		fine &= forecast(&s, n, y, length, &a) == PAR_OK && sound(&a, n, &s);
		for (int set = 0; set <= (int)par_cpu_best(); set++) {
			par_cpu_use((par_kernels)set);
			memset(&b, 0, sizeof b);
			forecast(&s, n, y, length, &b);
			sets &= same_bits(a.mean, b.mean, n * horizon);
			sets &= same_bits(a.quantiles, b.quantiles, n * horizon * LEVELS);
			sets &= same_bits(a.mase, b.mase, n) && same_bits(a.rmsse, b.rmsse, n) &&
				same_bits(a.smape, b.smape, n);
			for (int i = 0; i < n; i++)
				sets &= a.model[i] == b.model[i] && a.status[i] == b.status[i];
		}
		par_cpu_use(par_cpu_best());
		int pick = n / 2;
		forecast(&s, 1, y + pick * length, length, &b);
		alone &= same_bits(a.mean + pick * horizon, b.mean, horizon);
		alone &= same_bits(
		    a.quantiles + pick * horizon * LEVELS, b.quantiles, horizon * LEVELS);
		free(y);
	}
	ok(fine, "garbage of any length gives finite forecasts and ordered quantiles");
	ok(alone, "a series alone gets the bits it gets in a block");
	ok(sets, "plain, AVX2 and AVX-512 kernels give the same bits");
}

/* a missing value is not a zero: smoothing passes over it */
static void gaps(void)
{
	static answers a, b;
	float dense[40], holes[60];
	int k = 0;
	for (int t = 0; t < 60; t++)
		holes[t] = NAN;
	for (int t = 0; t < 40; t++)
		dense[t] = (float)(100 + 20 * draw());
	for (int t = 0; t < 60 && k < 40; t++)
		if (t % 3 != 1)
			holes[t] = dense[k++];
	bank_spec s = spec_of(1, 4, false, 1u << BANK_SES);
	forecast(&s, 1, dense, 40, &a);
	forecast(&s, 1, holes, 60, &b);
	ok(k == 40 && same_bits(a.mean, b.mean, 4), "smoothing over gaps equals smoothing without");
}

/* hours of four weeks whose days differ: only the longer season can know tomorrow */
static void long_season(void)
{
	static answers a;
	float y[28 * 6];
	for (int t = 0; t < 28 * 6; t++)
		y[t] = (float)(10 + t % 6 + 5 * (t / 6 % 7 == 3) + draw());
	bank_spec s = spec_of(6, 18, false, 0);
	s.season2 = 42;
	forecast(&s, 1, y, 28 * 6, &a);
	double gap = 0;
	for (int h = 0; h < 18; h++)
		gap = fmax(gap, fabs(a.mean[h] - 10.5 - h % 6));
	ok(gap < 1.5, "a longer season is found beside the short one");
}

/* counts that never sell out follow their season closely, and so must their quantiles */
static void narrow(void)
{
	static answers a;
	float y[120];
	for (int t = 0; t < 120; t++)
		y[t] = (float)(20 + 9 * (t % 6) + (draw() < .5));
	bank_spec s = spec_of(6, 6, true, 0);
	forecast(&s, 1, y, 120, &a);
	double widest = 0;
	for (int h = 0; h < 6; h++)
		widest = fmax(widest, a.quantiles[h * LEVELS + 4] - a.quantiles[h * LEVELS]);
	ok(widest < 6, "steady seasonal counts get narrow intervals at each phase");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	theta();
	naives();
	demand();
	tsb();
	statuses();
	properties();
	gaps();
	long_season();
	narrow();
	return tap_end();
}
