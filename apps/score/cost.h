/* Cost: what scoring will take, reckoned from its shape before any work, for --dry-run.
 *
 * Time goes into reading the history and measuring it: once for the series, which are dealt to the
 * ranks, and once a wave of nodes, which every rank reads for itself (score/nodes.h). Both go by the
 * values of the history at a rate measured over 2,048 daily series of 1,913 periods on one core of a
 * Xeon, checksums included. */
#ifndef APPS_SCORE_COST_H
#define APPS_SCORE_COST_H

#include "score/input.h"
#include "score/item.h"

typedef struct {
	double bytes;   /* at most, on the rank that needs most */
	double seconds; /* each rank having a core of its own */
} cost;

/* collective | h: the levels, NULL without; memory as nodes_measure. fails: PAR_E_MEMORY */
par_err cost_of(cost *c, const input *in, const hierarchy *h, const item_rules *r, int64_t memory);

#endif
