#include "grad/pool.h"

#include "grad/layers.h"

typedef struct {
	par_pool_map map;
	int64_t pictures; /* of a sample */
} pool;

static void forward_max(const par_run *r, par_op *op)
{
	const pool *p = op->own;
	par_pool_max(&p->map, r->samples * p->pictures, op->x[0], op->y, (uint8_t *)op->saved[0]);
}

static void backward_max(const par_run *r, par_op *op)
{
	const pool *p = op->own;
	if (op->dx[0])
		par_pool_max_back(&p->map, r->samples * p->pictures, op->dy,
		    (const uint8_t *)op->saved[0], op->dx[0]);
}

static void forward_mean(const par_run *r, par_op *op)
{
	const pool *p = op->own;
	par_pool_mean(&p->map, r->samples * p->pictures, op->x[0], op->y);
}

static void backward_mean(const par_run *r, par_op *op)
{
	const pool *p = op->own;
	if (op->dx[0])
		par_pool_mean_back(&p->map, r->samples * p->pictures, op->dy, op->dx[0]);
}

static const par_op_kind max_kind = {
    .name = "max pool", .forward = forward_max, .backward = backward_max};
static const par_op_kind mean_kind = {
    .name = "mean pool", .forward = forward_mean, .backward = backward_mean};

const par_pool_map *par_pool_maxima(const par_op *op)
{
	return op->kind == &max_kind ? &((const pool *)op->own)->map : NULL;
}

par_value par_pool2d(par_graph *g, par_value x, par_pool_kind kind, int64_t size, int64_t stride)
{
	bool largest = kind == PAR_POOL_MAX;
	par_op *op = par_op_new(g, largest ? &max_kind : &mean_kind, 1, &x, sizeof(pool));
	if (!op)
		return -1;
	int64_t shape[PAR_AXES];
	int nd = par_op_axes(g, x, shape);
	if (nd < 3 || size < 1 || size > PAR_POOL_SIZE || stride < 1 || shape[nd - 3] < size ||
	    shape[nd - 2] < size)
		return par_op_fail(g,
		    "pool: windows of %lld, %lld apart; wanted pictures [h, w, channel] that are "
		    "as large and windows of 1 to %d",
		    (long long)size, (long long)stride, PAR_POOL_SIZE);
	int64_t *at = shape + nd - 3;
	pool *p = op->own;
	*p = (pool){.map = {at[0], at[1], at[2], size, stride},
	    .pictures = par_op_elements(g, x) / (at[0] * at[1] * at[2])};
	at[0] = par_pool_windows(at[0], size, stride);
	at[1] = par_pool_windows(at[1], size, stride);
	if (largest) /* a byte each */
		op->saved_floats[0] = (size_t)(p->pictures * at[0] * at[1] * at[2] + 3) / 4;
	return par_op_done(op, PAR_F32, nd, shape);
}
