/* Chain: the network as one class of SKUs can use it, and the pattern of such a SKU's block.
 *
 * A block is a network of goods through time. A row (market, period) says that what is delivered or
 * owed is what is sold, a row (node, period) that what comes goes on or stays. With
 * b = -(units that arrive whatever is decided), every column has at most one +1 and one -1:
 *
 *	purchase   +1 where and when it arrives
 *	shipment   -1 where and when it leaves, +1 where and when it arrives
 *	stock      -1 at its node, +1 there in the next period; what the last period leaves is salvaged;
 *	           with safety stock, of a node that delivers: first its steps, bounded, then the rest
 *	delivery   -1 at its node, +1 at its market when it arrives
 *	sale       -1 at its market; its upper bound is a step of the demand
 *	backlog    +1 at its market, -1 there in the next period; nothing is owed after the last
 *
 * A flow that would arrive after the last period has no column. Columns stand period by period. */
#ifndef APPS_PLAN_MODEL_CHAIN_H
#define APPS_PLAN_MODEL_CHAIN_H

#include "plan/model/model.h"

/* how goods come to a node from outside: ordered in period t, there in period t + lead */
typedef struct {
	int supplier, lane, node, lead; /* lane: -1 where the model has none for it */
	bool bounded;                   /* the SKU brings the most it may order in a period */
} chain_source;

/* from a node to another, or to a market */
typedef struct {
	int lane, from, to, lead;
} chain_arc;

/* all borrowed; nodes and markets are places in the model's names */
typedef struct {
	int periods, steps; /* steps of the demand of a market and period */
	int nodes, markets;
	const int *node, *market; /* those that this class can use */
	int sources, lanes, outlets;
	const chain_source *source;
	const chain_arc *lane, *outlet;
	bool backlog;
	int safety; /* steps of the safety stock; 0: none */
} chain;

/* local | rows of the i-th market and of the i-th node of the chain */
static inline int chain_market_row(const chain *c, int i, int period)
{
	return i * c->periods + period;
}

static inline int chain_node_row(const chain *c, int i, int period)
{
	return c->markets * c->periods + period * c->nodes + i;
}

/* local | the pattern of a block and what its columns stand for; an entry of B for every limit that a
 * column counts towards (model/limits.h), in the order of limits. Both owned by the caller, who drops them with
 * chain_pattern_drop, also after a failure. fails: PAR_E_MEMORY */
par_err chain_pattern(pattern *p, flow **flows, const chain *c, const limit *limits, int n);
void chain_pattern_drop(pattern *p);

#endif
