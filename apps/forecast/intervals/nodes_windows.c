#include "forecast/intervals/nodes_work.h"
#include "forecast/intervals/windows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void keep(nodes_work *w, int64_t row, int step, const double *q)
{
	float *to = w->quantile + (row * w->steps + step) * w->quantiles;
	for (int k = 0; k < w->quantiles; k++)
		to[k] = (float)q[k];
}

/* the level among those that were forecast; -1: it was not */
static int forecast_level(const totals *t, const hierarchy_level *level)
{
	for (int l = 0; t->direct && l < t->levels.count; l++)
		if (strcmp(t->levels.level[l]->name, level->name) == 0)
			return l;
	return -1;
}

/* a node of mine: its place among those that were forecast, -1 where it was not */
static int64_t forecast_node(const nodes_work *w, int level, int from, int64_t row)
{
	int64_t node = w->a->blocks.lo + row - w->a->of->first[level];
	if (from < 0 || node < 0 || node >= w->a->of->level[level]->nodes)
		return -1;
	return w->a->t->levels.first[from] + node;
}

typedef void (*node_fn)(nodes_work *w, const windows *from, int level, int from_level, int64_t row,
    int64_t node, int origin);

static void each_forecast_node(nodes_work *w, const windows *from, int origin, node_fn fn)
{
	int64_t here = w->a->blocks.hi - w->a->blocks.lo;
	for (int l = 0; l < w->a->of->count; l++) {
		int at = forecast_level(w->a->t, w->a->of->level[l]);
		for (int64_t row = 0; row < here; row++) {
			int64_t node = forecast_node(w, l, at, row);
			if (node >= 0)
				fn(w, from, l, at, row, node, origin);
		}
	}
}

static void fill_node(nodes_work *w, const windows *from, int level, int from_level, int64_t row,
    int64_t node, int origin)
{
	(void)level;
	(void)origin;
	w->known[row] = !isnan(from->unit[node]);
	for (int h = 0; h < w->steps && w->known[row]; h++) {
		double mean = w->a->mean[row * w->steps + h];
		if (!windows_at(from, from_level, node, h, mean, w->row))
			for (int q = 0; q < w->quantiles; q++)
				w->row[q] = mean;
		keep(w, row, h, w->row);
	}
}

static void judge_node(nodes_work *w, const windows *from, int level, int from_level, int64_t row,
    int64_t node, int origin)
{
	const windows_past *p = from->past;
	int64_t at = ((int64_t)origin * w->a->t->nodes + node) * w->steps;
	for (int h = 0; h < w->steps && w->known[row]; h++)
		if (windows_at(from, from_level, node, h, p->published[at + h], w->row))
			coverage_add(w->c, level, w->row, p->actual[at + h],
			    nodes_outcome(w, origin, row, h));
}

static par_err from_windows(nodes_work *w, const windows_past *past)
{
	windows all;
	par_err e = windows_make(&all, past, -1);
	if (e == PAR_OK)
		each_forecast_node(w, &all, -1, fill_node);
	windows_drop(&all);
	for (int o = 0; o < past->joined && past->windows > 1 && e == PAR_OK; o++) {
		windows others;
		e = windows_make(&others, past, o);
		if (e == PAR_OK)
			each_forecast_node(w, &others, o, judge_node);
		windows_drop(&others);
	}
	return e;
}

par_err nodes_by_windows(nodes_work *w)
{
	const totals *t = w->a->t;
	int64_t cells = t->nodes * t->horizon, length = w->a->p->of.length;
	if (!t->direct)
		return PAR_OK;
	double *actual = malloc((size_t)(cells * t->windows) * sizeof *actual + 1);
	if (!actual)
		return par_fail(PAR_E_MEMORY, "no memory for past sums");
	for (int o = 0; o < t->windows; o++)
		for (int64_t k = 0; k < t->nodes; k++)
			memcpy(actual + o * cells + k * t->horizon,
			    t->history + k * length + results_origin(length, t->horizon, o),
			    sizeof *actual * (size_t)t->horizon);
	const windows_past past = {&t->levels, t->windows, t->origins, t->horizon, t->past,
	    t->joined, actual, w->quantiles, w->a->f->level};
	par_err e = from_windows(w, &past);
	free(actual);
	return e;
}
