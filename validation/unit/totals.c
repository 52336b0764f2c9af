/* np: 1 2 3 6   apps: forecast */
#include "../tap.h"
#include "forecast/totals/direct.h"
#include "forecast/totals/join.h"
#include "forecast/totals/wave.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double noise(int i)
{
	return fmod(fabs(sin(i * 12.9898 + 1) * 43758.5453), 1) - .5;
}

static void waves(void)
{
	double worst = 0, s, c;
	for (int i = -3000; i < 3000; i++) {
		double turns = i / 719.;
		wave(turns, &s, &c);
		worst = fmax(worst, fabs(s - sin(turns * 2 * acos(-1))));
		worst = fmax(worst, fabs(c - cos(turns * 2 * acos(-1))));
	}
	ok(worst < 1e-13, "sine and cosine are the C library's (%g)", worst);
}

enum { ROWS = 40, COLUMNS = 5 };

/* dense normal equations with the mean taken off y, by elimination */
static void by_elimination(double x[ROWS][COLUMNS], const double *w, const double *penalty,
    const double *y, double *b, double *mean)
{
	double a[COLUMNS][COLUMNS + 1] = {{0}}, all = 0;
	*mean = 0;
	for (int t = 0; t < ROWS; t++) {
		*mean += w[t] * y[t];
		all += w[t];
	}
	*mean /= all;
	for (int i = 0; i < COLUMNS; i++) {
		for (int t = 0; t < ROWS; t++) {
			for (int j = 0; j < COLUMNS; j++)
				a[i][j] += w[t] * x[t][i] * x[t][j];
			a[i][COLUMNS] += w[t] * x[t][i] * (y[t] - *mean);
		}
		a[i][i] += penalty[i];
	}
	for (int i = 0; i < COLUMNS; i++)
		for (int k = 0; k < COLUMNS; k++)
			for (int j = COLUMNS; k != i && j >= i; j--)
				a[k][j] -= a[k][i] / a[i][i] * a[i][j];
	for (int i = 0; i < COLUMNS; i++)
		b[i] = a[i][COLUMNS] / a[i][i];
}

static void regression(void)
{
	double x[ROWS][COLUMNS], w[ROWS], y[ROWS], penalty[COLUMNS] = {.1, 1, 2, .5, 3};
	int64_t start[ROWS + 1] = {0};
	int32_t column[ROWS * COLUMNS];
	double value[ROWS * COLUMNS], gram[COLUMNS * COLUMNS], b[COLUMNS], want[COLUMNS];
	double mean, mean_want, worst = 0;
	for (int t = 0; t < ROWS; t++) {
		start[t + 1] = start[t];
		w[t] = t % 7 == 3 ? 0 : 1 + noise(t);
		y[t] = w[t] > 0 ? 5 + noise(t + 99) : NAN;
		for (int i = 0; i < COLUMNS; i++) {
			x[t][i] = (t + i) % 3 ? noise(t * COLUMNS + i + 500) : 0;
			if (x[t][i] == 0)
				continue;
			column[start[t + 1]] = i;
			value[start[t + 1]++] = x[t][i];
		}
	}
	ridge_rows rows = {ROWS, COLUMNS, start, column, value, penalty};
	ok(ridge_factor(&rows, ROWS, w, gram) == PAR_OK, "a regression is factored");
	ridge_fit(&rows, ROWS, w, gram, y, b, &mean);
	for (int t = 0; t < ROWS; t++)
		y[t] = w[t] > 0 ? y[t] : 0;
	by_elimination(x, w, penalty, y, want, &mean_want);
	for (int i = 0; i < COLUMNS; i++)
		worst = fmax(worst, fabs(b[i] - want[i]));
	ok(worst < 1e-12 && fabs(mean - mean_want) < 1e-12,
	    "its coefficients are those of elimination, rows without weight left out (%g)", worst);
	double fit = 0;
	for (int i = 0; i < COLUMNS; i++)
		fit += x[7][i] * b[i];
	ok(fabs(ridge_at(&rows, 7, b) - fit) < 1e-14, "and a row times them is what it fits");
	penalty[2] = -1e9;
	ok(ridge_factor(&rows, ROWS, w, gram) == PAR_E_NUMERIC,
	    "a matrix that is not positive definite is told");
}

enum { DAYS = 1100, AHEAD = 28, MARKETS = 6, FEAST = 0, SALE = 1, SHUT = 2 };

static calendar_period periods[DAYS + AHEAD];
static uint64_t events[(DAYS + AHEAD) * MARKETS], patterns[3 * MARKETS];

/* a feast everywhere, sales in odd markets at other times than in even ones, a day that shops are shut */
static calendar made_calendar(void)
{
	calendar c = {PAR_DAY, DAYS + AHEAD, MARKETS, 3, periods, events, patterns};
	memset(events, 0, sizeof events);
	for (int t = 0; t < DAYS + AHEAD; t++) {
		periods[t] = (calendar_period){t, 0, (int8_t)(t % 7), (int8_t)(t % 30 + 1),
		    (int8_t)(t / 30 % 12), t % 365 / 365.};
		for (int m = 0; m < MARKETS; m++)
			events[t * MARKETS + m] = (uint64_t)(t % 182 == 5) << FEAST |
						  (uint64_t)((t + 5 * (m % 2)) % 61 == 30) << SALE |
						  (uint64_t)(t % 365 == 15) << SHUT;
	}
	for (int m = 0; m < MARKETS; m++) {
		patterns[FEAST * MARKETS + m] = 11;
		patterns[SALE * MARKETS + m] = 12 + (uint64_t)(m % 2);
		patterns[SHUT * MARKETS + m] = 14;
	}
	return c;
}

static void calendars(void)
{
	calendar c = made_calendar();
	calendar_event e[CALENDAR_EVENTS * CALENDAR_PATTERNS];
	double all[MARKETS] = {1, 1, 1, 3, 1, 1}, even[MARKETS] = {1, 0, 2, 0, 0, 0};
	ok(calendar_events(&c, all, e) == 4 && e[1].kind == SALE && e[2].kind == SALE &&
		e[1].market == 0 && e[2].market == 1,
	    "an event has a column for every pattern of the node's markets");
	ok(calendar_events(&c, even, e) == 3, "and for those only");
	ok(calendar_value(&c, &e[1], even, 30) == 1 && calendar_value(&c, &e[1], even, 25) == 0 &&
		calendar_value(&c, &e[1], even, -1) == 0 &&
		calendar_value(&c, &e[1], even, DAYS + AHEAD) == 0,
	    "which is 1 when it happens there, and 0 before and after the calendar");
	for (int m = 0; m < MARKETS; m++)
		patterns[SALE * MARKETS + m] = 100 + (uint64_t)m;
	ok(calendar_events(&c, all, e) == 3 && e[1].market == -1 &&
		calendar_value(&c, &e[1], all, 25) == 5. / 8,
	    "with more patterns than that it is the share of the node's series");
}

/* what a sum would be without chance */
static double truth(int t)
{
	static const double week[7] = {0, -.1, -.05, 0, .1, .35, .3};
	double v = 6 + week[t % 7] + .0003 * t + .2 * sin(t % 365 / 365. * 2 * acos(-1)) +
		   .4 * (t % 182 == 5);
	return t % 365 == 15 ? 0 : exp(v);
}

static double worst_error(const double *mean, int from)
{
	double worst = 0;
	for (int h = 0; h < AHEAD; h++) {
		double want = truth(from + h);
		worst = fmax(worst, fabs(mean[h] - want) / (want + 1));
	}
	return worst;
}

static void sums_of_series(void)
{
	static double y[DAYS], z[DAYS], mean[AHEAD], again[AHEAD];
	calendar c = made_calendar();
	double weight[MARKETS] = {1, 1, 1, 1, 1, 1};
	direct_spec s = {&c, AHEAD, 7, 0, true, 0};
	direct_cache cache = {0}, other = {0};
	direct_result r = {.mean = mean}, q = {.mean = again};
	int origin = 1088; /* the feast is 14 days ahead, the shut day 22 */
	for (int t = 0; t < DAYS; t++)
		y[t] = floor(truth(t) * (1 + .02 * noise(t)) + .5);
	ok(direct_forecast(&s, y, origin, weight, &cache, &r) == PAR_OK && r.status == DIRECT_OK,
	    "a sum with a calendar is forecast");
	double worst = worst_error(mean, origin);
	ok(worst < .08 && r.sd < .03, "to within its noise, feast and shut day as well (%g, %g)",
	    worst, r.sd);
	memcpy(z, y, sizeof z);
	for (int t = 1060; t < 1080; t++)
		z[t] = NAN;
	ok(direct_forecast(&s, z, origin, weight, &cache, &q) == PAR_OK &&
		worst_error(again, origin) < .08,
	    "with a gap as well");
	direct_forecast(&s, y, origin, weight, &cache, &q);
	ok(memcmp(mean, again, sizeof mean) == 0, "what others left in the cache changes nothing");
	direct_forecast(&s, y, origin, weight, &other, &q);
	ok(memcmp(mean, again, sizeof mean) == 0 && cache.used == 2,
	    "nor does an empty one; a gap has a factor of its own");
	direct_cache_drop(&cache);
	direct_cache_drop(&other);
}

static direct_status status_of(const double *y, int n, bool counts)
{
	static double mean[AHEAD];
	calendar c = made_calendar();
	double weight[MARKETS] = {1};
	direct_spec s = {&c, AHEAD, 7, 0, counts, 0};
	direct_cache cache = {0};
	direct_result r = {.mean = mean};
	par_err e = direct_forecast(&s, y, n, weight, &cache, &r);
	direct_cache_drop(&cache);
	bool answered = true;
	for (int h = 0; h < AHEAD; h++)
		answered = answered && isfinite(mean[h]) == (r.status == DIRECT_OK);
	return e == PAR_OK && answered ? r.status : DIRECT_FAILED;
}

static void fallbacks(void)
{
	static double y[DAYS];
	for (int t = 0; t < DAYS; t++)
		y[t] = NAN;
	ok(status_of(y, DAYS, true) == DIRECT_EMPTY, "nothing observed is empty");
	for (int t = 0; t < DAYS; t++)
		y[t] = t < 1085 ? 0 : 50;
	ok(status_of(y, DAYS, true) == DIRECT_SHORT, "fifteen days after zeros are short");
	for (int t = 0; t < DAYS; t++)
		y[t] = t % 3 ? 40 : 0;
	ok(status_of(y, DAYS, true) == DIRECT_SPARSE, "a third of zeros is sparse");
	for (int t = 0; t < DAYS; t++)
		y[t] = 3 + t % 2;
	ok(status_of(y, DAYS, true) == DIRECT_SPARSE, "so are three or four units a day");
	ok(status_of(y, DAYS, false) == DIRECT_OK, "amounts may be as small as they like");
	for (int t = 0; t < DAYS; t++)
		y[t] = t < 1000 ? 100 : 0;
	ok(status_of(y, DAYS, true) == DIRECT_ENDED, "nothing for a hundred days has ended");
	for (int t = 0; t < DAYS; t++)
		y[t] = 100;
	ok(status_of(y, DAYS, true) == DIRECT_OK, "a constant is forecast");
	ok(status_of(y, 40, true) == DIRECT_OK, "forty days are enough");
}

static void growths(void)
{
	static double y[800];
	calendar c = made_calendar();
	for (int t = 0; t < 800; t++)
		y[t] = t < 436 ? 100 : 110;
	ok(fabs(direct_growth(&c, y, 800) - log(1.1) / 364) < 1e-12,
	    "growth is that of the last year over the one before");
	ok(direct_growth(&c, y, 700) == 0, "and none without two years");
}

/* two groups of two series under a total; the first group's own forecast is right, the second has none */
static void joining(void)
{
	int32_t one[4] = {0, 0, 0, 0}, two[4] = {0, 0, 1, 1}, first_one[1] = {0},
		first_two[2] = {0, 2};
	hierarchy_level total = {"total", 0, 1, one, first_one, NULL, 0};
	hierarchy_level group = {"group", 1, 2, two, first_two, NULL, 0};
	const hierarchy_level *level[2] = {&total, &group};
	int64_t first[3] = {0, 1, 3};
	levels_sums levels = {2, level, first};
	/* one step, one origin: total, first, second */
	double bottom[3] = {30, 10, 20}, direct[3] = {NAN, 14, NAN}, actual[3] = {34, 14, 20};
	double weight[3] = {1, 1, 1};
	join_past past = {&levels, 4, 1, 1, bottom, direct, actual, weight};
	join_choice c = {.level = 0};
	/* yy = 32, dy = 32, dd = 32: the best share is 1, drawn to a half by one origin more */
	ok(join_choose(&past, &c) == PAR_OK && c.level == 1 && fabs(c.share - .75) < 1e-12 &&
		fabs(c.gain - (1 - .0625)) < 1e-12,
	    "the share is least squares, drawn to a half (%d, %g, %g)", c.level, c.share, c.gain);
	actual[0] = 26;
	actual[1] = 6;
	ok(join_choose(&past, &c) == PAR_OK && c.level == -1,
	    "forecasts that lead astray are not joined");
	ok(join_factor(10, 14, .5) == 1.2, "half way from 10 to 14 is by 1.2");
	ok(join_factor(10, .5, .5) == .05, "what vanishes is taken whole");
	ok(join_factor(0, 5, .5) == 1 && join_factor(5, NAN, .5) == 1 &&
		join_factor(1, 100, 1) == 4,
	    "nothing, or nothing known, changes nothing; and no group grows beyond fourfold");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	waves();
	regression();
	calendars();
	sums_of_series();
	fallbacks();
	growths();
	joining();
	return tap_end();
}
