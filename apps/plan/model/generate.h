/* Generate: a supply network and its SKUs made of random numbers, to measure and to test with.
 *
 * The network. Two suppliers sell to two hubs at home (lead 1 and 2 weeks). Every hub ships to every
 * overseas warehouse by sea (3 or 4 weeks) and by air (1 week). A market is served by two
 * warehouses, the second at 1.6 times the cost. A week's demand of a market has three steps of falling worth;
 * what is not met is lost; the last week's stock is worth 0.8 (hubs) or 0.9 (overseas) of its cost.
 *
 *	weeks  warehouses  markets  columns and rows of a SKU  linking rows
 *	    8           3        4                  295    72           114
 *	   13           5        6                  742   169           316
 *	   26           5        6                 1535   338           680
 *
 * Linking rows: every lane and week of departure (m3 by sea, kg by air), every supplier and week of order
 * (hours), every warehouse's space at the end of a week (m3), every week's budget for purchases and
 * freight. They are cut from the totals of all SKUs so that in a best plan some of every kind bind.
 *
 * What goes by sea goes on whole pallets (1.7 m3), or in whole containers (33 or 67 m3) where all SKUs together
 * fill two of them a week on a usual lane.
 *
 * The SKUs. Unit cost, weight and demand are lognormal (sigma 0.8, 0.8, 1.2), so that a few SKUs carry
 * most of the volume. Stock on hand and on its way covers the first weeks. Every number follows from
 * (seed, SKU) alone by base/rng.h and plain arithmetic: any rank makes its own, and a SKU is the same whatever
 * their number is. */
#ifndef APPS_PLAN_MODEL_GENERATE_H
#define APPS_PLAN_MODEL_GENERATE_H

#include "plan/model/model.h"

typedef struct {
	int64_t skus; /* 1 or more */
	uint64_t seed;
	int periods;      /* 8, 13 or 26 weeks */
	bool hard;        /* limits cannot be exceeded at any price */
	bool two_classes; /* every fourth SKU does not fly */
	double idle;      /* share of SKUs without demand and stock */
} generate_options;

/* collective, same options on every rank | make the model; dropped by model_drop, also after a failure
 * fails: PAR_E_MEMORY */
par_err generate(model *m, const par_world *w, const generate_options *o);

#endif
