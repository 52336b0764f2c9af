/* Assemble: the model of a user's network, forecast and catalog.
 *
 * The plan begins with the forecast's first step. SKUs are those with a series in the forecast.
 * Money per unit of a flow:
 *
 *	purchase   cost, freight of the lane, duty on the cost when the node lies in another zone
 *	shipment   freight, duty on the SKU's value when it comes into another zone
 *	stock      holding by volume, and capital x value; the last: less salvage x value;
 *	           a step of the safety stock (model/safety.h): less shortfall x value x p / periods, p
 *	           being the chance that demand reaches it, which it can do once in the plan; and the last less what it costs to bring it there,
 *	           since it is needed after the plan, too
 *	delivery   as a shipment
 *	sale       -(price / (1 + vat) - (1 - leftover) x value x (1 - p) / p), where p is the chance that
 *	           demand reaches the step (model/demand.h): for a unit that is sold, (1 - p) / p
 *	           stand ready in vain. They stay in stock, less what waiting takes of their value
 *	backlog    backlog x price
 *
 * Sales are expected sales, and stocks are expected stocks: a market gets what it is expected to ask for,
 * what it does not ask for stays at the node, and safety stock is there for what it asks beyond.
 *
 * A SKU's value is its cost in the catalog, else its lowest cost in supply. Duty falls due where goods come
 * into a zone from a node outside it; a bonded warehouse lies in no zone. VAT on imports is taken to be
 * refunded, so only that of sales counts, which prices are taken to include. */
#ifndef APPS_PLAN_MODEL_ASSEMBLE_H
#define APPS_PLAN_MODEL_ASSEMBLE_H

#include "plan/model/model.h"

typedef struct {
	const char *folder, *catalog, *forecast; /* borrowed */
	int together;                            /* forecast steps in a period, 1 or more */
	int steps;                               /* of the demand, 1 to 16 */
	bool hard;                               /* limits cannot be exceeded at any price */
	double capital;                          /* per period, of the value of stock */
	double salvage;                          /* of the value of stock after the last period */
	double leftover;  /* of the value of a unit that stood ready for demand that did not come */
	double backlog;   /* of the price, for a unit that waits a period; 0: sales are lost */
	bool overrides;   /* planners' words hold, where the forecast has some */
	double service;   /* chance that demand is met, for safety stock; 0: none is asked for */
	double shortfall; /* of its value: what a unit costs that is asked for and not in stock */
	double correlation; /* of what markets ask for beyond their means */
} assemble_options;

/* what the user should know of the inputs */
typedef struct {
	int64_t skus_unplanned;  /* of the catalog, without a series */
	int64_t skus_unsupplied; /* planned, without a row in supply */
	bool overridden;         /* planners' words hold */
	int64_t series_unpriced; /* worth nothing, so not served */
	int64_t stock_late;      /* rows of stock that arrive after the last period */
	int64_t limits_idle;     /* limits that hold no flow and were left out */
} assemble_notes;

/* collective | make the model; dropped by model_drop, also after a failure
 * fails: as tables_read, demand_open, classes_make; PAR_E_DATA when a SKU has no cost, weight or volume
 * where one is needed */
par_err assemble(model *m, const par_world *w, const assemble_options *o, assemble_notes *notes);

#endif
