/* A made-up model with any amounts at all: what is told of them need not be a good plan. */
#ifndef VALIDATION_UNIT_ANY_PLAN_H
#define VALIDATION_UNIT_ANY_PLAN_H

#include "plan/check/numbers.h"
#include "plan/model/generate.h"
#include "plan/solve/solution.h"

#include <stdlib.h>

#define SKUS 45

/* some orders are too small to show */
static double amount(int64_t sku, int column)
{
	double x = (double)((sku * 7919 + column * 104729) % 1000) / 100;
	return x < 2 ? 0.006 * x : x;
}

/* amounts of my blocks and some for the linking columns */
static void any_solution(solution *s, const model *m)
{
	const problem *p = &m->problem;
	int columns = 0;
	*s = (solution){.blocks = m->deal.blocks};
	for (int i = 0; i < p->patterns; i++)
		columns = p->pattern[i].columns > columns ? p->pattern[i].columns : columns;
	s->block = calloc((size_t)s->blocks + 1, sizeof *s->block);
	s->x_at = calloc((size_t)s->blocks + 1, sizeof *s->x_at);
	s->x = calloc((size_t)(s->blocks * columns + 1), sizeof *s->x);
	s->own = calloc((size_t)p->link.columns + 1, sizeof *s->own);
	s->price = calloc((size_t)p->link.rows + 1, sizeof *s->price);
	int64_t i = 0, at = 0;
	for (int64_t g = 0; g < m->deal.groups; g++)
		for (int lane = 0; lane < m->deal.mine[g].lanes; lane++, i++) {
			s->block[i] = m->deal.mine[g].block[lane];
			s->x_at[i] = at;
			for (int j = 0; j < pattern_of(p, s->block[i])->columns; j++)
				s->x[at++] = amount(s->block[i], j);
		}
	for (int j = 0; j < p->link.columns; j++)
		s->own[j] = j % 3;
	for (int j = 0; j < p->link.rows; j++)
		s->price[j] = -(j % 5);
}

static void drop_solution(solution *s)
{
	free(s->block);
	free(s->x_at);
	free(s->x);
	free(s->own);
	free(s->price);
}

/* A x - b of a block, row by row */
static void residuals(const model *m, int64_t k, const block *b, double *row)
{
	const pattern *p = pattern_of(&m->problem, k);
	for (int i = 0; i < p->rows; i++)
		row[i] = -b->right[i];
	for (int j = 0; j < p->columns; j++)
		for (int e = p->first[j]; e < p->first[j + 1]; e++)
			row[p->row[e]] += p->value[e] * amount(k, j);
}

#endif
