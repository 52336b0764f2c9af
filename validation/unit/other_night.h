/* Two nights: a made-up problem, and what becomes of it when some of its SKUs are other tonight. */
#ifndef VALIDATION_UNIT_OTHER_NIGHT_H
#define VALIDATION_UNIT_OTHER_NIGHT_H

#include "base/rng.h"
#include "plan/check/numbers.h"
#include "plan/model/generate.h"
#include "plan/solve/warm.h"

#include <math.h>

/* last night's model, one whose SKUs may take the place of its own, and how many of a hundred are other tonight */
typedef struct {
	const model *last, *other;
	double percent;
} two_nights;

static double night_draw(int64_t k, int what)
{
	return par_rng_f64((par_rng){99, 5 + what / 2, 0}, 2 * k + what % 2);
}

static bool is_other(const two_nights *n, int64_t k)
{
	return night_draw(k, 0) < n->percent / 100;
}

/* by up to 30 % */
static void change_all(double *number, int n, int64_t k, int what)
{
	double f = 0.7 + 0.6 * night_draw(k, what);
	for (int i = 0; i < n; i++)
		number[i] *= f;
}

/* problem.fill with other steps of demand; with other stock too */
static void fill_demand(void *ctx, int64_t k, block *b)
{
	const two_nights *n = ctx;
	const problem *p = &n->last->problem;
	p->fill(p->ctx, k, b);
	if (is_other(n, k))
		change_all(b->upper, pattern_of(p, k)->bounds, k, 1);
}

__attribute__((unused)) static void fill_stock(void *ctx, int64_t k, block *b)
{
	const two_nights *n = ctx;
	fill_demand(ctx, k, b);
	if (is_other(n, k))
		change_all(b->right, pattern_of(&n->last->problem, k)->rows, k, 2);
}

/* with SKUs of the other model */
static void fill_new(void *ctx, int64_t k, block *b)
{
	const two_nights *n = ctx;
	const problem *p = is_other(n, k) ? &n->other->problem : &n->last->problem;
	p->fill(p->ctx, k, b);
}

/* x of the SKUs that were not there becomes unknown */
static void forget_new(warm_point *w, const two_nights *n)
{
	const deal *d = &n->last->deal;
	int64_t at = 0;
	for (int64_t i = 0; i < d->groups; i++)
		for (int lane = 0; lane < d->mine[i].lanes; lane++, at++) {
			int64_t k = d->mine[i].block[lane];
			int columns = pattern_of(&n->last->problem, k)->columns;
			for (int j = 0; is_other(n, k) && j < columns; j++)
				w->x[w->x_at[at] + j] = NAN;
		}
}

#endif
