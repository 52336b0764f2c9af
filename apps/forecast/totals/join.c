#include "forecast/totals/join.h"

#include "forecast/share.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PRIOR_SHARE .5
#define VANISHED .1
#define FACTOR 4. /* at most */

/* parent[group]: its node of another level, for levels whose nodes are made of whole groups */
static bool nested(
    const hierarchy_level *groups, const hierarchy_level *level, int64_t series, int32_t *parent)
{
	for (int64_t g = 0; g < groups->nodes; g++)
		parent[g] = level->node_of[groups->first_series[g]];
	for (int64_t i = 0; i < series; i++)
		if (level->node_of[i] != parent[groups->node_of[i]])
			return false;
	return true;
}

/* one level's nodes as the groups */
typedef struct {
	const join_past *past;
	int finest, groups;
	int64_t atoms; /* nodes of the finest level */
	const int32_t
	    *parent; /* [levels][atoms] their node; -1 throughout where some lie across nodes */
} judge;

/* the level with most nodes: those of the others are made of whole ones, or do not count */
static int finest(const levels_sums *l)
{
	int at = 0;
	for (int i = 1; i < l->count; i++)
		if (l->level[i]->nodes > l->level[at]->nodes)
			at = i;
	return at;
}

/* delta[node][horizon]: by how much a level's nodes would move if the groups' share were 1, each moving
 * the atoms in it by the same factor */
static void move_nodes(const judge *j, int level, int origin, double *delta)
{
	const join_past *p = j->past;
	const levels_sums *l = p->levels;
	const double *bottom = p->bottom + origin * l->first[l->count] * p->horizon;
	const double *direct = p->direct + origin * l->first[l->count] * p->horizon;
	const int32_t *up = j->parent + level * j->atoms, *group = j->parent + j->groups * j->atoms;
	memset(delta, 0, sizeof *delta * (size_t)(l->level[level]->nodes * p->horizon));
	for (int64_t i = 0; i < j->atoms; i++) {
		int64_t atom = (l->first[j->finest] + i) * p->horizon;
		int64_t at = (l->first[j->groups] + group[i]) * p->horizon;
		for (int h = 0; h < p->horizon; h++)
			delta[up[i] * p->horizon + h] +=
			    bottom[atom + h] * (join_factor(bottom[at + h], direct[at + h], 1) - 1);
	}
}

static void add_errors(
    const join_past *p, int level, int origin, const double *delta, share_moments *sum)
{
	const levels_sums *l = p->levels;
	int64_t nodes = l->first[l->count];
	for (int64_t k = 0; k < l->level[level]->nodes; k++) {
		double weight = p->weight[l->first[level] + k];
		int64_t row = (origin * nodes + l->first[level] + k) * p->horizon;
		for (int h = 0; h < p->horizon; h++) {
			double y = p->actual[row + h] - p->bottom[row + h];
			double d = delta[k * p->horizon + h];
			if (isnan(y))
				continue;
			sum->yy += weight * y * y;
			sum->dy += weight * y * d;
			sum->dd += weight * d * d;
		}
	}
}

static void judge_groups(const judge *j, double *delta, join_choice *out)
{
	const join_past *p = j->past;
	share_moments m[JOIN_ORIGINS] = {{0}};
	if (j->parent[j->groups * j->atoms] < 0)
		return;
	for (int level = 0; level < p->levels->count; level++) {
		if (j->parent[level * j->atoms] < 0)
			continue;
		for (int origin = 0; origin < p->origins; origin++) {
			move_nodes(j, level, origin, delta);
			add_errors(p, level, origin, delta, &m[origin]);
		}
	}
	double share = share_of(m, p->origins, PRIOR_SHARE);
	double gain = share_gain(m, p->origins, share);
	if (gain > out->gain)
		*out = (join_choice){j->groups, share, gain};
}

static void judge_all(const join_past *p, int32_t *parent, double *delta, join_choice *out)
{
	const levels_sums *l = p->levels;
	int fine = finest(l);
	judge j = {p, fine, 0, l->level[fine]->nodes, parent};
	for (int i = 0; i < l->count; i++)
		if (!nested(l->level[fine], l->level[i], p->series, parent + i * j.atoms))
			parent[i * j.atoms] = -1;
	for (; j.groups < l->count; j.groups++)
		judge_groups(&j, delta, out);
}

par_err join_choose(const join_past *p, join_choice *out)
{
	const levels_sums *l = p->levels;
	int64_t nodes = l->first[l->count], atoms = l->level[finest(l)]->nodes;
	int32_t *parent = calloc((size_t)(l->count * atoms) + 1, sizeof *parent);
	double *delta = calloc((size_t)(nodes * p->horizon) + 1, sizeof *delta);
	*out = (join_choice){.level = -1};
	if (parent && delta)
		judge_all(p, parent, delta, out);
	par_err e = parent && delta
			? PAR_OK
			: par_fail(PAR_E_MEMORY, "no memory to join %lld sums", (long long)nodes);
	free(parent);
	free(delta);
	return e;
}

double join_factor(double bottom, double direct, double share)
{
	if (!(bottom > 0) || !(direct >= 0))
		return 1;
	if (direct < VANISHED * bottom)
		return direct / bottom;
	double factor = 1 + share * (direct / bottom - 1);
	return factor < FACTOR ? factor : FACTOR;
}
