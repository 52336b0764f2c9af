#include "grad/layers.h"
#include "grad/loss_kernels.h"
#include "grad/op.h"

/* Losses of t times p, where t is +1 or -1: hinges of classes, and those of a GAN. The targets are
 * written anew into scratch for either way; signs does it for all samples. */
typedef struct margin {
	par_points points;
	void (*signs)(const struct margin *m, int64_t samples, const int32_t *label, float *t);
} margin;

static void forward(const par_run *r, par_op *op)
{
	const margin *m = op->own;
	m->signs(m, r->samples, op->ins > 1 ? op->x[1] : NULL, op->scratch);
	par_points_loss(&m->points, r->samples, op->x[0], op->scratch, op->y);
}

static void backward(const par_run *r, par_op *op)
{
	const margin *m = op->own;
	m->signs(m, r->samples, op->ins > 1 ? op->x[1] : NULL, op->scratch);
	par_points_back(&m->points, r->samples, op->x[0], op->scratch, op->dy, op->dx[0], NULL);
}

static const par_op_kind kind = {.name = "loss",
    .slices = true,
    .reads = PAR_READS_IN,
    .forward = forward,
    .backward = backward};

static par_value done(par_op *op, margin m)
{
	*(margin *)op->own = m;
	op->scratch_sample = (size_t)m.points.n;
	return par_op_done(op, PAR_F32, 1, (int64_t[]){1});
}

static void one_class(const margin *m, int64_t samples, const int32_t *label, float *t)
{
	(void)m;
	for (int64_t i = 0; i < samples; i++)
		t[i] = label[i] > 0 ? 1 : -1;
}

static void one_against_rest(const margin *m, int64_t samples, const int32_t *label, float *t)
{
	for (int64_t i = 0; i < samples; i++)
		for (int64_t j = 0; j < m->points.n; j++)
			*t++ = label[i] == j ? 1 : -1;
}

par_value par_loss_hinge(par_graph *g, par_value p, par_value label, bool squared)
{
	par_op *op = par_op_new(g, &kind, 2, (par_value[]){p, label}, sizeof(margin));
	if (!op)
		return -1;
	int64_t n = par_op_elements(g, p), shape[PAR_AXES];
	if (par_op_axes(g, p, shape) != 1 || n == 0 || par_op_elements(g, label) != 1 ||
	    par_op_type(g, label) != PAR_I32)
		return par_op_fail(g,
		    "loss hinge: %lld predictions and %lld labels a sample; wanted one whole "
		    "number as label",
		    (long long)n, (long long)par_op_elements(g, label));
	par_point_kind point = squared ? PAR_POINT_SQUARED_HINGE : PAR_POINT_HINGE;
	return done(
	    op, (margin){{point, 0, n, 1 / (float)n}, n == 1 ? one_class : one_against_rest});
}

/* real ones first, fake ones after them */
static void real_and_fake(const margin *m, int64_t samples, const int32_t *label, float *t)
{
	(void)label;
	for (int64_t i = 0; i < samples * m->points.n; i++)
		t[i] = i % m->points.n < m->points.n / 2 ? 1 : -1;
}

static void all_real(const margin *m, int64_t samples, const int32_t *label, float *t)
{
	(void)label;
	for (int64_t i = 0; i < samples * m->points.n; i++)
		t[i] = 1;
}

static void all_fake(const margin *m, int64_t samples, const int32_t *label, float *t)
{
	(void)label;
	for (int64_t i = 0; i < samples * m->points.n; i++)
		t[i] = -1;
}

par_value par_loss_gan_judge(par_graph *g, par_value scores, par_gan_kind kind_of)
{
	par_op *op = par_op_new(g, &kind, 1, &scores, sizeof(margin));
	if (!op)
		return -1;
	int64_t n = par_op_elements(g, scores);
	if (n == 0 || par_op_axis(g, scores, 0) != 2)
		return par_op_fail(
		    g, "judge's loss: %lld scores; wanted those of real and fake", (long long)n);
	static const par_point_kind point[] = {[PAR_GAN_HINGE] = PAR_POINT_HINGE,
	    [PAR_GAN_LOGISTIC] = PAR_POINT_LOGISTIC,
	    [PAR_GAN_MINIMAX] = PAR_POINT_LOGISTIC,
	    [PAR_GAN_WASSERSTEIN] = PAR_POINT_LINEAR};
	return done(op, (margin){{point[kind_of], 0, n, 2 / (float)n}, real_and_fake});
}

par_value par_loss_gan_maker(par_graph *g, par_value score, par_gan_kind kind_of)
{
	par_op *op = par_op_new(g, &kind, 1, &score, sizeof(margin));
	if (!op)
		return -1;
	int64_t n = par_op_elements(g, score);
	if (n == 0)
		return par_op_fail(g, "maker's loss: no scores");
	float each = 1 / (float)n;
	/* log(1 - D) is what the judge pays for a fake, with the other sign */
	if (kind_of == PAR_GAN_MINIMAX)
		return done(op, (margin){{PAR_POINT_LOGISTIC, 0, n, -each}, all_fake});
	bool logistic = kind_of == PAR_GAN_LOGISTIC;
	par_point_kind point = logistic ? PAR_POINT_LOGISTIC : PAR_POINT_LINEAR;
	return done(op, (margin){{point, 0, n, each}, all_real});
}
