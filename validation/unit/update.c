/* np: 1 */
#include "train/update.h"

#include "../tap.h"
#include "base/cpu.h"
#include "base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST 1100
#define STEPS 100

static float noise(int stream, int step, int64_t i)
{
	return (float)par_rng_normal((par_rng){5, (uint32_t)stream, (uint32_t)step}, i);
}

typedef struct {
	float w[MOST], m[MOST], v[MOST], g[MOST], out[MOST];
} state;

static void begin(state *s)
{
	memset(s, 0, sizeof *s);
	for (int i = 0; i < MOST; i++)
		s->w[i] = i % 13 ? noise(1, 0, i) : 0;
}

static void gradients(state *s, int step)
{
	for (int i = 0; i < MOST; i++)
		s->g[i] = i % 7 ? noise(2, step, i) : 0;
}

/* the oracle: Adam, AdamW, momentum and SGD as their papers and torch's manual write them, in double */
static double by_hand(const par_optimizer_spec *o, double lr, double scale, bool decays, int i)
{
	double w = i % 13 ? (double)noise(1, 0, i) : 0, m = 0, v = 0;
	double b1 = o->beta1 > 0 ? o->beta1 : 0.9, b2 = o->beta2 > 0 ? o->beta2 : 0.999;
	double eps = o->epsilon > 0 ? o->epsilon : 1e-8;
	for (int t = 1; t <= STEPS; t++) {
		double g = scale * (i % 7 ? (double)noise(2, t, i) : 0);
		if (decays)
			g += o->l2 * w + o->l1 * ((w > 0) - (w < 0));
		switch (o->rule) {
		case PAR_SGD:
			w -= lr * g;
			break;
		case PAR_MOMENTUM:
			m = o->momentum * m + g;
			w -= lr * m;
			break;
		default:
			if (o->rule == PAR_ADAMW && decays)
				w -= lr * o->decay * w;
			m = b1 * m + (1 - b1) * g;
			v = b2 * v + (1 - b2) * g * g;
			w -= lr * (m / (1 - pow(b1, t))) / (sqrt(v / (1 - pow(b2, t))) + eps);
		}
	}
	return w;
}

static const float *moment(const par_optimizer_spec *o, const float *at, bool second)
{
	return o->rule == PAR_SGD || (second && o->rule == PAR_MOMENTUM) ? NULL : at;
}

/* all steps over n elements, cut into runs of `cut` elements */
static void train(state *s, const par_optimizer_spec *o, double lr, double scale, bool decays,
    int64_t n, int64_t cut)
{
	begin(s);
	for (int t = 1; t <= STEPS; t++) {
		par_update u = par_update_of(o, lr, t, scale, decays);
		gradients(s, t);
		for (int64_t at = 0; at < n; at += cut) {
			int64_t here = n - at < cut ? n - at : cut;
			float *m = (float *)(uintptr_t)moment(o, s->m + at, false);
			float *v = (float *)(uintptr_t)moment(o, s->v + at, true);
			par_update_run(&u, here, s->g + at, s->w + at, m, v, s->g + at);
		}
	}
}

static double off(float got, double want)
{
	return fabs((double)got - want) / fmax(1, fabs(want));
}

static void rule(const char *name, par_optimizer_spec o, double lr, double scale, bool decays)
{
	static state s, cut, plain;
	double worst = 0;
	for (int k = PAR_KERNELS_PLAIN; k <= (int)par_cpu_best(); k++) {
		par_cpu_use((par_kernels)k);
		train(&s, &o, lr, scale, decays, 1003, MOST);
		for (int i = 0; i < 1003; i++)
			worst = fmax(worst, off(s.w[i], by_hand(&o, lr, scale, decays, i)));
		if (k == PAR_KERNELS_PLAIN)
			plain = s;
		train(&cut, &o, lr, scale, decays, 1003, 37);
		ok(memcmp(s.w, plain.w, sizeof s.w) == 0 && memcmp(s.v, plain.v, sizeof s.v) == 0,
		    "%s: %s has the bits of the plain set", name, par_kernels_name((par_kernels)k));
		ok(memcmp(s.w, cut.w, sizeof s.w) == 0 && memcmp(s.m, cut.m, sizeof s.m) == 0,
		    "... wherever the elements are cut");
		ok(memcmp(s.w, s.g, 1003 * sizeof(float)) == 0 &&
			s.g[1003] == noise(2, STEPS, 1003),
		    "... the copy takes the gradient's place, nothing behind it is touched");
	}
	ok(worst < 1e-6, "... %s by hand after 100 steps, to %.1e", name, worst);
}

static void no_gradient(void)
{
	static state s, zeros;
	par_optimizer_spec o = {.rule = PAR_ADAM, .l2 = 0.01};
	par_update u = par_update_of(&o, 0.01, 3, 0.5, true);
	begin(&s);
	begin(&zeros);
	par_update_run(&u, 777, NULL, s.w, s.m, s.v, NULL);
	par_update_run(&u, 777, zeros.g, zeros.w, zeros.m, zeros.v, NULL);
	ok(memcmp(s.w, zeros.w, sizeof s.w) == 0 && memcmp(s.m, zeros.m, sizeof s.m) == 0,
	    "no gradient is a gradient of zeros");
}

static void averages(void)
{
	static state s;
	begin(&s);
	gradients(&s, 1);
	par_update_average(0.9, 1003, s.w, s.g);
	double worst = 0;
	for (int i = 0; i < 1003; i++)
		worst = fmax(
		    worst, fabs((double)s.g[i] - 0.9 * (i % 7 ? (double)noise(2, 1, i) : 0) -
				0.1 * (double)s.w[i]));
	ok(worst < 1e-6 && s.g[1003] == noise(2, 1, 1003),
	    "an average keeps nine tenths of itself");
}

static void products(void)
{
	static state s;
	double line[MOST / PAR_LINE + 2], first[MOST / PAR_LINE + 2], worst = 0;
	begin(&s);
	gradients(&s, 1);
	for (int k = PAR_KERNELS_PLAIN; k <= (int)par_cpu_best(); k++) {
		par_cpu_use((par_kernels)k);
		line[(1003 + 15) / 16] = 7;
		par_update_products(1003, s.w, s.g, line);
		for (int j = 0; j < (1003 + 15) / 16; j++) {
			double want = 0;
			for (int i = 16 * j; i < 16 * j + 16 && i < 1003; i++)
				want += (double)s.w[i] * (double)s.g[i];
			worst = fmax(worst, fabs(want - line[j]));
		}
		if (k == PAR_KERNELS_PLAIN)
			memcpy(first, line, sizeof line);
		ok(memcmp(first, line, 63 * sizeof *line) == 0 && line[63] == 7,
		    "products of lines have equal bits in %s", par_kernels_name((par_kernels)k));
	}
	ok(worst < 1e-14, "... and are the products by hand");
}

static void spectral(void)
{
	enum { ROWS = 9, COLUMNS = 7, N = ROWS * COLUMNS };
	static state s;
	float left[ROWS], right[COLUMNS], whole[N], part[N];
	double worst = 0;
	begin(&s);
	gradients(&s, 1);
	for (int i = 0; i < ROWS; i++)
		left[i] = noise(3, 0, i);
	for (int j = 0; j < COLUMNS; j++)
		right[j] = noise(4, 0, j);
	par_spectral_gradient f = {COLUMNS, left, right, 1.7f, 0.0};
	for (int i = 0; i < N; i++)
		f.dot += (double)s.g[i] * (double)s.w[i] / (double)f.sigma;
	memcpy(whole, s.g, sizeof whole);
	memcpy(part, s.g, sizeof part);
	par_update_spectral(&f, 0, N, whole);
	par_update_spectral(&f, 0, 24, part);
	par_update_spectral(&f, 24, N, part + 24);
	for (int i = 0; i < N; i++) {
		double want = ((double)s.g[i] -
				  f.dot * (double)left[i / COLUMNS] * (double)right[i % COLUMNS]) /
			      (double)f.sigma;
		worst = fmax(worst, fabs(want - (double)whole[i]));
	}
	ok(worst < 1e-5, "the gradient of normalised weights becomes the weights' own");
	ok(memcmp(whole, part, sizeof whole) == 0, "... wherever it is cut");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	rule("SGD", (par_optimizer_spec){.rule = PAR_SGD}, 2e-3, 1, true);
	rule("SGD with both penalties",
	    (par_optimizer_spec){.rule = PAR_SGD, .l1 = 0.01, .l2 = 0.02}, 2e-3, 1, true);
	rule("momentum", (par_optimizer_spec){.rule = PAR_MOMENTUM, .momentum = 0.9}, 1e-3, 0.5,
	    true);
	rule("Adam", (par_optimizer_spec){.rule = PAR_ADAM}, 1e-3, 1, true);
	rule("Adam with l2", (par_optimizer_spec){.rule = PAR_ADAM, .l2 = 0.1, .beta2 = 0.99}, 1e-3,
	    0.25, true);
	rule("Adam where nothing decays", (par_optimizer_spec){.rule = PAR_ADAM, .l2 = 0.1}, 1e-3,
	    1, false);
	rule("AdamW", (par_optimizer_spec){.rule = PAR_ADAMW, .decay = 0.1}, 1e-3, 1, true);
	no_gradient();
	averages();
	products();
	spectral();
	return tap_end();
}
