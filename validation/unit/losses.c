/* np: 1 2 3 6 */
#include "grad/layers.h"
#include "opcheck.h"

static const double levels[] = {0.1, 0.5, 0.75, 0.9};

enum {
	MSE,
	MAE,
	HUBER,
	PINBALL,
	POISSON,
	TWEEDIE,
	BINARY,
	ENTROPY,
	SMOOTHED,
	HINGE,
	SQUARED,
	JUDGE_HINGE,
	JUDGE_LOGISTIC,
	MAKER_HINGE,
	MAKER_LOGISTIC,
	JUDGE_MINIMAX,
	JUDGE_WASSERSTEIN,
	MAKER_MINIMAX,
	MAKER_WASSERSTEIN,
	WEIGHED,
};

typedef struct {
	int which;
	int64_t rows, n; /* a sample's predictions */
} loss_case;

static par_value build(par_graph *g, const par_value *in, const void *ctx)
{
	const loss_case *c = ctx;
	switch (c->which) {
	case MSE:
		return par_loss_mse(g, in[0], in[1]);
	case MAE:
		return par_loss_mae(g, in[0], in[1]);
	case HUBER:
		return par_loss_huber(g, in[0], in[1], 0.7);
	case PINBALL:
		return par_loss_pinball(g, in[0], in[1], 4, levels);
	case POISSON:
		return par_loss_poisson(g, in[0], in[1]);
	case TWEEDIE:
		return par_loss_tweedie(g, in[0], in[1], 1.4);
	case BINARY:
		return par_loss_binary(g, in[0], in[1]);
	case ENTROPY:
		return par_loss_cross_entropy(g, in[0], in[1], 0);
	case SMOOTHED:
		return par_loss_cross_entropy(g, in[0], in[1], 0.15);
	case HINGE:
		return par_loss_hinge(g, in[0], in[1], false);
	case SQUARED:
		return par_loss_hinge(g, in[0], in[1], true);
	case JUDGE_HINGE:
		return par_loss_gan_judge(g, in[0], PAR_GAN_HINGE);
	case JUDGE_LOGISTIC:
		return par_loss_gan_judge(g, in[0], PAR_GAN_LOGISTIC);
	case MAKER_HINGE:
		return par_loss_gan_maker(g, in[0], PAR_GAN_HINGE);
	case MAKER_LOGISTIC:
		return par_loss_gan_maker(g, in[0], PAR_GAN_LOGISTIC);
	case JUDGE_MINIMAX:
		return par_loss_gan_judge(g, in[0], PAR_GAN_MINIMAX);
	case JUDGE_WASSERSTEIN:
		return par_loss_gan_judge(g, in[0], PAR_GAN_WASSERSTEIN);
	case MAKER_MINIMAX:
		return par_loss_gan_maker(g, in[0], PAR_GAN_MINIMAX);
	case MAKER_WASSERSTEIN:
		return par_loss_gan_maker(g, in[0], PAR_GAN_WASSERSTEIN);
	default:
		return par_weigh(g, in[0], in[1]);
	}
}

/* the oracles: one element */
static double point(int which, double p, double t)
{
	double d = p - t;
	switch (which) {
	case MSE:
		return d * d;
	case MAE:
		return fabs(d);
	case HUBER:
		return fabs(d) <= 0.7 ? d * d / 2 : 0.7 * (fabs(d) - 0.35);
	case POISSON:
		return exp(p) - t * p;
	case TWEEDIE:
		return exp(0.6 * p) / 0.6 - t * exp(-0.4 * p) / -0.4;
	case BINARY:
		return -t * log(1 / (1 + exp(-p))) - (1 - t) * log(1 / (1 + exp(p)));
	default:
		return NAN;
	}
}

static double pinball(double p, double t, double level)
{
	return t > p ? level * (t - p) : (1 - level) * (p - t);
}

static double entropy(const double *x, int64_t n, double label, double smoothing)
{
	double sum = 0, loss = 0;
	for (int64_t j = 0; j < n; j++)
		sum += exp(x[j]);
	for (int64_t j = 0; j < n; j++) {
		double want = (j == (int64_t)label ? 1 - smoothing : 0) + smoothing / (double)n;
		loss -= want * (x[j] - log(sum));
	}
	return loss;
}

static double lack(double score)
{
	return score < 1 ? 1 - score : 0;
}

static double gan(int which, const double *s)
{
	switch (which) {
	case JUDGE_HINGE:
		return lack(s[0]) + lack(-s[1]);
	case JUDGE_LOGISTIC:
	case JUDGE_MINIMAX:
		return -log(1 / (1 + exp(-s[0]))) - log(1 - 1 / (1 + exp(-s[1])));
	case JUDGE_WASSERSTEIN:
		return s[1] - s[0];
	case MAKER_HINGE:
	case MAKER_WASSERSTEIN:
		return -s[0];
	case MAKER_MINIMAX:
		return log(1 - 1 / (1 + exp(-s[0])));
	default:
		return -log(1 / (1 + exp(-s[0])));
	}
}

static double one(const loss_case *c, const double *p, const double *t)
{
	double sum = 0;
	int64_t all = c->rows * c->n;
	for (int64_t i = 0; i < all; i++) {
		double y = c->n == 1 ? (t[0] > 0 ? 1 : -1) : (int64_t)t[0] == i ? 1 : -1;
		if (c->which == PINBALL)
			sum += pinball(p[i], t[i / c->n], levels[i % c->n]);
		else if (c->which == HINGE)
			sum += lack(y * p[i]);
		else if (c->which == SQUARED)
			sum += lack(y * p[i]) * lack(y * p[i]);
		else
			sum += point(c->which, p[i], t[i]);
	}
	return sum / (double)all;
}

static void reference(
    int64_t samples, double *const *x, double *const *p, double *y, const void *ctx)
{
	(void)p;
	const loss_case *c = ctx;
	int64_t all = c->rows * c->n;
	for (int64_t s = 0; s < samples; s++) {
		const double *a = x[0] + s * all;
		if (c->which == WEIGHED) {
			for (int64_t i = 0; i < all; i++)
				y[s * all + i] = a[i] * x[1][s];
		} else if (c->which >= JUDGE_HINGE) {
			y[s] = gan(c->which, a);
		} else if (c->which == ENTROPY || c->which == SMOOTHED) {
			y[s] = 0;
			for (int64_t r = 0; r < c->rows; r++)
				y[s] += entropy(a + r * c->n, c->n, x[1][s * c->rows + r],
					    c->which == SMOOTHED ? 0.15 : 0) /
					(double)c->rows;
		} else {
			int64_t targets = c->which == PINBALL ? c->rows : all;
			if (c->which == HINGE || c->which == SQUARED)
				targets = 1;
			y[s] = one(c, a, x[1] + s * targets);
		}
	}
}

static void check(const par_world *w, const char *what, int64_t batch, loss_case c)
{
	opcheck o = {.what = what,
	    .batch = batch,
	    .inputs = c.which >= JUDGE_HINGE && c.which < WEIGHED ? 1 : 2,
	    .input = {{PAR_F32, 2, {c.rows, c.n}, 0, 0}, {PAR_F32, 2, {c.rows, c.n}, 0, 0}},
	    .build = build,
	    .reference = reference,
	    .ctx = &c};
	if (c.which == PINBALL)
		o.input[1].nd = 1;
	if (c.which == ENTROPY || c.which == SMOOTHED)
		o.input[1] = (opcheck_input){PAR_I32, 1, {c.rows}, c.n, 0};
	if (c.which == HINGE || c.which == SQUARED) {
		o.input[0] = (opcheck_input){PAR_F32, 1, {c.n}, 0, 0};
		o.input[1] = (opcheck_input){PAR_I32, 1, {1}, c.n == 1 ? 2 : c.n, 0};
	}
	if (c.which == WEIGHED)
		o.input[1] = (opcheck_input){PAR_F32, 1, {1}, 0, 0};
	opcheck_all(&o, w);
}

/* predictions and targets given, the loss worked by hand beside them */
static double value_of(const par_world *w, int inputs, const opcheck_input *in,
    const float *const *values, const loss_case *c)
{
	par_graph *g;
	par_value v[2];
	par_graph_open(&g, &(par_graph_spec){.world = w, .batch = 1});
	for (int k = 0; k < inputs; k++)
		v[k] = par_graph_input(g, "v", in[k].type, in[k].nd, in[k].shape);
	par_value loss = build(g, v, c);
	int pass = par_graph_answer(g, 1, &loss);
	double got = NAN;
	if (par_graph_plan(g) == PAR_OK) {
		for (int k = 0; k < inputs; k++)
			for (int64_t i = 0; i < opcheck_elements(&in[k]); i++)
				if (in[k].type == PAR_I32)
					((int32_t *)par_graph_at(g, v[k]))[i] =
					    (int32_t)values[k][i];
				else
					((float *)par_graph_at(g, v[k]))[i] = values[k][i];
		par_graph_forward(g, pass);
		got = (double)*(float *)par_graph_at(g, loss);
	}
	par_graph_close(g);
	return got;
}

static void by_hand(void)
{
	par_world alone = {
	    .comm = MPI_COMM_SELF, .node = MPI_COMM_SELF, .size = 1, .node_size = 1, .nodes = 1};
	static const float p[] = {1, -2, 0.5f, 3}, t[] = {0, -2, 1, 1}, third[] = {2}, out[] = {4};
	static const float zero[] = {0, 0, 0, 0};
	const opcheck_input four = {PAR_F32, 1, {4}, 0, 0}, label = {PAR_I32, 1, {1}, 4, 0};
	const opcheck_input points[] = {four, four}, classes[] = {four, label};
#define VALUE(which, inputs, a, b, kinds) \
	value_of(&alone, inputs, kinds, (const float *const[]){a, b}, &(loss_case){which, 1, 4})
	ok(VALUE(MSE, 2, p, t, points) == 5.25 / 4, "mse of 1 0 -.5 2 is 1.3125");
	ok(VALUE(MAE, 2, p, t, points) == 3.5 / 4, "mae of the same is 0.875");
	ok(fabs(VALUE(HUBER, 2, p, t, points) - (0.7 * (1 - 0.35) + 0.125 + 0.7 * (2 - 0.35)) / 4) <
		1e-7,
	    "huber of the same");
	ok(fabs(VALUE(BINARY, 2, zero, t, points) - log(2)) < 1e-7,
	    "an undecided logit costs log 2, whatever the target");
	ok(fabs(VALUE(ENTROPY, 2, zero, third, classes) - log(4)) < 2e-7,
	    "four equal logits cost log 4");
	ok(VALUE(HINGE, 2, p, third, classes) == (2 + 0 + 0.5 + 4) / 4.0,
	    "hinge of the third class against the rest");
	ok(isnan(VALUE(ENTROPY, 2, p, out, classes)), "a label that no class has makes it NaN");
	static const float scores[4] = {2, -1}, fake[4] = {-1}, sure[4] = {800};
	const opcheck_input two = {PAR_F32, 2, {2, 1}, 0, 0}, one_score = {PAR_F32, 1, {1}, 0, 0};
	ok(VALUE(JUDGE_HINGE, 1, scores, NULL, &two) == 0 &&
		VALUE(JUDGE_WASSERSTEIN, 1, scores, NULL, &two) == -3,
	    "a real one at 2 and a fake one at -1 cost the judge nothing by hinge, -3 by "
	    "Wasserstein");
	ok(fabs(VALUE(JUDGE_MINIMAX, 1, scores, NULL, &two) - 0.4401896) < 1e-6 &&
		VALUE(JUDGE_LOGISTIC, 1, scores, NULL, &two) ==
		    VALUE(JUDGE_MINIMAX, 1, scores, NULL, &two),
	    "by logarithms .127 and .313, saturating or not");
	ok(VALUE(MAKER_WASSERSTEIN, 1, fake, NULL, &one_score) == 1 &&
		fabs(VALUE(MAKER_MINIMAX, 1, fake, NULL, &one_score) + 0.3132617) < 1e-6 &&
		fabs(VALUE(MAKER_LOGISTIC, 1, fake, NULL, &one_score) - 1.3132617) < 1e-6,
	    "and the fake one its maker 1, log(1 - .269) or -log .269");
	ok(VALUE(MAKER_MINIMAX, 1, sure, NULL, &one_score) == -800,
	    "a score that overflows has its logarithm");
	static const float large[] = {800, -800, 0, 799};
	ok(fabs(VALUE(ENTROPY, 2, large, third, classes) - (800 + log1p(exp(-1)))) < 1e-4,
	    "cross-entropy of logits whose exponentials overflow");
	ok(fabs(VALUE(BINARY, 2, large, zero, points) - (1599 + log(2)) / 4) < 1e-4,
	    "and binary cross-entropy of them");
}

/* what stands where a short batch has no samples may be anything */
static void short_batch(void)
{
	par_world alone = {
	    .comm = MPI_COMM_SELF, .node = MPI_COMM_SELF, .size = 1, .node_size = 1, .nodes = 1};
	par_graph *g;
	float *dx = NULL, weight[1], gradient[PAR_NODES];
	par_graph_open(&g, &(par_graph_spec){.world = &alone, .batch = 2});
	par_value x = par_graph_input(g, "x", PAR_F32, 1, (int64_t[]){3});
	par_value label = par_graph_input(g, "label", PAR_I32, 1, (int64_t[]){1});
	par_value loss = par_loss_cross_entropy(g, opcheck_leaf(g, x, 0, &dx), label, 0);
	int pass = par_graph_pass(g, loss, "model");
	ok(par_graph_plan(g) == PAR_OK && dx, "a short batch: planned");
	if (!dx)
		return;
	par_graph_param(g, 0)->weights = weight;
	for (int i = 0; i < PAR_NODES; i++)
		par_graph_param(g, 0)->grad[i] = &gradient[i];
	memset(par_graph_at(g, x), 0, 6 * sizeof(float));
	((int32_t *)par_graph_at(g, label))[0] = 1;
	((int32_t *)par_graph_at(g, label))[1] = -7;
	par_graph_step(g, 0, 1);
	par_graph_forward(g, pass);
	par_graph_backward(g, pass);
	ok(fabs(par_graph_loss(g, pass) - log(3)) < 1e-6 && fabs((double)dx[1] + 2.0 / 3) < 1e-6 &&
		dx[3] == 0 && dx[4] == 0 && dx[5] == 0,
	    "a label that stands past its end has no loss and no gradient");
	free(dx);
	par_graph_close(g);
}

static void refused(const par_world *w)
{
	par_graph *g;
	par_graph_open(&g, &(par_graph_spec){.world = w, .batch = 3});
	par_value a = par_graph_input(g, "a", PAR_F32, 1, (int64_t[]){4});
	par_value b = par_graph_input(g, "b", PAR_F32, 1, (int64_t[]){5});
	ok(par_loss_mse(g, a, b) < 0 && par_loss_cross_entropy(g, a, b, 0) < 0 &&
		par_loss_huber(g, a, a, 0) < 0 && par_loss_tweedie(g, a, a, 2) < 0 &&
		par_loss_pinball(g, a, b, 4, levels) < 0 && par_loss_gan_judge(g, a, 0) < 0,
	    "shapes and numbers that make no sense are refused");
	ok(par_graph_plan(g) == PAR_E_CONFIG &&
		strstr(par_err_why(), "4 predictions for 5 targets"),
	    "and planning tells the first");
	par_graph_close(g);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	check(&w, "mse", 53, (loss_case){MSE, 3, 7});
	check(&w, "mae", 5, (loss_case){MAE, 1, 33});
	check(&w, "huber", 53, (loss_case){HUBER, 1, 17});
	check(&w, "pinball", 53, (loss_case){PINBALL, 5, 4});
	check(&w, "poisson", 7, (loss_case){POISSON, 1, 5});
	check(&w, "tweedie", 7, (loss_case){TWEEDIE, 2, 5});
	check(&w, "binary", 1, (loss_case){BINARY, 3, 16});
	check(&w, "cross-entropy", 53, (loss_case){ENTROPY, 1, 10});
	check(&w, "cross-entropy of rows", 7, (loss_case){ENTROPY, 6, 37});
	check(&w, "smoothed cross-entropy", 53, (loss_case){SMOOTHED, 2, 16});
	check(&w, "hinge", 53, (loss_case){HINGE, 1, 1});
	check(&w, "hinge of classes", 53, (loss_case){HINGE, 1, 19});
	check(&w, "squared hinge", 53, (loss_case){SQUARED, 1, 1});
	check(&w, "squared hinge of classes", 5, (loss_case){SQUARED, 1, 3});
	check(&w, "judge, hinge", 53, (loss_case){JUDGE_HINGE, 2, 1});
	check(&w, "judge, logistic", 53, (loss_case){JUDGE_LOGISTIC, 2, 1});
	check(&w, "maker, hinge", 5, (loss_case){MAKER_HINGE, 1, 1});
	check(&w, "maker, logistic", 53, (loss_case){MAKER_LOGISTIC, 1, 1});
	check(&w, "judge, minimax", 53, (loss_case){JUDGE_MINIMAX, 2, 1});
	check(&w, "judge, Wasserstein", 53, (loss_case){JUDGE_WASSERSTEIN, 2, 1});
	check(&w, "maker, minimax", 53, (loss_case){MAKER_MINIMAX, 1, 1});
	check(&w, "maker, Wasserstein", 5, (loss_case){MAKER_WASSERSTEIN, 1, 1});
	check(&w, "weights of samples", 53, (loss_case){WEIGHED, 3, 7});
	by_hand();
	short_batch();
	refused(&w);
	par_world_close(&w);
	return tap_end();
}
