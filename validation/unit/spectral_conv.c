/* np: 1 2 3 6 */
/* Convolutions, plain and transposed, whose kernels are divided by their spectral norm. The oracle is in double:
 * a kernel W, taken as a matrix with a column a channel of the output, is divided by u^T W v; u and v are those of
 * a step of power iteration and constants to the gradient (Miyato et al. 2018). */
#include "conv_case.h"
#include "opcheck.h"
#include "train/optimizer.h"

/* ---- the oracle ---- */

typedef struct {
	int64_t rows, cols;
	double *u, *v; /* owned */
} iteration;

static iteration begin(const conv_case *s)
{
	int64_t rows = s->spec.kernel * s->spec.kernel * s->in, cols = s->spec.out;
	return (iteration){
	    rows, cols, calloc((size_t)rows, sizeof(double)), calloc((size_t)cols, sizeof(double))};
}

static void end(iteration *t)
{
	free(t->u);
	free(t->v);
}

static void to_length_one(int64_t n, double *x)
{
	double squares = 0;
	for (int64_t i = 0; i < n; i++)
		squares += x[i] * x[i];
	for (int64_t i = 0; i < n; i++)
		x[i] /= sqrt(squares);
}

/* v = W^T u / |W^T u|, u' = W v / |W v| */
static void iterate(iteration *t, const double *w)
{
	for (int64_t j = 0; j < t->cols; j++) {
		t->v[j] = 0;
		for (int64_t i = 0; i < t->rows; i++)
			t->v[j] += w[i * t->cols + j] * t->u[i];
	}
	to_length_one(t->cols, t->v);
	for (int64_t i = 0; i < t->rows; i++) {
		t->u[i] = 0;
		for (int64_t j = 0; j < t->cols; j++)
			t->u[i] += w[i * t->cols + j] * t->v[j];
	}
	to_length_one(t->rows, t->u);
}

/* u^T W v */
static double norm(const iteration *t, const double *w)
{
	double sum = 0;
	for (int64_t i = 0; i < t->rows * t->cols; i++)
		sum += t->u[i / t->cols] * w[i] * t->v[i % t->cols];
	return sum;
}

/* ---- one run: forward, gradients of what the operator runs with, bits ---- */

/* the kernel that opcheck begins with, divided; what p is moved by moves the quotient, whose gradient it is
 * that an operator writes (grad/param.h) */
static void reference(
    int64_t samples, double *const *x, double *const *p, double *y, const void *ctx)
{
	static const opcheck usual;
	const conv_case *s = ctx;
	iteration t = begin(s);
	int64_t n = t.rows * t.cols;
	par_param left = {.name = "conv/left", .init = PAR_INIT_NORMAL, .scale = 1};
	double *w = malloc((size_t)(2 * n) * sizeof *w), *divided = w + n;
	for (int64_t i = 0; i < t.rows; i++)
		t.u[i] = (double)par_param_first(&left, 3, i);
	for (int64_t i = 0; i < n; i++)
		w[i] = (double)opcheck_param_value(&usual, 0, i);
	iterate(&t, w);
	double sigma = norm(&t, w);
	for (int64_t i = 0; i < n; i++)
		divided[i] = w[i] / sigma + (p[0][i] - w[i]);
	conv_case_reference(samples, x, (double *const[]){divided, p[1]}, y, s);
	free(w);
	end(&t);
}

static void check(const par_world *w, const char *what, int64_t batch, conv_case s)
{
	s.spec.name = "conv";
	s.spec.spectral = true;
	opcheck c = {.what = what,
	    .batch = batch,
	    .inputs = 1,
	    .input = {{PAR_F32, 4, {s.pictures, s.h, s.w, s.in}, 0, 0}},
	    .build = conv_case_build,
	    .reference = reference,
	    .ctx = &s};
	opcheck_all(&c, w);
}

/* ---- steps of an optimizer, then an answer ---- */

enum { BATCH = 7, STEPS = 3 };
static const double rate = 0.02;

typedef struct {
	par_graph *g;
	par_optimizer *optimizer;
	par_value x, y;
	int pass, answer;
	par_param *kernel, *bias, *left;
} model;

static float number(int64_t i)
{
	return (float)par_rng_normal((par_rng){9, 0, 0}, i);
}

static bool open_model(model *m, const par_world *w, const conv_case *s)
{
	int64_t each = s->pictures * s->h * s->w * s->in;
	par_graph_open(&m->g, &(par_graph_spec){.world = w, .batch = BATCH, .seed = 3});
	m->x = par_graph_input(m->g, "x", PAR_F32, 4, (int64_t[]){s->pictures, s->h, s->w, s->in});
	m->y = conv_case_build(m->g, &m->x, s);
	m->pass = par_graph_pass(m->g, opcheck_probe(m->g, m->y), "model");
	m->answer = par_graph_answer(m->g, 1, &m->y);
	if (par_graph_plan(m->g) != PAR_OK || par_optimizer_open(&m->optimizer, m->g, "model",
						  &(par_optimizer_spec){.rule = PAR_SGD}) != PAR_OK)
		return false;
	m->kernel = par_graph_find(m->g, "conv/weight");
	m->bias = par_graph_find(m->g, "conv/bias");
	m->left = par_graph_find(m->g, "conv/left");
	float *x = par_graph_at(m->g, m->x);
	const par_shards *shards = par_graph_shards(m->g);
	for (int64_t i = shards->lo * each; i < shards->hi * each; i++)
		*x++ = number(i);
	return m->kernel && m->bias && m->left;
}

static void close_model(model *m)
{
	par_optimizer_close(m->optimizer);
	par_graph_close(m->g);
}

static void step(model *m, int64_t number)
{
	par_graph_step(m->g, number, BATCH);
	par_graph_forward(m->g, m->pass);
	par_graph_backward(m->g, m->pass);
	par_optimizer_step(m->optimizer, rate);
}

typedef struct {
	const conv_case *s;
	iteration t;
	double *x, *y, *p[2], *divided; /* owned */
	int64_t n[2], outputs;
} oracle;

static double *copied(int64_t n, const float *from)
{
	double *to = malloc((size_t)n * sizeof *to);
	for (int64_t i = 0; i < n; i++)
		to[i] = from ? (double)from[i] : (double)number(i);
	return to;
}

static oracle open_oracle(const conv_case *s, const model *m)
{
	oracle o = {.s = s,
	    .t = begin(s),
	    .x = copied(BATCH * s->pictures * s->h * s->w * s->in, NULL),
	    .p = {copied(m->kernel->n, m->kernel->weights), copied(m->bias->n, m->bias->weights)},
	    .n = {m->kernel->n, m->bias->n},
	    .outputs = BATCH * conv_case_elements(s)};
	o.y = calloc((size_t)o.outputs, sizeof *o.y);
	o.divided = calloc((size_t)o.n[0], sizeof *o.divided);
	for (int64_t i = 0; i < o.t.rows; i++)
		o.t.u[i] = (double)m->left->weights[i];
	return o;
}

static void close_oracle(oracle *o)
{
	end(&o->t);
	free(o->x);
	free(o->y);
	free(o->divided);
	free(o->p[0]);
	free(o->p[1]);
}

static double oracle_loss(oracle *o)
{
	double loss = 0, sigma = norm(&o->t, o->p[0]);
	for (int64_t i = 0; i < o->n[0]; i++)
		o->divided[i] = o->p[0][i] / sigma;
	conv_case_reference(BATCH, &o->x, (double *const[]){o->divided, o->p[1]}, o->y, o->s);
	for (int64_t i = 0; i < o->outputs; i++)
		loss += o->y[i] * (double)opcheck_weight(i);
	return loss;
}

/* by central differences, u and v held */
static void oracle_step(oracle *o)
{
	double *slope[2] = {copied(o->n[0], NULL), copied(o->n[1], NULL)}, h = 1e-5;
	iterate(&o->t, o->p[0]);
	for (int k = 0; k < 2; k++)
		for (int64_t i = 0; i < o->n[k]; i++) {
			double *at = &o->p[k][i], old = *at;
			*at = old + h;
			double up = oracle_loss(o);
			*at = old - h;
			slope[k][i] = (up - oracle_loss(o)) / (2 * h);
			*at = old;
		}
	for (int k = 0; k < 2; k++) {
		for (int64_t i = 0; i < o->n[k]; i++)
			o->p[k][i] -= rate * slope[k][i];
		free(slope[k]);
	}
}

/* the largest difference over the largest number wanted */
static double off(int64_t n, const float *got, const double *want)
{
	double worst = 0, largest = 1e-3;
	for (int64_t i = 0; i < n; i++) {
		worst = fmax(worst, fabs((double)got[i] - want[i]));
		largest = fmax(largest, fabs(want[i]));
	}
	return worst / largest;
}

static double answer_off(model *m, oracle *o)
{
	const par_shards *s = par_graph_shards(m->g);
	int64_t each = o->outputs / BATCH;
	oracle_loss(o);
	return off((s->hi - s->lo) * each, par_graph_at(m->g, m->y), o->y + s->lo * each);
}

static bool same_weights(const model *a, const model *b)
{
	const size_t size = sizeof(float);
	return memcmp(a->kernel->weights, b->kernel->weights, (size_t)a->kernel->n * size) == 0 &&
	       memcmp(a->bias->weights, b->bias->weights, (size_t)a->bias->n * size) == 0 &&
	       memcmp(a->left->weights, b->left->weights, (size_t)a->left->n * size) == 0;
}

static void trains(const par_world *w, const char *what, conv_case s)
{
	par_world alone = {
	    .comm = MPI_COMM_SELF, .node = MPI_COMM_SELF, .size = 1, .node_size = 1, .nodes = 1};
	model m, solo;
	s.spec.name = "conv";
	s.spec.spectral = true;
	bool opened = open_model(&m, w, &s) && open_model(&solo, &alone, &s);
	ok(opened, "%s: planned", what);
	if (!opened)
		return;
	oracle o = open_oracle(&s, &m);
	double first = off(m.kernel->n, m.kernel->weights, o.p[0]), moved;
	for (int64_t t = 0; t < STEPS; t++) {
		step(&m, t);
		step(&solo, t);
		oracle_step(&o);
	}
	double kernel = off(o.n[0], m.kernel->weights, o.p[0]);
	double bias = off(o.n[1], m.bias->weights, o.p[1]);
	double left = off(o.t.rows, m.left->weights, o.t.u);
	ok(first == 0 && kernel < 2e-5 && bias < 2e-5 && left < 2e-5,
	    "... %d steps by hand: kernel, bias and vector are off by %.1e, %.1e, %.1e", STEPS,
	    kernel, bias, left);
	ok(same_weights(&m, &solo), "... with the bits of one rank alone");
	for (int again = 0; again < 2; again++)
		par_graph_forward(m.g, m.answer);
	moved = off(o.t.rows, m.left->weights, o.t.u);
	iterate(&o.t, o.p[0]);
	double answered = answer_off(&m, &o);
	ok(moved == left && answered < 2e-5,
	    "... an answer takes the norm from the vector as it stands and leaves it (%.1e)",
	    answered);
	close_oracle(&o);
	close_model(&solo);
	close_model(&m);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	check(&w, "4 x 4 stride 2 leaky, two pictures a sample", 5,
	    (conv_case){2, 6, 6, 3,
		{.out = 5, .kernel = 4, .stride = 2, .pad = 1, .act = PAR_ACT_LEAKY}, false});
	check(&w, "3 x 3 with ReLU and pool", 7,
	    (conv_case){
		1, 6, 5, 2, {.out = 18, .kernel = 3, .act = PAR_ACT_RELU, .pool = 2}, false});
	check(&w, "1 x 1 to one channel, no bias, one sample", 1,
	    (conv_case){1, 3, 4, 3, {.out = 1, .kernel = 1, .no_bias = true}, false});
	check(&w, "transposed 4 x 4 stride 2 with tanh", 5,
	    (conv_case){1, 3, 3, 6,
		{.out = 2, .kernel = 4, .stride = 2, .pad = 1, .act = PAR_ACT_TANH}, true});
	check(&w, "transposed 3 x 3 stride 2", 7,
	    (conv_case){1, 3, 2, 4, {.out = 19, .kernel = 3, .stride = 2}, true});
	for (int k = PAR_KERNELS_PLAIN; k <= (int)par_cpu_best(); k++) {
		par_cpu_use((par_kernels)k);
		trains(&w, "a convolution that is trained",
		    (conv_case){1, 5, 4, 2, {.out = 3, .kernel = 3, .pad = 1}, false});
		trains(&w, "a transposed one",
		    (conv_case){1, 3, 2, 3, {.out = 2, .kernel = 3, .stride = 2}, true});
	}
	par_world_close(&w);
	return tap_end();
}
