/* Pricing: a block of a problem at given prices of the linking rows. */
#ifndef APPS_PLAN_CHECK_PRICING_H
#define APPS_PLAN_CHECK_PRICING_H

#include "plan/check/bound.h"

typedef struct {
	const problem *problem; /* borrowed */
	network **network;      /* of each pattern */
	int64_t asked;          /* the block whose numbers stand below; -1 at first */
	block numbers;
	double *priced;      /* its costs c - B'p */
	block_answer answer; /* at these */
} pricing;

/* local | room for every pattern; fails: as network_open */
par_err pricing_open(pricing *q, const problem *p);
void pricing_close(pricing *q);
/* local | the numbers of block k, one of mine */
void pricing_take(pricing *q, int64_t k);
/* local | take block k: q->priced, its costs at these prices */
void pricing_price(pricing *q, int64_t k, const double *price);
/* local | the same, and the vertex that is cheapest: q->answer.
 * start: as network_solve's; may be q->answer.x */
void pricing_ask(pricing *q, int64_t k, const double *price, const double *start);
/* local | c'x of the block taken, and use[l] += B x */
double pricing_cost(const pricing *q, const double *x);
void pricing_use(const pricing *q, const double *x, double *use);

#endif
