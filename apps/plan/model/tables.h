/* Tables: the network's tables as the user has them, checked against each other, on every rank.
 *
 * Money is in the plan's currency here, whatever the tables said. */
#ifndef APPS_PLAN_MODEL_TABLES_H
#define APPS_PLAN_MODEL_TABLES_H

#include "base/dict.h"
#include "plan/model/model.h"

typedef enum { PLACE_SUPPLIER, PLACE_NODE, PLACE_MARKET, PLACE_KINDS } place_kind;

typedef struct {
	char name[MODEL_NAME], zone[MODEL_NAME];
	place_kind kind;
	int place;                             /* among the places of its kind */
	bool bonded;                           /* goods pay duty when they leave */
	double space, overflow_price, holding; /* space: INFINITY when there is no limit */
} table_node;

typedef struct {
	char name[MODEL_NAME];
	int from, to; /* rows of nodes */
	bool flies;
	lane_mode mode;
	double days, per_kg, per_m3, per_unit, container;
} table_lane;

typedef struct {
	int32_t sku;                  /* of the catalog */
	int supplier;                 /* place */
	double cost;                  /* NAN: the catalog's */
	double days, hours, capacity; /* capacity: INFINITY when there is none */
	order_terms terms;
} table_supply;

typedef struct {
	int32_t sku;
	int node;    /* place */
	int32_t day; /* INT32_MIN: on hand */
	double units;
} table_stock;

typedef struct {
	char zone[MODEL_NAME], class[MODEL_NAME];
	double duty, vat;
} table_duty;

typedef struct {
	limit_kind kind;
	limit_measure measure;
	int which;           /* as in limit */
	int32_t from, until; /* days; INT32_MIN, INT32_MAX */
	double capacity, overflow_price;
} table_limit;

typedef struct {
	int32_t sku;
	char class[MODEL_NAME];
	bool flies;
} table_product;

typedef struct {
	char currency[4];
	double rate;
} table_currency;

typedef struct {
	table_node *node;
	table_lane *lane;
	table_supply *supply;
	table_stock *stock;
	table_duty *duty;
	table_limit *limit;
	table_product *product;
	table_currency *currency;
	int64_t nodes, lanes, supplies, stocks, duties, limits, products, currencies;
	model_names name[PLACE_KINDS]; /* of places, in the order of the table */
	int *row[PLACE_KINDS];         /* of a place: its row of nodes */
	par_dict node_names, lane_names, skus;
	const char *plan_currency; /* borrowed */
} tables;

/* collective | read the tables in a folder: nodes.csv, lanes.csv and supply.csv, and when they are there
 * stock, duties, limits, products and currencies. sku: the catalog's skus, each in its stride.
 * fails: PAR_E_INPUT; PAR_E_DATA with file, line and field; PAR_E_MEMORY */
par_err tables_read(tables *t, const par_world *w, const char *folder, const char *sku, int stride,
    int64_t skus, const char *currency);
void tables_drop(tables *t);

/* local | what a unit of a currency is worth in the plan's ("": 1), 0 when that is not known */
double tables_rate(const tables *t, const char *currency);
/* local | duty and vat of a zone for a tariff class; zeros where there are none */
table_duty tables_duty(const tables *t, const char *zone, const char *class);

#endif
