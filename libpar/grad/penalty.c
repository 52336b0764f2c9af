/* The gradient penalty needs the gradient, by weights, of n = |grad_x D(x)|. With u = grad_x D(x) / n held fixed that is the
 * gradient of u . grad_x D(x), and where D is made of straight pieces, u . grad_x D(x) is (E(x + h u) - D(x)) / h, where E is the
 * piece that x lies on, continued: a second point to score instead of a way back through the way back. */
#include "base/rng.h"
#include "grad/layers.h"
#include "grad/op.h"

#include <math.h>
#include <string.h>

/* h. A difference along the piece is exact, so h only has to keep what it adds above the rounding of x, which in pictures
 * from -1 to 1 is up to 100 long: in validation/unit/penalty.c gradients are off by 5e-6 with h = 0.01, by 1e-7 with 1
 * and by no more than 1e-7, which is float's, from there to 1e5. A difference of D itself would cross bends, each of
 * which brings an error of 1 / h: there it is off by 4.6 with h = 0.01, by 0.34 with 1. */
#define STEP 64.0

/* ---- a point between two ---- */

static float share(const par_run *r, const par_op *op, int64_t sample)
{
	par_rng rng = {r->seed, (uint32_t)op->index, (uint32_t)r->step};
	return par_rng_f32(rng, r->shards->lo + sample);
}

static void interpolate_forward(const par_run *r, par_op *op)
{
	int64_t n = par_op_elements(op->graph, op->out);
	const float *a = op->x[0], *b = op->x[1];
	float *y = op->y;
	for (int64_t i = 0; i < r->samples; i++, a += n, b += n, y += n) {
		float e = share(r, op, i);
		for (int64_t j = 0; j < n; j++)
			y[j] = e * a[j] + (1 - e) * b[j];
	}
}

static void interpolate_backward(const par_run *r, par_op *op)
{
	int64_t n = par_op_elements(op->graph, op->out);
	for (int64_t i = 0; i < r->samples; i++) {
		float e = share(r, op, i), of[] = {e, 1 - e};
		for (int k = 0; k < 2; k++)
			for (int64_t j = i * n; op->dx[k] && j < (i + 1) * n; j++)
				op->dx[k][j] = of[k] * op->dy[j];
	}
}

par_value par_interpolate(par_graph *g, par_value a, par_value b)
{
	static const par_op_kind kind = {.name = "interpolate",
	    .slices = true,
	    .forward = interpolate_forward,
	    .backward = interpolate_backward};
	par_op *op = par_op_new(g, &kind, 2, (par_value[]){a, b}, 0);
	if (!op)
		return -1;
	if (!par_op_alike(g, a, b))
		return par_op_fail(g, "interpolate: values of different shapes");
	return par_op_done_like(op, a);
}

/* ---- a point beside one ---- */

static double norm(int64_t n, const float *gradient)
{
	double sum = 0;
	for (int64_t i = 0; i < n; i++)
		sum += (double)gradient[i] * (double)gradient[i];
	return sqrt(sum);
}

static void along_forward(const par_run *r, par_op *op)
{
	int64_t n = par_op_elements(op->graph, op->in[0]);
	const float *x = op->x[0], *gradient = op->x[1];
	float *y = op->y;
	for (int64_t i = 0; i < r->samples; i++, x += n, gradient += n, y += 2 * n) {
		double length = norm(n, gradient);
		float by = length > 0 ? (float)(STEP / length) : 0;
		memcpy(y, x, (size_t)n * sizeof *y);
		for (int64_t j = 0; j < n; j++)
			y[n + j] = x[j] + by * gradient[j];
	}
}

par_value par_along(par_graph *g, par_value x, par_value gradient)
{
	static const par_op_kind kind = {.name = "along", .slices = true, .forward = along_forward};
	par_op *op = par_op_new(g, &kind, 2, (par_value[]){x, gradient}, 0);
	if (!op)
		return -1;
	int64_t shape[PAR_AXES + 1] = {2};
	int nd = par_op_axes(g, x, shape + 1);
	if (!par_op_alike(g, x, gradient) || nd == PAR_AXES)
		return par_op_fail(g, "along: values of different shapes or too many axes");
	return par_op_done(op, PAR_F32, nd + 1, shape);
}

/* ---- the penalty ---- */

static double excess(const par_op *op, int64_t sample)
{
	int64_t n = par_op_elements(op->graph, op->in[1]);
	return norm(n, (const float *)op->x[1] + sample * n) - 1;
}

static void penalty_forward(const par_run *r, par_op *op)
{
	double factor = *(const double *)op->own;
	for (int64_t i = 0; i < r->samples; i++) {
		double off = excess(op, i);
		((float *)op->y)[i] = (float)(factor * off * off);
	}
}

/* what comes back to the scores is not the slope of what went forward, but stands for it */
static void penalty_backward(const par_run *r, par_op *op)
{
	double factor = *(const double *)op->own;
	for (int64_t i = 0; op->dx[0] && i < r->samples; i++) {
		double slope = 2 * factor * excess(op, i) / STEP * (double)op->dy[i];
		op->dx[0][2 * i] = -(float)slope;
		op->dx[0][2 * i + 1] = (float)slope;
	}
}

par_value par_loss_gradient_penalty(
    par_graph *g, par_value scores, par_value gradient, double factor)
{
	static const par_op_kind kind = {.name = "gradient penalty",
	    .slices = true,
	    .reads = PAR_READS_IN,
	    .forward = penalty_forward,
	    .backward = penalty_backward};
	par_op *op = par_op_new(g, &kind, 2, (par_value[]){scores, gradient}, sizeof(double));
	if (!op)
		return -1;
	if (par_op_elements(g, scores) != 2 || par_op_axis(g, scores, 0) != 2)
		return par_op_fail(g, "gradient penalty: %lld scores; wanted those of two points",
		    (long long)par_op_elements(g, scores));
	*(double *)op->own = factor;
	return par_op_done(op, PAR_F32, 1, (int64_t[]){1});
}
