/* np: 1   apps: forecast */
#include "forecast/pooled/shrink.h"

#include "../tap.h"
#include "base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 3, SERIES = 5, ROWS = 12, ALL = COLUMNS * (SERIES + 1) };

static const int kind[COLUMNS] = {0, 0, 2};

static double uniform(int64_t i)
{
	return 2 * par_rng_f64((par_rng){7, 1, 0}, i) - 1;
}

/* rows of series s, with a dummy as last column */
static void row_of(int s, int t, double *x, double *y)
{
	x[0] = uniform(100 * s + t) + 3;
	x[1] = uniform(5000 + 100 * s + t);
	x[2] = t % 3 == s % 3;
	*y = 1 - (2 + 0.2 * s) * x[0] + 0.5 * x[1] + x[2] + 0.3 * uniform(9000 + 100 * s + t);
}

static void take_rows(moments *m, int s)
{
	moments_clear(m);
	for (int t = 0; t < ROWS; t++) {
		double x[COLUMNS], y;
		row_of(s, t, x, &y);
		moments_add(m, x, y);
	}
	moments_centre(m);
}

/* a z = b by elimination, a small */
static void solve(double a[ALL][ALL], double *b)
{
	for (int k = 0; k < ALL; k++)
		for (int i = k + 1; i < ALL; i++) {
			double by = a[i][k] / a[k][k];
			for (int j = k; j < ALL; j++)
				a[i][j] -= by * a[k][j];
			b[i] -= by * b[k];
		}
	for (int i = ALL - 1; i >= 0; i--) {
		for (int j = i + 1; j < ALL; j++)
			b[i] -= a[i][j] * b[j];
		b[i] /= a[i][i];
	}
}

/* the most likely coefficients of the group, then of its series, all at once: rows about their means, noise and priors as
 * stated in the header */
static void slow(const shrink_prior *p, const double noise[SERIES], double *z)
{
	static double a[ALL][ALL];
	memset(a, 0, sizeof a);
	memset(z, 0, ALL * sizeof *z);
	for (int j = 0; j < COLUMNS; j++) {
		a[j][j] += 1 / p->group[kind[j]];
		z[j] += p->all[j] / p->group[kind[j]];
	}
	for (int s = 0; s < SERIES; s++) {
		int at = COLUMNS * (s + 1);
		double x[ROWS][COLUMNS], y[ROWS], mx[COLUMNS] = {0}, my = 0;
		for (int t = 0; t < ROWS; t++) {
			row_of(s, t, x[t], &y[t]);
			my += y[t] / ROWS;
			for (int j = 0; j < COLUMNS; j++)
				mx[j] += x[t][j] / ROWS;
		}
		for (int i = 0; i < COLUMNS; i++) {
			double own = 1 / p->own[kind[i]];
			a[at + i][at + i] += own;
			a[i][i] += own;
			a[i][at + i] -= own;
			a[at + i][i] -= own;
			for (int t = 0; t < ROWS; t++) {
				z[at + i] += (x[t][i] - mx[i]) * (y[t] - my) / noise[s];
				for (int j = 0; j < COLUMNS; j++)
					a[at + i][at + j] += (x[t][i] - mx[i]) * (x[t][j] - mx[j]) /
							     noise[s];
			}
		}
	}
	solve(a, z);
}

static double worst(const double *x, const double *y)
{
	double most = 0;
	for (int j = 0; j < COLUMNS; j++)
		most = fmax(most, fabs(x[j] - y[j]));
	return most;
}

static par_err fit(shrink_work *w, moments m[SERIES], double b[SERIES][COLUMNS])
{
	shrink_group_begin(w);
	for (int s = 0; s < SERIES; s++)
		PAR_TRY(shrink_group_add(w, &m[s]));
	PAR_TRY(shrink_group_end(w));
	for (int s = 0; s < SERIES; s++)
		PAR_TRY(shrink_series(w, &m[s], b[s]));
	return PAR_OK;
}

static void check_group(shrink_prior *p, moments m[SERIES])
{
	shrink_work w;
	double b[SERIES][COLUMNS], z[ALL], noise[SERIES], off = 0;
	ok(shrink_work_open(&w, p) == PAR_OK, "room for a group");
	for (int s = 0; s < SERIES; s++)
		noise[s] = shrink_noise(p, &m[s]);
	ok(fit(&w, m, b) == PAR_OK, "a group is fitted");
	slow(p, noise, z);
	ok(worst(w.mean, z) < 1e-9, "its coefficients are those of one large system (%.1e)",
	    worst(w.mean, z));
	for (int s = 0; s < SERIES; s++)
		off = fmax(off, worst(b[s], z + COLUMNS * (s + 1)));
	ok(off < 1e-9, "those of its series, too (%.1e)", off);
	shrink_work_close(&w);
}

/* variances learnt from a group whose series differ in one kind of column and not in the other */
static void check_learning(shrink_prior *p, moments m[SERIES])
{
	shrink_work w;
	double b[SERIES][COLUMNS];
	ok(shrink_work_open(&w, p) == PAR_OK, "room to learn");
	for (int k = 0; k < 60; k++) {
		double sums[SHRINK_SUMS] = {0};
		par_err e = fit(&w, m, b);
		for (int s = 0; s < SERIES && e == PAR_OK; s++) {
			e = shrink_series(&w, &m[s], b[s]);
			if (e == PAR_OK)
				e = shrink_learn_series(&w, &m[s], b[s], sums);
		}
		if (e == PAR_OK)
			e = shrink_learn_group(&w, sums);
		if (e != PAR_OK)
			break;
		shrink_take(p, sums);
	}
	ok(p->own[0] > 5 * p->own[2],
	    "coefficients that differ between series have the larger variance (%.4f, %.4f)",
	    p->own[0], p->own[2]);
	ok(p->noise > 0 && p->noise < 0.1, "what is left as noise is small (%.4f)", p->noise);
	shrink_work_close(&w);
}

/* two series of one column by hand: x = -1, 1; y = -2, 2 and -4, 4, noise .5 of the variance */
static void check_by_hand(void)
{
	static const int one[1] = {0};
	shrink_prior p;
	shrink_work w;
	moments m[2];
	double b;
	ok(shrink_prior_open(&p, 1, one) == PAR_OK, "a prior of one column");
	ok(shrink_work_open(&w, &p) == PAR_OK, "and room");
	p.own[0] = 1;
	p.group[0] = 1;
	p.all[0] = 3;
	for (int s = 0; s < 2; s++) {
		ok(moments_open(&m[s], 1) == PAR_OK, "moments");
		for (int t = -1; t <= 1; t += 2) {
			double x = t;
			moments_add(&m[s], &x, 2. * (s + 1) * t);
		}
		moments_centre(&m[s]);
	}
	/* noise 2 and 8: the series say 2 with variance 1 and 4 with variance 4; of the group's with 2 and 5,
	 * beside its prior 3 with 1: (2/2 + 4/5 + 3) / (1/2 + 1/5 + 1) */
	shrink_group_begin(&w);
	ok(shrink_group_add(&w, &m[0]) == PAR_OK && shrink_group_add(&w, &m[1]) == PAR_OK &&
		shrink_group_end(&w) == PAR_OK,
	    "two series");
	ok(fabs(w.mean[0] - 4.8 / 1.7) < 1e-12, "the group's coefficient is 4.8 / 1.7 (%.12f)",
	    w.mean[0]);
	ok(shrink_series(&w, &m[0], &b) == PAR_OK, "the first series");
	ok(fabs(b - (2 + 4.8 / 1.7) / 2) < 1e-12, "has the mean of its own and the group's (%.12f)",
	    b);
	for (int s = 0; s < 2; s++)
		moments_close(&m[s]);
	shrink_work_close(&w);
	shrink_prior_close(&p);
}

int main(int argc, char **argv)
{
	shrink_prior p;
	moments m[SERIES];
	tap_begin(&argc, &argv);
	check_by_hand();
	ok(shrink_prior_open(&p, COLUMNS, kind) == PAR_OK, "a prior");
	for (int j = 0; j < COLUMNS; j++)
		p.all[j] = 0.3 * j - 1;
	for (int s = 0; s < SERIES; s++) {
		ok(moments_open(&m[s], COLUMNS) == PAR_OK, "moments");
		take_rows(&m[s], s);
	}
	check_group(&p, m);
	check_learning(&p, m);
	for (int s = 0; s < SERIES; s++)
		moments_close(&m[s]);
	shrink_prior_close(&p);
	return tap_end();
}
