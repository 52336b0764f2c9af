#include "plan/check/pricing.h"

#include "plan/check/numbers.h"

#include <stdlib.h>

static par_err open_parts(pricing *q, const problem *p)
{
	int columns = 1;
	q->network = calloc((size_t)p->patterns, sizeof(network *));
	if (!q->network)
		return par_fail(PAR_E_MEMORY, "no room for %d networks", p->patterns);
	for (int c = 0; c < p->patterns; c++) {
		PAR_TRY(network_open(&q->network[c], &p->pattern[c]));
		columns = p->pattern[c].columns > columns ? p->pattern[c].columns : columns;
	}
	PAR_TRY(numbers_open(&q->numbers, p));
	q->priced = calloc((size_t)columns * 2, sizeof *q->priced);
	q->answer.x = q->priced + columns;
	return q->priced ? PAR_OK
			 : par_fail(PAR_E_MEMORY, "no room for a block of %d columns", columns);
}

par_err pricing_open(pricing *q, const problem *p)
{
	*q = (pricing){.problem = p, .asked = -1};
	par_err e = open_parts(q, p);
	if (e != PAR_OK)
		pricing_close(q);
	return e;
}

void pricing_close(pricing *q)
{
	for (int c = 0; q->network && c < q->problem->patterns; c++)
		network_close(q->network[c]);
	free(q->network);
	free(q->priced);
	numbers_close(&q->numbers);
	*q = (pricing){0};
}

void pricing_take(pricing *q, int64_t k)
{
	if (q->asked != k)
		q->problem->fill(q->problem->ctx, k, &q->numbers);
	q->asked = k;
}

void pricing_price(pricing *q, int64_t k, const double *price)
{
	const pattern *p = pattern_of(q->problem, k);
	pricing_take(q, k);
	for (int j = 0; j < p->columns; j++) {
		double c = q->numbers.cost[j];
		for (int e = p->link_first[j]; e < p->link_first[j + 1]; e++)
			c -= q->numbers.link[e] * price[p->link[e]];
		q->priced[j] = c;
	}
}

void pricing_ask(pricing *q, int64_t k, const double *price, const double *start)
{
	pricing_price(q, k, price);
	network_solve(q->network[q->problem->class[k]], q->priced, q->numbers.upper,
	    q->numbers.right, start, &q->answer);
}

double pricing_cost(const pricing *q, const double *x)
{
	const pattern *p = pattern_of(q->problem, q->asked);
	double sum = 0;
	for (int j = 0; j < p->columns; j++)
		sum += q->numbers.cost[j] * x[j];
	return sum;
}

void pricing_use(const pricing *q, const double *x, double *use)
{
	const pattern *p = pattern_of(q->problem, q->asked);
	for (int j = 0; j < p->columns; j++)
		for (int e = p->link_first[j]; e < p->link_first[j + 1]; e++)
			use[p->link[e]] += q->numbers.link[e] * x[j];
}
