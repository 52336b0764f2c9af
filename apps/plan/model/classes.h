/* Classes: SKUs that use the same part of the network share a pattern.
 *
 * Two SKUs are of one class when they have the same suppliers (with the same lead times, with or without a
 * most of their own), markets, nodes with stock, and leave to fly. A class's chain holds what its SKUs
 * can use: nodes where goods can come to and from where they can reach one of its markets, and nodes
 * with stock. */
#ifndef APPS_PLAN_MODEL_CLASSES_H
#define APPS_PLAN_MODEL_CLASSES_H

#include "plan/model/chain.h"
#include "plan/model/demand.h"
#include "plan/model/tables.h"

typedef struct {
	chain chain;                    /* its arrays are owned */
	int *node_place, *market_place; /* in the chain, by place; -1: not there */
} sku_class;

typedef struct {
	/* of each SKU of the catalog: its rows, [first[k], first[k + 1]) of the lists of row numbers */
	int64_t *first_supply, *supply, *first_stock, *stock, *first_series, *series;
	const table_product **product; /* NULL: none */
	int64_t skus;                  /* of the catalog */
	int64_t blocks;
	int32_t *sku; /* of a block: SKUs of the catalog with a series in the forecast */
	uint8_t *class;
	int classes;
	sku_class *of; /* each class */
	int *market;   /* of the catalog's markets: their place */
	double span;   /* days of a period */
} classes;

/* local, alike on every rank | sort SKUs into classes; classes_drop also after a failure
 * fails: PAR_E_DATA when a market of the forecast is not in nodes.csv, or there are more than
 * PATTERN_CLASSES classes; PAR_E_MEMORY */
par_err classes_make(classes *c, const tables *t, const demand *d, bool backlog, bool safety);
void classes_drop(classes *c);

/* local | keep the rows of supply and stock of these SKUs alone: mine [SKUs of the catalog]. fails: PAR_E_MEMORY */
par_err classes_keep(classes *c, tables *t, const bool *mine);

/* local | periods that days take: the nearest number */
int classes_lead(const classes *c, double days);

#endif
