/* np: 1   apps: forecast */
#include "forecast/intervals/stretch.h"

#include "../tap.h"
#include "base/rng.h"

#include <math.h>
#include <stdbool.h>

enum { LEVELS = 5, WINDOWS = 3, EACH = 20000 };

static const double level[LEVELS] = {.05, .25, .5, .75, .95};
static const double normal[LEVELS] = {-1.6449, -.6745, 0, .6745, 1.6449};

/* quantiles of a normal of deviation 1 around 10 */
static void narrow(float *q)
{
	for (int i = 0; i < LEVELS; i++)
		q[i] = (float)(10 + normal[i]);
}

/* outcomes of twice that deviation above, of the same below; in the last window of four times */
static double outcome(int window, int64_t i)
{
	double e = par_rng_normal((par_rng){5, (uint32_t)window, 0}, i);
	double wide = window == WINDOWS - 1 ? 4 : 2;
	return 10 + (e > 0 ? wide * e : e);
}

static bool count(stretch *s)
{
	float q[LEVELS];
	narrow(q);
	bool made = stretch_make(s, WINDOWS, LEVELS, level) == PAR_OK;
	for (int w = 0; w < WINDOWS && made; w++)
		for (int64_t i = 0; i < EACH; i++)
			stretch_add(s, w, q, outcome(w, i));
	return made;
}

static void factors(void)
{
	stretch s;
	double by[LEVELS], all[LEVELS];
	ok(count(&s), "outcomes of three windows are counted");
	stretch_factors(&s, WINDOWS - 1, by);
	stretch_factors(&s, -1, all);
	ok(by[2] == 1, "the median stays");
	ok(fabs(by[0] - 1) < .05 && fabs(by[1] - 1) < .05, "what covers enough stays: %.3f, %.3f",
	    by[0], by[1]);
	ok(fabs(by[3] - 2) < .08 && fabs(by[4] - 2) < .08,
	    "distances that are half of what they should be are doubled: %.3f, %.3f", by[3], by[4]);
	ok(all[4] > 2.2, "a window that is left out tells nothing: %.3f with it", all[4]);
	stretch_drop(&s);
}

static void covers(void)
{
	stretch s;
	double by[LEVELS];
	float q[LEVELS];
	int64_t upto[LEVELS] = {0};
	count(&s);
	stretch_factors(&s, WINDOWS - 1, by);
	narrow(q);
	stretch_apply(&s, by, q);
	for (int64_t i = EACH; i < 2 * EACH; i++)
		for (int k = 0; k < LEVELS; k++)
			upto[k] += outcome(0, i) <= (double)q[k];
	for (int k = 0; k < LEVELS; k++)
		ok(fabs((double)upto[k] / EACH - level[k]) < .015,
		    "quantile %g covers as many of new outcomes: %.3f", level[k],
		    (double)upto[k] / EACH);
	stretch_drop(&s);
}

static void edges(void)
{
	stretch s;
	float q[LEVELS] = {1, 2, 3, 4, 4.2F};
	const double by[LEVELS] = {.5, 2, 1, 3, .5};
	bool made = stretch_make(&s, 1, LEVELS, level) == PAR_OK;
	double none[LEVELS];
	stretch_factors(&s, -1, none);
	ok(made && none[0] == 1 && none[4] == 1, "where nothing was seen all stays");
	stretch_apply(&s, by, q);
	ok(q[0] == 1 && q[1] == 1 && q[2] == 3 && q[3] == 6 && q[4] == 6,
	    "stretched quantiles do not cross: %g %g %g %g %g", (double)q[0], (double)q[1],
	    (double)q[2], (double)q[3], (double)q[4]);
	float same[LEVELS] = {2, 2, 2, 2, 5};
	stretch_add(&s, 0, same, 8);
	stretch_add(&s, 0, same, NAN);
	int64_t counted = 0;
	for (int i = 0; i < LEVELS * 1024; i++)
		counted += s.count[i];
	ok(counted == 1, "quantiles on the median, and missing outcomes, have no distance");
	stretch_drop(&s);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	factors();
	covers();
	edges();
	return tap_end();
}
