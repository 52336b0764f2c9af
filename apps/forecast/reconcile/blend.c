#include "forecast/reconcile/blend.h"

#include "forecast/share.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PRIOR_SHARE .5
#define ORIGINS PLAN_ERRORS /* at most */

/* of a node, by what is known of its past; 0: nothing is */
static double weight_of(const blend_level *l, int64_t node)
{
	int64_t n = (int64_t)l->origins * l->horizon;
	const double *said = l->said + node * n, *came = l->came + node * n;
	double size = 0, squares = 0;
	for (int64_t i = 0; i < n; i++) {
		double error = came[i] - said[i];
		size += isnan(error) ? 0 : fabs(came[i]);
		squares += isnan(error) ? 0 : error * error;
	}
	return squares > 0 ? size / squares : 0;
}

static void add_node(const blend_level *l, int64_t node, int origin, share_moments *m)
{
	double weight = weight_of(l, node);
	int64_t at = (node * l->origins + origin) * l->horizon;
	for (int h = 0; h < l->horizon; h++) {
		double y = l->came[at + h] - l->said[at + h],
		       d = l->other[at + h] - l->said[at + h];
		if (isnan(y) || isnan(d))
			continue;
		m->yy += weight * y * y;
		m->dy += weight * y * d;
		m->dd += weight * d * d;
	}
}

double blend_share(const blend_level *l)
{
	share_moments m[ORIGINS] = {{0}};
	int origins = l->origins < ORIGINS ? l->origins : ORIGINS;
	for (int o = 0; o < origins; o++)
		for (int64_t k = 0; k < l->nodes; k++)
			add_node(l, k, o, &m[o]);
	return share_of(m, origins, PRIOR_SHARE);
}

static void go(double *from, const double *to, double share, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		from[i] += isnan(to[i]) ? 0 : share * (to[i] - from[i]);
}

/* a level's past forecasts stand together in room: the regression's, the bank's, what came */
static double share_of_level(
    const base *b, const totals *t, int64_t first, int64_t nodes, int64_t from, double *room)
{
	int h = b->horizon;
	int64_t past = (int64_t)b->origins * h;
	double *other = room, *said = other + nodes * past;
	for (int64_t k = 0; k < nodes; k++) {
		const double *own = b->said + (first + k) * (h + past);
		memcpy(said + k * past, own + h, sizeof *said * (size_t)past);
		for (int o = 0; o < b->origins; o++)
			memcpy(other + k * past + o * h, t->past + (o * t->nodes + from + k) * h,
			    sizeof *other * (size_t)h);
	}
	const blend_level l = {nodes, h, b->origins, other, said, b->came + first * past};
	return blend_share(&l);
}

static void mix_level(base *b, totals *t, int64_t first, int64_t nodes, int64_t from, double share)
{
	int h = b->horizon;
	for (int64_t k = 0; k < nodes; k++) {
		double *said = b->said + (first + k) * (1 + b->origins) * h;
		double *direct = t->direct + (from + k) * h;
		go(said, direct, share, h);
		for (int o = 0; o < b->origins; o++)
			go(said + (1 + o) * h, t->past + (o * t->nodes + from + k) * h, share, h);
		memcpy(direct, said, sizeof *said * (size_t)h);
	}
}

/* the level of t that has this name, -1: none */
static int level_called(const totals *t, const char *name)
{
	for (int l = 0; t->h && l < t->levels.count; l++)
		if (strcmp(t->levels.level[l]->name, name) == 0)
			return l;
	return -1;
}

par_err blend_direct(base *b, totals *t, const levels_sums *levels, double *share)
{
	int64_t past = (int64_t)b->origins * b->horizon;
	double *room = malloc(sizeof *room * (size_t)(2 * b->nodes * past + 1));
	if (!room)
		return par_fail(PAR_E_MEMORY, "no memory for past forecasts of nodes");
	for (int l = 0; l < levels->count; l++) {
		int at = level_called(t, levels->level[l]->name);
		int64_t first = levels->first[l], nodes = levels->first[l + 1] - first;
		share[l] = NAN;
		if (at < 0)
			continue;
		share[l] = share_of_level(b, t, first, nodes, t->levels.first[at], room);
		mix_level(b, t, first, nodes, t->levels.first[at], share[l]);
	}
	free(room);
	return PAR_OK;
}
