/* Clusters: which nodes of a hierarchy overlap, cut so that most of a dense system never comes to be.
 *
 * Two nodes meet where a series adds up to both. Nodes of one level never meet, so the level with most nodes
 * stands inside; levels go inside with it, the largest first, as long as the nodes inside fall apart
 * into clusters of few that meet each other alone (an item and its item in every state). What is left, the
 * border, meets everything. A linear system over all nodes is then one small elimination a cluster and one
 * dense system of the border's size: for the 12,350 nodes of a catalog of 3,049 items in ten stores,
 * 154. Levels need not be nested. */
#ifndef APPS_FORECAST_RECONCILE_CLUSTERS_H
#define APPS_FORECAST_RECONCILE_CLUSTERS_H

#include "common/levels.h"

#define CLUSTERS_NODES 64 /* nodes of a cluster, at most */

typedef struct {
	const levels_sums *of; /* borrowed */
	int64_t series, nodes;
	int64_t border;        /* nodes outside of all clusters */
	int64_t count;         /* every series is of one */
	int widest;            /* most nodes of a cluster */
	bool *inside;          /* [levels] */
	int32_t *place;        /* [nodes] in its cluster, or in the border */
	int64_t *first_node;   /* [clusters + 1] into node ... */
	int32_t *node;         /* ... the nodes inside, cluster after cluster */
	int64_t *first_member; /* [clusters + 1] into member ... */
	int32_t *member;       /* ... the series, cluster after cluster */
	int32_t *border_node;  /* [border] ascending */
} clusters;

/* local, equal on every rank | cut the levels over that many series; clusters have at most `most` nodes (0: all
 * nodes are border). clusters_drop releases what was made, also after a failure. fails: PAR_E_MEMORY */
par_err clusters_make(clusters *g, const levels_sums *of, int64_t series, int most);
void clusters_drop(clusters *g);

/* local | the node of a series in a level */
static inline int64_t clusters_node(const clusters *g, int level, int64_t series)
{
	return g->of->first[level] + g->of->level[level]->node_of[series];
}

#endif
