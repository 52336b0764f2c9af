#include "forecast/pooled/groups.h"

#include <stdlib.h>

static int64_t group_of(const history *h, int64_t i)
{
	int32_t sku = h->of->series_sku[i];
	return h->of->markets > 1 ? sku : h->area_of[sku];
}

par_err groups_open(groups *g, const history *h)
{
	int64_t n = h->of->series;
	*g = (groups){.groups = h->of->markets > 1 ? h->of->skus : h->areas};
	g->first = calloc((size_t)g->groups + 2, sizeof *g->first);
	g->member = calloc((size_t)n + 1, sizeof *g->member);
	g->place = calloc((size_t)n + 1, sizeof *g->place);
	if (!g->first || !g->member || !g->place)
		return par_fail(PAR_E_MEMORY, "no memory for %lld groups", (long long)g->groups);
	/* one place ahead while they are dealt, so that each is at its end when all are */
	for (int64_t i = 0; i < n; i++)
		g->first[group_of(h, i) + 2]++;
	for (int64_t k = 2; k <= g->groups; k++)
		g->first[k] += g->first[k - 1];
	for (int64_t i = 0; i < n; i++) {
		int64_t at = g->first[group_of(h, i) + 1]++;
		g->member[at] = i;
		g->place[i] = at;
	}
	return PAR_OK;
}

void groups_close(groups *g)
{
	free(g->first);
	free(g->member);
	free(g->place);
	*g = (groups){0};
}
