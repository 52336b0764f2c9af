/* np: 1   apps: forecast */
#include "forecast/intervals/ratios.h"

#include "../tap.h"
#include "base/rng.h"

#include <math.h>
#include <stdlib.h>

enum { N = 60000, LEVELS = 5 };

static const double level[LEVELS] = {0.05, 0.25, 0.5, 0.75, 0.95};

/* Poisson by inversion */
static int poisson(double mean, double u)
{
	double p = exp(-mean), sum = p;
	int k = 0;
	while (u > sum && k < 1000) {
		p *= mean / ++k;
		sum += p;
	}
	return k;
}

static double mean_of(int64_t i)
{
	return exp(4 * par_rng_f64((par_rng){1, 1, 0}, i) - 2);
}

/* Poisson where spread is 1, of one of two rates where it is 2 */
static ratios_case *make_cases(int64_t n)
{
	ratios_case *c = malloc((size_t)n * sizeof *c);
	for (int64_t i = 0; i < n; i++) {
		double mean = mean_of(i), u = par_rng_f64((par_rng){1, 2, 0}, i);
		bool wide = i % 2;
		c[i] = (ratios_case){(float)mean, wide ? 2 : 1,
		    (float)(wide ? poisson(mean * (par_rng_f64((par_rng){1, 3, 0}, i) < 0.5 ? 0.3
											    : 1.7),
				       u)
				 : poisson(mean, u))};
	}
	return c;
}

/* the shares of outcomes below each quantile and up to it: the level of a quantile lies between them */
typedef struct {
	double below[LEVELS], upto[LEVELS];
} shares;

static shares coverage(const ratios *r, const ratios_case *c, int64_t n, int which)
{
	shares s = {{0}, {0}};
	for (int64_t i = 0; i < n; i++) {
		float q[LEVELS];
		if ((int)c[i].spread != which)
			continue;
		ratios_at(r, (double)c[i].mean, (double)c[i].spread, q);
		for (int k = 0; k < LEVELS; k++) {
			s.below[k] += 2. / (double)n * (c[i].outcome < q[k]);
			s.upto[k] += 2. / (double)n * (c[i].outcome <= q[k]);
		}
	}
	return s;
}

static bool holds(const shares *s)
{
	bool fine = true;
	for (int k = 0; k < LEVELS; k++)
		fine &= s->below[k] < level[k] + 0.02 && s->upto[k] > level[k] - 0.02;
	return fine;
}

static void counts(void)
{
	ratios r;
	ratios_case *c = make_cases(N), *fresh = make_cases(N);
	ok(ratios_make(&r, N, c, LEVELS, level, true) == PAR_OK, "ratios of %d outcomes", N);
	shares s = coverage(&r, fresh, N, 1);
	ok(holds(&s), "narrow ones: %.2f to %.2f are below the median's, %.2f to %.2f the last's",
	    s.below[2], s.upto[2], s.below[4], s.upto[4]);
	s = coverage(&r, fresh, N, 2);
	ok(holds(&s), "wide ones: %.2f to %.2f are below the median's, %.2f to %.2f the last's",
	    s.below[2], s.upto[2], s.below[4], s.upto[4]);
	bool whole = true, rising = true;
	double width[3] = {0};
	for (int64_t i = 0; i < N; i++) {
		float q[LEVELS];
		ratios_at(&r, (double)fresh[i].mean, (double)fresh[i].spread, q);
		width[(int)fresh[i].spread] += fresh[i].mean > 2 ? (double)(q[4] - q[0]) : 0;
		for (int k = 0; k < LEVELS; k++) {
			whole &= q[k] == floorf(q[k]) && q[k] >= 0;
			rising &= k == 0 || q[k] >= q[k - 1];
		}
	}
	ok(whole && rising, "quantiles of counts are whole and never cross");
	ok(width[2] > 1.1 * width[1], "dispersed series have ones %.2f times as wide",
	    width[2] / width[1]);
	ratios_drop(&r);
	free(c);
	free(fresh);
}

/* outcomes of one ratio each: what lies between is a straight line */
static void amounts(void)
{
	ratios r;
	float q[LEVELS];
	ratios_case c[101];
	for (int i = 0; i <= 100; i++)
		c[i] = (ratios_case){10, 1, (float)i / 10};
	ok(ratios_make(&r, 101, c, LEVELS, level, false) == PAR_OK, "ratios of a hundred outcomes");
	ratios_at(&r, 20, 1, q);
	bool fine = true;
	for (int k = 0; k < LEVELS; k++) {
		double at = level[k] * 101 - 0.5;
		fine &= fabs((double)q[k] - 20 * at / 100) < 1e-4;
	}
	ok(fine, "quantiles of a straight line, times the mean");
	ratios_drop(&r);
	ok(ratios_make(&r, 0, NULL, LEVELS, level, true) == PAR_OK, "no outcomes");
	ratios_at(&r, 3, 1, q);
	ok(q[0] == 0 && q[LEVELS - 1] == 0, "give zeros");
	ratios_drop(&r);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	counts();
	amounts();
	return tap_end();
}
