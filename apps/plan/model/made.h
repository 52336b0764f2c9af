/* Made: the numbers of the generator's SKUs. Inside model/generate.h alone.
 *
 * Lane (hub, warehouse, air) is number (hub x warehouses + warehouse) x 2 + air. */
#ifndef APPS_PLAN_MODEL_MADE_H
#define APPS_PLAN_MODEL_MADE_H

#include "plan/model/generate.h"

enum { SUPPLIERS = 2, HUBS = 2, WAREHOUSES = 5, MARKETS = 6, REGIONS = 3, STEPS = 3 };

typedef struct {
	generate_options options;
	int warehouses, markets, lanes, classes;
	const model *model;
	float *draw; /* the details of one SKU */
	int draws;
} maker;

/* what a SKU is, before the details of its columns; idle ones have no demand */
typedef struct {
	double cost, weight, volume, hours, demand, price; /* of a unit; demand of a week */
} traits;

/* local | of any SKU */
traits made_traits(const maker *g, int64_t k);

/* local | problem.fill, model.terms, model.chance and model.volume; ctx is the maker */
void made_fill(void *ctx, int64_t k, block *b);
order_terms made_terms(const void *ctx, int64_t k, int supplier);
double made_chance(const void *ctx, int64_t k, const flow *f);
double made_volume(const void *ctx, int64_t k);
/* local | freight of an m3 on a lane by sea */
double made_sea_rate(const maker *g, int lane);
/* local | random numbers that a SKU of a pattern takes at most */
int made_draws(const maker *g, int columns);

static inline int lane_hub(const maker *g, int lane)
{
	return lane / 2 / g->warehouses;
}

static inline int lane_warehouse(const maker *g, int lane)
{
	return lane / 2 % g->warehouses;
}

static inline bool by_air(int lane)
{
	return lane % 2;
}

#endif
