#include "train/update.h"

#include "base/cpu.h"
#include "base/lanes.h"

#include <math.h>
#include <string.h>

typedef void run_fn(
    const par_update *u, int64_t n, const float *g, float *w, float *m, float *v, float *out);
typedef void average_fn(float factor, float rest, int64_t n, const float *w, float *average);
typedef void products_fn(int64_t lines, const float *a, const float *b, double *line);
run_fn update_run_plain, update_run_avx2, update_run_avx512;
average_fn update_average_plain, update_average_avx2, update_average_avx512;
products_fn update_products_plain, update_products_avx2, update_products_avx512;

static run_fn *const runs[] = KERNEL_SETS(update_run);
static average_fn *const averages[] = KERNEL_SETS(update_average);
static products_fn *const products[] = KERNEL_SETS(update_products);

static double or_usual(double given, double usual)
{
	return given > 0 ? given : usual;
}

par_update par_update_of(
    const par_optimizer_spec *spec, double lr, int64_t t, double scale, bool decays)
{
	par_update u = {.rule = spec->rule, .scale = (float)scale, .rate = (float)lr};
	if (decays) {
		u.l1 = (float)spec->l1;
		u.l2 = (float)spec->l2;
		u.shrink = spec->rule == PAR_ADAMW ? (float)(lr * spec->decay) : 0;
	}
	if (spec->rule == PAR_MOMENTUM)
		u.beta1 = (float)spec->momentum;
	if (spec->rule != PAR_ADAM && spec->rule != PAR_ADAMW)
		return u;
	double beta1 = spec->no_first ? 0 : or_usual(spec->beta1, 0.9);
	double beta2 = or_usual(spec->beta2, 0.999);
	double root = sqrt(1 - pow(beta2, (double)t));
	u.beta1 = (float)beta1;
	u.beta2 = (float)beta2;
	u.rest1 = (float)(1 - beta1);
	u.rest2 = (float)(1 - beta2);
	u.rate = (float)(lr * root / (1 - pow(beta1, (double)t)));
	u.epsilon = (float)(or_usual(spec->epsilon, 1e-8) * root);
	return u;
}

void par_update_run(
    const par_update *u, int64_t n, const float *g, float *w, float *m, float *v, float *out)
{
	runs[par_cpu_kernels()](u, n, g, w, m, v, out);
}

void par_update_average(double factor, int64_t n, const float *w, float *average)
{
	averages[par_cpu_kernels()]((float)factor, (float)(1 - factor), n, w, average);
}

void par_update_spectral(const par_spectral_gradient *s, int64_t lo, int64_t hi, float *g)
{
	float dot = (float)s->dot;
	for (int64_t at = lo; at < hi;) {
		int64_t row = at / s->columns, first = row * s->columns, end = first + s->columns;
		float pull = dot * s->left[row];
		for (end = end < hi ? end : hi; at < end; at++)
			g[at - lo] = (g[at - lo] - pull * s->right[at - first]) / s->sigma;
	}
}

void par_update_products(int64_t n, const float *a, const float *b, double *line)
{
	int64_t whole = n / PAR_LINE, rest = n % PAR_LINE;
	products[par_cpu_kernels()](whole, a, b, line);
	if (rest == 0)
		return;
	float last_a[PAR_LINE] = {0}, last_b[PAR_LINE] = {0};
	memcpy(last_a, a + whole * PAR_LINE, (size_t)rest * sizeof *a);
	memcpy(last_b, b + whole * PAR_LINE, (size_t)rest * sizeof *b);
	products[par_cpu_kernels()](1, last_a, last_b, line + whole);
}
