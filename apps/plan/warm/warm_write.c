#include "common/catalog.h"
#include "plan/model/redistribute.h"
#include "plan/tell/limit_text.h"
#include "plan/warm/columns.h"
#include "plan/warm/warm_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* a model, a point of it, and what the file makes of them */
typedef struct {
	const model *m;
	const warm_point *w;
	columns columns;
	par_blocks deal; /* of SKUs, in the order of the file */
	int64_t widest;  /* columns of a network */
	float *x;        /* of my SKUs, as the file has them */
	char name[FLOW_NAME];
} passage;

static par_err room(passage *g)
{
	const problem *p = &g->m->problem;
	PAR_TRY(columns_open(&g->columns, g->m));
	for (int k = 0; k < p->patterns; k++)
		g->widest = p->pattern[k].columns > g->widest ? p->pattern[k].columns : g->widest;
	g->x = calloc((size_t)((g->deal.hi - g->deal.lo) * g->widest) + 1, sizeof *g->x);
	return g->x ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to keep where the solve stood");
}

static void room_drop(passage *g)
{
	columns_close(&g->columns);
	free(g->x);
}

/* x of a SKU, and NaN in the slots that its network does not have */
static void give_x(void *ctx, int64_t i, int64_t sku, void *row)
{
	const passage *g = ctx;
	float *x = row;
	int here = g->m->problem.pattern[g->m->problem.class[sku]].columns;
	memcpy(x, g->w->x + g->w->x_at[i], (size_t)here * sizeof *x);
	for (int64_t j = here; j < g->widest; j++)
		x[j] = NAN;
}

static const char *column_name(const void *ctx, int64_t i)
{
	passage *g = (passage *)(uintptr_t)ctx;
	size_t n;
	const char *text = par_dict_text(&g->columns.names, (int32_t)i, &n);
	memcpy(g->name, text, n);
	g->name[n] = 0;
	return g->name;
}

static const char *sku_name(const void *ctx, int64_t i)
{
	return ((const passage *)ctx)->m->sku.name[i];
}

static const char *link_name(const void *ctx, int64_t i)
{
	passage *g = (passage *)(uintptr_t)ctx;
	return limit_name(g->m, i, g->name);
}

/* rank 0 brings it whole */
static par_err put(const passage *g, par_store *out, const char *name, par_dtype type,
    const char *dim, const char *long_name, int64_t n, const void *data)
{
	bool mine = g->m->deal.world->rank == 0;
	par_store_var var = {name, type, {dim}, NULL, long_name, NULL};
	return par_store_put(out, &var, mine ? 0 : n, mine ? n : 0, data);
}

/* the column of each limit with the given sign of its number; NaN where there is none */
static par_err put_own(
    const passage *g, par_store *out, const char *name, double sign, const char *long_name)
{
	const linking *l = &g->m->problem.link;
	double *number = malloc(((size_t)l->rows + 1) * sizeof *number);
	par_err e = par_agree(g->m->deal.world,
	    number ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for %d limits", l->rows));
	for (int i = 0; number && i < l->rows; i++)
		number[i] = NAN;
	for (int k = 0; number && k < l->columns; k++)
		if (l->value[k] * sign > 0)
			number[l->row[k]] = g->w->own[k];
	if (e == PAR_OK)
		e = put(g, out, name, PAR_F64, "link", long_name, l->rows, number);
	free(number);
	return e;
}

static par_err put_links(passage *g, par_store *out)
{
	int rows = g->m->problem.link.rows;
	PAR_TRY(catalog_put_names(out, g->m->deal.world, "link", rows, link_name, g));
	PAR_TRY(put(g, out, "link_price", PAR_F64, "link", "money that one more of the limit costs",
	    rows, g->w->price));
	PAR_TRY(put_own(g, out, "link_slack", 1, "what is left of the limit"));
	return put_own(g, out, "link_overflow", -1, "what is above the limit");
}

static par_err put_patterns(passage *g, par_store *out)
{
	const problem *p = &g->m->problem;
	int32_t wide[PATTERN_CLASSES];
	for (int k = 0; k < p->patterns; k++)
		wide[k] = p->pattern[k].columns;
	PAR_TRY(catalog_put_names(
	    out, g->m->deal.world, "column", g->columns.names.count, column_name, g));
	PAR_TRY(par_store_bare_dim(out, "pattern", p->patterns));
	PAR_TRY(par_store_bare_dim(out, "place", g->columns.places));
	PAR_TRY(put(g, out, "pattern_columns", PAR_I32, "pattern", "columns of a network",
	    p->patterns, wide));
	return put(g, out, "place_column", PAR_I32, "place", "place in column", g->columns.places,
	    g->columns.column);
}

static par_err put_skus(passage *g, par_store *out)
{
	const problem *p = &g->m->problem;
	const par_world *w = g->m->deal.world;
	int64_t lo = g->deal.lo, hi = g->deal.hi;
	par_store_var network = {"sku_pattern", PAR_I16, {"sku"}, NULL, "place in pattern", NULL};
	par_store_var x = {"x", PAR_F32, {"sku", "slot"}, "1",
	    "units on the way to the plan, in the columns of its network", NULL};
	PAR_TRY(catalog_put_names(out, w, "sku", p->blocks, sku_name, g));
	PAR_TRY(par_store_bare_dim(out, "slot", g->widest));
	int16_t *class = malloc((size_t)(hi - lo) * sizeof *class + 1);
	par_err e = par_agree(
	    w, class ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for their networks"));
	for (int64_t k = lo; class && k < hi; k++)
		class[k - lo] = p->class[k];
	if (e == PAR_OK)
		e = par_store_put(out, &network, lo, hi - lo, class);
	free(class);
	PAR_TRY(e);
	return par_store_put(out, &x, lo, hi - lo, g->x);
}

static par_err put_all(passage *g, par_store *out)
{
	PAR_TRY(par_store_bare_dim(out, "one", 1));
	PAR_TRY(put(g, out, "mean_product", PAR_F64, "one", "money; of x and reduced cost", 1,
	    &g->w->product));
	PAR_TRY(put_links(g, out));
	PAR_TRY(put_patterns(g, out));
	return put_skus(g, out);
}

static par_err publish(passage *g, app *a, const char *path)
{
	par_store *out;
	PAR_TRY(par_store_create(&out, g->m->deal.world, path, "entrepot-plan-warm", 1,
	    g->m->problem.blocks * (g->widest * (int64_t)sizeof(float) + MODEL_NAME)));
	par_err e = app_put_attributes(a, out);
	if (e == PAR_OK)
		e = put_all(g, out);
	if (e == PAR_OK)
		return par_store_publish(out, PAR_OK);
	par_store_discard(out);
	return e;
}

par_err warm_file_write(app *a, const model *m, const warm_point *w)
{
	char path[4096];
	passage g = {.m = m, .w = w};
	par_blocks_deal(&g.deal, m->deal.world, m->problem.blocks, 1);
	app_beside(a, ".warm.h5", path, sizeof path);
	par_err e = par_agree(m->deal.world, room(&g));
	if (e == PAR_OK)
		e = redistribute_to_table(
		    m, &g.deal, (size_t)g.widest * sizeof *g.x, give_x, &g, g.x);
	if (e == PAR_OK)
		e = publish(&g, a, path);
	room_drop(&g);
	return e == PAR_OK ? app_output(a, path) : e;
}
