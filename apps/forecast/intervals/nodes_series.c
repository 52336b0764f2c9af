#include "comm/gather.h"
#include "forecast/intervals/nodes_work.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* squares of one quantile's distance from the mean, signed, added up over all series */
static void add_distances(nodes_work *w, const float *all, int64_t series, double *sum)
{
	const nodes_asked *a = w->a;
	for (int l = 0; l < a->of->count; l++)
		for (int64_t i = 0; i < series; i++) {
			int64_t node = a->of->first[l] + a->of->level[l]->node_of[i];
			if (node < a->blocks.lo || node >= a->blocks.hi)
				continue;
			for (int h = 0; h < w->steps; h++) {
				double d = (double)all[i * w->steps + h];
				sum[(node - a->blocks.lo) * w->steps + h] += d * fabs(d);
			}
		}
}

static par_err gather_distances(nodes_work *w, int k, float *mine, double *sum)
{
	const results *r = w->a->r;
	void *all;
	int64_t series, cells = (w->a->blocks.hi - w->a->blocks.lo) * w->steps;
	for (int64_t i = 0; i < r->rows * w->steps; i++)
		mine[i] = r->quantile[i * w->quantiles + k] - r->mean[i];
	PAR_TRY(par_gather_rows(
	    w->a->p->of.world, mine, r->rows, sizeof *mine * (size_t)w->steps, &all, &series));
	memset(sum, 0, sizeof *sum * (size_t)cells);
	add_distances(w, all, series, sum);
	free(all);
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
