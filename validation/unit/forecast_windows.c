/* np: 1   apps: forecast */
#include "forecast/intervals/windows.h"

#include "../tap.h"
#include "base/rng.h"
#include "forecast/intervals/coverage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* two levels: one node, and FINE of them whose errors differ in size */
enum { FINE = 12, NODES = FINE + 1, WINDOWS = 40, JOINED = 8, STEPS = 14, LEVELS = 5 };

static const double level[LEVELS] = {.05, .25, .5, .75, .95};
static double direct[WINDOWS][NODES][STEPS], published[JOINED][NODES][STEPS],
    actual[WINDOWS][NODES][STEPS];

static double normal(uint32_t stream, int64_t i)
{
	return par_rng_normal((par_rng){11, stream, 0}, i);
}

static double size_of(int node)
{
	return node == 0 ? .02 : .03 * (1 + node % 4);
}

/* an error of the whole window, and one of each step; grow: of the variance from the first step to the last */
static double error_of(int window, int node, int step, double grow)
{
	double wide = sqrt(1 + grow * step / (STEPS - 1));
	return size_of(node) * wide *
	       (.8 * normal(1, window * NODES + node) +
		   .6 * normal(2, ((int64_t)window * NODES + node) * STEPS + step));
}

static void make_past(double grow, double smaller)
{
	for (int w = 0; w < WINDOWS; w++)
		for (int k = 0; k < NODES; k++)
			for (int h = 0; h < STEPS; h++) {
				double e = error_of(w, k, h, grow);
				actual[w][k][h] = 100 * exp(e);
				direct[w][k][h] = 100;
				if (w < JOINED)
					published[w][k][h] = 100 * exp((1 - smaller) * e);
			}
}

static levels_sums two_levels(void)
{
	static hierarchy_level one = {.name = "one", .nodes = 1},
			       fine = {.name = "fine", .nodes = FINE};
	static const hierarchy_level *levels[2] = {&one, &fine};
	static int64_t first[3] = {0, 1, NODES};
	return (levels_sums){2, levels, first};
}

static windows_past past_of(const levels_sums *levels, int count)
{
	return (windows_past){levels, count, count < JOINED ? count : JOINED, STEPS,
	    &direct[0][0][0], &published[0][0][0], &actual[0][0][0], LEVELS, level};
}

static void covers(void)
{
	const levels_sums levels = two_levels();
	const windows_past past = past_of(&levels, WINDOWS);
	windows w;
	coverage c;
	make_past(0, 1);
	ok(windows_make(&w, &past, -1) == PAR_OK && coverage_make(&c, 2, LEVELS, level) == PAR_OK,
	    "quantiles are made from past windows");
	double q[LEVELS];
	for (int new = WINDOWS; new < WINDOWS + 400; new ++)
		for (int k = 0; k < NODES; k++)
			for (int h = 0; h < STEPS; h++)
				if (windows_at(&w, k > 0, k, h, 50, q))
					coverage_add(&c, k > 0, q, 50 * exp(error_of(new, k, h, 0)),
					    ((int64_t) new *NODES + k) * STEPS + h);
	for (int l = 0; l < 2; l++)
		for (int i = 0; i < LEVELS; i++)
			ok(fabs(coverage_at(&c, l, i) - level[i]) < (l ? .04 : .08),
			    "quantile %g of level %d covers as many of new windows: %.3f", level[i],
			    l, coverage_at(&c, l, i));
	ok(fabs(w.unit[4] / w.unit[3] - size_of(4) / size_of(3)) < .1,
	    "a node's unit is the size of its errors: %.3f and %.3f", w.unit[3], w.unit[4]);
	coverage_drop(&c);
	windows_drop(&w);
}

/* leaving a window out is as if it had never been */
static void without_one(void)
{
	const levels_sums levels = two_levels();
	const windows_past all = past_of(&levels, 6), later = past_of(&levels, 5);
	windows w, v = {0};
	make_past(0, 1);
	bool made = windows_make(&w, &all, 5) == PAR_OK && windows_make(&v, &later, -1) == PAR_OK;
	ok(made && memcmp(w.unit, v.unit, sizeof(double) * NODES) == 0 &&
		memcmp(w.growth, v.growth, sizeof(double) * STEPS) == 0,
	    "without a window units and growth are those of the others");
	double most = 0;
	for (int i = 0; made && i < 2 * LEVELS; i++)
		most = fmax(most, fabs(w.pool[i] - v.pool[i]));
	ok(most < 1e-12, "and so are the pools");
	windows_drop(&w);
	windows_drop(&v);
}

static void grows_and_shrinks(void)
{
	const levels_sums levels = two_levels();
	const windows_past past = past_of(&levels, WINDOWS);
	windows even, grown, half;
	make_past(0, 1);
	bool made = windows_make(&even, &past, -1) == PAR_OK;
	make_past(8, 1);
	made &= windows_make(&grown, &past, -1) == PAR_OK;
	make_past(0, .5);
	made &= windows_make(&half, &past, -1) == PAR_OK;
	ok(made && even.growth[STEPS - 1] < 1.2 * even.growth[0],
	    "errors that do not grow with the step are taken as they are");
	ok(made && fabs(grown.growth[STEPS - 1] / grown.growth[0] - 3) < .8,
	    "those whose variance grows ninefold make units grow threefold: %.2f",
	    grown.growth[STEPS - 1] / grown.growth[0]);
	/* (8 windows x a quarter + 2 x 1) / 10 of the variance */
	ok(made && fabs(half.pool[0] / even.pool[0] - sqrt(.4)) < 1e-6,
	    "where what is published errs by half, its quantiles are nearer: %.3f",
	    half.pool[0] / even.pool[0]);
	windows_drop(&even);
	windows_drop(&grown);
	windows_drop(&half);
}

static void knows_its_limits(void)
{
	const levels_sums levels = two_levels();
	const windows_past past = past_of(&levels, 3);
	double q[LEVELS] = {7};
	windows w;
	make_past(0, 1);
	for (int v = 0; v < WINDOWS; v++)
		for (int h = 0; h < STEPS; h++)
			direct[v][2][h] = NAN;
	actual[0][3][0] = 0;    /* closed */
	actual[1][3][0] = 2000; /* far off */
	ok(windows_make(&w, &past, -1) == PAR_OK,
	    "nodes without forecasts, and days without sales");
	ok(!windows_at(&w, 1, 2, 0, 100, q) && q[0] == 7,
	    "a node that never forecast itself has no quantiles");
	ok(windows_at(&w, 1, 3, 0, 100, q) && q[0] > 50 && q[LEVELS - 1] < 200,
	    "a closed day and one far off do not widen the others");
	ok(!windows_at(&w, 1, 3, 0, 0, q), "a mean of nothing has none either");
	windows_drop(&w);
}

static void ties(void)
{
	const double q[LEVELS] = {0, 0, 1, 1, 2};
	coverage c;
	bool made = coverage_make(&c, 1, LEVELS, level) == PAR_OK;
	ok(made && isnan(coverage_at(&c, 0, 2)), "of nothing nothing is known");
	for (int i = 0; i < 4000; i++)
		coverage_add(&c, 0, q, 1, i);
	/* 1 stands on levels .5 and .75: anywhere from (.25 + .5) / 2 to (.75 + .95) / 2 */
	ok(fabs(coverage_at(&c, 0, 2) - (.5 - .375) / (.85 - .375)) < .03,
	    "outcomes on two quantiles count for a part of each: %.3f", coverage_at(&c, 0, 2));
	ok(coverage_at(&c, 0, 1) < 1e-9 && coverage_at(&c, 0, 4) > 1 - 1e-9,
	    "and not for those below, wholly for those above");
	coverage_add(&c, 0, q, NAN, 5000);
	ok(c.seen[0] == 4000, "a missing outcome is not seen");
	coverage_drop(&c);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	covers();
	without_one();
	grows_and_shrinks();
	knows_its_limits();
	ties();
	return tap_end();
}
