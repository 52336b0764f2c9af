#include "plan/model/assemble.h"

#include "plan/model/goods.h"
#include "plan/model/limits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static par_err no_memory(void)
{
	return par_fail(PAR_E_MEMORY, "no memory for the network's model");
}

/* Names. */

/* the model takes the places' names over */
static void name_places(model *m, tables *t)
{
	model_names *to[PLACE_KINDS] = {&m->supplier, &m->node, &m->market};
	for (int k = 0; k < PLACE_KINDS; k++) {
		*to[k] = t->name[k];
		t->name[k].name = NULL;
	}
}

static par_err name_rest(model *m, const goods *g)
{
	const tables *t = &g->tables;
	const catalog *of = &g->demand.of;
	m->lane = (model_names){t->lanes, calloc((size_t)t->lanes + 1, MODEL_NAME)};
	m->sku = (model_names){
	    g->classes.blocks, calloc((size_t)g->classes.blocks + 1, MODEL_NAME)};
	m->load = calloc((size_t)t->lanes + 1, sizeof *m->load);
	if (!m->lane.name || !m->sku.name || !m->load)
		return no_memory();
	for (int64_t l = 0; l < t->lanes; l++) {
		memcpy(m->lane.name[l], t->lane[l].name, MODEL_NAME);
		m->load[l] = (lane_load){t->lane[l].mode, t->lane[l].container, t->lane[l].per_m3};
	}
	for (int64_t k = 0; k < g->classes.blocks; k++)
		strncpy(m->sku.name[k], of->sku + (int64_t)g->classes.sku[k] * of->sku_stride,
		    MODEL_NAME - 1);
	memcpy(m->currency, g->demand.currency, sizeof m->currency);
	return PAR_OK;
}

static par_err date_periods(model *m, const demand *d)
{
	m->periods = d->periods;
	m->period_date = malloc((size_t)d->periods * sizeof *m->period_date);
	if (!m->period_date)
		return no_memory();
	memcpy(m->period_date, d->day, (size_t)d->periods * sizeof *m->period_date);
	return PAR_OK;
}

/* Limits: those of limits.csv and the space of nodes, period by period. */

static bool begins_in(const demand *d, const table_limit *l, int t)
{
	return d->day[t] >= l->from && d->day[t] < l->until;
}

/* a commitment is one limit over its periods, and stands in the first of them */
static int list_row(const demand *d, const table_limit *l, int t, limit *out)
{
	if (!begins_in(d, l, t))
		return 0;
	*out = (limit){l->kind, l->measure, l->which, t, t + 1, l->capacity, l->overflow_price};
	if (l->kind != LIMIT_COMMITMENT)
		return 1;
	while (out->until < d->periods && begins_in(d, l, out->until))
		out->until++;
	return t == 0 || !begins_in(d, l, t - 1);
}

static int list_limits(const demand *d, const tables *t, bool hard, limit *out)
{
	int n = 0;
	for (int p = 0; p < d->periods; p++) {
		for (int64_t i = 0; i < t->limits; i++)
			n += list_row(d, &t->limit[i], p, &out[n]);
		for (int64_t i = 0; i < t->nodes; i++)
			if (t->node[i].kind == PLACE_NODE && isfinite(t->node[i].space))
				out[n++] = (limit){LIMIT_SPACE, MEASURE_VOLUME, t->node[i].place, p,
				    p + 1, t->node[i].space, t->node[i].overflow_price};
	}
	for (int i = 0; hard && i < n; i++)
		out[i].overflow_price = INFINITY;
	return n;
}

/* Patterns. */

static par_err draw_patterns(model *m, const classes *c, int limits)
{
	pattern *p = calloc((size_t)c->classes + 1, sizeof *p);
	m->problem.pattern = p;
	m->flow = calloc((size_t)c->classes + 1, sizeof(flow *));
	uint8_t *class = malloc((size_t)c->blocks + 1);
	m->problem.class = class;
	if (!p || !m->flow || !class)
		return no_memory();
	memcpy(class, c->class, (size_t)c->blocks);
	m->problem.blocks = c->blocks;
	for (int i = 0; i < c->classes; i++) {
		m->problem.patterns++;
		PAR_TRY(chain_pattern(&p[i], &m->flow[i], &c->of[i].chain, m->limit, limits));
	}
	return PAR_OK;
}

/* Leave out limits that hold no flow: place[i] becomes the new number of limit i. A commitment stays,
 * since nothing at all may be too little. Returns how many are left. */
static int pack_limits(model *m, int limits, int *place)
{
	memset(place, 0, (size_t)limits * sizeof *place);
	for (int i = 0; i < m->problem.patterns; i++)
		for (int e = 0; e < m->problem.pattern[i].links; e++)
			place[m->problem.pattern[i].link[e]] = 1;
	int n = 0;
	for (int i = 0; i < limits; i++)
		if (place[i] || m->limit[i].kind == LIMIT_COMMITMENT) {
			m->limit[n] = m->limit[i];
			place[i] = n++;
		}
	for (int i = 0; i < m->problem.patterns; i++)
		for (int e = 0; e < m->problem.pattern[i].links; e++)
			m->problem.pattern[i].link[e] = place[m->problem.pattern[i].link[e]];
	return n;
}

static par_err set_limits(model *m, const goods *g, assemble_notes *notes)
{
	size_t most = (size_t)((g->tables.limits + g->tables.nodes) * g->demand.periods + 1);
	m->limit = malloc(most * sizeof *m->limit);
	int *place = malloc(most * sizeof *place);
	par_err e = m->limit && place ? PAR_OK : no_memory();
	if (e == PAR_OK) {
		int n = list_limits(&g->demand, &g->tables, g->options.hard, m->limit);
		e = draw_patterns(m, &g->classes, n);
		if (e == PAR_OK) {
			int left = pack_limits(m, n, place);
			notes->limits_idle = n - left;
			e = limits_rows(&m->problem.link, m->limit, left);
		}
	}
	free(place);
	return e;
}

/* The model. */

static void drop_own(void *own)
{
	goods_drop(own);
	free(own);
}

static par_err describe(model *m, goods *g, assemble_notes *notes)
{
	const assemble_options *o = &g->options;
	PAR_TRY(classes_make(&g->classes, &g->tables, &g->demand, o->backlog > 0, o->service > 0));
	if (g->classes.blocks == 0)
		return par_fail(
		    PAR_E_DATA, "%s: no series, so nothing to plan", g->options.forecast);
	name_places(m, &g->tables);
	PAR_TRY(name_rest(m, g));
	PAR_TRY(date_periods(m, &g->demand));
	PAR_TRY(set_limits(m, g, notes));
	return deal_groups(&m->deal, g->demand.world, &m->problem);
}

static void take_notes(const goods *g, assemble_notes *notes)
{
	const classes *c = &g->classes;
	notes->skus_unplanned = g->demand.of.skus - c->blocks;
	for (int64_t k = 0; k < c->blocks; k++)
		notes->skus_unsupplied += c->first_supply[c->sku[k]] ==
					  c->first_supply[c->sku[k] + 1];
	for (int64_t i = 0; i < g->tables.stocks; i++)
		notes->stock_late += g->tables.stock[i].day >= g->demand.day[g->demand.periods];
}

static par_err build(model *m, goods *g, const par_world *w, assemble_notes *notes)
{
	const assemble_options *o = &g->options;
	demand *d = &g->demand;
	PAR_TRY(demand_open(
	    d, w, o->catalog, o->forecast, o->together, o->steps, o->service, o->overrides));
	PAR_TRY(tables_read(
	    &g->tables, w, o->folder, d->of.sku, d->of.sku_stride, d->of.skus, d->currency));
	PAR_TRY_ALL(w, describe(m, g, notes));
	take_notes(g, notes);
	PAR_TRY(goods_read(g));
	notes->overridden = d->adjusted;
	notes->series_unpriced = par_world_sum(w, g->unpriced);
	return PAR_OK;
}

par_err assemble(model *m, const par_world *w, const assemble_options *o, assemble_notes *notes)
{
	*m = (model){.demand = 1};
	*notes = (assemble_notes){0};
	goods *g = calloc(1, sizeof *g);
	par_err e = par_agree(w, g ? PAR_OK : no_memory());
	if (e != PAR_OK) {
		free(g);
		return e;
	}
	g->options = *o;
	g->model = m;
	m->own = m->problem.ctx = g;
	m->drop_own = drop_own;
	m->problem.fill = goods_fill;
	m->terms = goods_terms;
	m->chance = goods_chance;
	m->volume = goods_volume;
	return build(m, g, w, notes);
}
