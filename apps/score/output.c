#include "score/output.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double missing = NAN;

static const struct {
	const char *name, *units, *text;
} measures[ITEM_MEASURES] = {
#define X(id, name, units, text) {name, units, text},
    ITEM_LIST(X)
#undef X
};

typedef struct {
	par_store *store;
	const input *in;
	const item_rules *rules;
	const series_scores *scores;
	double *values; /* of one variable: my series times quantiles */
} writer;

static const char *level_name(const void *level, int64_t l)
{
	return ((const summary *)level)[l].name;
}

static par_err put_dims(const writer *w, const summary *level, int n)
{
	const input *in = w->in;
	PAR_TRY(catalog_put_ids(&in->of, w->store));
	PAR_TRY(catalog_put_names(w->store, in->world, "level", n, level_name, level));
	if (in->quantiles == 0)
		return PAR_OK;
	return par_store_dim(w->store, "quantile", in->quantiles, PAR_F64, in->level);
}

/* columns [from, from + count) of my rows as one variable */
static par_err put_columns(const writer *w, const par_store_var *var, int from, int count)
{
	const par_blocks *b = &w->scores->blocks;
	int width = item_width(w->rules);
	for (int64_t i = 0; i < b->hi - b->lo; i++)
		memcpy(w->values + i * count, w->scores->rows + i * width + from,
		    (size_t)count * sizeof *w->values);
	return par_store_put(w->store, var, b->lo, b->hi - b->lo, w->values);
}

static par_err put_series(const writer *w)
{
	for (int j = 0; j < ITEM_MEASURES; j++) {
		const par_store_var var = {measures[j].name, PAR_F64, {"series"}, measures[j].units,
		    measures[j].text, &missing};
		PAR_TRY(put_columns(w, &var, j, 1));
	}
	int quantiles = w->rules->quantiles;
	if (quantiles == 0)
		return PAR_OK;
	const par_store_var pinball = {
	    "pinball", PAR_F64, {"series", "quantile"}, "1", "mean pinball loss", &missing};
	const par_store_var coverage = {"coverage", PAR_F64, {"series", "quantile"}, "1",
	    "share of actual values up to the quantile", &missing};
	const par_store_var randomised = {"coverage_randomised", PAR_F64, {"series", "quantile"},
	    "1", "share of actual values up to the quantile, parts of those that stand on several",
	    &missing};
	PAR_TRY(put_columns(w, &pinball, ITEM_MEASURES, quantiles));
	PAR_TRY(put_columns(w, &coverage, ITEM_MEASURES + quantiles, quantiles));
	return put_columns(w, &randomised, ITEM_MEASURES + 2 * quantiles, quantiles);
}

/* one value a level; rank 0 brings them all */
static par_err put_level(
    const writer *w, int n, const char *name, const char *units, const double *value)
{
	char full[80];
	snprintf(full, sizeof full, "level_%s", name);
	const par_store_var var = {full, PAR_F64, {"level"}, units, NULL, &missing};
	return par_store_put_whole(w->store, &var, n, value);
}

static par_err put_level_ratios(const writer *w, const summary *level, int n, double *value)
{
	static const struct {
		const char *name;
		size_t at;
	} ratio[] = {{"wrmsse", offsetof(summary, wrmsse)}, {"wspl", offsetof(summary, wspl)},
	    {"owa", offsetof(summary, owa)}, {"wape", offsetof(summary, wape)},
	    {"wql", offsetof(summary, wql)}, {"acd", offsetof(summary, acd)}};
	for (size_t i = 0; i < sizeof ratio / sizeof ratio[0]; i++) {
		for (int l = 0; l < n; l++)
			memcpy(&value[l], (const char *)&level[l] + ratio[i].at, sizeof value[l]);
		PAR_TRY(put_level(w, n, ratio[i].name, "1", value));
	}
	return PAR_OK;
}

static par_err put_levels(const writer *w, const summary *level, int n)
{
	double *value = calloc((size_t)n + 1, sizeof *value);
	par_err e = value ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for %d levels", n);
	e = par_agree(w->in->world, e);
	for (int l = 0; l < n && e == PAR_OK; l++)
		value[l] = (double)level[l].items;
	if (e == PAR_OK)
		e = put_level(w, n, "nodes", "1", value);
	for (int j = 0; j < ITEM_MEASURES && e == PAR_OK; j++) {
		for (int l = 0; l < n; l++)
			value[l] = level[l].mean[j];
		e = put_level(w, n, measures[j].name, measures[j].units, value);
	}
	if (e == PAR_OK)
		e = put_level_ratios(w, level, n, value);
	free(value);
	return e;
}

static par_err put_all(app *a, const writer *w, const summary *level, int n)
{
	PAR_TRY(app_put_attributes(a, w->store));
	PAR_TRY(put_dims(w, level, n));
	const par_blocks *b = &w->scores->blocks;
	PAR_TRY(catalog_put_series(&w->in->of, w->store, b->lo, b->hi - b->lo));
	PAR_TRY(put_series(w));
	return put_levels(w, level, n);
}

par_err output_write(app *a, const input *in, const item_rules *r, const series_scores *s,
    const summary *level, int n)
{
	writer w = {.in = in, .rules = r, .scores = s};
	size_t mine = (size_t)(s->blocks.hi - s->blocks.lo);
	w.values = malloc(mine * (size_t)(r->quantiles + 1) * sizeof *w.values + 1);
	par_err e = w.values ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for %zu scores", mine);
	e = par_agree(in->world, e);
	if (e == PAR_OK)
		e = par_store_create(&w.store, in->world, a->out, "entrepot-scores", 1,
		    in->of.series * item_width(r) * (int64_t)sizeof(double) + (1 << 20));
	if (e == PAR_OK) {
		e = put_all(a, &w, level, n);
		if (e == PAR_OK)
			e = par_store_publish(w.store, PAR_OK);
		else
			par_store_discard(w.store);
	}
	free(w.values);
	return e;
}
