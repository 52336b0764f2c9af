#include "plan/solve/warm_numbers.h"

#include <math.h>
#include <stdlib.h>

par_err warm_open(warm_point *w, const problem *p, const deal *d)
{
	int64_t x = 0, blocks = 0;
	*w = (warm_point){0};
	w->price = malloc(((size_t)p->link.rows + 1) * sizeof *w->price);
	w->own = malloc(((size_t)p->link.columns + 1) * sizeof *w->own);
	w->x_at = malloc(((size_t)d->blocks + 1) * sizeof *w->x_at);
	for (int64_t i = 0; w->x_at && i < d->groups; i++)
		for (int lane = 0; lane < d->mine[i].lanes; lane++) {
			w->x_at[blocks++] = x;
			x += p->pattern[d->mine[i].class].columns;
		}
	w->x = malloc(((size_t)x + 1) * sizeof *w->x);
	if (!w->price || !w->own || !w->x_at || !w->x)
		return par_fail(
		    PAR_E_MEMORY, "no memory for a start of %lld SKUs", (long long)d->blocks);
	for (int64_t i = 0; i < x; i++)
		w->x[i] = NAN;
	for (int l = 0; l < p->link.rows; l++)
		w->price[l] = NAN;
	for (int j = 0; j < p->link.columns; j++)
		w->own[j] = NAN;
	return PAR_OK;
}

void warm_close(warm_point *w)
{
	free(w->price);
	free(w->own);
	free(w->x_at);
	free(w->x);
	*w = (warm_point){0};
}

void warm_take(warm_point *w, const iterate *it)
{
	const groups *g = &it->groups;
	int64_t at = 0;
	w->product = it->product / g->cost_scale;
	for (int l = 0; l < it->links; l++)
		w->price[l] = it->price[l] * g->link_scale[l] / g->cost_scale;
	for (int e = 0; e < it->own.places; e++)
		w->own[it->own.column[e]] = it->own.pairs.x[e] / it->own.scale[e];
	for (int64_t i = 0; i < g->deal->groups; i++) {
		group_view v;
		groups_view(g, i, &v);
		for (int lane = 0; lane < v.lanes; lane++, at++)
			for (int j = 0; j < v.s->columns; j++)
				w->x[w->x_at[at] + v.s->column[j]] =
				    (float)(v.pairs.x[j * GROUP_LANES + lane] * v.magnitude[lane]);
	}
}
