/* apps: forecast
 * Likelihoods of exponential smoothing, for test-ets: reads
 *   relative trend season steps length value ... alpha beta gamma phi level trend s0 s1 ...
 * a line (seasons back from the step before the first, one fewer than the season has), and prints
 * the log likelihood at those parameters and at those found by the search. */
#define LANES 2
#include "forecast/bank/ets_fit.inc"

#include <stdio.h>
#include <stdlib.h>

enum { STEPS_MAX = 400 };

static vec y[STEPS_MAX], w[STEPS_MAX], start[STEPS_MAX];
static ets_step trace[STEPS_MAX];

static double number(void)
{
	double v;
	if (scanf("%lf", &v) != 1)
		exit(1);
	return v;
}

static double read_values(ets_data *d)
{
	double scale = 0;
	for (int64_t t = 0; t < d->steps; t++) {
		y[t] = all(number());
		w[t] = all(1);
		start[t] = all(t == 0);
		scale = fmax(scale, fabs(y[t][0]));
	}
	for (int64_t t = 0; t < d->steps; t++)
		y[t] /= scale;
	return scale;
}

static void read_parameters(const ets_data *d, ets_form f, double scale, vec *x)
{
	double v[6], s[ETS_SEASON] = {0}, unit = f.season == ETS_PRODUCT ? 1 : scale;
	double left = f.season == ETS_PRODUCT ? d->season : 0;
	for (int i = 0; i < 6; i++)
		v[i] = number();
	for (int i = d->season - 1; i >= 1 && f.season; i--) {
		s[i] = number();
		left -= s[i];
	}
	s[0] = left;
	x[ETS_ALPHA] = all(v[0]);
	x[ETS_BETA] = all(v[1] / v[0]);
	x[ETS_GAMMA] = all(v[2] / (1 - v[0]));
	x[ETS_PHI] = all(v[3]);
	x[ETS_LEVEL] = all(v[4] / scale);
	x[ETS_TREND] = all(v[5] / scale);
	for (int i = 0; i < d->season - 1; i++)
		x[ETS_SEASONS + i] = all(s[i] / unit);
}

static double searched(ets_climb *c, ets_form f)
{
	vec from[ETS_PARAMS] = {all(0)};
	ets_guess g;
	bool after = f.relative && f.season != ETS_PRODUCT;
	guess_make(&g, c->data);
	c->form = (ets_form){f.season == ETS_PRODUCT, f.trend, f.season};
	ets_search(c, &g, NULL, false, ~(mask)all(0));
	for (int i = 0; i < c->n; i++)
		from[i] = c->x[i];
	c->form = f;
	if (after)
		ets_search(c, &g, from, true, ~(mask)all(0));
	return c->loss[0];
}

int main(void)
{
	int relative, trend, season, period;
	long steps;
	while (scanf("%d %d %d %d %ld", &relative, &trend, &season, &period, &steps) == 5) {
		if (period < 1 || period > ETS_SEASON || steps < 1 || steps > STEPS_MAX)
			return 1;
		ets_data d = {.count = all((double)steps),
		    .y = y,
		    .w = w,
		    .start = start,
		    .trace = trace,
		    .steps = steps,
		    .season = season ? period : 1};
		ets_form f = {relative != 0, (ets_kind)trend, (ets_kind)season};
		ets_climb c = {.data = &d};
		vec x[ETS_PARAMS] = {all(0)};
		double scale = read_values(&d), shift = (double)steps * log(scale);
		read_parameters(&d, f, scale, x);
		double at = -ets_at(&d, x, f, NULL)[0] - shift;
		printf("%.8f %.8f\n", at, -searched(&c, f) - shift);
	}
	return 0;
}
