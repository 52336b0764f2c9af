#include "plan/diff/old_plan.h"

#include "plan/model/match.h"
#include "plan/tell/limit_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const old_table tables[OLD_TABLES] = {
    [OLD_PURCHASE] = {.name = "purchase", .who = "supplier", .table = CELLS_PURCHASE},
    [OLD_SHIPMENT] = {.name = "shipment", .who = "lane", .table = CELLS_SHIPMENT},
    [OLD_SALES] = {.name = "sales", .who = "market", .table = CELLS_SALES},
    [OLD_LOST] = {.name = "lost", .who = "market", .table = CELLS_LOST},
    [OLD_BEFORE] = {.name = "before", .who = "node", .table = CELLS_BEFORE},
};

static par_err match_periods(int **place, int64_t *n, const model *m, par_store *file)
{
	*n = par_store_extent(file, "period");
	int64_t *day = calloc((size_t)(*n > 0 ? *n : 0) + 1, sizeof *day);
	*place = calloc((size_t)(*n > 0 ? *n : 0) + 1, sizeof **place);
	par_err e = par_agree(m->deal.world,
	    day && *place ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to compare periods"));
	if (e == PAR_OK)
		e = par_store_get(file, "period", PAR_I64, NULL, 0, *n > 0 ? *n : 0, day);
	for (int64_t i = 0; e == PAR_OK && i < *n; i++) {
		(*place)[i] = -1;
		for (int t = 0; t < m->periods; t++)
			if (m->period_date[t] == day[i])
				(*place)[i] = t;
	}
	free(day);
	return e;
}

static const model_names *names_of(const model *m, cells_table t)
{
	switch (t) {
	case CELLS_PURCHASE:
		return &m->supplier;
	case CELLS_SHIPMENT:
		return &m->lane;
	case CELLS_SALES:
	case CELLS_LOST:
		return &m->market;
	default:
		return &m->node;
	}
}

static par_err match_table(old_plan *o, old_table *t, const int *period, int64_t periods)
{
	int64_t *who = NULL, n = 0;
	const par_world *w = o->m->deal.world;
	par_err e = match_names(&who, &n, w, o->file, t->who, names_of(o->m, t->table));
	if (e == PAR_OK) {
		t->width = (int)(n * periods);
		t->place = malloc((size_t)(t->width + 1) * sizeof *t->place);
		e = par_agree(
		    w, t->place ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to compare tables"));
	}
	for (int c = 0; e == PAR_OK && c < t->width; c++) {
		int64_t of = who[c / periods];
		int at = period[c % periods];
		t->place[c] = of < 0 || at < 0 ? -1 : (int)of * o->m->periods + at;
	}
	free(who);
	return e;
}

static par_err match_tables(old_plan *o)
{
	int *period = NULL;
	int64_t periods = 0;
	par_err e = match_periods(&period, &periods, o->m, o->file);
	for (int k = 0; k < OLD_TABLES && e == PAR_OK; k++)
		e = match_table(o, &o->table[k], period, periods);
	for (int k = 0; k < OLD_TABLES; k++)
		o->width += o->table[k].width;
	free(period);
	return e;
}

/* the numbers of the old limits to where the new ones of the same name are */
static par_err read_limits(old_plan *o, const char *names, int64_t n, int stride)
{
	double *old = malloc((size_t)(2 * n + 1) * sizeof *old);
	const par_world *w = o->m->deal.world;
	par_err e = par_agree(
	    w, old ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for the old limits"));
	if (e == PAR_OK)
		e = par_store_get(o->file, "link_capacity", PAR_F64, NULL, 0, n, old);
	if (e == PAR_OK)
		e = par_store_get(o->file, "link_price", PAR_F64, NULL, 0, n, old + n);
	for (int64_t i = 0; e == PAR_OK && i < o->m->problem.link.rows; i++) {
		char name[LIMIT_NAME];
		limit_name(o->m, i, name);
		for (int64_t k = 0; k < n; k++)
			if (strcmp(names + k * stride, name) == 0) {
				o->capacity[i] = old[k];
				o->worth[i] = old[n + k];
			}
	}
	free(old);
	return e;
}

static par_err match_limits(old_plan *o)
{
	size_t rows = (size_t)o->m->problem.link.rows + 1;
	char *names;
	int64_t n;
	int stride;
	o->capacity = malloc(rows * sizeof *o->capacity);
	o->worth = calloc(rows, sizeof *o->worth);
	PAR_TRY_ALL(o->m->deal.world,
	    o->capacity && o->worth ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for the limits"));
	for (size_t i = 0; i < rows; i++)
		o->capacity[i] = INFINITY;
	PAR_TRY(par_store_get_text(o->file, "link", &names, &n, &stride));
	par_err e = read_limits(o, names, n, stride);
	free(names);
	return e;
}

par_err old_plan_open(old_plan *o, const model *m, const char *path)
{
	const par_world *w = m->deal.world;
	*o = (old_plan){.m = m};
	memcpy(o->table, tables, sizeof tables);
	PAR_TRY(par_store_open(&o->file, w, path, "entrepot-plan", 1));
	PAR_TRY(match_names(&o->sku, &o->skus, w, o->file, "sku", &m->sku));
	PAR_TRY(match_tables(o));
	return match_limits(o);
}

void old_plan_close(old_plan *o)
{
	for (int k = 0; k < OLD_TABLES; k++)
		free(o->table[k].place);
	free(o->sku);
	free(o->capacity);
	free(o->worth);
	if (o->file)
		par_store_close(o->file);
	*o = (old_plan){0};
}

par_err old_plan_rows(old_plan *o, int64_t first, int64_t n, float *rows)
{
	const par_world *w = o->m->deal.world;
	float *one = malloc((size_t)(n * o->width) * sizeof *one + 1);
	par_err e = par_agree(
	    w, one ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for rows of the old plan"));
	for (int k = 0; e == PAR_OK && k < OLD_TABLES; k++) {
		const old_table *t = &o->table[k];
		const char *const dims[] = {"sku", t->who, "period", NULL};
		e = par_store_get(o->file, t->name, PAR_F32, dims, first, n, one);
		for (int64_t i = 0; e == PAR_OK && i < n; i++)
			memcpy(rows + i * o->width, one + i * t->width,
			    (size_t)t->width * sizeof *one);
		rows += t->width;
	}
	free(one);
	return e;
}
