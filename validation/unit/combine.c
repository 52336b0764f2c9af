/* np: 1 2 3 6 */
#include "grad/layers.h"
#include "opcheck.h"

enum {
	ADD,
	MULTIPLY,
	FACTORS,
	SCALE,
	DETACH,
	CONCAT,
	STACK,
	REPEAT,
	SLICE,
	ROWS_SUM,
	ROWS_MEAN,
	LAST_SUM,
	LAST_MEAN,
	SOFTMAX,
	LAYER_NORM,
	TWICE
};

#define ROWS 3
#define COLS 21

static par_value build(par_graph *g, const par_value *in, const void *ctx)
{
	switch (*(const int *)ctx) {
	case ADD:
		return par_add_values(g, in[0], in[1]);
	case MULTIPLY:
		return par_multiply(g, in[0], in[1]);
	case FACTORS:
		return par_multiply(g, in[0], par_reduce_last(g, in[1], PAR_MEAN));
	case SCALE:
		return par_scale(g, in[0], -1.5, 0.25);
	case DETACH:
		return par_multiply(g, in[0], par_detach(g, in[1]));
	case CONCAT:
		return par_concat(g, 3, in);
	case STACK:
		return par_stack(g, in[0], in[1]);
	case REPEAT:
		return par_repeat(g, in[0], 3);
	case SLICE:
		return par_slice(g, in[0], 1);
	case ROWS_SUM:
		return par_reduce_rows(g, in[0], PAR_SUM);
	case ROWS_MEAN:
		return par_reduce_rows(g, in[0], PAR_MEAN);
	case LAST_SUM:
		return par_reduce_last(g, in[0], PAR_SUM);
	case LAST_MEAN:
		return par_reduce_last(g, in[0], PAR_MEAN);
	case SOFTMAX:
		return par_softmax(g, in[0]);
	case LAYER_NORM:
		return par_layer_norm(g, "norm", in[0], 0);
	default: /* one value read by three operators */
		return par_add_values(g, par_multiply(g, in[0], in[0]), in[0]);
	}
}

static void softmax(const double *x, double *y)
{
	double sum = 0;
	for (int j = 0; j < COLS; j++)
		sum += exp(x[j]);
	for (int j = 0; j < COLS; j++)
		y[j] = exp(x[j]) / sum;
}

static void layer_norm(const double *x, double *const *p, double *y)
{
	double mean = 0, variance = 0;
	for (int j = 0; j < COLS; j++)
		mean += x[j] / COLS;
	for (int j = 0; j < COLS; j++)
		variance += (x[j] - mean) * (x[j] - mean) / COLS;
	for (int j = 0; j < COLS; j++)
		y[j] = (x[j] - mean) / sqrt(variance + 1e-5) * p[0][j] + p[1][j];
}

/* a sample: a and b are ROWS x COLS, c is ROWS x 2 */
static void sample(
    int which, const double *a, const double *b, const double *c, double *const *p, double *y)
{
	enum { ALL = ROWS * COLS };
	switch (which) {
	case SLICE:
		memcpy(y, a + COLS, COLS * sizeof *y);
		return;
	case STACK:
		memcpy(y, a, ALL * sizeof *y);
		memcpy(y + ALL, b, ALL * sizeof *y);
		return;
	case REPEAT:
		for (int k = 0; k < 3; k++)
			memcpy(y + k * ALL, a, ALL * sizeof *y);
		return;
	case ROWS_SUM:
	case ROWS_MEAN:
		for (int j = 0; j < COLS; j++)
			y[j] = (a[j] + a[COLS + j] + a[2 * COLS + j]) /
			       (which == ROWS_MEAN ? ROWS : 1);
		return;
	default:
		break;
	}
	for (int r = 0; r < ROWS; r++) {
		const double *x = a + r * COLS;
		double sum = 0, other = 0;
		for (int j = 0; j < COLS; j++) {
			sum += x[j];
			other += b[r * COLS + j];
		}
		if (which == LAST_SUM || which == LAST_MEAN) {
			y[r] = which == LAST_SUM ? sum : sum / COLS;
		} else if (which == FACTORS) {
			for (int j = 0; j < COLS; j++)
				y[r * COLS + j] = x[j] * other / COLS;
		} else if (which == SOFTMAX) {
			softmax(x, y + r * COLS);
		} else if (which == LAYER_NORM) {
			layer_norm(x, p, y + r * COLS);
		} else if (which == CONCAT) {
			memcpy(y + r * (2 * COLS + 2), x, COLS * sizeof *y);
			memcpy(y + r * (2 * COLS + 2) + COLS, b + r * COLS, COLS * sizeof *y);
			memcpy(y + r * (2 * COLS + 2) + 2 * COLS, c + r * 2, 2 * sizeof *y);
		}
	}
	for (int i = 0; i < ALL; i++) {
		if (which == ADD)
			y[i] = a[i] + b[i];
		else if (which == MULTIPLY || which == DETACH)
			y[i] = a[i] * b[i];
		else if (which == SCALE)
			y[i] = -1.5 * a[i] + 0.25;
		else if (which == TWICE)
			y[i] = a[i] * a[i] + a[i];
	}
}

static int64_t out_elements(int which)
{
	switch (which) {
	case CONCAT:
		return ROWS * (2 * COLS + 2);
	case STACK:
		return (int64_t)2 * ROWS * COLS;
	case REPEAT:
		return (int64_t)3 * ROWS * COLS;
	case SLICE:
	case ROWS_SUM:
	case ROWS_MEAN:
		return COLS;
	case LAST_SUM:
	case LAST_MEAN:
		return ROWS;
	default:
		return (int64_t)ROWS * COLS;
	}
}

static void reference(
    int64_t samples, double *const *x, double *const *p, double *y, const void *ctx)
{
	int which = *(const int *)ctx;
	for (int64_t s = 0; s < samples; s++)
		sample(which, x[0] + s * ROWS * COLS, x[1] ? x[1] + s * ROWS * COLS : x[0],
		    x[2] ? x[2] + s * ROWS * 2 : x[0], p, y + s * out_elements(which));
}

static void check(const par_world *w, const char *what, int which, int inputs, int64_t batch)
{
	opcheck_all(&(opcheck){.what = what,
			.batch = batch,
			.inputs = inputs,
			.input = {{PAR_F32, 2, {ROWS, COLS}, 0, 0},
			    {PAR_F32, 2, {ROWS, COLS}, 0, 0}, {PAR_F32, 2, {ROWS, 2}, 0, 0}},
			.build = build,
			.reference = reference,
			.ctx = &which,
			.no_gradient = which == DETACH},
	    w);
}

static void integers(const par_world *w)
{
	par_graph *g;
	par_graph_open(&g, &(par_graph_spec){.world = w, .batch = 3});
	par_value a = par_graph_input(g, "a", PAR_I32, 1, (int64_t[]){2});
	par_value b = par_graph_input(g, "b", PAR_I32, 1, (int64_t[]){1});
	par_value c = par_graph_input(g, "c", PAR_F32, 1, (int64_t[]){1});
	par_value all = par_concat(g, 3, (par_value[]){a, b, b});
	int pass = par_graph_answer(g, 1, &all);
	bool fine = par_graph_plan(g) == PAR_OK && par_op_type(g, all) == PAR_I32;
	const par_shards *s = par_graph_shards(g);
	for (int32_t i = 0; i < s->hi - s->lo; i++) {
		memcpy((int32_t *)par_graph_at(g, a) + (ptrdiff_t)(2 * i),
		    (int32_t[]){-7 * i, INT32_MAX}, 8);
		((int32_t *)par_graph_at(g, b))[i] = i;
	}
	if (fine)
		par_graph_forward(g, pass);
	for (int32_t i = 0; i < s->hi - s->lo; i++)
		fine = fine && memcmp((int32_t *)par_graph_at(g, all) + (ptrdiff_t)(4 * i),
				   (int32_t[]){-7 * i, INT32_MAX, i, i}, 16) == 0;
	ok(fine, "integers side by side stay integers");
	ok(par_concat(g, 2, (par_value[]){b, c}) < 0, "and stand beside no floats");
	par_graph_close(g);
}

static void refused(const par_world *w)
{
	par_graph *g;
	par_graph_open(&g, &(par_graph_spec){.world = w, .batch = 3});
	par_value a = par_graph_input(g, "a", PAR_F32, 2, (int64_t[]){4, 2});
	par_value b = par_graph_input(g, "b", PAR_F32, 2, (int64_t[]){5, 2});
	par_value c = par_graph_input(g, "c", PAR_F32, 1, (int64_t[]){5});
	ok(par_slice(g, a, 4) < 0 && par_add_values(g, a, b) < 0 && par_multiply(g, a, c) < 0 &&
		par_multiply(g, c, b) < 0 && par_concat(g, 2, (par_value[]){a, b}) < 0 &&
		par_stack(g, a, b) < 0 && par_repeat(g, a, 0) < 0 && par_softmax(g, -1) < 0,
	    "shapes that do not fit are refused");
	ok(par_graph_plan(g) == PAR_E_CONFIG &&
		strstr(par_err_why(), "slice 4 of a first axis of 4"),
	    "and planning tells the first");
	par_graph_close(g);
}

/* d (x detach x) / dx is x, not 2 x */
static void detached(void)
{
	par_world alone = {
	    .comm = MPI_COMM_SELF, .node = MPI_COMM_SELF, .size = 1, .node_size = 1, .nodes = 1};
	par_graph *g;
	float *dx = NULL, weight[1], grad[1];
	par_graph_open(&g, &(par_graph_spec){.world = &alone, .batch = 1});
	par_value x = par_graph_input(g, "x", PAR_F32, 1, (int64_t[]){1});
	par_value leaf = opcheck_leaf(g, x, 0, &dx);
	int pass = par_graph_pass(g, par_multiply(g, leaf, par_detach(g, leaf)), "model");
	ok(par_graph_plan(g) == PAR_OK && dx, "a detached value: planned");
	if (!dx)
		return;
	par_graph_param(g, 0)->weights = weight;
	par_graph_param(g, 0)->grad[0] = grad;
	*(float *)par_graph_at(g, x) = 3;
	par_graph_step(g, 0, 1);
	par_graph_forward(g, pass);
	par_graph_backward(g, pass);
	ok(par_graph_loss(g, pass) == 9 && dx[0] == 3, "no gradient passes a detached value");
	free(dx);
	par_graph_close(g);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	check(&w, "add", ADD, 2, 13);
	check(&w, "multiply", MULTIPLY, 2, 7);
	check(&w, "a factor for each row", FACTORS, 2, 13);
	check(&w, "scale", SCALE, 1, 13);
	check(&w, "detach", DETACH, 2, 5);
	check(&w, "concat", CONCAT, 3, 11);
	check(&w, "stack", STACK, 2, 13);
	check(&w, "repeat", REPEAT, 1, 7);
	check(&w, "slice", SLICE, 1, 5);
	check(&w, "sum of rows", ROWS_SUM, 1, 13);
	check(&w, "mean of rows", ROWS_MEAN, 1, 1);
	check(&w, "sum of the last axis", LAST_SUM, 1, 13);
	check(&w, "mean of the last axis", LAST_MEAN, 1, 2);
	check(&w, "softmax", SOFTMAX, 1, 13);
	check(&w, "layer norm", LAYER_NORM, 1, 13);
	check(&w, "layer norm of one sample", LAYER_NORM, 1, 1);
	check(&w, "one value, three readers", TWICE, 1, 11);
	integers(&w);
	refused(&w);
	detached();
	par_world_close(&w);
	return tap_end();
}
