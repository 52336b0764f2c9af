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

static par_err put_levels_scale(par_store *s, const summary *level, int n)
{
	char *names = calloc((size_t)n, 65);
	PAR_MUST(names, "no memory for %d names", n);
	for (int l = 0; l < n; l++)
		memcpy(names + (ptrdiff_t)l * 65, level[l].name, strlen(level[l].name));
	par_err e = par_store_dim_text(s, "level", n, 65, names);
	free(names);
	return e;
}

static par_err put_dims(const writer *w, const summary *level, int n)
{
	const input *in = w->in;
	par_store *s = w->store;
	PAR_TRY(par_store_dim_text(s, "sku", in->skus, in->sku_stride - 1, in->sku));
	PAR_TRY(par_store_dim_text(s, "market", in->markets, in->market_stride - 1, in->market));
	PAR_TRY(par_store_dim(s, "series", in->series, PAR_I64, NULL));
	PAR_TRY(put_levels_scale(s, level, n));
	if (in->quantiles == 0)
		return PAR_OK;
	return par_store_dim(s, "quantile", in->quantiles, PAR_F64, in->level);
}

static par_err put_ids(const writer *w)
{
	const par_store_var sku = {"series_sku", PAR_I32, {"series"}, NULL, "index into sku", NULL};
	const par_store_var market = {
	    "series_market", PAR_I32, {"series"}, NULL, "index into market", NULL};
	const par_blocks *b = &w->scores->blocks;
	int64_t rows = b->hi - b->lo;
	PAR_TRY(par_store_put(w->store, &sku, b->lo, rows, w->in->series_sku + b->lo));
	return par_store_put(w->store, &market, b->lo, rows, w->in->series_market + b->lo);
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
	PAR_TRY(put_columns(w, &pinball, ITEM_MEASURES, quantiles));
	return put_columns(w, &coverage, ITEM_MEASURES + quantiles, quantiles);
}

/* one value a level; rank 0 brings them all */
static par_err put_level(
    const writer *w, int n, const char *name, const char *units, const double *value)
{
	char full[80];
	snprintf(full, sizeof full, "level_%s", name);
	const par_store_var var = {full, PAR_F64, {"level"}, units, NULL, &missing};
	bool mine = w->in->world->rank == 0;
	return par_store_put(w->store, &var, mine ? 0 : n, mine ? n : 0, value);
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
	double *value = calloc((size_t)n, sizeof *value);
	PAR_MUST(value, "no memory for %d levels", n);
	for (int l = 0; l < n; l++)
		value[l] = (double)level[l].items;
	par_err e = put_level(w, n, "nodes", "1", value);
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
	PAR_TRY(put_ids(w));
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
		    in->series * item_width(r) * (int64_t)sizeof(double) + (1 << 20));
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
