#include "base/cpu.h"
#include "grad/layers.h"
#include "grad/loss_kernels.h"
#include "grad/op.h"

void par_points_loss(
    const par_points *k, int64_t samples, const float *p, const float *t, float *loss)
{
	KERNEL_CALL(par_points_loss, k, samples, p, t, loss);
}

void par_points_back(const par_points *k, int64_t samples, const float *p, const float *t,
    const float *dy, float *dp, float *dt)
{
	KERNEL_CALL(par_points_back, k, samples, p, t, dy, dp, dt);
}

static void forward(const par_run *r, par_op *op)
{
	par_points_loss(op->own, r->samples, op->x[0], op->x[1], op->y);
}

static void backward(const par_run *r, par_op *op)
{
	par_points_back(op->own, r->samples, op->x[0], op->x[1], op->dy, op->dx[0], op->dx[1]);
}

static const par_op_kind kind = {.name = "loss",
    .slices = true,
    .reads = PAR_READS_IN,
    .forward = forward,
    .backward = backward};

static par_value loss(
    par_graph *g, const char *name, par_point_kind point, par_value p, par_value t, double number)
{
	par_op *op = par_op_new(g, &kind, 2, (par_value[]){p, t}, sizeof(par_points));
	if (!op)
		return -1;
	int64_t n = par_op_elements(g, p);
	if (!par_op_alike(g, p, t) || n == 0)
		return par_op_fail(g, "loss %s: %lld predictions for %lld targets", name,
		    (long long)n, (long long)par_op_elements(g, t));
	if (par_op_type(g, p) != PAR_F32 || par_op_type(g, t) != PAR_F32)
		return par_op_fail(g, "loss %s: predictions and targets are floats", name);
	*(par_points *)op->own = (par_points){point, (float)number, n, 1 / (float)n};
	return par_op_done(op, PAR_F32, 1, (int64_t[]){1});
}

par_value par_loss_mse(par_graph *g, par_value p, par_value t)
{
	return loss(g, "mse", PAR_POINT_MSE, p, t, 0);
}

par_value par_loss_mae(par_graph *g, par_value p, par_value t)
{
	return loss(g, "mae", PAR_POINT_MAE, p, t, 0);
}

par_value par_loss_huber(par_graph *g, par_value p, par_value t, double delta)
{
	if (!(delta > 0))
		return par_op_fail(g, "loss huber: delta %g; wanted more than 0", delta);
	return loss(g, "huber", PAR_POINT_HUBER, p, t, delta);
}

par_value par_loss_poisson(par_graph *g, par_value p, par_value t)
{
	return loss(g, "poisson", PAR_POINT_POISSON, p, t, 0);
}

par_value par_loss_tweedie(par_graph *g, par_value p, par_value t, double power)
{
	if (!(power > 1 && power < 2))
		return par_op_fail(
		    g, "loss tweedie: power %g; wanted more than 1 and less than 2", power);
	return loss(g, "tweedie", PAR_POINT_TWEEDIE, p, t, power);
}

par_value par_loss_binary(par_graph *g, par_value p, par_value t)
{
	return loss(g, "binary", PAR_POINT_BINARY, p, t, 0);
}
