/* np: 1 2 3 6   apps: common */
#include "common/judge/neighbours.h"

#include "../tap.h"
#include "base/rng.h"

#include <math.h>
#include <stdlib.h>

/* four points whose mean is m and whose covariance is c, by its Cholesky factor */
static void four_points(const double *m, const double *c, float *row)
{
	double l00 = sqrt(c[0]), l10 = c[1] / l00, l11 = sqrt(c[3] - l10 * l10);
	for (int i = 0; i < 4; i++) {
		double x = (i & 1 ? 1 : -1) * sqrt(.75), y = (i & 2 ? 1 : -1) * sqrt(.75);
		row[2 * i] = (float)(m[0] + l00 * x);
		row[2 * i + 1] = (float)(m[1] + l10 * x + l11 * y);
	}
}

/* of 2 x 2 matrices tr (A B)^1/2 is (tr A B + 2 (det A B)^1/2)^1/2 */
static void distances_of_laws(const par_world *w)
{
	const double m[2][2] = {{1, 2}, {4, -2}}, c[2][4] = {{2, 1, 1, 2}, {1, 0, 0, 3}};
	float row[2][8];
	moments law[2] = {{0}};
	double distance = -1, own = -1, hand = 9 + 16 + 4 + 4 - 2 * sqrt(8 + 2 * sqrt(9));
	bool made = true;
	for (int k = 0; k < 2; k++) {
		four_points(m[k], c[k], row[k]);
		made = made && moments_of(&law[k], w, &(features){4, 2, row[k]}) == PAR_OK;
	}
	ok(made && fabs(law[0].mean[1] - 2) < 1e-6 && fabs(law[0].covariance[1] - 1) < 1e-6 &&
		fabs(law[1].covariance[3] - 3) < 1e-6,
	    "moments of four points are those they were made of");
	made = made && frechet_distance(&distance, w, &law[0], &law[1]) == PAR_OK &&
	       frechet_distance(&own, w, &law[0], &law[0]) == PAR_OK;
	ok(made && fabs(distance - hand) < 1e-5, "the distance of two laws is %.6f, by hand %.6f",
	    distance, hand);
	ok(fabs(own) < 1e-6, "a law is %.1e from itself", own);
	moments none = {0};
	ok(moments_of(&none, w, &(features){1, 2, row[0]}) == PAR_E_DATA,
	    "one picture has no spread");
	moments_drop(&none);
	moments_drop(&law[0]);
	moments_drop(&law[1]);
}

enum { REAL = 333, MADE = 290, WIDTH = 5 };

static double apart(const float *x, const float *y)
{
	double sum = 0;
	for (int j = 0; j < WIDTH; j++)
		sum += ((double)x[j] - (double)y[j]) * ((double)x[j] - (double)y[j]);
	return sqrt(sum);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double reach_by_hand(int64_t n, const float *row, int64_t i, int k)
{
	static double d[REAL];
	int64_t others = 0;
	for (int64_t j = 0; j < n; j++)
		if (j != i)
			d[others++] = apart(row + i * WIDTH, row + j * WIDTH);
	qsort(d, (size_t)others, sizeof *d, ascending);
	return d[k - 1];
}

static likeness by_hand(const float *real, const float *made)
{
	static double reach[REAL], own[MADE];
	likeness l = {0};
	for (int64_t i = 0; i < REAL; i++)
		reach[i] = reach_by_hand(REAL, real, i, NEIGHBOURS_K);
	for (int64_t i = 0; i < MADE; i++)
		own[i] = reach_by_hand(MADE, made, i, NEIGHBOURS_K);
	for (int64_t i = 0; i < MADE; i++) {
		int balls = 0;
		for (int64_t j = 0; j < REAL; j++)
			balls += apart(made + i * WIDTH, real + j * WIDTH) < reach[j];
		l.precision += (balls > 0) / (double)MADE;
		l.density += balls / (double)MADE / NEIGHBOURS_K;
	}
	for (int64_t j = 0; j < REAL; j++) {
		bool in = false, has = false;
		for (int64_t i = 0; i < MADE; i++) {
			double d = apart(made + i * WIDTH, real + j * WIDTH);
			in = in || d < own[i];
			has = has || d < reach[j];
		}
		l.recall += in / (double)REAL;
		l.coverage += has / (double)REAL;
	}
	return l;
}

static void sets_among_each_other(const par_world *w)
{
	static float real[REAL * WIDTH], made[MADE * WIDTH], reach[REAL], near[2 * MADE];
	static int64_t which[2 * MADE];
	const features r = {REAL, WIDTH, real}, m = {MADE, WIDTH, made};
	likeness got = {0};
	double off = 0, off_near = 0;
	par_rng_fill_normal((par_rng){4, 0, 0}, 0, REAL * WIDTH, real);
	par_rng_fill_normal((par_rng){4, 1, 0}, 0, MADE * WIDTH, made);
	for (int i = 0; i < MADE * WIDTH; i++)
		made[i] = .7F * made[i] + (i % WIDTH == 0 ? .8F : 0);
	bool done = neighbours_reach(reach, w, &r, NEIGHBOURS_K) == PAR_OK &&
		    neighbours_nearest(near, which, w, &m, &r) == PAR_OK &&
		    neighbours_likeness(&got, w, &r, reach, &m) == PAR_OK;
	for (int64_t i = 0; done && i < REAL; i++)
		off = fmax(
		    off, fabs((double)reach[i] - reach_by_hand(REAL, real, i, NEIGHBOURS_K)));
	ok(done && off < 1e-5, "balls reach to the fifth neighbour (off by %.1e)", off);
	for (int64_t i = 0; done && i < MADE; i++) {
		double first = INFINITY, second = INFINITY;
		for (int64_t j = 0; j < REAL; j++) {
			double d = apart(made + i * WIDTH, real + j * WIDTH);
			second = d < first ? first : fmin(d, second);
			first = fmin(d, first);
		}
		off_near = fmax(off_near, fabs((double)near[2 * i] - first));
		off_near = fmax(off_near, fabs((double)near[2 * i + 1] - second));
		off_near = fmax(
		    off_near, fabs(apart(made + i * WIDTH, real + which[2 * i] * WIDTH) - first));
	}
	ok(done && off_near < 1e-5, "the nearest two are found (off by %.1e)", off_near);
	likeness want = by_hand(real, made);
	ok(fabs(got.precision - want.precision) < 1e-12 && fabs(got.recall - want.recall) < 1e-12 &&
		fabs(got.density - want.density) < 1e-12 &&
		fabs(got.coverage - want.coverage) < 1e-12 && want.recall < want.precision,
	    "precision %.3f, recall %.3f, density %.3f and coverage %.3f are those counted by hand",
	    got.precision, got.recall, got.density, got.coverage);
}

static void few(const par_world *w)
{
	const float row[] = {0, 0, 3, 4};
	float reach[2] = {0, 0}, near[4];
	int64_t which[4];
	const features f = {2, 2, row};
	bool done = neighbours_reach(reach, w, &f, 5) == PAR_OK &&
		    neighbours_nearest(near, which, w, &f, &(features){1, 2, row + 2}) == PAR_OK;
	ok(done && isinf(reach[0]) && isinf(reach[1]),
	    "balls of pictures without five others know no bounds");
	ok(done && near[0] == 5 && which[0] == 0 && isinf(near[1]) && which[1] == -1,
	    "a second neighbour may be none");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	distances_of_laws(&w);
	sets_among_each_other(&w);
	few(&w);
	par_world_close(&w);
	return tap_end();
}
