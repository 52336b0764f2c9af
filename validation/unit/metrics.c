/* np: 1 apps: score */
#include "score/metrics.h"
#include "../tap.h"
#include "base/rng.h"

#include <math.h>
#include <string.h>

static int near(double got, double want)
{
	return fabs(got - want) <= 1e-12 * fabs(want);
}

static void scales(void)
{
	const double y[] = {1, 3, 2, 4}, late[] = {NAN, 0, 0, 2, 0, 4}, gap[] = {1, NAN, 3, 7};
	ok(near(metric_scale(y, 4, 1), 5. / 3), "lag 1: (2 + 1 + 2) / 3");
	ok(near(metric_scale(y, 4, 2), 1), "lag 2: (1 + 1) / 2");
	ok(near(metric_scale_square(y, 4, 1), 3), "squares: (4 + 1 + 4) / 3");
	ok(near(metric_scale(gap, 4, 1), 4), "a missing value takes its two pairs along");
	ok(isnan(metric_scale(y, 4, 4)) && isnan(metric_scale_square(y, 1, 1)),
	    "no pair, no scale");
	int64_t s = metric_first_sale(late, 6);
	ok(s == 3, "the first sale is the first value that is neither missing nor zero");
	ok(near(metric_scale(late + s, 6 - s, 1), 3), "from there on: (2 + 4) / 2");
	ok(near(metric_scale_square(late + s, 6 - s, 1), 10), "and (4 + 16) / 2");
	ok(metric_first_sale(late, 3) == 3, "never sold gives n");
}

static void points(void)
{
	const double a[] = {5, NAN, 3, 0}, f[] = {4, 9, 4, 0};
	ok(near(metric_absolute(a, f, 4), 2. / 3), "mean absolute error skips what is missing");
	ok(near(metric_square(a, f, 4), 2. / 3), "mean square error too");
	ok(near(metric_smape(a, f, 4), (200. / 9 + 200. / 7) / 3), "sMAPE counts 0 against 0 as 0");
	ok(near(metric_smape(a, f + 3, 1), 200), "and 5 against 0 as 200");
	ok(isnan(metric_absolute(a + 1, f, 1)) && isnan(metric_smape(a, f, 0)),
	    "nothing to compare, no error");
}

static void quantiles(void)
{
	const double a[] = {5, 3, 0}, q[] = {4, 4, 0}, lo[] = {4, 4, 1}, up[] = {6, 6, 2};
	ok(near(metric_pinball(.1, a, q, 2), .5), "pinball at .1: (.1 x 1 + .9 x 1) / 2");
	ok(near(metric_pinball(.975, a, q, 1), .975), "one unit below the actual costs u");
	ok(near(metric_interval(a, lo, up, 3, .05), (2 + (2 + 40) + (1 + 40)) / 3.),
	    "the interval score is width plus 2 / alpha times what lies outside");
	ok(near(metric_coverage(a, q, 3), 2. / 3), "an actual on the quantile is covered");
	ok(near(metric_inside(a, lo, up, 3), 1. / 3), "one of three is inside");
	double sql = 0;
	for (int i = 1; i < 10; i++)
		sql += 2 * metric_pinball(i / 10., a, q, 2) / 9;
	ok(near(sql, metric_absolute(a, q, 2)), "the SQL of a point forecast is its MASE");
}

static void places(void)
{
	const double u[] = {.1, .5, .9}, draw[] = {0, .5, .75, .5, .25}, a[] = {0, 0, 2, NAN, 9};
	const double q[] = {0, 1, 2, 1, 1, 0, 2, 2, 2, 2, 3, 3, 3, 3, 3};
	double v[5];
	metric_pit(a, q, 5, 3, u, draw, v);
	ok(near(v[0], 0),
	    "a value on the lowest quantile lies between 0 and half way to the next level");
	ok(near(v[1], .05), "one below all of them between 0 and the lowest level");
	ok(near(v[2], .75 * .7), "on the two lowest, anywhere up to half way to the third");
	ok(isnan(v[3]), "a missing one nowhere");
	ok(near(v[4], .925), "one above all of them between the highest level and 1");
}

/* counts of four equal chances against their own quantiles, at many levels */
static void places_of_counts(void)
{
	enum { N = 400 };
	const par_rng rng = {7, 0, 0}, other = {7, 1, 0};
	double u[] = {.1, .3, .5, .7, .9}, q[5 * N], a[N], draw[N], v[N];
	for (int t = 0; t < N; t++) {
		a[t] = (double)par_rng_below(rng, t, 4);
		draw[t] = par_rng_f64(other, t);
		for (int k = 0; k < 5; k++)
			q[k * N + t] = floor(4 * u[k]);
	}
	metric_pit(a, q, N, 5, u, draw, v);
	double coverage = metric_coverage(a, q + 2 * (int64_t)N, N), upto = 0;
	for (int t = 0; t < N; t++)
		upto += v[t] <= .5;
	ok(coverage > .65, "of counts more than half are up to the median");
	ok(fabs(upto / N - .5) < .08, "half of them when those on it count in part");
}

static void naive2(void)
{
	double y[14], f[3] = {0};
	y[0] = NAN;
	for (int t = 1; t < 14; t++)
		y[t] = t % 2 ? 10 : 20;
	/* 12 values, m = 2: acf(1) = -11/12, acf(2) = 10/12 above 1.645 sqrt(2.6806 / 12) = .777 */
	ok(metric_naive2(y + 1, 12, 2, 3, f) && near(f[0], 10) && near(f[1], 20) && near(f[2], 10),
	    "a clear season repeats from the last value on");
	ok(metric_naive2(y, 13, 2, 3, f) && near(f[0], 10) && near(f[1], 20),
	    "whatever was missing before the first value");
	/* 6 values: acf(2) = 4/6 under 1.645 sqrt(2.3889 / 6) = 1.038 */
	ok(metric_naive2(y + 1, 6, 2, 3, f) && near(f[0], 20) && near(f[2], 20),
	    "a season the test does not find is left alone");
	ok(metric_naive2(y + 1, 12, 1, 2, f) && f[0] == 20 && f[1] == 20, "no season: naive");
	y[12] = NAN;
	ok(metric_naive2(y + 1, 12, 1, 2, f) && f[0] == 10, "a gap takes the value before it");
	ok(metric_naive2(y, 1, 2, 2, f) && isnan(f[1]), "no history, no forecast");
	const double zero[6] = {0};
	ok(metric_naive2(zero, 6, 2, 2, f) && f[0] == 0 && f[1] == 0, "all zero stays zero");
	/* 3 8 1 repeated five times: indices 3/4, 2, 1/4 */
	double three[15];
	for (int t = 0; t < 15; t++)
		three[t] = t % 3 == 0 ? 3 : t % 3 == 1 ? 8 : 1;
	ok(metric_naive2(three, 14, 3, 3, f) && near(f[0], 1) && near(f[1], 3) && near(f[2], 8),
	    "an odd season goes on in phase when the history ends inside it");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	scales();
	points();
	quantiles();
	places();
	places_of_counts();
	naive2();
	return tap_end();
}
