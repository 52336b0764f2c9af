#include "score/summary.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* sums of a level: of each measure, how many items have it, then two pairs of weighted sums */
enum { RMSSE_SUM, RMSSE_WEIGHT, SPL_SUM, SPL_WEIGHT, PAIRS };

typedef struct {
	const double *rows;
	int64_t lo; /* of rows */
	int width, levels;
	const int64_t *first;
} totals;

static int sums_of(int width)
{
	return 2 * width + PAIRS;
}

static void weigh(double measure, double weight, double *pair)
{
	if (isnan(measure))
		return;
	pair[0] += weight * measure;
	pair[1] += weight;
}

static void add_row(const double *row, int width, double *sums)
{
	double *pairs = sums + 2 * width;
	for (int j = 0; j < width; j++) {
		sums[j] += isnan(row[j]) ? 0 : row[j];
		sums[width + j] += !isnan(row[j]);
	}
	weigh(row[ITEM_RMSSE], row[ITEM_WEIGHT], pairs + RMSSE_SUM);
	weigh(row[ITEM_SPL], row[ITEM_WEIGHT], pairs + SPL_SUM);
}

static par_err add_block(void *ctx, int64_t lo, int64_t hi, double *sums)
{
	const totals *t = ctx;
	int level = 0;
	for (int64_t i = lo; i < hi; i++) {
		while (i >= t->first[level + 1])
			level++;
		add_row(
		    t->rows + (i - t->lo) * t->width, t->width, sums + level * sums_of(t->width));
	}
	return PAR_OK;
}

static double ratio(double a, double b)
{
	return b > 0 ? a / b : NAN;
}

static par_err finish(summary *s, const double *sums, int width)
{
	const double *count = sums + width, *pairs = sums + 2 * width;
	s->mean = calloc((size_t)width, sizeof *s->mean);
	if (!s->mean)
		return par_fail(PAR_E_MEMORY, "no memory for a summary");
	for (int j = 0; j < width; j++)
		s->mean[j] = ratio(sums[j], count[j]);
	s->scored = (int64_t)count[ITEM_RMSSE];
	s->wrmsse = ratio(pairs[RMSSE_SUM], pairs[RMSSE_WEIGHT]);
	s->wspl = ratio(pairs[SPL_SUM], pairs[SPL_WEIGHT]);
	s->wape = ratio(sums[ITEM_ERROR], sums[ITEM_ACTUAL]);
	s->wql = count[ITEM_LOSS] > 0 ? ratio(sums[ITEM_LOSS], sums[ITEM_ACTUAL]) : NAN;
	s->owa = (ratio(s->mean[ITEM_SMAPE], s->mean[ITEM_NAIVE2_SMAPE]) +
		     ratio(s->mean[ITEM_MASE], s->mean[ITEM_NAIVE2_MASE])) /
		 2;
	s->acd = fabs(s->mean[ITEM_INSIDE] - .95);
	return PAR_OK;
}

par_err summary_make(summary *s, int levels, const int64_t *first, const par_blocks *blocks,
    const double *rows, const item_rules *r)
{
	int width = item_width(r), k = levels * sums_of(width);
	totals t = {rows, blocks->lo, width, levels, first};
	double *sums = calloc((size_t)k + 1, sizeof *sums);
	par_err e = sums ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for a summary");
	e = par_agree(blocks->world, e);
	if (e == PAR_OK)
		e = par_blocks_run(blocks, add_block, &t, sums, k);
	par_err mine = e;
	for (int l = 0; l < levels && mine == PAR_OK; l++) {
		s[l].items = first[l + 1] - first[l];
		mine = finish(&s[l], sums + l * sums_of(width), width);
	}
	free(sums);
	return e != PAR_OK ? e : par_agree(blocks->world, mine);
}

void summary_free(summary *s)
{
	free(s->mean);
	s->mean = NULL;
}

static void put(json_t *o, const char *name, double value)
{
	json_object_set_new(o, name, isfinite(value) ? json_real(value) : json_null());
}

static json_t *by_level(const item_rules *r, const double *value)
{
	json_t *o = json_object();
	for (int q = 0; q < r->quantiles; q++) {
		char name[32];
		snprintf(name, sizeof name, "%g", r->level[q]);
		put(o, name, value[q]);
	}
	return o;
}

json_t *summary_json(const summary *s, const item_rules *r)
{
	json_t *o = json_object();
	const struct {
		const char *name;
		double value;
	} fields[] = {{"wrmsse", s->wrmsse}, {"wspl", s->wspl}, {"smape", s->mean[ITEM_SMAPE]},
	    {"mase", s->mean[ITEM_MASE]}, {"owa", s->owa},
	    {"naive2_smape", s->mean[ITEM_NAIVE2_SMAPE]},
	    {"naive2_mase", s->mean[ITEM_NAIVE2_MASE]},
	    {"mase_seasonal", s->mean[ITEM_MASE_SEASONAL]}, {"rmsse", s->mean[ITEM_RMSSE]},
	    {"wape", s->wape}, {"wql", s->wql}, {"sql", s->mean[ITEM_SQL]},
	    {"spl", s->mean[ITEM_SPL]}, {"msis", s->mean[ITEM_MSIS]}, {"acd", s->acd}};
	json_object_set_new(o, "level", json_string(s->name));
	json_object_set_new(o, "nodes", json_integer(s->items));
	json_object_set_new(o, "scored", json_integer(s->scored));
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		put(o, fields[i].name, fields[i].value);
	const double *pinball = s->mean + ITEM_MEASURES;
	json_object_set_new(o, "pinball", by_level(r, pinball));
	json_object_set_new(o, "coverage", by_level(r, pinball + r->quantiles));
	json_object_set_new(o, "coverage_randomised", by_level(r, pinball + 2 * r->quantiles));
	return o;
}
