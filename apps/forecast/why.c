#include "forecast/why.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SERIES_MOST 64

const char *why_text(int part)
{
	static const char *const text[WHY_PARTS] = {
	    "history", "price", "promotion", "calendar", "place", "sums"};
	return text[part];
}

/* the place of a name among sorted ones; -1: it is none of them */
static int64_t find(const char *names, int stride, int64_t n, const char *name, size_t length)
{
	for (int64_t lo = 0, hi = n; lo < hi;) {
		int64_t at = lo + (hi - lo) / 2;
		const char *here = names + at * stride;
		int order = strncmp(here, name, length);
		order = order ? order : here[length] != 0;
		if (order == 0)
			return at;
		if (order < 0)
			lo = at + 1;
		else
			hi = at;
	}
	return -1;
}

static int64_t series_of(const catalog *c, const char *word, size_t length)
{
	const char *slash = memchr(word, '/', length);
	if (!slash)
		return -1;
	size_t first = (size_t)(slash - word);
	int64_t sku = find(c->sku, c->sku_stride, c->skus, word, first);
	int64_t market = find(
	    c->market, c->market_stride, c->markets, slash + 1, length - first - 1);
	for (int64_t i = 0; sku >= 0 && market >= 0 && i < c->series; i++)
		if (c->series_sku[i] == sku && c->series_market[i] == market)
			return i;
	return -1;
}

static par_err take_word(
    why_parts *w, const app *a, const catalog *c, const char *word, size_t length)
{
	const char *origin = par_conf_origin(a->conf, a->section, "explain");
	int64_t series = series_of(c, word, length);
	if (series < 0)
		return par_fail(PAR_E_CONFIG, "%s: %s is no series; wanted SKU/MARKET, ...", origin,
		    par_show(word, length));
	if (w->count == SERIES_MOST)
		return par_fail(
		    PAR_E_CONFIG, "%s: more than %d series to explain", origin, SERIES_MOST);
	w->series[w->count++] = series;
	return PAR_OK;
}

static par_err take_words(why_parts *w, const app *a, const catalog *c)
{
	const char *at = app_text(a, "explain");
	while (at && *at) {
		at += strspn(at, ", ");
		size_t length = strcspn(at, ",");
		const char *next = at + length;
		while (length > 0 && at[length - 1] == ' ')
			length--;
		if (length > 0)
			PAR_TRY(take_word(w, a, c, at, length));
		at = next;
	}
	return PAR_OK;
}

par_err why_open(why_parts *w, const app *a, const catalog *c, int horizon)
{
	*w = (why_parts){.horizon = horizon};
	for (int d = 0; d < WHY_DRIVERS; d++)
		w->importance[d] = NAN;
	w->series = calloc(SERIES_MOST, sizeof *w->series);
	if (!w->series)
		return par_fail(PAR_E_MEMORY, "no memory to explain series");
	PAR_TRY(take_words(w, a, c));
	size_t steps = (size_t)(w->count * horizon);
	w->usual = malloc(steps * sizeof *w->usual + 1);
	w->part = malloc(WHY_PARTS * steps * sizeof *w->part + 1);
	if (!w->usual || !w->part)
		return par_fail(
		    PAR_E_MEMORY, "no memory to explain %lld series", (long long)w->count);
	for (size_t k = 0; k < steps; k++)
		w->usual[k] = NAN;
	for (size_t k = 0; k < WHY_PARTS * steps; k++)
		w->part[k] = NAN;
	return PAR_OK;
}

void why_close(why_parts *w)
{
	free(w->series);
	free(w->usual);
	free(w->part);
	*w = (why_parts){0};
}

typedef struct {
	const why_parts *w;
	const float *mean;
	int64_t first;
} published;

static par_err find_means(void *ctx, int64_t lo, int64_t hi, double *sums)
{
	const published *p = ctx;
	for (int64_t k = 0; k < p->w->count; k++)
		for (int h = 0; h < p->w->horizon; h++)
			if (p->w->series[k] >= lo && p->w->series[k] < hi)
				sums[k * p->w->horizon + h] =
				    (double)
					p->mean[(p->w->series[k] - p->first) * p->w->horizon + h];
	return PAR_OK;
}

/* what is left of the logarithm of a mean; NaN where the mean is 0 */
static float left(const why_parts *w, int64_t k, int h, double mean)
{
	double sum = (double)w->usual[k * w->horizon + h];
	for (int d = 0; d < WHY_DRIVERS; d++)
		sum += (double)w->part[(k * WHY_PARTS + d) * w->horizon + h];
	return mean > 0 ? (float)(log(mean) - sum) : NAN;
}

par_err why_settle(why_parts *w, const par_blocks *b, const float *mean)
{
	int64_t cells = w->count * w->horizon;
	published p = {w, mean, b->lo};
	double *sums = calloc((size_t)cells + 1, sizeof *sums);
	par_err e = par_agree(b->world,
	    sums ? PAR_OK
		 : par_fail(PAR_E_MEMORY, "no memory to explain %lld series", (long long)w->count));
	if (e == PAR_OK && cells > 0)
		e = par_blocks_run(b, find_means, &p, sums, (int)cells);
	for (int64_t c = 0; e == PAR_OK && c < cells; c++) {
		int64_t k = c / w->horizon, h = c % w->horizon;
		w->part[(k * WHY_PARTS + WHY_SUMS) * w->horizon + h] = left(w, k, (int)h, sums[c]);
	}
	free(sums);
	return e;
}

/* 1 / (n choose k) / (n - k): how much a driver that joins k others counts */
static double weight(int k)
{
	double choose = 1;
	for (int i = 0; i < k; i++)
		choose = choose * (WHY_DRIVERS - i) / (i + 1);
	return 1 / (choose * (WHY_DRIVERS - k));
}

void why_share(const double *v, int64_t stride, int horizon, float *part, float *usual)
{
	*usual = (float)v[0];
	for (int d = 0; d < WHY_DRIVERS; d++) {
		double sum = 0;
		for (int set = 0; set < 1 << WHY_DRIVERS; set++)
			if (!(set >> d & 1))
				sum += weight(__builtin_popcount((unsigned)set)) *
				       (v[(set | 1 << d) * stride] - v[set * stride]);
		part[d * horizon] = (float)sum;
	}
}
