#include "grad/layers.h"
#include "grad/op.h"
#include "grad/spectral.h"

#include <math.h>
#include <string.h>

typedef struct {
	par_sparse_rows of;
	int64_t ids, out;      /* ids of a sample */
	par_spectral spectral; /* of weights divided by their norm */
} linear_rows;

/* the entries of row `id`; none when there is no such row */
static int64_t entries(const par_sparse_rows *of, int32_t id, int64_t *from)
{
	*from = 0;
	if (id < 0 || id >= of->rows)
		return 0;
	*from = of->first[id];
	return of->first[id + 1] - *from;
}

static void forward(const par_run *r, par_op *op)
{
	linear_rows *l = op->own;
	const int32_t *id = op->x[0];
	const float *weights = l->spectral.weight ? par_spectral_weights(&l->spectral, r->training)
						  : op->param[0]->weights;
	float *y = op->y;
	for (int64_t i = 0; i < r->samples * l->ids; i++, y += l->out) {
		int64_t from, n = entries(&l->of, id[i], &from);
		memset(y, 0, (size_t)l->out * sizeof *y);
		for (int64_t e = from; e < from + n; e++) {
			const float *w = weights + l->of.column[e] * l->out;
			for (int64_t k = 0; k < l->out; k++)
				y[k] += l->of.value[e] * w[k];
		}
	}
}

typedef struct {
	const linear_rows *l;
	const par_run *run;
	const int32_t *id;
	const float *dy;
	int64_t n; /* weights */
} backward_job;

/* what samples [lo, hi) of the batch bring to the weights' gradient, one after the other */
static void add_samples(void *ctx, int64_t lo, int64_t hi, float *out)
{
	const backward_job *b = ctx;
	const linear_rows *l = b->l;
	int64_t here = b->run->shards->lo;
	memset(out, 0, (size_t)b->n * sizeof *out);
	for (int64_t i = (lo - here) * l->ids; i < (hi - here) * l->ids; i++) {
		int64_t from, n = entries(&l->of, b->id[i], &from);
		const float *dy = b->dy + i * l->out;
		for (int64_t e = from; e < from + n; e++) {
			float *w = out + l->of.column[e] * l->out;
			for (int64_t k = 0; k < l->out; k++)
				w[k] += l->of.value[e] * dy[k];
		}
	}
}

static void backward(const par_run *r, par_op *op)
{
	const linear_rows *l = op->own;
	backward_job b = {l, r, op->x[0], op->dy, op->param[0]->n};
	if (par_op_wants(r, op, 0))
		par_shards_sum(r->shards, add_samples, &b, b.n, op->param[0]->grad, op->scratch);
}

static void close_linear_rows(par_op *op)
{
	par_spectral_close(&((linear_rows *)op->own)->spectral);
}

static const par_op_kind linear_rows_kind = {.name = "linear of rows",
    .reads = PAR_READS_IN,
    .forward = forward,
    .backward = backward,
    .close = close_linear_rows};

static bool in_range(const par_sparse_rows *of)
{
	bool fine = of->rows > 0 && of->columns > 0 && of->first[0] >= 0;
	for (int64_t r = 0; fine && r < of->rows; r++)
		fine = of->first[r] <= of->first[r + 1];
	for (int64_t e = fine ? of->first[0] : 0; fine && e < of->first[of->rows]; e++)
		fine = of->column[e] >= 0 && of->column[e] < of->columns;
	return fine;
}

par_value par_linear_rows(par_graph *g, par_value ids, const par_linear_rows_spec *spec)
{
	par_op *op = par_op_new(g, &linear_rows_kind, 1, &ids, sizeof(linear_rows));
	if (!op)
		return -1;
	int64_t shape[PAR_AXES];
	int nd = par_op_axes(g, ids, shape);
	const par_sparse_rows *of = &spec->of;
	if (par_op_type(g, ids) != PAR_I32 || nd >= PAR_AXES)
		return par_op_fail(g, "linear rows %s: wanted integers of at most %d axes",
		    spec->name, PAR_AXES - 1);
	if (spec->out < 1 || !in_range(of))
		return par_op_fail(g, "linear rows %s: rows or columns out of range", spec->name);
	linear_rows *l = op->own;
	*l = (linear_rows){.of = *of, .ids = par_op_elements(g, ids), .out = spec->out};
	par_param *w = par_op_param(op, spec->name, "weight", PAR_PARAM_DENSE, 2,
	    (int64_t[]){of->columns, spec->out}, PAR_INIT_NORMAL,
	    spec->scale > 0 ? spec->scale : 1);
	if (!w || (spec->spectral && !par_spectral_add(op, &l->spectral, spec->name, w)))
		return -1;
	double mean = (double)(of->first[of->rows] - of->first[0]) / (double)of->rows;
	op->flops = 2 * (double)l->ids * mean * (double)spec->out;
	op->scratch_floats = (size_t)par_shards_scratch(par_graph_shards(g)) *
			     (size_t)(of->columns * spec->out);
	shape[nd] = spec->out;
	return par_op_done(op, PAR_F32, nd + 1, shape);
}
