#include "comm/gather.h"
#include "forecast/intervals/nodes_work.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
	const nodes_work *w;
	double *sum; /* [nodes here][steps] */
} distances;

/* squares of one quantile's distance from the mean, signed, added up over all series */
static void add_distances(void *ctx, int64_t first, int64_t rows, const void *row)
{
	const distances *x = ctx;
	const nodes_asked *a = x->w->a;
	const float *all = row;
	int steps = x->w->steps;
	for (int l = 0; l < a->of->count; l++)
		for (int64_t i = 0; i < rows; i++) {
			int64_t node = a->of->first[l] + a->of->level[l]->node_of[first + i];
			if (node < a->blocks.lo || node >= a->blocks.hi)
				continue;
			for (int h = 0; h < steps; h++) {
				double d = (double)all[i * steps + h];
				x->sum[(node - a->blocks.lo) * steps + h] += d * fabs(d);
			}
		}
}

static par_err gather_distances(nodes_work *w, int k, float *mine, double *sum)
{
	const results *r = w->a->r;
	distances x = {w, sum};
	int64_t cells = (w->a->blocks.hi - w->a->blocks.lo) * w->steps;
	for (int64_t row = 0; row < r->rows; row++) {
		for (int64_t i = row * w->steps; i < (row + 1) * w->steps; i++)
			mine[i] = r->quantile[i * w->quantiles + k] - r->mean[i];
		results_rest(r, row);
	}
	memset(sum, 0, sizeof *sum * (size_t)cells);
	PAR_TRY(par_pass_rows(
	    w->a->p->of.world, mine, r->rows, sizeof *mine * (size_t)w->steps, add_distances, &x));
	for (int64_t i = 0; i < cells; i++) {
		double d = sum[i] < 0 ? -sqrt(-sum[i]) : sqrt(sum[i]);
		float *q = w->quantile + i * w->quantiles;
		if (w->known[i / w->steps])
			continue;
		q[k] = (float)(w->a->mean[i] + d);
		q[k] = k > 0 && q[k] < q[k - 1] ? q[k - 1] : q[k];
		q[k] = w->a->f->spec.counts && q[k] < 0 ? 0 : q[k];
	}
	return PAR_OK;
}

par_err nodes_by_series(nodes_work *w)
{
	const nodes_asked *a = w->a;
	size_t cells = (size_t)(a->blocks.hi - a->blocks.lo) * (size_t)w->steps;
	float *mine = malloc(sizeof *mine * ((size_t)a->r->rows * (size_t)w->steps + 1));
	double *sum = malloc(sizeof *sum * (cells + 1));
	par_err e = par_agree(a->p->of.world,
	    mine && sum ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for quantiles of sums"));
	for (int k = 0; k < w->quantiles && e == PAR_OK; k++)
		e = gather_distances(w, k, mine, sum);
	free(sum);
	free(mine);
	return e;
}
