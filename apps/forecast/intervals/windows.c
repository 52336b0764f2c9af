#include "forecast/intervals/windows.h"

#include "forecast/bank/math.h"

#include <math.h>
#include <stdlib.h>

#define FAR 1.5          /* errors of the logarithm beyond it are closed doors, not noise */
#define KNOWN 2          /* windows a node's own error needs */
#define TRUST 2          /* windows' worth of belief that what is published errs as sums alone do */
#define GROWTH_LEAST .25 /* of the mean variance that the first step has at least */

static double error_at(const double *forecast, const double *actual, int64_t at)
{
	double f = forecast[at], y = actual[at];
	if (!(f > 0) || !(y > 0))
		return NAN;
	double e = bank_log(y / f);
	return fabs(e) < FAR ? e : NAN;
}

static int64_t nodes_of(const windows_past *p)
{
	return p->levels->first[p->levels->count];
}

typedef struct {
	double squares, count;
} moments;

/* of a node's errors, or of those at one step of it (step < 0: of all) */
static moments moments_of(
    const windows_past *p, const double *forecast, int count, int without, int64_t node, int step)
{
	moments m = {0};
	int first = step < 0 ? 0 : step, end = step < 0 ? p->horizon : step + 1;
	for (int w = 0; w < count; w++)
		for (int h = first; h < end && w != without; h++) {
			double e = error_at(
			    forecast, p->actual, (w * nodes_of(p) + node) * p->horizon + h);
			m.squares += isnan(e) ? 0 : e * e;
			m.count += !isnan(e);
		}
	return m;
}

/* the units of a level's nodes */
static void measure(windows *w, int level, int without)
{
	const windows_past *p = w->past;
	moments all = {0};
	for (int64_t k = p->levels->first[level]; k < p->levels->first[level + 1]; k++) {
		moments m = moments_of(p, p->direct, p->windows, without, k, -1);
		all.squares += m.squares;
		all.count += m.count;
	}
	double usual = all.count > 0 ? all.squares / all.count : 0, one = p->horizon;
	for (int64_t k = p->levels->first[level]; k < p->levels->first[level + 1]; k++) {
		moments m = moments_of(p, p->direct, p->windows, without, k, -1);
		double v = (m.squares + one * usual) / (m.count + one);
		w->unit[k] = m.count >= KNOWN * one && v > 0 ? sqrt(v) : NAN;
	}
}

/* variance by step as a straight line that does not fall; 1 on average */
static void grow(windows *w, int without)
{
	const windows_past *p = w->past;
	double n = p->horizon, sx = 0, sy = 0, sxx = 0, sxy = 0;
	for (int h = 0; h < p->horizon; h++) {
		moments at = {0};
		for (int64_t k = 0; k < nodes_of(p); k++) {
			if (isnan(w->unit[k]))
				continue;
			moments m = moments_of(p, p->direct, p->windows, without, k, h);
			at.squares += m.squares / (w->unit[k] * w->unit[k]);
			at.count += m.count;
		}
		double y = at.count > 0 ? at.squares / at.count : 1;
		sx += h;
		sy += y;
		sxx += (double)h * h;
		sxy += h * y;
	}
	double mean = sy / n, spread = sxx - sx * sx / n;
	double slope = spread > 0 && mean > 0 ? (sxy - sx * mean) / spread / mean : 0;
	double steepest = n > 1 ? 2 * (1 - GROWTH_LEAST) / (n - 1) : 0;
	slope = slope < 0 ? 0 : slope < steepest ? slope : steepest;
	for (int h = 0; h < p->horizon; h++)
		w->growth[h] = sqrt(1 + slope * (h - (n - 1) / 2));
}

/* what is published errs by so much of what sums alone do, on the windows that have both */
static double relative(const windows_past *p, int level, int without)
{
	double published = 0, alone = 0;
	int both = p->joined - (without >= 0 && without < p->joined);
	for (int64_t k = p->levels->first[level]; k < p->levels->first[level + 1]; k++) {
		published += moments_of(p, p->published, p->joined, without, k, -1).squares;
		alone += moments_of(p, p->direct, p->joined, without, k, -1).squares;
	}
	if (both < 1 || !(alone > 0) || !(published > 0))
		return 1;
	return sqrt((both * published / alone + TRUST) / (both + TRUST));
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double quantile_of(const double *sorted, int64_t n, double level)
{
	double at = level * (double)n - .5;
	at = at < 0 ? 0 : at > (double)(n - 1) ? (double)(n - 1) : at;
	int64_t below = (int64_t)at, above = below + 1 < n ? below + 1 : below;
	return sorted[below] + (at - (double)below) * (sorted[above] - sorted[below]);
}

static int64_t pool_errors(const windows *w, int level, int without, double *room)
{
	const windows_past *p = w->past;
	int64_t n = 0;
	for (int v = 0; v < p->windows; v++)
		for (int64_t k = p->levels->first[level];
		     k < p->levels->first[level + 1] && v != without; k++)
			for (int h = 0; h < p->horizon && !isnan(w->unit[k]); h++) {
				double e = error_at(
				    p->direct, p->actual, (v * nodes_of(p) + k) * p->horizon + h);
				if (!isnan(e))
					room[n++] = e / (w->unit[k] * w->growth[h]);
			}
	qsort(room, (size_t)n, sizeof *room, ascending);
	return n;
}

static void pool(windows *w, int level, int without, double *room)
{
	const windows_past *p = w->past;
	int64_t n = pool_errors(w, level, without, room);
	double *out = w->pool + level * p->quantiles, scale = relative(p, level, without);
	double middle = n > 0 ? quantile_of(room, n, .5) : 0;
	for (int q = 0; q < p->quantiles; q++)
		out[q] = n > 0 ? scale * (quantile_of(room, n, p->level[q]) - middle) : 0;
}

static int64_t widest(const levels_sums *l)
{
	int64_t most = 0;
	for (int i = 0; i < l->count; i++)
		most = l->level[i]->nodes > most ? l->level[i]->nodes : most;
	return most;
}

par_err windows_make(windows *w, const windows_past *p, int without)
{
	*w = (windows){.past = p};
	int64_t most = widest(p->levels) * p->windows * p->horizon;
	double *room = malloc((size_t)most * sizeof *room + 1);
	w->unit = calloc((size_t)nodes_of(p) + 1, sizeof *w->unit);
	w->growth = calloc((size_t)p->horizon + 1, sizeof *w->growth);
	w->pool = calloc((size_t)(p->levels->count * p->quantiles) + 1, sizeof *w->pool);
	bool have = room && w->unit && w->growth && w->pool;
	for (int l = 0; l < p->levels->count && have; l++)
		measure(w, l, without);
	if (have)
		grow(w, without);
	for (int l = 0; l < p->levels->count && have; l++)
		pool(w, l, without, room);
	free(room);
	return have ? PAR_OK
		    : par_fail(PAR_E_MEMORY, "no memory for past errors of %lld sums",
			  (long long)nodes_of(p));
}

void windows_drop(windows *w)
{
	free(w->unit);
	free(w->growth);
	free(w->pool);
	*w = (windows){0};
}

bool windows_at(const windows *w, int level, int64_t node, int step, double mean, double *out)
{
	const windows_past *p = w->past;
	if (isnan(w->unit[node]) || !(mean > 0))
		return false;
	for (int q = 0; q < p->quantiles; q++)
		out[q] = mean * bank_exp(w->unit[node] * w->growth[step] *
					 w->pool[level * p->quantiles + q]);
	return true;
}
