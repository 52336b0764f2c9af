/* np: 1 2 3 6 */
#include "grad/layers.h"
#include "opcheck.h"

enum { IN = 12, FIRST = 24, SECOND = 16, BATCH = 29, REAL = 26, SEED = 3, STEP = 11, PARAMS = 6 };

#define FACTOR 10.0

typedef struct {
	bool judged;   /* Wasserstein's loss beside the penalty */
	int64_t cache; /* of slices */
} net_case;

typedef struct {
	opcheck_run run;
	par_value real, fake, slope, loss;
	int pass;
} net;

static par_value dense(par_graph *g, par_value x, const char *name, int64_t out, int64_t n)
{
	par_act act = n > 1 ? PAR_ACT_NONE : PAR_ACT_LEAKY;
	x = par_linear(g, x, &(par_linear_spec){.name = name, .out = out, .act = act});
	return n > 1 ? par_activate_tangent(g, x, PAR_ACT_LEAKY) : x;
}

/* n points, the last of them beside the one before it */
static par_value critic(par_graph *g, par_value x, int64_t n)
{
	x = par_reshape(g, x, 2, (int64_t[]){n, IN});
	x = dense(g, dense(g, x, "a", FIRST, n), "b", SECOND, n);
	return par_linear(g, x, &(par_linear_spec){.name = "c", .out = 1});
}

static void build(net *n, const net_case *c)
{
	par_graph *g = n->run.g;
	par_value x = par_interpolate(g, n->real, n->fake);
	n->slope = par_gradient(g, critic(g, x, 1), x);
	par_value points = par_along(g, x, n->slope);
	if (c->judged)
		points = par_stack(g, par_stack(g, n->real, n->fake), points);
	par_value scores = critic(g, points, c->judged ? 4 : 2);
	if (c->judged)
		scores = par_reshape(g, scores, 2, (int64_t[]){2, 2});
	par_value pair = c->judged ? par_slice(g, scores, 1) : scores;
	n->loss = par_loss_gradient_penalty(g, pair, n->slope, FACTOR);
	if (!c->judged)
		return;
	par_value two = par_reshape(g, par_slice(g, scores, 0), 2, (int64_t[]){2, 1});
	n->loss = par_add_values(g, n->loss, par_loss_gan_judge(g, two, PAR_GAN_WASSERSTEIN));
}

/* picture 0 is real, 1 is fake */
static double cell(int picture, int64_t i)
{
	return (double)(float)par_rng_normal((par_rng){5, (uint32_t)picture, 0}, i);
}

static void fill(net *n)
{
	const par_shards *s = n->run.shards = par_graph_shards(n->run.g);
	for (int k = 0; k < 2; k++) {
		float *to = par_graph_at(n->run.g, k ? n->fake : n->real);
		for (int64_t i = s->lo * IN; i < s->hi * IN; i++)
			*to++ = (float)cell(k, i);
	}
	opcheck_params(&(opcheck){.param_scale = 0.3}, &n->run);
	par_graph_step(n->run.g, STEP, REAL);
}

static bool open_net(net *n, const par_world *w, const net_case *c)
{
	*n = (net){0};
	par_err e = par_graph_open(&n->run.g,
	    &(par_graph_spec){.world = w, .batch = BATCH, .seed = SEED, .cache = c->cache});
	n->real = par_graph_input(n->run.g, "real", PAR_F32, 1, (int64_t[]){IN});
	n->fake = par_graph_input(n->run.g, "fake", PAR_F32, 1, (int64_t[]){IN});
	build(n, c);
	n->pass = par_graph_pass(n->run.g, n->loss, "model");
	if (e == PAR_OK)
		e = par_graph_plan(n->run.g);
	if (e == PAR_OK)
		fill(n);
	return e == PAR_OK;
}

/* ---- the oracle: everything in double, the gradient's norm by the chain rule ---- */

typedef struct {
	const net_case *of;
	double *p[PARAMS]; /* weights [in, out] and bias of each layer */
} oracle;

static void layer(
    const oracle *o, int k, int64_t in, int64_t out, const double *x, double *y, double *slope)
{
	for (int64_t j = 0; j < out; j++) {
		double z = o->p[2 * k + 1][j];
		for (int64_t i = 0; i < in; i++)
			z += x[i] * o->p[2 * k][i * out + j];
		slope[j] = z > 0 ? 1 : 0.2;
		y[j] = z * slope[j];
	}
}

static void layer_back(const oracle *o, int k, int64_t in, int64_t out, const double *slope,
    const double *dy, double *dx)
{
	for (int64_t i = 0; i < in; i++) {
		dx[i] = 0;
		for (int64_t j = 0; j < out; j++)
			dx[i] += o->p[2 * k][i * out + j] * slope[j] * dy[j];
	}
}

/* D(x) and its gradient by x */
static double score(const oracle *o, const double *x, double *gradient)
{
	double a[FIRST], b[SECOND], da[FIRST], slope_a[FIRST], slope_b[SECOND];
	double sum = o->p[5][0];
	layer(o, 0, IN, FIRST, x, a, slope_a);
	layer(o, 1, FIRST, SECOND, a, b, slope_b);
	for (int j = 0; j < SECOND; j++)
		sum += b[j] * o->p[4][j];
	layer_back(o, 1, FIRST, SECOND, slope_b, o->p[4], da);
	layer_back(o, 0, IN, FIRST, slope_a, da, gradient);
	return sum;
}

static void point(int64_t sample, double *x)
{
	double e = (double)par_rng_f32((par_rng){SEED, 0, STEP}, sample);
	for (int i = 0; i < IN; i++)
		x[i] = e * cell(0, sample * IN + i) + (1 - e) * cell(1, sample * IN + i);
}

static double penalty_of(const oracle *o, int64_t sample)
{
	double x[IN], gradient[IN], sum = 0;
	point(sample, x);
	score(o, x, gradient);
	for (int i = 0; i < IN; i++)
		sum += gradient[i] * gradient[i];
	return FACTOR * (sqrt(sum) - 1) * (sqrt(sum) - 1);
}

static double loss_of(const oracle *o)
{
	double sum = 0, x[2][IN], none[IN];
	for (int64_t s = 0; s < REAL; s++) {
		sum += penalty_of(o, s);
		for (int k = 0; k < 2 * IN && o->of->judged; k++)
			x[k / IN][k % IN] = cell(k / IN, s * IN + k % IN);
		if (o->of->judged)
			sum += score(o, x[1], none) - score(o, x[0], none);
	}
	return sum / REAL;
}

static void open_oracle(oracle *o, const net *n, const net_case *c)
{
	*o = (oracle){.of = c};
	for (int k = 0; k < PARAMS; k++) {
		const par_param *p = n->run.param[k];
		o->p[k] = calloc((size_t)p->n, sizeof(double));
		for (int64_t i = 0; i < p->n; i++)
			o->p[k][i] = (double)p->weights[i];
	}
}

static double slope_of(const oracle *o, double *at)
{
	double old = *at, h = 1e-7;
	*at = old + h;
	double up = loss_of(o);
	*at = old - h;
	double down = loss_of(o);
	*at = old;
	return (up - down) / (2 * h);
}

/* how far gradients of all weights are from the oracle's differences, over their length */
static double error_of(const oracle *o, const net *n)
{
	double off = 0, all = 0;
	for (int k = 0; k < PARAMS; k++)
		for (int64_t i = 0; i < n->run.param[k]->n; i++) {
			double want = slope_of(o, &o->p[k][i]);
			off += pow((double)n->run.gradient[k][i] - want, 2);
			all += want * want;
		}
	return sqrt(off / all);
}

static void close_oracle(oracle *o)
{
	for (int k = 0; k < PARAMS; k++)
		free(o->p[k]);
}

/* ---- claims ---- */

static void numbers(const par_world *w)
{
	oracle o;
	net n;
	if (!open_net(&n, w, &(net_case){0}))
		return;
	open_oracle(&o, &n, &(net_case){0});
	par_graph_forward(n.run.g, n.pass);
	double loss = par_graph_loss(n.run.g, n.pass), worst = 0;
	const float *of = par_graph_at(n.run.g, n.loss);
	for (int64_t s = n.run.shards->lo; s < n.run.shards->hi && s < REAL; s++)
		worst = fmax(worst, fabs((double)of[s - n.run.shards->lo] - penalty_of(&o, s)));
	ok(worst < 1e-5 && fabs(loss - loss_of(&o)) < 1e-5,
	    "the penalty of each sample is that of its gradient's norm (off by %.1e)", worst);
	close_oracle(&o);
	opcheck_free(&n.run);
}

static void learn(net *n, const par_world *w)
{
	par_graph_learn(n->run.g, n->pass);
	opcheck_sum(w, &n->run);
}

static void gradients(const par_world *w, const net_case *c, const char *what)
{
	oracle o;
	net n;
	if (!open_net(&n, w, c))
		return;
	open_oracle(&o, &n, c);
	learn(&n, w);
	double off = error_of(&o, &n);
	ok(off < 1e-6, "gradients by all weights of %s are off by %.1e", what, off);
	close_oracle(&o);
	opcheck_free(&n.run);
}

static bool same_gradients(const net *a, const net *b)
{
	bool same = true;
	for (int k = 0; k < PARAMS; k++)
		same = same && memcmp(a->run.gradient[k], b->run.gradient[k],
				   (size_t)a->run.param[k]->n * sizeof(float)) == 0;
	return same;
}

static void bits(const par_world *w)
{
	par_world alone = {
	    .comm = MPI_COMM_SELF, .node = MPI_COMM_SELF, .size = 1, .node_size = 1, .nodes = 1};
	net all, solo, sliced;
	net_case whole = {.judged = true, .cache = (int64_t)1 << 40},
		 few = {.judged = true, .cache = 1};
	bool made = open_net(&all, w, &whole) && open_net(&solo, &alone, &whole) &&
		    open_net(&sliced, w, &few);
	ok(made, "whole and in slices: planned");
	if (!made)
		return;
	learn(&all, w);
	learn(&solo, &alone);
	learn(&sliced, w);
	ok(same_gradients(&all, &solo), "gradients have the bits of one rank alone");
	ok(same_gradients(&all, &sliced), "and of slices of a shard");
	opcheck_free(&all.run);
	opcheck_free(&solo.run);
	opcheck_free(&sliced.run);
}

/* ---- the operators alone ---- */

enum { TANGENT, INTERPOLATE };

static par_value build_one(par_graph *g, const par_value *in, const void *ctx)
{
	return *(const int *)ctx == TANGENT ? par_activate_tangent(g, in[0], PAR_ACT_LEAKY)
					    : par_interpolate(g, in[0], in[1]);
}

/* three points of five numbers; or a share that operator 2 of step 11 draws, after both leaves */
static void reference(
    int64_t samples, double *const *x, double *const *p, double *y, const void *ctx)
{
	(void)p;
	for (int64_t i = 0; i < samples * 15; i++) {
		double e = (double)par_rng_f32((par_rng){3, 2, 11}, i / 15);
		const double *a = x[0] + i, *b = x[1] + i;
		if (*(const int *)ctx == TANGENT)
			y[i] = a[i % 15 < 10 ? 0 : -5] > 0 ? *a : 0.2 * *a;
		else
			y[i] = e * *a + (1 - e) * *b;
	}
}

static void alone(const par_world *w, const char *what, int which)
{
	opcheck_input in = {PAR_F32, 2, {3, 5}, 0, 0};
	opcheck_all(&(opcheck){.what = what,
			.batch = 53,
			.inputs = which == TANGENT ? 1 : 2,
			.input = {in, in},
			.build = build_one,
			.reference = reference,
			.ctx = &which},
	    w);
}

/* ---- gradients as values ---- */

static par_graph *new_graph(const par_world *w, par_value *x)
{
	par_graph *g;
	par_graph_open(&g, &(par_graph_spec){.world = w, .batch = BATCH, .seed = SEED});
	*x = par_graph_input(g, "x", PAR_F32, 1, (int64_t[]){1});
	return g;
}

static par_value times(par_graph *g, par_value x, const char *name)
{
	return par_linear(g, x, &(par_linear_spec){.name = name, .out = 1, .no_bias = true});
}

static void set(par_graph *g, const char *name, float value)
{
	par_param *p = par_graph_find(g, name);
	p->weights = p->weights ? p->weights : calloc(1, sizeof(float));
	*p->weights = value;
	for (int k = 0; k < par_graph_shards(g)->nodes && !p->grad[k]; k++)
		p->grad[k] = calloc(1, sizeof(float));
}

static void take(par_graph *g)
{
	for (int i = 0; i < par_graph_params(g); i++) {
		par_param *p = par_graph_param(g, i);
		free(p->weights);
		for (int k = 0; k < PAR_NODES; k++)
			free(p->grad[k]);
	}
	par_graph_close(g);
}

/* y = (a x)^2, so dy/dx = 2 a a x; loss = b dy/dx + y, whose gradient by a is that of y alone */
static void is_a_number(const par_world *w)
{
	par_value x;
	par_graph *g = new_graph(w, &x);
	par_value h = times(g, x, "a"), y = par_multiply(g, h, h);
	par_value slope = par_gradient(g, y, x);
	par_value loss = par_add_values(g, times(g, slope, "b"), y);
	int pass = par_graph_pass(g, loss, "model");
	if (par_graph_plan(g) != PAR_OK)
		return;
	set(g, "a/weight", 3);
	set(g, "b/weight", 0.5);
	const par_shards *s = par_graph_shards(g);
	for (int64_t i = s->lo; i < s->hi; i++)
		((float *)par_graph_at(g, x))[i - s->lo] = 2;
	par_graph_step(g, 0, BATCH);
	par_graph_learn(g, pass);
	double got[2] = {0}, all[2];
	for (int k = 0; k < s->nodes; k++) {
		got[0] += (double)par_graph_find(g, "a/weight")->grad[k][0];
		got[1] += (double)par_graph_find(g, "b/weight")->grad[k][0];
	}
	MPI_Allreduce(got, all, 2, MPI_DOUBLE, MPI_SUM, w->comm);
	ok(fabs(par_graph_loss(g, pass) - (0.5 * 36 + 36)) < 1e-5 && fabs(all[1] - 36) < 1e-4,
	    "a gradient is read like any value, and goes on to weights");
	ok(fabs(all[0] - 24) < 1e-4,
	    "none passes through it, and what it came from has its own way back (%g)", all[0]);
	take(g);
}

static void is_not_a_way(const par_world *w)
{
	par_value x;
	par_graph *g = new_graph(w, &x);
	par_value slope = par_gradient(g, times(g, x, "a"), x);
	par_graph_pass(g, par_multiply(g, slope, times(g, x, "c")), "model");
	ok(par_graph_plan(g) == PAR_E_CONFIG && strstr(par_err_why(), "a/weight"),
	    "a weight that only a gradient follows is not reached");
	par_graph_close(g);
}

/* the critic's turn, then the maker's: what the second reads is of the new weights */
static void is_made_anew(const par_world *w)
{
	par_value x;
	par_graph *g = new_graph(w, &x);
	par_graph_group(g, "critic");
	par_value y = times(g, x, "a"), slope = par_gradient(g, y, x);
	int first = par_graph_pass(g, par_multiply(g, slope, y), "critic");
	par_graph_group(g, "maker");
	int second = par_graph_pass(g, times(g, slope, "b"), "maker");
	par_err e = par_graph_plan(g);
	ok(e == PAR_OK, "two passes that read one gradient are planned");
	if (e != PAR_OK)
		return;
	set(g, "a/weight", 3);
	set(g, "b/weight", 1);
	par_graph_step(g, 0, BATCH);
	par_graph_learn(g, first);
	set(g, "a/weight", 5);
	par_graph_forward(g, second);
	ok(fabs(par_graph_loss(g, second) - 5) < 1e-6,
	    "the second has it of the weights that the first changed");
	take(g);
}

/* y = (a x)^2 goes forward in the maker's pass, and back in the critic's */
static void finds_values(const par_world *w)
{
	par_value x;
	par_graph *g = new_graph(w, &x);
	par_graph_group(g, "critic");
	par_value h = times(g, x, "a"), y = par_multiply(g, h, h);
	par_graph_group(g, "maker");
	int first = par_graph_pass(g, times(g, y, "b"), "maker");
	int second = par_graph_pass(g, par_multiply(g, y, par_gradient(g, y, x)), "critic");
	if (par_graph_plan(g) != PAR_OK)
		return;
	set(g, "a/weight", 3);
	set(g, "b/weight", 1);
	const par_shards *s = par_graph_shards(g);
	for (int64_t i = s->lo; i < s->hi; i++)
		((float *)par_graph_at(g, x))[i - s->lo] = 2;
	par_graph_step(g, 0, BATCH);
	par_graph_learn(g, first);
	par_graph_learn(g, second);
	double got = 0, all;
	for (int k = 0; k < s->nodes; k++)
		got += (double)par_graph_find(g, "a/weight")->grad[k][0];
	MPI_Allreduce(&got, &all, 1, MPI_DOUBLE, MPI_SUM, w->comm);
	ok(fabs(par_graph_loss(g, second) - 36 * 36) < 1e-2 && fabs(all - 36 * 24) < 1e-2,
	    "a gradient goes back over values that an earlier pass left");
	take(g);
}

static void refused(const par_world *w)
{
	par_value x;
	par_graph *g = new_graph(w, &x);
	par_value slope = par_gradient(g, times(g, x, "a"), x);
	par_graph_answer(g, 1, &slope);
	ok(par_graph_plan(g) == PAR_E_CONFIG && strstr(par_err_why(), "an answer asks"),
	    "answers have no gradients");
	par_graph_close(g);
	g = new_graph(w, &x);
	par_value y = times(g, x, "a");
	slope = par_gradient(g, par_detach(g, y), x);
	par_graph_pass(g, par_add_values(g, slope, y), "model");
	ok(par_graph_plan(g) == PAR_E_CONFIG && strstr(par_err_why(), "does not lead"),
	    "nor has a value that the other does not lead to");
	par_graph_close(g);
	g = new_graph(w, &x);
	par_value label = par_graph_input(g, "label", PAR_I32, 1, (int64_t[]){1});
	ok(par_gradient(g, x, label) < 0 && par_along(g, x, par_repeat(g, x, 2)) < 0 &&
		par_activate_tangent(g, x, PAR_ACT_LEAKY) < 0 &&
		par_loss_gradient_penalty(g, x, x, 10) < 0,
	    "shapes and types that make no sense are refused");
	par_graph_close(g);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	alone(&w, "activation of a tangent", TANGENT);
	alone(&w, "a point between two", INTERPOLATE);
	is_a_number(&w);
	is_not_a_way(&w);
	is_made_anew(&w);
	finds_values(&w);
	refused(&w);
	numbers(&w);
	gradients(&w, &(net_case){0}, "the penalty");
	gradients(&w, &(net_case){.judged = true}, "the penalty and a critic's loss");
	bits(&w);
	par_world_close(&w);
	return tap_end();
}
