#include "plan/model/match.h"
#include "plan/model/redistribute.h"
#include "plan/tell/limit_text.h"
#include "plan/warm/columns.h"
#include "plan/warm/warm_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define READABLE 16 /* bytes beyond a name that par_dict_put may read */

/* a file seen from a new model */
typedef struct {
	warm_point *w;
	const model *m;
	par_store *file;
	columns columns;
	/* the file's; owned */
	int64_t patterns, places, skus, limits, names, widest;
	int32_t *wide, *place_column; /* columns of a pattern; the name of each of its places */
	int64_t *first;               /* of each pattern its first place */
	int16_t *pattern;             /* of each SKU */
	int64_t *sku, *limit, *name;  /* of each the new one, or -1 */
	int32_t **
	    map; /* old pattern times new class: of a new column the old place, or -1; NULL: not made yet */
	int64_t known; /* SKUs of mine with all their columns */
} passage;

static par_err get_whole(passage *g, const char *var, par_dtype type, const char *dim, int64_t *n,
    size_t size, void **out)
{
	const char *const dims[] = {dim, NULL};
	*n = par_store_extent(g->file, dim);
	*out = malloc((size_t)(*n > 0 ? *n : 0) * size + 1);
	PAR_TRY_ALL(
	    g->m->deal.world, *out ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for %s", var));
	return par_store_get(g->file, var, type, dims, 0, *n > 0 ? *n : 0, *out);
}

static par_err broken(const passage *g, const char *var)
{
	return par_fail(
	    PAR_E_DATA, "%s:/%s is not what a plan leaves behind", par_store_path(g->file), var);
}

/* the networks fit together and to the entries */
static par_err check_patterns(passage *g)
{
	int64_t places = 0;
	g->widest = par_store_extent(g->file, "slot");
	g->first = calloc((size_t)g->patterns + 1, sizeof *g->first);
	if (!g->first)
		return par_fail(PAR_E_MEMORY, "no memory for %lld SKUs", (long long)g->skus);
	for (int64_t k = 0; k < g->patterns; k++) {
		g->first[k] = places;
		if (g->wide[k] < 0 || g->wide[k] > g->widest || g->wide[k] > g->places - places)
			return broken(g, "pattern_columns");
		places += g->wide[k];
	}
	for (int64_t i = 0; i < g->places; i++)
		if (g->place_column[i] < 0 || g->place_column[i] >= g->names)
			return broken(g, "place_column");
	for (int64_t i = 0; i < g->skus; i++)
		if (g->pattern[i] < 0 || g->pattern[i] >= g->patterns)
			return broken(g, "sku_pattern");
	return places == g->places ? PAR_OK : broken(g, "pattern_columns");
}

static par_err read_patterns(passage *g)
{
	PAR_TRY(get_whole(g, "pattern_columns", PAR_I32, "pattern", &g->patterns, sizeof *g->wide,
	    (void **)&g->wide));
	PAR_TRY(get_whole(g, "place_column", PAR_I32, "place", &g->places, sizeof *g->place_column,
	    (void **)&g->place_column));
	PAR_TRY(get_whole(
	    g, "sku_pattern", PAR_I16, "sku", &g->skus, sizeof *g->pattern, (void **)&g->pattern));
	PAR_TRY(match_scale(
	    &g->name, &g->names, g->m->deal.world, g->file, "column", &g->columns.names));
	return par_agree(g->m->deal.world, check_patterns(g));
}

static par_err match_limits(passage *g)
{
	char name[LIMIT_NAME + READABLE] = "";
	par_dict d = {0};
	bool room = true;
	for (int i = 0; room && i < g->m->problem.link.rows; i++) {
		limit_name(g->m, i, name);
		room = par_dict_put(&d, name, strlen(name)) == i;
	}
	par_err e = par_agree(g->m->deal.world,
	    room ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to compare limits"));
	if (e == PAR_OK)
		e = match_scale(&g->limit, &g->limits, g->m->deal.world, g->file, "link", &d);
	par_dict_free(&d);
	return e;
}

/* to[limit's column of that sign], or to[limit] where sign is 0, takes the file's number */
static par_err read_limits(passage *g, const char *var, double sign, double *to)
{
	const linking *l = &g->m->problem.link;
	double *number;
	int64_t n;
	par_err e = get_whole(g, var, PAR_F64, "link", &n, sizeof *number, (void **)&number);
	double *of = calloc((size_t)l->rows + 1, sizeof *of);
	e = par_agree(g->m->deal.world, e != PAR_OK ? e
					: of        ? PAR_OK
					     : par_fail(PAR_E_MEMORY, "no memory for limits"));
	for (int i = 0; of && i < l->rows; i++)
		of[i] = NAN;
	for (int64_t i = 0; e == PAR_OK && i < n; i++)
		if (g->limit[i] >= 0)
			of[g->limit[i]] = number[i];
	for (int i = 0; e == PAR_OK && sign == 0 && i < l->rows; i++)
		to[i] = of[i];
	for (int k = 0; e == PAR_OK && k < l->columns; k++)
		if (l->value[k] * sign > 0)
			to[k] = of[l->row[k]];
	free(of);
	free(number);
	return e;
}

/* where the columns of a new class stand in an old pattern; NULL: no memory */
static const int32_t *map_of(passage *g, int64_t old, int class)
{
	const pattern *now = &g->m->problem.pattern[class];
	int32_t **at = &g->map[old * g->m->problem.patterns + class];
	int32_t *map = *at;
	if (map != NULL)
		return map;
	int32_t *place = malloc(((size_t)g->columns.names.count + 1) * sizeof *place);
	map = malloc(((size_t)now->columns + 1) * sizeof *map);
	for (int32_t i = 0; place && i < g->columns.names.count; i++)
		place[i] = -1;
	for (int32_t i = 0; place && i < g->wide[old]; i++) {
		int64_t name = g->name[g->place_column[g->first[old] + i]];
		if (name >= 0)
			place[name] = i;
	}
	for (int j = 0; place && map && j < now->columns; j++)
		map[j] = place[g->columns.column[g->columns.first[class] + j]];
	if (!place) {
		free(map);
		map = NULL;
	}
	free(place);
	*at = map;
	return map;
}

static par_err read_x(void *ctx, int64_t first, int64_t n, void *rows)
{
	static const char *const dims[] = {"sku", "slot", NULL};
	return par_store_get(((passage *)ctx)->file, "x", PAR_F32, dims, first, n, rows);
}

static par_err take_x(void *ctx, int64_t i, int64_t at, const void *row)
{
	passage *g = ctx;
	const float *x = row;
	int class = g->m->problem.class[g->sku[at]], missing = 0;
	const int32_t *map = map_of(g, g->pattern[at], class);
	if (!map)
		return par_fail(PAR_E_MEMORY, "no memory to compare networks");
	float *to = g->w->x + g->w->x_at[i];
	for (int j = 0; j < g->m->problem.pattern[class].columns; j++) {
		to[j] = map[j] >= 0 ? x[map[j]] : NAN;
		missing += !isfinite(to[j]);
	}
	g->known += missing == 0;
	return PAR_OK;
}

static par_err read_skus(passage *g)
{
	const redistribute_source from = {.rows = g->skus,
	    .sku = g->sku,
	    .bytes = (size_t)g->widest * sizeof(float),
	    .read = read_x,
	    .take = take_x,
	    .ctx = g};
	g->map = calloc((size_t)(g->patterns * g->m->problem.patterns) + 1, sizeof *g->map);
	PAR_TRY_ALL(g->m->deal.world,
	    g->map ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to begin near another plan"));
	return redistribute_to_solvers(g->m, &from);
}

static par_err read_all(passage *g)
{
	int64_t n;
	double *product;
	PAR_TRY_ALL(g->m->deal.world, columns_open(&g->columns, g->m));
	par_err e = get_whole(
	    g, "mean_product", PAR_F64, "one", &n, sizeof *product, (void **)&product);
	g->w->product = e == PAR_OK && n == 1 ? product[0] : NAN;
	free(product);
	PAR_TRY(e);
	if (!(g->w->product > 0) || !isfinite(g->w->product))
		return broken(g, "mean_product");
	PAR_TRY(match_limits(g));
	PAR_TRY(read_limits(g, "link_price", 0, g->w->price));
	PAR_TRY(read_limits(g, "link_slack", 1, g->w->own));
	PAR_TRY(read_limits(g, "link_overflow", -1, g->w->own));
	PAR_TRY(match_names(&g->sku, &g->skus, g->m->deal.world, g->file, "sku", &g->m->sku));
	PAR_TRY(read_patterns(g));
	return read_skus(g);
}

static void passage_close(passage *g)
{
	for (int64_t i = 0; g->map && i < g->patterns * g->m->problem.patterns; i++)
		free(g->map[i]);
	free(g->map);
	free(g->wide);
	free(g->place_column);
	free(g->first);
	free(g->pattern);
	free(g->sku);
	free(g->limit);
	free(g->name);
	columns_close(&g->columns);
	par_store_close(g->file);
}

par_err warm_file_read(warm_point *w, const model *m, const char *path, int64_t *known)
{
	passage g = {.w = w, .m = m};
	PAR_TRY(par_store_open(&g.file, m->deal.world, path, "entrepot-plan-warm", 1));
	par_err e = read_all(&g);
	*known = par_world_sum(m->deal.world, g.known);
	passage_close(&g);
	return e;
}
