/* np: 1 2 3 */
/* Two regressions that much teaching material prints with wrong answers, both ways: by dense least squares,
 * and by gradient descent of a linear layer. validation/train/test-worked has entrepot-train learn them. */
#include "dist/least_squares.h"
#include "grad/layers.h"
#include "train/optimizer.h"

#include "../tap.h"
#include "base/pin.h"
#include "dense.h"

#include <math.h>
#include <string.h>

enum { ROWS = 4, COLS = 2 };

/* a row of x belongs to a number of y; features without the column of ones, which is the layer's bias */
typedef struct {
	double x[ROWS][COLS], y[ROWS];
	bool intercept; /* the first column of x */
	double solution[COLS];
} problem;

/* through (1,2) (2,4) (3,6) (4,8) */
static const problem line = {{{1, 1}, {1, 2}, {1, 3}, {1, 4}}, {2, 4, 6, 8}, true, {0, 2}};

/* demand of products 1001, 1001, 1002, 1002, one column a product */
static const problem one_hot = {{{1, 0}, {1, 0}, {0, 1}, {0, 1}}, {10, 5, 7, 3}, false, {7.5, 5}};

static const problem *now;

static double x_of(int64_t i, int64_t j)
{
	return now->x[i][j];
}

static double y_of(int64_t i, int64_t j)
{
	(void)j;
	return now->y[i];
}

/* the solution on every rank; free() */
static double *solve(const par_world *w, const problem *p)
{
	par_mesh m;
	now = p;
	par_err e = par_mesh_line(&m, w, w->size, "data");
	par_tensor a = matrix_of(&m, ROWS, COLS, PAR_SHARDED(0), x_of);
	par_tensor y = matrix_of(&m, ROWS, 1, PAR_SHARDED(0), y_of);
	par_tensor b = matrix_of(&m, COLS, 1, PAR_REPLICATED, NULL);
	if (e == PAR_OK)
		e = par_least_squares(&b, &a, &y, NULL, NULL);
	double *got = e == PAR_OK ? whole_of(&m, &b) : NULL;
	par_tensor_free(&a);
	par_tensor_free(&y);
	par_tensor_free(&b);
	par_mesh_free(&m);
	return got;
}

/* a linear layer, all weights 0, under the mean of squares */
typedef struct {
	const problem *p;
	par_graph *g;
	par_optimizer *optimizer;
	par_value x, y, answer;
	int pass, answers;
} model;

static bool open_model(model *m, const par_world *w, const problem *p)
{
	int64_t one = 1, features = p->intercept ? COLS - 1 : COLS;
	m->p = p;
	par_graph_open(&m->g, &(par_graph_spec){.world = w, .batch = ROWS});
	m->x = par_graph_input(m->g, "x", PAR_F32, 1, &features);
	m->y = par_graph_input(m->g, "y", PAR_F32, 1, &one);
	m->answer = par_linear(m->g, m->x,
	    &(par_linear_spec){
		.name = "answer", .out = 1, .init = PAR_FIRST_ZERO, .no_bias = !p->intercept});
	m->pass = par_graph_pass(m->g, par_loss_mse(m->g, m->answer, m->y), "model");
	m->answers = par_graph_answer(m->g, 1, &m->answer);
	const par_optimizer_spec rule = {.rule = PAR_MOMENTUM, .momentum = 0.9};
	return par_graph_plan(m->g) == PAR_OK &&
	       par_optimizer_open(&m->optimizer, m->g, "model", &rule) == PAR_OK;
}

static void close_model(model *m)
{
	par_optimizer_close(m->optimizer);
	par_graph_close(m->g);
}

static void fill(const model *m)
{
	const par_shards *s = par_graph_shards(m->g);
	float *x = par_graph_at(m->g, m->x), *y = par_graph_at(m->g, m->y);
	for (int64_t i = s->lo; i < s->hi; i++) {
		for (int j = m->p->intercept; j < COLS; j++)
			*x++ = (float)m->p->x[i][j];
		*y++ = (float)m->p->y[i];
	}
}

static void step(model *m, int64_t number, double rate)
{
	par_graph_step(m->g, number, ROWS);
	par_graph_forward(m->g, m->pass);
	par_graph_backward(m->g, m->pass);
	par_optimizer_step(m->optimizer, rate);
}

/* what stands before the columns of x */
static void coefficients(const model *m, double b[COLS])
{
	const par_param *w = par_graph_find(m->g, "answer/weight");
	const par_param *bias = par_graph_find(m->g, "answer/bias");
	int before = m->p->intercept ? 1 : 0;
	for (int j = 0; j < COLS; j++)
		b[j] = (double)(j < before ? bias->weights[0] : w->weights[j - before]);
}

static double far_off(const double *b, const problem *p)
{
	return b ? farthest(b, p->solution, COLS) : INFINITY;
}

/* returns the mean of squares where descent ends */
static double descend(model *m, int64_t steps, double b[COLS])
{
	for (int64_t t = 1; t <= steps; t++)
		step(m, t, 0.02);
	coefficients(m, b);
	par_graph_forward(m->g, m->pass);
	return par_graph_loss(m->g, m->pass);
}

/* the layer's answer at x, on ranks that have a sample */
static bool answers_at(const model *m, float at, double want)
{
	const par_shards *s = par_graph_shards(m->g);
	float *x = par_graph_at(m->g, m->x);
	for (int64_t i = 0; i < s->hi - s->lo; i++)
		x[i] = at;
	par_graph_forward(m->g, m->answers);
	const float *y = par_graph_at(m->g, m->answer);
	return s->hi == s->lo || fabs((double)y[0] - want) < 1e-5;
}

static void check_line(const par_world *w)
{
	model m;
	double b[COLS], *direct = solve(w, &line);
	ok(far_off(direct, &line) < 1e-14, "the line has intercept 0 and slope 2");
	ok(direct && fabs(direct[0] + 5 * direct[1] - 10) < 1e-13, "and predicts 10 at 5");
	free(direct);
	bool opened = open_model(&m, w, &line);
	ok(opened, "it is a linear layer's too");
	if (!opened)
		return;
	fill(&m);
	/* the mean of four squares is half of half their sum, so a rate of 2 makes a step of minus
	 * the gradient of the latter */
	step(&m, 0, 2);
	coefficients(&m, b);
	ok(b[0] == 20 && b[1] == 60, "at the origin the gradient is -20 (intercept), -60 (slope)");
	close_model(&m);
	open_model(&m, w, &line);
	fill(&m);
	double loss = descend(&m, 600, b);
	ok(far_off(b, &line) < 1e-5 && loss < 1e-10, "descent ends at intercept %.6f, slope %.6f",
	    b[0], b[1]);
	ok(answers_at(&m, 5, 10), "where 5 is answered by 10");
	close_model(&m);
}

static void check_one_hot(const par_world *w)
{
	model m;
	double b[COLS], sse = 0, *direct = solve(w, &one_hot);
	ok(far_off(direct, &one_hot) < 1e-14,
	    "one-hot products are predicted by their means, 7.5 and 5");
	for (int i = 0; i < ROWS && direct; i++)
		sse += pow(
		    one_hot.y[i] - one_hot.x[i][0] * direct[0] - one_hot.x[i][1] * direct[1], 2);
	ok(fabs(sse - 20.5) < 1e-13, "with a sum of squared errors of 20.5");
	free(direct);
	bool opened = open_model(&m, w, &one_hot);
	ok(opened, "they are a linear layer's too");
	if (!opened)
		return;
	fill(&m);
	double loss = descend(&m, 600, b);
	ok(far_off(b, &one_hot) < 1e-5 && fabs(ROWS * loss - 20.5) < 1e-5,
	    "descent ends at %.6f and %.6f with squared errors of %.6f", b[0], b[1], ROWS * loss);
	close_model(&m);
}

int main(int argc, char **argv)
{
	par_err pinned = par_blas_pin(argv, par_cpu_best());
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK && pinned == PAR_OK, "a world opens");
	check_line(&w);
	check_one_hot(&w);
	par_world_close(&w);
	return tap_end();
}
