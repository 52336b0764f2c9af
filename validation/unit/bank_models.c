/* np: 1   apps: forecast
 * Models, their errors and their choice against slow references, one series at a time. */
#define LANES 2
#include "../tap.h"
#include "bank_case.h"
#include "forecast/bank/fit.inc"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LONG = 120 };

static double gap_of(const float *got, const double *want, int n)
{
	double gap = 0;
	for (int h = 0; h < n; h++)
		gap = fmax(gap, fabs(got[h] - want[h]) / fmax(1, fabs(want[h])));
	return gap;
}

/* where the naive forecasts look back to from step t, h steps ahead */
static int back(int t, int h, int season)
{
	return t - (season - 1) + (h - 1) % season;
}

typedef struct {
	double absolute, squared, relative, n;
} sums;

/* errors of naive (season 1) or seasonal naive over the rolling origins */
static sums errors_of(const float *y, int n, int season, int horizon, int origins)
{
	sums s = {0};
	int seen = 0, all_seen = 0;
	for (int t = 0; t < n; t++)
		all_seen += isfinite(y[t]);
	double last[LONG] = {0};
	for (int t = 0; t < n; t++) {
		seen += isfinite(y[t]);
		last[t] = isfinite(y[t]) ? y[t] : last[t < season ? 0 : t - season];
		if (t < n - 1 - origins || seen < 4 || 3 * seen < all_seen)
			continue;
		for (int h = 1; h <= horizon && t + h < n; h++) {
			double f = last[back(t, h, season)], e = y[t + h] - f;
			if (!isfinite(y[t + h]))
				continue;
			s.absolute += fabs(e);
			s.squared += e * e;
			s.relative += e != 0 ? 200 * fabs(e) / (fabs(y[t + h]) + fabs(f)) : 0;
			s.n++;
		}
	}
	return s;
}

static double scale_by_hand(const float *y, int n, int lag, bool squared)
{
	double sum = 0, k = 0;
	for (int t = lag; t < n; t++) {
		double d = (double)y[t] - y[t - lag];
		if (!isfinite(d))
			continue;
		sum += squared ? d * d : fabs(d);
		k++;
	}
	return sum / k;
}

static void errors(void)
{
	static answers a;
	double worst = 0;
	for (int round = 0; round < 24; round++) {
		int n = 30 + 3 * round, season = round % 2 ? 7 : 1, horizon = 1 + round % 9;
		int origins = round % 3 ? 0 : 5 + round;
		float y[LONG];
		for (int t = 0; t < n; t++)
			y[t] = (float)(5 + t % 7 + 4 * draw() - 6 * (round % 4 == 3));
		for (int t = 9; round % 4 >= 2 && t < n; t += 5)
			y[t] = NAN;
		bank_spec s = spec_of(
		    season, horizon, false, 1u << (season > 1 ? BANK_SNAIVE : BANK_NAIVE));
		s.origins = origins;
		forecast(&s, 1, y, n, &a);
		int own = 5 * horizon > BANK_ORIGINS ? 5 * horizon : BANK_ORIGINS;
		sums e = errors_of(y, n, season, horizon, origins ? origins : own);
		double mase = e.absolute / e.n / scale_by_hand(y, n, season, false);
		double rmsse = sqrt(e.squared / e.n / scale_by_hand(y, n, 1, true));
		worst = fmax(worst, fabs(a.mase[0] / mase - 1));
		worst = fmax(worst, fabs(a.rmsse[0] / rmsse - 1));
		worst = fmax(worst, fabs(a.smape[0] / (e.relative / e.n) - 1));
	}
	ok(worst < 1e-6, "mase, rmsse and smape are those of rolling origins worked slowly: %g",
	    worst);
}

/* a series that drifts, its own numbers each time */
static void drift(float *y, int n, double slope)
{
	double at = 50;
	for (int t = 0; t < n; t++) {
		at += slope + 2 * (draw() - .5);
		y[t] = (float)(at + 6 * (draw() - .5));
	}
}

/* the recursions with the search's own parameters, which bank_fit.c tests, and the path */
static void path_by_hand(const float *y, int n, int model, int horizon, double *out)
{
	static vec z[LONG], w[LONG], start[LONG];
	for (int t = 0; t < n; t++) {
		z[t] = all(y[t] / 1024.); /* the bank's scale may differ by a power of two */
		w[t] = all(1);
		start[t] = all(t == 0);
	}
	ses_fit f;
	holt_set q = {all(0), all(0), all(1)};
	holt_start s = {all(0), all(0), all(0)};
	if (model == BANK_SES) {
		ses_search(&f, z, w, n, z[0]);
		q.alpha = f.alpha;
		s.level = f.level;
	} else {
		holt_search(&q, &s, z, w, start, n, z[0], model == BANK_DAMPED);
	}
	double alpha = q.alpha[0], beta = q.beta[0], phi = q.phi[0];
	double l = s.level[0] * 1024, b = s.trend[0] * 1024;
	for (int t = 0; t < n; t++) {
		double before = l;
		l = alpha * y[t] + (1 - alpha) * (before + phi * b);
		b = beta * (l - before) + (1 - beta) * phi * b;
	}
	for (int h = 0; h < horizon; h++) {
		b *= phi;
		l += b;
		out[h] = l;
	}
}

static void paths(void)
{
	static const int models[] = {BANK_SES, BANK_HOLT, BANK_DAMPED};
	static answers a;
	float y[LONG];
	double want[STEPS], worst[3] = {0};
	for (int round = 0; round < 30; round++) {
		int n = 20 + 3 * round, k = round % 3;
		drift(y, n, .1 * round);
		bank_spec s = spec_of(1, STEPS, false, 1u << models[k]);
		forecast(&s, 1, y, n, &a);
		path_by_hand(y, n, models[k], STEPS, want);
		worst[k] = fmax(worst[k], gap_of(a.mean, want, STEPS));
	}
	for (int k = 0; k < 3; k++)
		ok(worst[k] < 1e-6, "%s: the textbook's recursions give the same path: %g",
		    bank_model_text(models[k]), worst[k]);
}

/* regression of the first n values on 1 to n */
static void line_by_hand(const double *y, int n, double *a, double *b)
{
	double sx = 0, sy = 0, sxx = 0, sxy = 0;
	for (int t = 1; t <= n; t++) {
		sx += t;
		sy += y[t - 1];
		sxx += (double)t * t;
		sxy += t * y[t - 1];
	}
	*b = n > 1 ? (n * sxy - sx * sy) / (n * sxx - sx * sx) : 0;
	*a = (sy - *b * sx) / n;
}

/* one-step mean of dynamic theta after n values: level part and line part */
static double dotm_line(const double *y, int n, double alpha)
{
	double a = 0, b = 0, keep = 1 - alpha;
	if (n == 0)
		return 0;
	line_by_hand(y, n, &a, &b);
	return pow(keep, n) * a + (1 - pow(keep, n + 1)) / alpha * b;
}

/* least squares over the first level and k in [0, 1] for one alpha, by trying each k */
static double dotm_squares(const double *y, int n, double alpha, double *k_at, double *l_at)
{
	double base[LONG], line[LONG], share[LONG], least = INFINITY, l = 0;
	for (int t = 0; t < n; t++) {
		base[t] = y[t] - l;
		share[t] = pow(1 - alpha, t);
		line[t] = dotm_line(y, t, alpha);
		l += alpha * (y[t] - l);
	}
	for (int i = 0; i <= 2000; i++) {
		double k = i / 2000., es = 0, ss = 0, squares = 0;
		for (int t = 2; t < n; t++) {
			es += (base[t] - k * line[t]) * share[t];
			ss += share[t] * share[t];
		}
		double first = es / ss;
		for (int t = 2; t < n; t++) {
			double e = base[t] - k * line[t] - first * share[t];
			squares += e * e;
		}
		if (squares < least) {
			least = squares;
			*k_at = k;
			*l_at = first;
		}
	}
	return least;
}

static void dotm_by_hand(const float *history, int n, int horizon, double *out)
{
	double y[LONG + STEPS], least = INFINITY, alpha = 0, k = 0, l = 0;
	for (int t = 0; t < n; t++)
		y[t] = history[t];
	for (int i = 0; i <= 196; i++) {
		double a = .01 + .005 * i;
		double k_at = 0, l_at = 0, squares = dotm_squares(y, n, a, &k_at, &l_at);
		if (squares < least) {
			least = squares;
			alpha = a;
			k = k_at;
			l = l_at;
		}
	}
	for (int t = 0; t < n + horizon; t++) {
		if (t >= n)
			out[t - n] = y[t] = l + k * dotm_line(y, t, alpha);
		l += alpha * (y[t] - l);
	}
}

static void dotm(void)
{
	static answers a;
	float y[LONG];
	double want[STEPS], worst = 0;
	for (int round = 0; round < 5; round++) {
		drift(y, 40 + round, 1.5 * round);
		bank_spec s = spec_of(1, STEPS, false, 1u << BANK_DOTM);
		forecast(&s, 1, y, 40 + round, &a);
		dotm_by_hand(y, 40 + round, STEPS, want);
		worst = fmax(worst, gap_of(a.mean, want, STEPS));
	}
	ok(worst < .005, "dynamic theta: parameters tried one by one give its path: %g", worst);
}

static int ascending(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return x < y ? -1 : x > y;
}

static double median_gap(const float *y, int n, bool counts, const int *models, int k)
{
	static answers one[4], a;
	bank_spec s = spec_of(4, STEPS, counts, 1u << BANK_MEDIAN);
	forecast(&s, 1, y, n, &a);
	double gap = 0;
	for (int i = 0; i < k; i++) {
		s.models = 1u << models[i];
		forecast(&s, 1, y, n, &one[i]);
	}
	for (int h = 0; h < STEPS; h++) {
		float v[4] = {0};
		for (int i = 0; i < k; i++)
			v[i] = one[i].mean[h];
		qsort(v, (size_t)k, sizeof *v, ascending);
		double want = .5 * ((double)v[(k - 1) / 2] + v[k / 2]);
		gap = fmax(gap, fabs(a.mean[h] / want - 1));
	}
	return gap;
}

static void medians(void)
{
	static const int smooth[] = {BANK_DAMPED, BANK_THETA, BANK_DOTM, BANK_ETS};
	static const int rare[] = {BANK_SES, BANK_SBA, BANK_TSB, BANK_ADIDA};
	float y[LONG];
	drift(y, LONG, 1);
	ok(median_gap(y, LONG, false, smooth, 4) < 1e-6,
	    "median: the mean of the middle two of four models");
	for (int t = 0; t < LONG; t++)
		y[t] = (float)(draw() < .4 ? 1 + (int)(5 * draw()) : 0);
	ok(median_gap(y, LONG, true, rare, 4) < 1e-6,
	    "median of demand: the mean of the middle two of four models");
}

/* the best of naive and seasonal naive for one season: forecasts and errors at every origin */
typedef struct {
	int model;
	double loss, mean[STEPS], error[LONG * STEPS];
} season_case;

static void season_by_hand(const float *y, int n, int season, int horizon, season_case *c)
{
	static season_case one;
	*c = (season_case){.loss = INFINITY};
	for (int k = 0; k < 2; k++) {
		int lag = k ? season : 1, cell = 0;
		one = (season_case){.model = k ? BANK_SNAIVE : BANK_NAIVE};
		for (int t = n - 1 - 5 * horizon; t < n - 1; t++)
			for (int h = 1; h <= horizon && t + h < n; h++) {
				one.error[cell] = (double)y[t + h] - y[back(t, h, lag)];
				one.loss += fabs(one.error[cell++]);
			}
		for (int h = 1; h <= horizon; h++)
			one.mean[h - 1] = y[back(n - 1, h, lag)];
		*c = one.loss < c->loss ? one : *c;
	}
}

/* share of the longer season, by losses of either and of the mean of both */
static double blend_by_hand(const season_case *a, const season_case *b)
{
	double both = 0;
	for (int i = 0; i < LONG * STEPS; i++)
		both += fabs(.5 * (a->error[i] + b->error[i]));
	if (a->loss < .9 * both && a->loss < b->loss)
		return 0;
	return b->loss < .9 * both ? 1 : .5;
}

static void blends(void)
{
	static answers a;
	static season_case one, two;
	double worst = 0;
	int seen[3] = {0};
	bool names = true;
	for (int round = 0; round < 60; round++) {
		float y[LONG];
		for (int t = 0; t < LONG; t++)
			y[t] = (float)(20 + (round % 4 + 1) * (t % 4) + (round % 3 == 0) * .3 * t +
				       round / 6 % 5 * (t % 20 == 3) * 4 + 3 * draw());
		bank_spec s = spec_of(4, 6, false, 1u << BANK_NAIVE | 1u << BANK_SNAIVE);
		s.season2 = 20;
		forecast(&s, 1, y, LONG, &a);
		season_by_hand(y, LONG, 4, 6, &one);
		season_by_hand(y, LONG, 20, 6, &two);
		double share_two = blend_by_hand(&one, &two), want[STEPS];
		for (int h = 0; h < 6; h++)
			want[h] = one.mean[h] + share_two * (two.mean[h] - one.mean[h]);
		worst = fmax(worst, gap_of(a.mean, want, 6));
		names &= a.model[0] == (two.loss < one.loss ? two.model : one.model);
		seen[(int)(2 * share_two)]++;
	}
	ok(seen[0] && seen[1] && seen[2], "one season, the other and both: %d, %d, %d", seen[0],
	    seen[2], seen[1]);
	ok(worst < 1e-6 && names, "two seasons blend as their losses worked slowly say: %g", worst);
}

static void limits(void)
{
	static answers a;
	float y[6], down[12];
	for (int t = 0; t < 6; t++)
		y[t] = (float)(1 + t * t);
	for (int t = 0; t < 12; t++)
		down[t] = (float)(12 - t);
	/* the last trend, about 10 a step, leaves four ranges above the history in 18 steps */
	bank_spec s = spec_of(1, STEPS, false, 1u << BANK_HOLT);
	forecast(&s, 1, y, 6, &a);
	ok(a.status[0] == BANK_CLAMPED && a.mean[17] == 26 + 4 * 25,
	    "a forecast that runs away stops four ranges above the history: %g", a.mean[17]);
	s.horizon = 3;
	forecast(&s, 1, y, 6, &a);
	ok(a.status[0] == BANK_OK && a.mean[2] > 40, "a near one goes on");
	s = spec_of(1, STEPS, true, 1u << BANK_HOLT);
	forecast(&s, 1, down, 12, &a);
	ok(a.mean[17] == 0 && a.quantiles[17 * LEVELS] == 0, "counts that fall stop at 0");
}

/* a season that changed half way: origins as asked are enough to choose by, from BANK_ORIGINS on */
static void few_origins(void)
{
	static answers a;
	float y[LONG];
	bool chosen = true, kept = true;
	for (int t = 0; t < LONG; t++)
		y[t] = (float)(10 + 9 * ((t < 60 ? t * t : 3 * t) % 11) + draw());
	bank_spec s = spec_of(11, STEPS, false, 0);
	for (s.origins = 8; s.origins <= 16; s.origins++) {
		forecast(&s, 1, y, LONG, &a);
		chosen &= s.origins < BANK_ORIGINS || a.model[0] != BANK_MEDIAN;
		kept &= s.origins >= BANK_ORIGINS || a.model[0] == BANK_MEDIAN;
	}
	ok(kept, "fewer than twelve origins leave the median");
	ok(chosen, "twelve choose a model that is clearly better");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	errors();
	paths();
	dotm();
	medians();
	blends();
	limits();
	few_origins();
	return tap_end();
}
