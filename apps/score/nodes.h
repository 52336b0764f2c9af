/* Nodes: the rows of every node of the levels above the series.
 *
 * A node's history, actual values and mean forecast are the sums of its series', added in the order
 * of the series; its first sale, scales and weight are taken after that. A value that some series
 * lacks is the sum of those that have it, and a forecast step counts only series with an actual value.
 * Quantiles do not add up: a node has those the forecast gives under its name, or none.
 *
 * Nodes are dealt to ranks; a rank reads the series its nodes are made of from the files, in waves
 * that keep memory bounded. No sum depends on how many ranks or waves there are. */
#ifndef APPS_SCORE_NODES_H
#define APPS_SCORE_NODES_H

#include "comm/blocks.h"
#include "score/input.h"
#include "score/item.h"

#define NODES_BLOCK 64

typedef struct {
	levels_sums of;        /* owned */
	par_blocks blocks;     /* of all nodes, level after level */
	double *rows;          /* owned: [hi - lo][item_width] */
	int64_t *quantile_row; /* owned: [hi - lo] row of the node's quantiles, or -1 */
} node_scores;

/* collective | measure the nodes of all levels of h in which some node has more than one series
 *   value  sales value of every series
 *   memory bytes of sums a rank may hold at a time, at least one node's
 * fails: as io/store.h, PAR_E_MEMORY */
par_err nodes_measure(node_scores *s, const input *in, const hierarchy *h, const item_rules *r,
    const double *value, int64_t memory);
void nodes_free(node_scores *s);

#endif
