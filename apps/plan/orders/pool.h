/* Pool: the plans that searches have found for each SKU.
 *
 * A plan found at some prices is often the best again at others, or next to it. Kept with what it costs and what it
 * uses of every limit, it can be weighed against its like in a microsecond where a search takes a millisecond: that
 * is how plans of all SKUs are chosen together (orders/choose.c), and how a search knows from its first node on
 * what it has to beat (Dantzig and Wolfe 1960, with whole plans as columns). */
#ifndef APPS_PLAN_ORDERS_POOL_H
#define APPS_PLAN_ORDERS_POOL_H

#include "plan/check/pricing.h"
#include "plan/orders/boxes.h"
#include "plan/orders/whole.h"

typedef struct pool_plan pool_plan;

struct pool_plan {
	const pool_plan *next; /* of the same SKU, found before it; NULL */
	double cost, fixed;    /* without prices; fixed, of orders, is a part of it */
	int orders;
	int uses, columns;
	const double *x; /* of columns, the rest is 0 */
	const int *column;
	const float
	    *use; /* of places: linking rows, and after them cells of containers (orders/boxes.h) */
	const int *place;
};

typedef struct pool_chunk pool_chunk;

typedef struct {
	const boxes *box; /* borrowed */
	int rows;
	const pool_plan **of; /* of my blocks: the plan found last, or NULL */
	pool_chunk *chunk;
	double *use; /* of places, while a plan is read */
	bool full;   /* memory was out */
} pool;

/* local | a pool for so many blocks of mine; b: of their model. fails: PAR_E_MEMORY */
par_err pool_open(pool *p, const boxes *b, int64_t blocks);
void pool_close(pool *p);
/* local | keep a plan of my i-th block, the one q has taken, unless it is there already; the plan, or
 * NULL where memory is out, which pool_status tells */
const pool_plan *pool_keep(pool *p, int64_t i, const pricing *q, const whole_answer *a);
/* local | fails: PAR_E_MEMORY where a plan could not be kept */
par_err pool_status(const pool *p);
/* local | what a plan costs at priced costs of its columns, with fixed costs */
double pool_priced(const pool_plan *a, const double *priced);
/* local | x: all columns of a plan */
void pool_columns(const pool_plan *a, double *x, int columns);

#endif
