#include "plan/tell/cells.h"

#include <stdlib.h>

/* of each row of a pattern the node and period whose stock it is, -1 for rows of markets */
typedef struct {
	int *node, *period;
} places;

static void places_drop(places *p)
{
	free(p->node);
	free(p->period);
}

/* the stock at the end of a period leaves that period's row */
static par_err places_find(places *at, const pattern *p, const flow *f)
{
	size_t rows = (size_t)p->rows + 1;
	*at = (places){malloc(rows * sizeof *at->node), malloc(rows * sizeof *at->period)};
	if (!at->node || !at->period)
		return par_fail(PAR_E_MEMORY, "no memory for the rows of a SKU");
	for (int i = 0; i < p->rows; i++)
		at->node[i] = at->period[i] = -1;
	for (int j = 0; j < p->columns; j++)
		for (int k = p->first[j]; k < p->first[j + 1]; k++)
			if (f[j].kind == FLOW_STOCK && p->value[k] < 0) {
				at->node[p->row[k]] = f[j].node;
				at->period[p->row[k]] = f[j].period;
			}
	return PAR_OK;
}

typedef struct {
	const model *m;
	const pattern *p;
	const flow *flow;
	places at;
	pick *out;
	int n;
} picking;

static void take(picking *g, pick_source source, int from, int who, int period, double times)
{
	g->out[g->n++] = (pick){source, from, who * g->m->periods + period, times};
}

/* the columns of one kind, each to the cell of its who and period */
static void take_kind(picking *g, flow_kind kind)
{
	for (int j = 0; j < g->p->columns; j++) {
		const flow *f = &g->flow[j];
		int who = kind == FLOW_PURCHASE ? f->supplier
			  : kind == FLOW_STOCK  ? f->node
						: f->market;
		if (f->kind == kind)
			take(g, PICK_X, j, who, f->period, 1);
	}
}

/* a supplier may send by a lane, too */
static void take_lanes(picking *g)
{
	for (int j = 0; j < g->p->columns; j++)
		if (g->flow[j].lane >= 0)
			take(g, PICK_X, j, g->flow[j].lane, g->flow[j].period, 1);
}

static void take_lost(picking *g)
{
	for (int j = 0; j < g->p->columns; j++) {
		const flow *f = &g->flow[j];
		if (f->kind != FLOW_SALE || g->p->bound[j] < 0)
			continue;
		take(g, PICK_UPPER, g->p->bound[j], f->market, f->period, 1);
		take(g, PICK_X, j, f->market, f->period, -1);
	}
}

static void take_safety(picking *g)
{
	for (int j = 0; j < g->p->columns; j++) {
		const flow *f = &g->flow[j];
		if (f->kind == FLOW_STOCK && g->p->bound[j] >= 0)
			take(g, PICK_UPPER, g->p->bound[j], f->node, f->period, 1);
	}
}

static void take_before(picking *g)
{
	for (int i = 0; i < g->p->rows; i++)
		if (g->at.node[i] >= 0)
			take(g, PICK_RIGHT, i, g->at.node[i], g->at.period[i], -1);
}

/* what moves goods into a node (side +1) or out of it (side -1); keeping them there does neither */
static void take_moves(picking *g, int side)
{
	const pattern *p = g->p;
	for (int j = 0; j < p->columns; j++)
		for (int k = p->first[j]; k < p->first[j + 1]; k++) {
			int i = p->row[k];
			double v = side * p->value[k];
			if (g->flow[j].kind != FLOW_STOCK && g->at.node[i] >= 0 && v > 0)
				take(g, PICK_X, j, g->at.node[i], g->at.period[i], v);
		}
}

static void take_table(picking *g, cells_table t)
{
	static const flow_kind kind[] = {
	    [CELLS_PURCHASE] = FLOW_PURCHASE,
	    [CELLS_STOCK] = FLOW_STOCK,
	    [CELLS_SALES] = FLOW_SALE,
	    [CELLS_BACKLOG] = FLOW_BACKLOG,
	};
	if (t == CELLS_LOST)
		take_lost(g);
	else if (t == CELLS_SHIPMENT)
		take_lanes(g);
	else if (t == CELLS_SAFETY)
		take_safety(g);
	else if (t == CELLS_BEFORE)
		take_before(g);
	else if (t == CELLS_ARRIVING)
		take_moves(g, 1);
	else if (t == CELLS_LEAVING)
		take_moves(g, -1);
	else
		take_kind(g, kind[t]);
}

static par_err pick_pattern(cells *c, const model *m, int k, cells_table t)
{
	const pattern *p = &m->problem.pattern[k];
	picking g = {.m = m, .p = p, .flow = m->flow[k]};
	int most = 2 * p->columns + p->rows + p->first[p->columns];
	g.out = malloc((size_t)(most + 1) * sizeof *g.out);
	par_err e = g.out ? places_find(&g.at, p, g.flow)
			  : par_fail(PAR_E_MEMORY, "no memory for the cells of a SKU");
	if (e == PAR_OK)
		take_table(&g, t);
	places_drop(&g.at);
	c->all[k] = g.out;
	c->n[k] = g.n;
	return e;
}

int64_t cells_whos(const model *m, cells_table t)
{
	switch (t) {
	case CELLS_PURCHASE:
		return m->supplier.n;
	case CELLS_SHIPMENT:
		return m->lane.n;
	case CELLS_SALES:
	case CELLS_LOST:
	case CELLS_BACKLOG:
		return m->market.n;
	default:
		return m->node.n;
	}
}

par_err cells_open(cells *c, const model *m, cells_table t)
{
	size_t patterns = (size_t)m->problem.patterns;
	*c = (cells){.width = (int)cells_whos(m, t) * m->periods,
	    .patterns = m->problem.patterns,
	    .asks = t == CELLS_LOST || t == CELLS_SAFETY || t == CELLS_BEFORE};
	c->n = calloc(patterns, sizeof *c->n);
	c->all = calloc(patterns, sizeof(pick *));
	if (!c->n || !c->all)
		return par_fail(PAR_E_MEMORY, "no memory for the cells of a plan");
	for (int k = 0; k < m->problem.patterns; k++)
		PAR_TRY(pick_pattern(c, m, k, t));
	return PAR_OK;
}

void cells_drop(cells *c)
{
	for (int k = 0; c->all && k < c->patterns; k++)
		free(c->all[k]);
	free(c->all);
	free(c->n);
	*c = (cells){0};
}

void cells_add(const cells *c, int class, const double *x, const block *b, double *row)
{
	for (int i = 0; i < c->n[class]; i++) {
		const pick *p = &c->all[class][i];
		const double *from = p->source == PICK_X       ? x
				     : p->source == PICK_UPPER ? b->upper
							       : b->right;
		row[p->cell] += p->times * from[p->from];
	}
}
