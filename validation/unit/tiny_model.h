/* A model of a few rows written by hand: columns are arcs between nodes, the linear program's own shape. */
#ifndef VALIDATION_UNIT_TINY_MODEL_H
#define VALIDATION_UNIT_TINY_MODEL_H

#include "base/rng.h"
#include "plan/model/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TINY_MOST 64 /* columns, rows, blocks, linking rows */

typedef struct {
	double cost[TINY_MOST], upper[TINY_MOST], right[TINY_MOST], link[TINY_MOST];
	order_terms terms[2]; /* of two suppliers */
} tiny_block;

typedef struct {
	model m;
	flow flow[TINY_MOST], *flows;
	pattern p;
	int first[TINY_MOST + 1], row[2 * TINY_MOST], link_first[TINY_MOST + 1], link[TINY_MOST],
	    bound[TINY_MOST];
	double value[2 * TINY_MOST];
	uint8_t class[TINY_MOST];
	limit limit[TINY_MOST];
	double right[TINY_MOST];
	int own_row[TINY_MOST];
	double own_value[TINY_MOST], own_cost[TINY_MOST], own_upper[TINY_MOST];
	tiny_block block[TINY_MOST];
} tiny_model;

static void tiny_fill(void *ctx, int64_t k, block *b)
{
	const tiny_model *t = ctx;
	const tiny_block *from = &t->block[k];
	memcpy(b->cost, from->cost, (size_t)t->p.columns * sizeof(double));
	memcpy(b->upper, from->upper, (size_t)t->p.bounds * sizeof(double));
	memcpy(b->right, from->right, (size_t)t->p.rows * sizeof(double));
	memcpy(b->link, from->link, (size_t)t->p.links * sizeof(double));
}

static order_terms tiny_terms(const void *own, int64_t k, int supplier)
{
	return ((const tiny_model *)own)->block[k].terms[supplier];
}

/* a column from one row to another, -1 being outside; link: the linking row it uses, or -1; its place */
static int tiny_arc(tiny_model *t, flow f, int from, int to, bool bounded, int link)
{
	pattern *p = &t->p;
	int j = p->columns++, e = t->first[j], l = t->link_first[j];
	t->flow[j] = f;
	t->bound[j] = bounded ? p->bounds++ : -1;
	if (from >= 0) {
		t->row[e] = from;
		t->value[e++] = -1;
	}
	if (to >= 0) {
		t->row[e] = to;
		t->value[e++] = 1;
	}
	if (link >= 0)
		t->link[l++] = link;
	t->first[j + 1] = e;
	t->link_first[j + 1] = p->links = l;
	return j;
}

__attribute__((unused)) static void tiny_own(
    tiny_model *t, int row, double value, double cost, double upper)
{
	int e = t->m.problem.link.columns++;
	t->own_row[e] = row;
	t->own_value[e] = value;
	t->own_cost[e] = cost;
	t->own_upper[e] = upper;
}

/* local | arcs, limits, own columns and blocks are there: the model of them, dropped by deal_drop */
static par_err tiny_model_of(
    tiny_model *t, const par_world *w, int periods, int rows, int blocks, int limits)
{
	model *m = &t->m;
	linking *l = &m->problem.link;
	t->flows = t->flow;
	t->p.rows = rows;
	t->p.first = t->first;
	t->p.row = t->row;
	t->p.value = t->value;
	t->p.link_first = t->link_first;
	t->p.link = t->link;
	t->p.bound = t->bound;
	m->supplier.n = 2;
	m->periods = periods;
	m->flow = &t->flows;
	m->limit = t->limit;
	m->terms = tiny_terms;
	m->own = t;
	m->problem.patterns = 1;
	m->problem.pattern = &t->p;
	m->problem.blocks = blocks;
	m->problem.class = t->class;
	m->problem.fill = tiny_fill;
	m->problem.ctx = t;
	l->rows = limits;
	l->right = t->right;
	l->row = t->own_row;
	l->value = t->own_value;
	l->cost = t->own_cost;
	l->upper = t->own_upper;
	return deal_groups(&m->deal, w, &m->problem);
}

/* numbers drawn one after the other */
typedef struct {
	par_rng from;
	uint64_t at;
} tiny_draw;

/* a whole number in [low, high] */
static int tiny_whole(tiny_draw *d, int low, int high)
{
	return low + (int)floor(par_rng_f64(d->from, d->at++) * (high - low + 1));
}

/* whether an order of so much obeys its terms */
static bool tiny_allowed(const order_terms *t, int size)
{
	double lot = t->multiple > 0 ? t->multiple : 1;
	return size == 0 || (size >= t->least && fmod(size, lot) == 0);
}

#endif
