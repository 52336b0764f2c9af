/* np: 1 */
#include "tensor/map.h"

#include "../tap.h"
#include "base/cpu.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* the oracles, in double by the C library */
static double sigmoid(double x)
{
	return 1 / (1 + exp(-x));
}

static double softplus(double x)
{
	return fmax(x, 0) + log1p(exp(-fabs(x)));
}

static double gelu(double x)
{
	return x == -INFINITY ? -0.0 : x * 0.5 * erfc(-x * M_SQRT1_2);
}

static double gelu_slope(double x)
{
	return isinf(x) ? (double)(x > 0)
			: 0.5 * erfc(-x * M_SQRT1_2) + x * exp(-x * x / 2) * 0.39894228040143267794;
}

/* half the distance of floats just above |y| counts as half: an ulp as Muller defines it */
static double ulp(double y)
{
	int e;
	frexp(y, &e);
	return ldexp(1, e - 24 < -149 ? -149 : e - 24);
}

#define CHUNK 4096

/* the largest error in ulp over every 2003rd float pattern that lies in [lo, hi], NaNs included when
 * all is asked for; -1 when a NaN or an infinity is not what it should be */
static double walk(
    void (*f)(int64_t, const float *, float *), double (*oracle)(double), double lo, double hi)
{
	static float x[CHUNK], y[CHUNK];
	double worst = 0;
	for (uint64_t first = 0; first < (uint64_t)1 << 32; first += 2003 * CHUNK) {
		for (uint64_t i = 0; i < CHUNK; i++) {
			uint32_t bits = (uint32_t)(first + 2003 * i);
			memcpy(&x[i], &bits, sizeof bits);
		}
		f(CHUNK, x, y);
		for (int i = 0; i < CHUNK; i++) {
			if ((double)x[i] < lo || (double)x[i] > hi)
				continue;
			double want = oracle((double)x[i]);
			if (isnan(want) != isnan(y[i]) ||
			    (isinf((float)want) && (double)y[i] != (double)(float)want))
				return -1;
			if (!isnan(want) && !isinf((float)want))
				worst = fmax(worst, fabs((double)y[i] - want) / ulp(want));
		}
	}
	return worst;
}

static const struct {
	const char *name;
	void (*f)(int64_t, const float *, float *);
	double (*oracle)(double);
	double lo, bound;
} functions[] = {
    {"exp", par_map_exp, exp, -INFINITY, 1},
    {"log", par_map_log, log, -INFINITY, 1},
    {"sigmoid", par_map_sigmoid, sigmoid, -INFINITY, 2.3},
    {"tanh", par_map_tanh, tanh, -INFINITY, 2.5},
    {"softplus", par_map_softplus, softplus, -INFINITY, 2.7},
    {"gelu above -13", par_map_gelu, gelu, -13, 7},
    {"gelu", par_map_gelu, gelu, -14.3, 9},
};
#define FUNCTIONS (int)(sizeof functions / sizeof *functions)

static void accuracy(const char *set)
{
	for (int k = 0; k < FUNCTIONS; k++) {
		double e = walk(functions[k].f, functions[k].oracle, functions[k].lo, INFINITY);
		ok(e >= 0 && e <= functions[k].bound, "%s: %s is within %.1f ulp (%.3f)", set,
		    functions[k].name, functions[k].bound, e);
	}
}

static void specials(const char *set)
{
	static const float x[] = {
	    -INFINITY, INFINITY, NAN, 0, -0.0f, 0x1p-149f, -0x1p-149f, 3e38f, -3e38f, 1e-40f};
	enum { N = sizeof x / sizeof *x };
	int good = 1;
	for (int k = 0; k < FUNCTIONS; k++) {
		float y[N];
		functions[k].f(N, x, y);
		for (int i = 0; i < N; i++) {
			double want = functions[k].oracle((double)x[i]);
			good &= isnan(want) ? isnan(y[i])
				: isinf((float)want)
				    ? y[i] == (float)want
				    : fabs((double)y[i] - want) <= functions[k].bound * ulp(want);
		}
	}
	ok(good, "%s: infinities, NaN, zeros and the largest and least floats", set);
	float y[N];
	par_map_leaky(N, 0, x, y);
	ok(y[0] == 0 && y[1] == INFINITY && isnan(y[2]) && y[8] == 0,
	    "%s: ReLU of -infinity is 0, NaN stays", set);
}

/* values whose sign and size vary, by element alone */
static void draw(float *x, int64_t n, uint64_t seed)
{
	for (int64_t i = 0; i < n; i++) {
		uint64_t h = ((uint64_t)i + seed) * 0x9e3779b97f4a7c15u;
		h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9u;
		x[i] = (float)((double)(int64_t)h * 0x1p-63 * 6);
	}
}

/* all entry points one after the other over n elements of x, y */
#define ENTRIES 15
static void run_entry(int k, int64_t n, const float *x, const float *dy, float *out)
{
	void (*const one[])(int64_t, const float *, float *) = {par_map_exp, par_map_log,
	    par_map_sigmoid, par_map_tanh, par_map_softplus, par_map_gelu};
	void (*const two[])(int64_t, const float *, const float *, float *) = {par_map_sigmoid_back,
	    par_map_tanh_back, par_map_softplus_back, par_map_gelu_back, par_map_add,
	    par_map_multiply};
	if (k < 6)
		one[k](n, x, out);
	else if (k < 12)
		two[k - 6](n, x, dy, out);
	else if (k == 12)
		par_map_leaky(n, 0.2f, x, out);
	else if (k == 13)
		par_map_leaky_back(n, 0.2f, x, dy, out);
	else
		par_map_scale(n, 1.3f, -0.4f, x, out);
}

static void places(const char *set)
{
	enum { N = 67 };
	float x[N], dy[N], whole[N], part[N + 1];
	draw(x, N, 1);
	draw(dy, N, 2);
	int same = 1, inside = 1;
	for (int k = 0; k < ENTRIES; k++) {
		run_entry(k, N, x, dy, whole);
		for (int from = 0; from < N; from += 5)
			for (int n = 0; n <= 33 && from + n <= N; n++) {
				part[n] = 77;
				run_entry(k, n, x + from, dy + from, part);
				same &= memcmp(part, whole + from, (size_t)n * 4) == 0;
				inside &= part[n] == 77;
			}
		memcpy(part, x, sizeof x);
		run_entry(k, N, part, dy, part);
		same &= memcmp(part, whole, sizeof whole) == 0;
	}
	ok(same, "%s: an element's bits do not depend on place, length or standing in place", set);
	ok(inside, "%s: nothing is written past the end", set);
}

static void backward(const char *set)
{
	enum { N = 999 };
	static float x[N], dy[N], y[N], dx[N];
	draw(x, N, 3);
	draw(dy, N, 4);
	double worst = 0;
	par_map_sigmoid(N, x, y);
	par_map_sigmoid_back(N, y, dy, dx);
	for (int i = 0; i < N; i++) {
		double s = sigmoid((double)x[i]);
		worst = fmax(worst, fabs((double)dx[i] - (double)dy[i] * s * (1 - s)));
	}
	par_map_tanh(N, x, y);
	par_map_tanh_back(N, y, dy, dx);
	for (int i = 0; i < N; i++) {
		double c = cosh((double)x[i]);
		worst = fmax(worst, fabs((double)dx[i] - (double)dy[i] / (c * c)));
	}
	par_map_softplus_back(N, x, dy, dx);
	for (int i = 0; i < N; i++)
		worst = fmax(worst, fabs((double)dx[i] - (double)dy[i] * sigmoid((double)x[i])));
	par_map_gelu_back(N, x, dy, dx);
	for (int i = 0; i < N; i++)
		worst = fmax(worst, fabs((double)dx[i] - (double)dy[i] * gelu_slope((double)x[i])));
	ok(worst < 3e-6, "%s: slopes of sigmoid, tanh, softplus and gelu (%.2g)", set, worst);
	par_map_leaky(N, 0.2f, x, y);
	par_map_leaky_back(N, 0.2f, y, dy, dx);
	int good = 1;
	for (int i = 0; i < N; i++)
		good &= y[i] == (x[i] > 0 ? x[i] : x[i] * 0.2f) &&
			dx[i] == (x[i] > 0 ? dy[i] : dy[i] * 0.2f);
	ok(good, "%s: the leaky form and its slope, from its output", set);
	float far[] = {INFINITY, -INFINITY, 60, -60, NAN}, ones[] = {1, 1, 1, 1, 1}, out[5];
	par_map_gelu_back(5, far, ones, out);
	ok(out[0] == 1 && out[1] == 0 && out[2] == 1 && out[3] == 0 && isnan(out[4]),
	    "%s: the slope of gelu far out is 0 or 1", set);
}

static void arithmetic(const char *set)
{
	enum { N = 131 };
	float x[N], y[N], sum[N], product[N], line[N], more[N], filled[N];
	draw(x, N, 5);
	draw(y, N, 6);
	par_map_add(N, x, y, sum);
	par_map_multiply(N, x, y, product);
	par_map_scale(N, 2, 0.5f, x, line);
	memcpy(more, y, sizeof y);
	par_map_axpy(N, -4, x, more);
	par_map_fill(N, 7, filled);
	int good = 1;
	for (int i = 0; i < N; i++)
		good &= sum[i] == x[i] + y[i] && product[i] == x[i] * y[i] &&
			line[i] == 2 * x[i] + 0.5f && more[i] == y[i] - 4 * x[i] && filled[i] == 7;
	ok(good, "%s: sums, products, lines", set);
}

/* every 20011th float pattern as x, and as dy what was drawn */
static void equal_sets(void)
{
	static float x[CHUNK], dy[CHUNK], a[CHUNK], b[CHUNK];
	if (par_cpu_best() < PAR_KERNELS_AVX512) {
		skip("no AVX-512 here to compare AVX2 with");
		return;
	}
	draw(dy, CHUNK, 8);
	int same = 1;
	for (uint64_t first = 0; first < (uint64_t)1 << 32; first += 20011 * CHUNK) {
		for (uint64_t i = 0; i < CHUNK; i++) {
			uint32_t bits = (uint32_t)(first + 20011 * i);
			memcpy(&x[i], &bits, sizeof bits);
		}
		for (int k = 0; k < ENTRIES; k++) {
			par_cpu_use(PAR_KERNELS_AVX2);
			run_entry(k, CHUNK, x, dy, a);
			par_cpu_use(PAR_KERNELS_AVX512);
			run_entry(k, CHUNK, x, dy, b);
			for (int i = 0; i < CHUNK; i++)
				same &= (isnan(a[i]) && isnan(b[i])) ||
					(a[i] == b[i] && signbit(a[i]) == signbit(b[i]));
		}
	}
	ok(same, "AVX2 and AVX-512 give the same bits");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	for (int k = PAR_KERNELS_PLAIN; k <= (int)par_cpu_best(); k++) {
		par_cpu_use((par_kernels)k);
		const char *set = par_kernels_name((par_kernels)k);
		accuracy(set);
		specials(set);
		places(set);
		backward(set);
		arithmetic(set);
	}
	equal_sets();
	return tap_end();
}
