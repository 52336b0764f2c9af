/* np: 1   apps: forecast */
#define LANES 8
#include "forecast/bank/fit.inc"

#include "../tap.h"

#include <math.h>

enum { STEPS = 70 };

static vec z[STEPS], w[STEPS], start[STEPS];
static double first[LANES];

static uint32_t state = 7;

static double draw(void)
{
	state = state * 1664525u + 1013904223u;
	return (state >> 8) / 16777216.;
}

/* eight series that begin at different steps, a few values missing */
static void make_series(void)
{
	for (int i = 0; i < LANES; i++) {
		int begin = 5 * i;
		double y = 10 * draw();
		for (int t = 0; t < STEPS; t++) {
			y += draw() - .4 + .1 * i;
			bool in = t == begin || (t > begin && (i % 2 == 0 || draw() < .8));
			z[t][i] = in ? y + 3 * draw() : 0;
			w[t][i] = in;
			start[t][i] = t == begin;
		}
		first[i] = z[begin][i];
	}
}

/* one-step errors of damped trend smoothing from these initial states, one lane, the plain way */
static int errors_by_hand(
    int lane, double level, double trend, double alpha, double beta, double phi, double *e)
{
	int n = 0, begin = 5 * lane;
	for (int t = begin; t < STEPS; t++) {
		trend *= phi;
		level += trend;
		if (w[t][lane] == 0)
			continue;
		e[n] = z[t][lane] - level;
		level += alpha * e[n];
		trend += alpha * beta * e[n];
		n++;
	}
	return n;
}

/* least sum of squares over both initial states: errors are linear in them, so three runs give the
 * two directions */
static double least_by_hand(int lane, double alpha, double beta, double phi)
{
	double e[STEPS], el[STEPS], eb[STEPS];
	int n = errors_by_hand(lane, 0, 0, alpha, beta, phi, e);
	errors_by_hand(lane, 1, 0, alpha, beta, phi, el);
	errors_by_hand(lane, 0, 1, alpha, beta, phi, eb);
	double a11 = 0, a12 = 0, a22 = 0, b1 = 0, b2 = 0, sum = 0;
	for (int i = 0; i < n; i++) {
		double l = e[i] - el[i], b = e[i] - eb[i];
		a11 += l * l;
		a12 += l * b;
		a22 += b * b;
		b1 += l * e[i];
		b2 += b * e[i];
	}
	double det = a11 * a22 - a12 * a12;
	double level = (a22 * b1 - a12 * b2) / det, trend = (a11 * b2 - a12 * b1) / det;
	for (int i = 0; i < n; i++) {
		double r = e[i] - level * (e[i] - el[i]) - trend * (e[i] - eb[i]);
		sum += r * r;
	}
	return sum;
}

/* the same for simple smoothing */
static double ses_by_hand(int lane, double alpha)
{
	double e[STEPS], el[STEPS], ee = 0, ed = 0, dd = 0;
	int n = errors_by_hand(lane, 0, 0, alpha, 0, 1, e);
	errors_by_hand(lane, 1, 0, alpha, 0, 1, el);
	for (int i = 0; i < n; i++) {
		ee += e[i] * e[i];
		ed += e[i] * (e[i] - el[i]);
		dd += (e[i] - el[i]) * (e[i] - el[i]);
	}
	return ee - ed * ed / dd;
}

static vec levels(void)
{
	vec v = all(0);
	for (int i = 0; i < LANES; i++)
		v[i] = first[i];
	return v;
}

static void simple(void)
{
	vec alpha[SETS] = {all(.02), all(.3), all(.7), all(.99)}, squares[SETS], shift[SETS];
	ses_pass(z, w, STEPS, levels(), alpha, squares, shift);
	double gap = 0;
	for (int k = 0; k < SETS; k++)
		for (int i = 0; i < LANES; i++)
			gap = fmax(gap, fabs(squares[k][i] / ses_by_hand(i, alpha[k][i]) - 1));
	ok(gap < 1e-10, "simple smoothing in lanes leaves the squares worked out by hand");
	ses_fit f;
	ses_search(&f, z, w, STEPS, levels());
	double worst = 0;
	for (int i = 0; i < LANES; i++)
		for (int a = 0; a < 1000; a++)
			worst = fmax(worst, f.squares[i] / ses_by_hand(i, 1e-4 + a * 1e-3) - 1);
	ok(worst < 1e-9, "no smoothing parameter of a fine grid does better than the search");
}

/* how much worse a lane's squares are than the least over a grid */
static double worse_than_grid(int lane, double squares, bool damped)
{
	double worst = 0;
	for (int i = 0; i < 10 * 7 * 5; i++) {
		int b = i / 10 % 7, p = i / 70;
		double alpha = .05 + .1 * (i % 10), beta = .01 + .15 * b;
		double phi = damped ? .8 + .045 * p : 1;
		worst = fmax(worst, squares / least_by_hand(lane, alpha, beta, phi) - 1);
	}
	return worst;
}

static void searched(bool damped)
{
	const char *name = damped ? "damped" : "straight";
	holt_set at;
	holt_start best;
	holt_search(&at, &best, z, w, start, STEPS, levels(), damped);
	double worst = 0, own = 0;
	for (int i = 0; i < LANES; i++) {
		double by_hand = least_by_hand(i, at.alpha[i], at.beta[i], at.phi[i]);
		own = fmax(own, fabs(best.squares[i] / by_hand - 1));
		worst = fmax(worst, worse_than_grid(i, best.squares[i], damped));
	}
	ok(own < 1e-8, "%s trend: the squares reported are those of the parameters", name);
	ok(worst < .01, "%s trend: no point of a grid is better by a hundredth", name);
}

static void trend(void)
{
	holt_set q[PAIR] = {{all(.4), all(.2), all(.9)}, {all(.1), all(.5), all(1)}};
	holt_start r[PAIR];
	holt_pass(z, w, start, STEPS, levels(), q, r);
	double gap = 0;
	for (int i = 0; i < LANES; i++) {
		gap = fmax(gap, fabs(r[0].squares[i] / least_by_hand(i, .4, .2, .9) - 1));
		gap = fmax(gap, fabs(r[1].squares[i] / least_by_hand(i, .1, .5, 1) - 1));
	}
	ok(gap < 1e-8, "damped trend in lanes leaves the squares worked out by hand");
	searched(false);
	searched(true);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	make_series();
	simple();
	trend();
	return tap_end();
}
