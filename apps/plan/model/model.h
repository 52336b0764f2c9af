/* Model: what a plan is about, in the user's words, and the problem (solve/problem.h) it becomes.
 *
 * A model comes from tables and a forecast (model/tables.h) or from the generator (model/generate.h).
 * Names and limits are the same on every rank; the numbers of a SKU are on the rank that owns its block.
 * Money is in units of the plan's currency, goods in units of the SKU, weights in kg, volumes in m3. */
#ifndef APPS_PLAN_MODEL_MODEL_H
#define APPS_PLAN_MODEL_MODEL_H

#include "plan/solve/deal.h"

#define MODEL_NAME 65 /* bytes of an identifier with its end */

typedef struct {
	int64_t n;
	char (*name)[MODEL_NAME];
} model_names;

typedef enum {
	FLOW_PURCHASE, /* supplier, node where it arrives, period of the order */
	FLOW_SHIPMENT, /* lane, period of departure */
	FLOW_STOCK, /* node, at the end of a period; step 0 and more: steps of the safety stock */
	FLOW_DELIVERY, /* node to market, period */
	FLOW_SALE,     /* market, period, step of the demand: units of falling worth */
	FLOW_BACKLOG,  /* market, owed at the end of a period */
	FLOW_KINDS
} flow_kind;

/* what a column of a pattern stands for; what does not apply is -1 */
typedef struct {
	flow_kind kind;
	int supplier, lane, node, market, period, step; /* a shipment's node is where it arrives */
	int arrives; /* the period in which the goods are there */
} flow;

typedef enum {
	LIMIT_LANE,       /* at most so much leaves on a lane */
	LIMIT_SPACE,      /* at most so much is in a node at the end of a period */
	LIMIT_SUPPLIER,   /* at most so much is ordered from a supplier */
	LIMIT_BUDGET,     /* at most so much money for purchases and shipments */
	LIMIT_COMMITMENT, /* at least so much leaves on a lane */
	LIMIT_KINDS
} limit_kind;

typedef enum {
	MEASURE_VOLUME, /* m3 */
	MEASURE_WEIGHT, /* kg */
	MEASURE_UNITS,
	MEASURE_HOURS,
	MEASURE_MONEY,
	MEASURES
} limit_measure;

/* what a linking row stands for */
typedef struct {
	limit_kind kind;
	limit_measure measure;
	int which;         /* lane, node or supplier; -1 for a budget */
	int period, until; /* periods [period, until) together */
	double capacity;
	double overflow_price; /* of one more, or of one short of a commitment; INFINITY: hard */
} limit;

/* what an order of a SKU with a supplier in one period must obey; the linear program does not */
typedef struct {
	double least, multiple; /* units of an order; 0: any */
	double fixed;           /* money an order costs, whatever its size */
} order_terms;

typedef enum { LANE_SEA, LANE_RAIL, LANE_ROAD, LANE_AIR, LANE_EXPRESS, LANE_MODES } lane_mode;
extern const char lane_mode_name[LANE_MODES][MODEL_NAME]; /* as inputs/schemas/lanes.ini has them */

/* how goods go on a lane. With a container it is booked in full ones, period by period; the linear program pays
 * for what is in them, plans of whole orders for what stays empty, too (orders/boxes.h) */
typedef struct {
	lane_mode mode;
	double container; /* m3 of a full container or pallet; 0: goods go loose */
	double rate;      /* money that an m3 of it costs */
} lane_load;

typedef struct {
	model_names sku, supplier, lane, node, market;
	int periods;
	int32_t *period_date; /* of each period: its first day, days since 1970-01-01 */
	char currency[8];
	flow **flow;   /* of each pattern: of each column */
	limit *limit;  /* of each linking row */
	double demand; /* what if: every step of the demand times this; made as 1 */
	problem problem;
	deal deal;
	/* local | of block k, one of mine, with a supplier */
	order_terms (*terms)(const void *own, int64_t k, int supplier);
	/* local | of a sale of block k, one of mine: the share of its units that is expected to be sold */
	double (*chance)(const void *own, int64_t k, const flow *f);
	/* local | m3 of a unit of block k, one of mine */
	double (*volume)(const void *own, int64_t k);
	lane_load *load; /* of each lane */
	void *own;       /* what fill, terms and volume read, of the maker */
	void (*drop_own)(void *own);
} model;

/* local, alike on every rank | what if: the capacity of limit i, or of all of a kind, times a factor */
void model_scale_limit(model *m, int i, double factor);
void model_scale(model *m, limit_kind kind, double factor);

void model_drop(model *m);

#endif
