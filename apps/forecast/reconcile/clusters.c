#include "forecast/reconcile/clusters.h"

#include <stdlib.h>
#include <string.h>

/* disjoint sets of nodes; parent < 0 is a root with -parent nodes */
static int32_t root(int32_t *parent, int32_t i)
{
	while (parent[i] >= 0) {
		if (parent[parent[i]] >= 0)
			parent[i] = parent[parent[i]];
		i = parent[i];
	}
	return i;
}

/* the nodes of the set that both are in now */
static int32_t unite(int32_t *parent, int32_t a, int32_t b)
{
	a = root(parent, a);
	b = root(parent, b);
	if (a != b) {
		parent[a] += parent[b];
		parent[b] = a;
	}
	return -parent[a];
}

/* let a level stand with the finest one; false, with nothing changed, when a set grows beyond most */
static bool join_level(
    const clusters *g, int finest, int level, int most, int32_t *parent, int32_t *kept)
{
	memcpy(kept, parent, sizeof *parent * (size_t)g->nodes);
	for (int64_t i = 0; i < g->series; i++)
		if (unite(parent, (int32_t)clusters_node(g, finest, i),
			(int32_t)clusters_node(g, level, i)) > most) {
			memcpy(parent, kept, sizeof *parent * (size_t)g->nodes);
			return false;
		}
	return true;
}

/* the level with most nodes among those not tried; -1: none is left */
static int next_level(const clusters *g, const bool *tried)
{
	int at = -1;
	for (int l = 0; l < g->of->count; l++)
		if (!tried[l] && (at < 0 || g->of->level[l]->nodes > g->of->level[at]->nodes))
			at = l;
	return at;
}

static par_err choose_inside(clusters *g, int most, int32_t *parent)
{
	int32_t *kept = malloc(sizeof *kept * (size_t)(g->nodes + 1));
	bool *tried = calloc((size_t)g->of->count + 1, sizeof *tried);
	par_err e = kept && tried ? PAR_OK
				  : par_fail(PAR_E_MEMORY, "no memory for the nodes' sets");
	for (int64_t k = 0; k < g->nodes; k++)
		parent[k] = -1;
	int finest = e == PAR_OK && most > 0 ? next_level(g, tried) : -1;
	for (int l = finest; l >= 0; l = next_level(g, tried)) {
		tried[l] = true;
		g->inside[l] = join_level(g, finest, l, most, parent, kept);
	}
	free(kept);
	free(tried);
	return e;
}

/* number the border, and clusters by their first series; cluster[root of a set] gets its number */
static void number(clusters *g, int32_t *parent, int32_t *cluster)
{
	int finest = -1;
	for (int l = 0; l < g->of->count; l++) {
		for (int64_t k = g->of->first[l]; k < g->of->first[l + 1] && !g->inside[l]; k++) {
			g->border_node[g->border] = (int32_t)k;
			g->place[k] = (int32_t)g->border++;
		}
		finest = g->inside[l] ? l : finest;
	}
	memset(cluster, -1, sizeof *cluster * (size_t)(g->nodes + 1));
	for (int64_t i = 0; i < g->series && finest >= 0; i++) {
		int32_t *at = &cluster[root(parent, (int32_t)clusters_node(g, finest, i))];
		*at = *at < 0 ? (int32_t)g->count++ : *at;
	}
	g->count = finest < 0 ? 1 : g->count;
}

/* first[k + 1] counts what is of k; then first[k] is where it begins */
static void begin_runs(int64_t *first, int64_t n)
{
	for (int64_t k = 0; k < n; k++)
		first[k + 1] += first[k];
}

static void list_nodes(clusters *g, int32_t *parent, const int32_t *cluster, int64_t *next)
{
	for (int pass = 0; pass < 2; pass++) {
		for (int l = 0; l < g->of->count; l++)
			for (int64_t k = g->of->first[l]; k < g->of->first[l + 1] && g->inside[l];
			     k++) {
				int32_t c = cluster[root(parent, (int32_t)k)];
				if (pass == 0) {
					g->first_node[c + 1]++;
					continue;
				}
				g->place[k] = (int32_t)(next[c] - g->first_node[c]);
				g->node[next[c]++] = (int32_t)k;
				g->widest = g->place[k] + 1 > g->widest ? g->place[k] + 1
									: g->widest;
			}
		if (pass == 0)
			begin_runs(g->first_node, g->count);
		memcpy(next, g->first_node, sizeof *next * (size_t)g->count);
	}
}

static void list_members(clusters *g, int32_t *parent, const int32_t *cluster, int64_t *next)
{
	int finest = 0;
	while (finest < g->of->count && !g->inside[finest])
		finest++;
	for (int pass = 0; pass < 2; pass++) {
		for (int64_t i = 0; i < g->series; i++) {
			int32_t c =
			    finest == g->of->count
				? 0
				: cluster[root(parent, (int32_t)clusters_node(g, finest, i))];
			if (pass == 0)
				g->first_member[c + 1]++;
			else
				g->member[next[c]++] = (int32_t)i;
		}
		if (pass == 0)
			begin_runs(g->first_member, g->count);
		memcpy(next, g->first_member, sizeof *next * (size_t)g->count);
	}
}

static par_err room(clusters *g)
{
	size_t nodes = (size_t)g->nodes + 2, series = (size_t)g->series + 2;
	g->inside = calloc((size_t)g->of->count + 1, sizeof *g->inside);
	g->place = calloc(nodes, sizeof *g->place);
	g->border_node = calloc(nodes, sizeof *g->border_node);
	g->node = calloc(nodes, sizeof *g->node);
	g->first_node = calloc(nodes, sizeof *g->first_node);
	g->first_member = calloc(nodes, sizeof *g->first_member);
	g->member = calloc(series, sizeof *g->member);
	return g->inside && g->place && g->border_node && g->node && g->first_node &&
		       g->first_member && g->member
		   ? PAR_OK
		   : par_fail(PAR_E_MEMORY, "no memory for %lld nodes", (long long)g->nodes);
}

par_err clusters_make(clusters *g, const levels_sums *of, int64_t series, int most)
{
	*g = (clusters){.of = of, .series = series, .nodes = of->first[of->count]};
	PAR_TRY(room(g));
	int32_t *parent = malloc(sizeof *parent * (size_t)(g->nodes + 1));
	int32_t *cluster = malloc(sizeof *cluster * (size_t)(g->nodes + 1));
	int64_t *next = malloc(sizeof *next * (size_t)(g->nodes + 1));
	par_err e = parent && cluster && next
			? choose_inside(g, most, parent)
			: par_fail(PAR_E_MEMORY, "no memory for %lld nodes", (long long)g->nodes);
	if (e == PAR_OK) {
		number(g, parent, cluster);
		list_nodes(g, parent, cluster, next);
		list_members(g, parent, cluster, next);
	}
	free(parent);
	free(cluster);
	free(next);
	return e;
}

void clusters_drop(clusters *g)
{
	free(g->inside);
	free(g->place);
	free(g->border_node);
	free(g->node);
	free(g->first_node);
	free(g->first_member);
	free(g->member);
	*g = (clusters){0};
}
