/* np: 1 2 3 4 6 */
#include "grad/layers.h"
#include "opcheck.h"

typedef struct {
	int64_t rows, cols, classes, count;
} shape;

static const par_batch_norm_spec plain = {.name = "norm"};

static par_value build(par_graph *g, const par_value *in, const void *ctx)
{
	const shape *s = ctx;
	par_batch_norm_spec spec = plain;
	spec.classes = s->classes;
	return par_batch_norm(g, in[0], s->classes > 0 ? in[1] : -1, &spec);
}

static void statistics(
    const shape *s, const double *x, int64_t column, double *mean, double *variance)
{
	int64_t n = s->count * s->rows;
	*mean = *variance = 0;
	for (int64_t i = 0; i < n; i++)
		*mean += x[i * s->cols + column] / (double)n;
	for (int64_t i = 0; i < n; i++) {
		double d = x[i * s->cols + column] - *mean;
		*variance += d * d / (double)n;
	}
}

static void reference(
    int64_t samples, double *const *x, double *const *p, double *y, const void *ctx)
{
	const shape *s = ctx;
	for (int64_t j = 0; j < s->cols; j++) {
		double mean, variance;
		statistics(s, x[0], j, &mean, &variance);
		for (int64_t i = 0; i < samples * s->rows; i++) {
			int64_t class = s->classes > 0 ? (int64_t)x[1][i / s->rows] : 0;
			int64_t at = class * s->cols + j;
			y[i * s->cols + j] = (x[0][i * s->cols + j] - mean) /
						 sqrt(variance + 1e-5) * p[0][at] +
					     p[1][at];
		}
	}
}

static void check(const par_world *w, const char *what, int64_t batch, shape s)
{
	opcheck_all(
	    &(opcheck){.what = what,
		.batch = batch,
		.count = s.count,
		.inputs = s.classes > 0 ? 2 : 1,
		.input = {{PAR_F32, 2, {s.rows, s.cols}, 0, 0}, {PAR_I32, 1, {1}, s.classes, 0}},
		.build = build,
		.reference = reference,
		.ctx = &s},
	    w);
}

/* value k of a batch that lies far from 0 beside its spread */
static float far(int64_t step, int64_t i, int64_t column)
{
	return 1000 * (float)(column + 1) +
	       (float)par_rng_normal((par_rng){8, (uint32_t)step, 0}, i);
}

enum { ROWS = 3, COLS = 5, BATCH = 19, STEPS = 3, REAL = 11 };

/* three training steps, the last with REAL real samples; an answer to the last batch stands in y.
 * *odd counts gradients of other than 0 that samples which only fill the last batch got */
static par_graph *run(const par_world *w, float *y, int64_t *odd)
{
	par_graph *g;
	static float gradient[3][PAR_NODES][COLS];
	float weight[COLS], bias[COLS], *dx = NULL;
	par_graph_open(&g, &(par_graph_spec){.world = w, .batch = BATCH, .seed = 3});
	par_value x = par_graph_input(g, "x", PAR_F32, 2, (int64_t[]){ROWS, COLS});
	par_value leaf = opcheck_leaf(g, x, 0, &dx);
	par_value out = par_batch_norm(g, leaf, -1, &plain);
	int pass = par_graph_pass(g, opcheck_probe(g, out), "model");
	int answer = par_graph_answer(g, 1, &out);
	const par_shards *s = par_graph_shards(g);
	if (par_graph_plan(g) != PAR_OK)
		return NULL;
	for (int j = 0; j < COLS; j++) {
		weight[j] = 1;
		bias[j] = 0;
	}
	par_graph_find(g, "norm/weight")->weights = weight;
	par_graph_find(g, "norm/bias")->weights = bias;
	for (int i = 0; i < 3; i++)
		for (int k = 0; k < PAR_NODES; k++)
			par_graph_param(g, i)->grad[k] = gradient[i][k];
	for (int step = 0; step < STEPS; step++) {
		float *at = par_graph_at(g, x);
		for (int64_t i = s->lo * ROWS * COLS; i < s->hi * ROWS * COLS; i++)
			*at++ = far(step, i, i % COLS);
		par_graph_step(g, step, step == 2 ? REAL : BATCH);
		par_graph_forward(g, pass);
		par_graph_backward(g, pass);
	}
	*odd = 0;
	for (int64_t i = s->lo; i < s->hi; i++)
		for (int64_t j = 0; i >= REAL && j < ROWS * COLS; j++)
			*odd += dx[(i - s->lo) * ROWS * COLS + j] != 0;
	par_graph_forward(g, answer);
	memcpy(y, par_graph_at(g, out), (size_t)((s->hi - s->lo) * ROWS * COLS) * sizeof(float));
	free(dx);
	return g;
}

/* torch's running statistics, in double */
static void expected(double *mean, double *variance)
{
	static double x[BATCH * ROWS * COLS];
	for (int j = 0; j < COLS; j++) {
		mean[j] = 0;
		variance[j] = 1;
	}
	for (int step = 0; step < STEPS; step++) {
		shape s = {ROWS, COLS, 0, step == 2 ? REAL : BATCH};
		double n = (double)(s.count * ROWS);
		for (int64_t i = 0; i < BATCH * ROWS * COLS; i++)
			x[i] = (double)far(step, i, i % COLS);
		for (int64_t j = 0; j < COLS; j++) {
			double m, v;
			statistics(&s, x, j, &m, &v);
			mean[j] = 0.9 * mean[j] + 0.1 * m;
			variance[j] = 0.9 * variance[j] + 0.1 * v * n / (n - 1);
		}
	}
}

static void running(const par_world *w, const char *set)
{
	par_world alone = {
	    .comm = MPI_COMM_SELF, .node = MPI_COMM_SELF, .size = 1, .node_size = 1, .nodes = 1};
	static float y[BATCH * ROWS * COLS], all[BATCH * ROWS * COLS];
	double mean[COLS], variance[COLS], off = 0, off_y = 0;
	int64_t odd, odd_alone;
	par_graph *g = run(w, y, &odd), *solo = run(&alone, all, &odd_alone);
	ok(g && solo, "%s: running statistics: planned", set);
	if (!g || !solo)
		return;
	ok(odd == 0 && odd_alone == 0, "%s: ... samples that only fill the batch get gradient 0",
	    set);
	const float *m = par_graph_find(g, "norm/running_mean")->weights;
	const float *v = par_graph_find(g, "norm/running_variance")->weights;
	expected(mean, variance);
	for (int j = 0; j < COLS; j++) {
		off = fmax(off, fabs((double)m[j] / mean[j] - 1));
		off = fmax(off, fabs((double)v[j] / variance[j] - 1));
	}
	ok(off < 1e-5, "%s: ... are torch's, also far from 0 (%.1e)", set, off);
	ok(memcmp(m, par_graph_find(solo, "norm/running_mean")->weights, sizeof mean / 2) == 0 &&
		memcmp(v, par_graph_find(solo, "norm/running_variance")->weights,
		    sizeof mean / 2) == 0,
	    "%s: ... have the bits of one rank alone", set);
	const par_shards *s = par_graph_shards(g);
	for (int64_t i = s->lo * ROWS * COLS; i < s->hi * ROWS * COLS; i++) {
		double want = ((double)far(2, i, i % COLS) - (double)m[i % COLS]) /
			      sqrt((double)v[i % COLS] + 1e-5);
		off_y = fmax(
		    off_y, fabs((double)y[i - s->lo * ROWS * COLS] - want) / fmax(1, fabs(want)));
	}
	ok(off_y < 1e-5 && memcmp(y, all + s->lo * ROWS * COLS,
			       (size_t)((s->hi - s->lo) * ROWS * COLS) * sizeof *y) == 0,
	    "%s: ... and are what answers go by (%.1e)", set, off_y);
	par_graph_close(g);
	par_graph_close(solo);
}

/* answers that measure: afterwards running statistics are the means of what was seen, whatever they were before */
static void measures(const par_world *w, const char *set)
{
	static double x[BATCH * ROWS * COLS];
	float weight[COLS], bias[COLS] = {0};
	double off = 0, off_y = 0;
	par_graph *g;
	par_graph_open(&g, &(par_graph_spec){.world = w, .batch = BATCH, .seed = 3});
	par_value in = par_graph_input(g, "x", PAR_F32, 2, (int64_t[]){ROWS, COLS});
	par_value out = par_batch_norm(g, in, -1, &plain);
	int answer = par_graph_answer(g, 1, &out);
	ok(par_graph_plan(g) == PAR_OK, "%s: measuring: planned", set);
	for (int j = 0; j < COLS; j++)
		weight[j] = 1;
	par_graph_find(g, "norm/weight")->weights = weight;
	par_graph_find(g, "norm/bias")->weights = bias;
	const par_shards *s = par_graph_shards(g);
	for (int step = 0; step <= STEPS; step++) {
		float *at = par_graph_at(g, in);
		for (int64_t i = s->lo * ROWS * COLS; i < s->hi * ROWS * COLS; i++)
			*at++ = far(step % STEPS, i, i % COLS);
		par_graph_measure(g, step < STEPS ? 1.0 / (step + 1) : 0);
		par_graph_step(g, step, BATCH);
		par_graph_forward(g, answer);
	}
	const float *m = par_graph_find(g, "norm/running_mean")->weights;
	const float *v = par_graph_find(g, "norm/running_variance")->weights;
	const float *y = par_graph_at(g, out);
	for (int64_t j = 0; j < COLS; j++) {
		double mean = 0, variance = 0, n = BATCH * ROWS;
		for (int step = 0; step < STEPS; step++) {
			double one, two;
			for (int64_t i = 0; i < BATCH * ROWS * COLS; i++)
				x[i] = (double)far(step, i, i % COLS);
			statistics(&(shape){ROWS, COLS, 0, BATCH}, x, j, &one, &two);
			mean += one / STEPS;
			variance += two * n / (n - 1) / STEPS;
		}
		off = fmax(off, fabs((double)m[j] / mean - 1));
		off = fmax(off, fabs((double)v[j] / variance - 1));
	}
	for (int64_t i = s->lo * ROWS * COLS; i < s->hi * ROWS * COLS; i++) {
		double want = ((double)far(0, i, i % COLS) - (double)m[i % COLS]) /
			      sqrt((double)v[i % COLS] + 1e-5);
		off_y = fmax(
		    off_y, fabs((double)y[i - s->lo * ROWS * COLS] - want) / fmax(1, fabs(want)));
	}
	ok(off < 1e-5, "%s: running statistics are the means of all answers' (%.1e)", set, off);
	ok(off_y < 1e-5, "%s: and stand for them when it is over (%.1e)", set, off_y);
	par_graph_close(g);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	check(&w, "batch norm", 53, (shape){1, 7, 0, 53});
	check(&w, "batch norm of pictures", 11, (shape){6, 37, 0, 11});
	check(&w, "batch norm of a short batch", 13, (shape){2, 16, 0, 8});
	check(&w, "batch norm of two samples", 2, (shape){1, 3, 0, 2});
	check(&w, "conditional batch norm", 17, (shape){3, 5, 4, 17});
	check(&w, "conditional batch norm of a short batch", 13, (shape){1, 19, 3, 10});
	for (int k = PAR_KERNELS_PLAIN; k <= (int)par_cpu_best(); k++) {
		par_cpu_use((par_kernels)k);
		running(&w, par_kernels_name((par_kernels)k));
		measures(&w, par_kernels_name((par_kernels)k));
	}
	par_world_close(&w);
	return tap_end();
}
