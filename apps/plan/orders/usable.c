#include "plan/orders/usable.h"

#include "plan/orders/vertex.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Plans come closer the more often SKUs are planned, and with many SKUs less is to gain by it. */
#define FEW 2500    /* SKUs */
#define MISSES 1e-6 /* units: an order farther from its terms is wrong */

static bool is_new(const flow *f, int j)
{
	for (int i = 0; i < j; i++)
		if (f[i].kind == FLOW_PURCHASE && f[i].supplier == f[j].supplier)
			return false;
	return f[j].kind == FLOW_PURCHASE;
}

bool usable_has_terms(const model *m)
{
	bool any = false;
	for (int64_t l = 0; l < m->lane.n; l++)
		any |= m->load[l].container > 0 && m->load[l].rate > 0;
	for (int64_t g = 0; g < m->deal.groups && !any; g++) {
		const group *of = &m->deal.mine[g];
		for (int j = 0; j < m->problem.pattern[of->class].columns; j++)
			for (int i = 0; i < of->lanes && is_new(m->flow[of->class], j); i++) {
				order_terms t = m->terms(
				    m->own, of->block[i], m->flow[of->class][j].supplier);
				any |= t.least > 0 || t.multiple > 0 || t.fixed > 0;
			}
	}
	return par_world_max(m->deal.world, any) > 0;
}

/* how far an order is from nothing, and from the least and the multiples it may be */
static double miss_of(const order_terms *t, double size)
{
	double lot = t->multiple > 0 ? t->multiple : 1;
	double off = fabs(size - rint(size / lot) * lot);
	return size > 0 ? fmax(off, t->least - size) : -size;
}

/* the largest miss of a block's orders */
static double misses(const model *m, int64_t k, const double *x)
{
	int class = m->problem.class[k], columns = m->problem.pattern[class].columns;
	const flow *f = m->flow[class];
	double worst = 0;
	for (int s = 0; s < m->supplier.n; s++)
		for (int t = 0; t < m->periods; t++) {
			double size = 0;
			for (int j = 0; j < columns; j++)
				if (f[j].kind == FLOW_PURCHASE && f[j].supplier == s &&
				    f[j].period == t)
					size += x[j];
			order_terms terms = m->terms(m->own, k, s);
			worst = fmax(worst, miss_of(&terms, size));
		}
	return worst;
}

static void swap(double **a, double **b)
{
	double *c = *a;
	*a = *b;
	*b = c;
}

/* bound: the linear program's, which knows less but may be higher where SKUs are few */
static par_err make_whole(usable *u, const model *m, solution *s, double bound, uint64_t seed)
{
	integer_plan v;
	bool few = m->problem.blocks < FEW;
	integer_spec spec = {.steered = 1,
	    .balanced = few ? 6 : 4,
	    .mended = few ? 2 : 0,
	    .nodes = few ? 20 : 12,
	    .proof = 200,
	    .within = 3e-4,
	    .seed = seed};
	par_err e = integer_make(&v, m, s, &spec);
	if (e == PAR_OK && isfinite(v.value)) {
		*u = (usable){.kind = USABLE_WHOLE,
		    .value = v.value,
		    .bound = fmax(v.bound, bound),
		    .fixed = v.fixed,
		    .unfilled = v.unfilled,
		    .unsearched = v.unsearched,
		    .passed = v.passed};
		swap(&s->x, &v.x);
		swap(&s->own, &v.own);
		for (int64_t i = 0; i < s->blocks; i++)
			u->wrong += misses(m, s->block[i], s->x + s->x_at[i]) > MISSES;
		u->wrong = par_world_sum(m->deal.world, u->wrong);
	}
	integer_drop(&v);
	return e;
}

static par_err make_vertex(usable *u, const model *m, solution *s)
{
	vertex_plan v;
	par_err e = vertex_make(&v, &m->problem, &m->deal, s);
	if (e == PAR_OK) {
		u->kind = USABLE_VERTEX;
		u->value = v.value;
		u->mixed = v.mixed;
		swap(&s->x, &v.x);
		swap(&s->own, &v.own);
	}
	vertex_drop(&v);
	return e;
}

par_err usable_make(
    usable *u, const model *m, solution *s, usable_kind kind, double bound, uint64_t seed)
{
	*u = (usable){.kind = USABLE_CONTINUOUS, .value = s->value, .bound = bound};
	if (kind == USABLE_WHOLE)
		PAR_TRY(make_whole(u, m, s, bound, seed));
	if (kind == USABLE_VERTEX)
		PAR_TRY(make_vertex(u, m, s));
	u->gap = (u->value - u->bound) / fmax(1, fabs(u->value));
	return PAR_OK;
}

const char *usable_text(usable_kind kind)
{
	static const char *const text[] = {
	    [USABLE_WHOLE] = "whole",
	    [USABLE_VERTEX] = "vertex",
	    [USABLE_CONTINUOUS] = "continuous",
	};
	return text[kind];
}
