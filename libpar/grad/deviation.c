#include "grad/layers.h"
#include "grad/op.h"

#include <math.h>
#include <string.h>

#define LEAST 1e-8 /* added to a variance */

typedef struct {
	int64_t group;      /* samples */
	int64_t rows, cols; /* of a sample */
} deviation;

/* a group's real samples: x of its first, sample after sample */
typedef struct {
	const deviation *d;
	const float *x;
	int64_t n;
	double *mean, *root; /* [cols]: of a row of the samples, over the group */
} crowd;

static const float *row_of(const crowd *g, int64_t sample, int64_t row)
{
	return g->x + (sample * g->d->rows + row) * g->d->cols;
}

static void take_moments(const crowd *g, int64_t row)
{
	int64_t cols = g->d->cols;
	memset(g->mean, 0, (size_t)cols * sizeof *g->mean);
	memset(g->root, 0, (size_t)cols * sizeof *g->root);
	for (int64_t i = 0; i < g->n; i++)
		for (int64_t j = 0; j < cols; j++)
			g->mean[j] += (double)row_of(g, i, row)[j] / (double)g->n;
	for (int64_t i = 0; i < g->n; i++)
		for (int64_t j = 0; j < cols; j++) {
			double off = (double)row_of(g, i, row)[j] - g->mean[j];
			g->root[j] += off * off / (double)g->n;
		}
	for (int64_t j = 0; j < cols; j++)
		g->root[j] = sqrt(g->root[j] + LEAST);
}

/* my k-th group; false where there is none */
static bool group_at(const par_run *r, const par_op *op, int64_t k, crowd *g)
{
	const deviation *d = op->own;
	int64_t first = k * d->group, left = r->real - first;
	double *room = (double *)(void *)op->scratch;
	*g = (crowd){d, (const float *)op->x[0] + first * d->rows * d->cols,
	    left < d->group ? left : d->group, room, room + d->cols};
	return first < r->samples;
}

static void forward(const par_run *r, par_op *op)
{
	const deviation *d = op->own;
	float *y = op->y;
	crowd g;
	memset(y, 0, (size_t)(r->samples * d->rows) * sizeof *y);
	for (int64_t k = 0; group_at(r, op, k, &g); k++)
		for (int64_t row = 0; g.n > 0 && row < d->rows; row++) {
			double sum = 0;
			take_moments(&g, row);
			for (int64_t j = 0; j < d->cols; j++)
				sum += g.root[j];
			for (int64_t i = 0; i < g.n; i++)
				y[(k * d->group + i) * d->rows + row] =
				    (float)(sum / (double)d->cols);
		}
}

/* every sample of the group has the same y, whose gradients come together */
static void back_row(const crowd *g, int64_t row, const float *dy, float *dx)
{
	const deviation *d = g->d;
	double slope = 0;
	take_moments(g, row);
	for (int64_t i = 0; i < g->n; i++)
		slope += (double)dy[i * d->rows + row];
	slope /= (double)(d->cols * g->n);
	for (int64_t i = 0; i < g->n; i++) {
		const float *x = row_of(g, i, row);
		float *to = dx + (i * d->rows + row) * d->cols;
		for (int64_t j = 0; j < d->cols; j++)
			to[j] = (float)(slope * ((double)x[j] - g->mean[j]) / g->root[j]);
	}
}

static void backward(const par_run *r, par_op *op)
{
	const deviation *d = op->own;
	crowd g;
	if (!op->dx[0])
		return;
	memset(op->dx[0], 0, (size_t)(r->samples * d->rows * d->cols) * sizeof(float));
	for (int64_t k = 0; group_at(r, op, k, &g); k++)
		for (int64_t row = 0; g.n > 0 && row < d->rows; row++)
			back_row(&g, row, op->dy + k * d->group * d->rows,
			    op->dx[0] + k * d->group * d->rows * d->cols);
}

/* a rank holds whole shards, and so whole groups */
static bool shards_hold_groups(const par_shards *s, int64_t group)
{
	for (int k = 0; k < s->shards; k++)
		if (par_shards_first(s, k) % group != 0)
			return false;
	return true;
}

par_value par_deviation(par_graph *g, par_value x, int64_t group)
{
	static const par_op_kind kind = {.name = "deviation",
	    .slices = true,
	    .reads = PAR_READS_IN,
	    .forward = forward,
	    .backward = backward};
	par_op *op = par_op_new(g, &kind, 1, &x, sizeof(deviation));
	if (!op)
		return -1;
	int64_t shape[PAR_AXES];
	int nd = par_op_axes(g, x, shape);
	const par_shards *s = par_graph_shards(g);
	if (nd == 0 || group < 1 || !shards_hold_groups(s, group))
		return par_op_fail(g,
		    "deviation: groups of %lld do not divide the shards of the batch (%lld in %d)",
		    (long long)group, (long long)s->batch, s->shards);
	int64_t cols = shape[nd - 1];
	*(deviation *)op->own = (deviation){group, par_op_elements(g, x) / cols, cols};
	op->scratch_floats = 4 * (size_t)cols; /* two rows of doubles */
	shape[nd - 1] = 1;
	return par_op_done(op, PAR_F32, nd, shape);
}
