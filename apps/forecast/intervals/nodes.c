#include "forecast/intervals/nodes_work.h"
#include "forecast/intervals/ratios.h"
#include "forecast/intervals/recent.h"

#include <stdlib.h>

int nodes_level(const nodes_work *w, int64_t row)
{
	int l = 0;
	while (w->a->blocks.lo + row >= w->a->of->first[l + 1])
		l++;
	return l;
}

bool nodes_left(const nodes_work *w, int level)
{
	int64_t here = w->a->blocks.hi - w->a->blocks.lo, left = 0;
	for (int64_t row = 0; row < here; row++)
		left += !w->known[row] && (level < 0 || nodes_level(w, row) == level);
	return par_world_max(w->a->p->of.world, left) > 0;
}

int64_t nodes_outcome(const nodes_work *w, int origin, int64_t row, int step)
{
	int64_t nodes = w->a->of->first[w->a->of->count];
	return ((int64_t)origin * nodes + w->a->blocks.lo + row) * w->steps + step;
}

static par_err make(nodes_work *w)
{
	par_err e = w->known && w->row && w->value
			? PAR_OK
			: par_fail(PAR_E_MEMORY, "no memory for quantiles of sums");
	bool past = w->a->r->origins > 0;
	if (e == PAR_OK && past)
		e = nodes_by_windows(w);
	PAR_TRY(par_agree(w->a->p->of.world, e));
	if (past && nodes_left(w, -1))
		PAR_TRY(nodes_by_outcomes(w));
	return nodes_left(w, -1) ? nodes_by_series(w) : PAR_OK;
}

par_err nodes_quantiles(const nodes_asked *a, float *quantile, coverage *c)
{
	nodes_work w = {.a = a,
	    .steps = a->r->horizon,
	    .quantiles = a->f->spec.quantiles,
	    .quantile = quantile,
	    .c = c};
	w.known = calloc((size_t)(a->blocks.hi - a->blocks.lo) + 1, sizeof *w.known);
	w.row = calloc((size_t)w.quantiles + 1, sizeof *w.row);
	w.value = calloc((size_t)w.quantiles + 1, sizeof *w.value);
	par_err e = make(&w);
	free(w.value);
	free(w.row);
	free(w.known);
	return e;
}

double nodes_bytes(const panel *p, const plan *f, const totals *t, double rows, double nodes_here)
{
	double steps = f->spec.horizon, cases = 2. * NODES_CASES;
	double windows = 8. * 2 * t->windows * (double)t->nodes * steps;
	double outcomes = recent_bytes(p, f->spec.horizon, t->origins, rows, nodes_here) +
			  cases * (sizeof(ratios_case) + sizeof(float));
	double answer = nodes_here * steps * (12 + 4. * f->spec.quantiles);
	return answer + (windows > outcomes ? windows : outcomes);
}
