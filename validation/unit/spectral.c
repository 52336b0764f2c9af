/* np: 1 2 */
#include "grad/spectral.h"

#include "opcheck.h"
#include "tensor/spectral.h"

static void draw(float *x, int64_t n, uint32_t stream)
{
	for (int64_t i = 0; i < n; i++)
		x[i] = (float)par_rng_normal((par_rng){4, stream, 0}, i);
}

/* the oracle: many steps in double */
static double largest(int64_t rows, int64_t cols, const float *w)
{
	double *u = calloc((size_t)rows, sizeof *u), *v = calloc((size_t)cols, sizeof *v),
	       sigma = 0;
	for (int64_t i = 0; i < rows; i++)
		u[i] = 1 + 0.1 * (double)i;
	for (int step = 0; step < 20000; step++) {
		double norm = 0, square = 0;
		for (int64_t j = 0; j < cols; j++) {
			v[j] = 0;
			for (int64_t i = 0; i < rows; i++)
				v[j] += u[i] * (double)w[i * cols + j];
			norm += v[j] * v[j];
		}
		for (int64_t i = 0; i < rows; i++) {
			u[i] = 0;
			for (int64_t j = 0; j < cols; j++)
				u[i] += (double)w[i * cols + j] * v[j] / sqrt(norm);
			square += u[i] * u[i];
		}
		sigma = sqrt(square);
	}
	free(u);
	free(v);
	return sigma;
}

static void converges(int64_t rows, int64_t cols, const char *set)
{
	float *w = calloc((size_t)(rows * cols), sizeof *w), *u = calloc((size_t)rows, sizeof *u),
	      *v = calloc((size_t)cols, sizeof *v), *old = calloc((size_t)rows, sizeof *old);
	draw(w, rows * cols, 1);
	draw(u, rows, 2);
	float sigma = 0, before;
	int grows = 1;
	for (int step = 0; step < 500; step++) {
		before = sigma;
		sigma = par_spectral_step(rows, cols, w, u, true, v);
		grows &= sigma >= before * 0.999999f;
	}
	double want = largest(rows, cols, w);
	ok(grows && fabs((double)sigma - want) < 1e-5 * want,
	    "%s: %lld x %lld: steps rise to the largest singular value (%g, %g)", set,
	    (long long)rows, (long long)cols, (double)sigma, want);
	memcpy(old, u, (size_t)rows * sizeof *u);
	ok(fabs((double)par_spectral_step(rows, cols, w, u, false, v) - want) < 1e-5 * want &&
		memcmp(old, u, (size_t)rows * sizeof *u) == 0,
	    "%s: ... and an answer leaves the vector", set);
	double length_u = 0, length_v = 0, form = 0;
	for (int64_t i = 0; i < rows; i++)
		length_u += (double)u[i] * (double)u[i];
	for (int64_t j = 0; j < cols; j++)
		length_v += (double)v[j] * (double)v[j];
	for (int64_t i = 0; i < rows; i++)
		for (int64_t j = 0; j < cols; j++)
			form += (double)u[i] * (double)w[i * cols + j] * (double)v[j];
	ok(fabs(length_u - 1) < 1e-5 && fabs(length_v - 1) < 1e-5 &&
		fabs(form - want) < 1e-5 * want,
	    "%s: ... whose vectors have length 1 and give it back", set);
	free(w);
	free(u);
	free(v);
	free(old);
}

static void nothing(void)
{
	float w[6] = {0}, u[3] = {1, 2, 3}, v[2];
	float sigma = par_spectral_step(3, 2, w, u, true, v);
	ok(sigma > 0 && sigma < 1e-11f && u[0] == 1 && u[2] == 1 && v[0] == 0,
	    "a matrix of zeros divides by no zero and begins again");
}

static void equal_sets(void)
{
	enum { ROWS = 37, COLS = 53 };
	static float w[ROWS * COLS];
	float u[2][ROWS], v[2][COLS], sigma[2];
	if (par_cpu_best() < PAR_KERNELS_AVX512) {
		skip("no AVX-512 here to compare AVX2 with");
		return;
	}
	draw(w, ROWS * COLS, 3);
	for (int k = 0; k < 2; k++) {
		par_cpu_use(k ? PAR_KERNELS_AVX512 : PAR_KERNELS_AVX2);
		draw(u[k], ROWS, 4);
		sigma[k] = par_spectral_step(ROWS, COLS, w, u[k], true, v[k]);
	}
	ok(sigma[0] == sigma[1] && memcmp(u[0], u[1], sizeof u[0]) == 0 &&
		memcmp(v[0], v[1], sizeof v[0]) == 0,
	    "AVX2 and AVX-512 give the same bits");
}

/* an operator that answers with the mean of its divided weights */
static void forward(const par_run *r, par_op *op)
{
	par_spectral *s = op->own;
	const float *w = par_spectral_weights(s, r->training);
	for (int64_t i = 0; i < r->samples; i++)
		((float *)op->y)[i] = w[0] + 0 * ((float *)op->x[0])[i];
}

static void close_op(par_op *op)
{
	par_spectral_close(op->own);
}

static void in_an_operator(const par_world *w)
{
	static const par_op_kind kind = {.name = "test", .forward = forward, .close = close_op};
	par_graph *g;
	par_graph_open(&g, &(par_graph_spec){.world = w, .batch = 4});
	par_value x = par_graph_input(g, "x", PAR_F32, 1, (int64_t[]){1});
	par_op *op = par_op_new(g, &kind, 1, &x, sizeof(par_spectral));
	par_param *p = par_op_param(
	    op, "layer", "weight", PAR_PARAM_DENSE, 3, (int64_t[]){2, 3, 5}, PAR_INIT_NORMAL, 1);
	bool added = par_spectral_add(op, op->own, "layer", p);
	par_value y = par_op_done(op, PAR_F32, 1, (int64_t[]){1});
	int answer = par_graph_answer(g, 1, &y);
	par_err e = par_graph_plan(g);
	float weights[30];
	draw(weights, 30, 5);
	p->weights = weights;
	const par_param *left = par_graph_find(g, "layer/left");
	ok(added && e == PAR_OK && left && left->n == 6 && left->kind == PAR_PARAM_BUFFER &&
		p->spectral,
	    "the left vector is a buffer of the rows' length");
	float first = left ? left->weights[0] : 0;
	par_graph_forward(g, answer);
	const par_spectral *s = op->own;
	float divided = 0;
	for (int i = 0; i < 30; i++)
		divided = fmaxf(divided, fabsf(s->divided[i] * p->sigma - weights[i]));
	ok(p->sigma > 0 && p->right && divided < 1e-6f && left && left->weights[0] == first,
	    "an answer divides by sigma of the vector as it stands");
	par_run training = {.graph = g, .training = true};
	forward(&training, op);
	ok(left && left->weights[0] != first && p->left == left->weights,
	    "a training run moves it, and the owner sees both vectors");
	par_graph_close(g);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	for (int k = PAR_KERNELS_PLAIN; k <= (int)par_cpu_best(); k++) {
		par_cpu_use((par_kernels)k);
		const char *set = par_kernels_name((par_kernels)k);
		converges(40, 7, set);
		converges(5, 70, set);
		converges(33, 1, set);
		converges(1, 1, set);
	}
	equal_sets();
	nothing();
	in_an_operator(&w);
	par_world_close(&w);
	return tap_end();
}
