/* Goods: the numbers of SKUs in a user's network, and with them their blocks. */
#ifndef APPS_PLAN_MODEL_GOODS_H
#define APPS_PLAN_MODEL_GOODS_H

#include "plan/model/assemble.h"
#include "plan/model/classes.h"

/* of one of my blocks */
typedef struct {
	int32_t sku;                  /* of the catalog */
	double volume, weight, value; /* of a unit; 0 where nothing asks for it */
	int tariff;                   /* place among the tariff classes */
	/* owned: units and chance [market of the chain][period][step], price [market][period] */
	double *units, *chance, *price;
	double *safety, *landed; /* owned: model/safety.h */
} good;

typedef struct {
	assemble_options options;
	const model *model; /* borrowed */
	tables tables;      /* owned */
	demand demand;      /* owned; its files are closed once read */
	classes classes;    /* owned */
	int tariffs;
	const char *
	    *tariff; /* owned list of borrowed names: the classes that products name, "" first */
	table_duty *duty; /* owned: [tariff][node row] */
	good *mine;       /* owned */
	int64_t goods;
	int32_t *good_of; /* owned: of every block, its place in mine or -1 */
	int64_t unpriced; /* series of mine */
} goods;

/* collective, once the model is dealt | read the numbers of my blocks. fails: PAR_E_DATA, PAR_E_IO,
 * PAR_E_MEMORY */
par_err goods_read(goods *g);
void goods_drop(goods *g);

/* local | what a supplier of the SKU asks for a unit */
double goods_cost(const goods *g, const good *s, int supplier);
/* local | freight of a lane for a unit, and duty on `value` when it leads into a zone */
double goods_carriage(const goods *g, const good *s, int lane, double value);

/* local | problem.fill, model.terms, model.chance and model.volume */
void goods_fill(void *ctx, int64_t k, block *b);
order_terms goods_terms(const void *ctx, int64_t k, int supplier);
double goods_chance(const void *ctx, int64_t k, const flow *f);
double goods_volume(const void *ctx, int64_t k);

#endif
