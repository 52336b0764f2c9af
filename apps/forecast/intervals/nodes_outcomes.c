#include "comm/gather.h"
#include "forecast/intervals/nodes_work.h"
#include "forecast/intervals/ratios.h"
#include "forecast/intervals/recent.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* outcomes of a level at the past origins, as all ranks know them */
typedef struct {
	int origins;
	ratios_case **cases; /* [origins] */
	int64_t *count;
} outcomes;

/* mine of one past origin, every so-and-so-many node; returns how many */
static int64_t take_cases(
    const nodes_work *w, const recent *s, int level, int origin, int64_t every, ratios_case *out)
{
	int64_t here = w->a->blocks.hi - w->a->blocks.lo, n = 0;
	for (int64_t row = 0; row < here; row++) {
		int64_t node = w->a->blocks.lo + row - w->a->of->first[level];
		if (w->known[row] || nodes_level(w, row) != level || node % every != 0)
			continue;
		const double *y = recent_outcome(s, row, origin);
		const double *mean = s->past + (row * s->origins + origin) * s->horizon;
		float spread = recent_spread(s, row, origin, w->a->f->spec.counts);
		for (int h = 0; h < s->horizon; h++)
			if (!isnan(y[h]) && mean[h] > 0)
				out[n++] = (ratios_case){(float)mean[h], spread, (float)y[h]};
	}
	return n;
}

static void drop_outcomes(outcomes *all)
{
	for (int o = 0; all->cases && o < all->origins; o++)
		free(all->cases[o]);
	free(all->cases);
	free(all->count);
	*all = (outcomes){0};
}

/* collective */
static par_err gather_outcomes(const nodes_work *w, const recent *s, int level, outcomes *all)
{
	const par_world *world = w->a->p->of.world;
	int64_t here = w->a->blocks.hi - w->a->blocks.lo;
	int64_t cells = w->a->of->level[level]->nodes * s->origins * s->horizon;
	ratios_case *mine = malloc((size_t)(here * s->horizon) * sizeof *mine + 1);
	*all = (outcomes){.origins = s->origins};
	all->cases = calloc((size_t)s->origins + 1, sizeof(ratios_case *));
	all->count = calloc((size_t)s->origins + 1, sizeof *all->count);
	par_err e = par_agree(
	    world, mine && all->cases && all->count
		       ? PAR_OK
		       : par_fail(PAR_E_MEMORY, "no memory for past outcomes of sums"));
	for (int o = 0; o < s->origins && e == PAR_OK; o++) {
		int64_t n = take_cases(
		    w, s, level, o, (cells + NODES_CASES - 1) / NODES_CASES, mine);
		void *from_all = NULL;
		e = par_gather_rows(world, mine, n, sizeof *mine, &from_all, &all->count[o]);
		all->cases[o] = from_all;
	}
	free(mine);
	return e;
}

static int64_t count_of(const outcomes *all, int without)
{
	int64_t n = 0;
	for (int o = 0; o < all->origins; o++)
		n += o == without ? 0 : all->count[o];
	return n;
}

/* from all origins but one */
static par_err pool_outcomes(const nodes_work *w, const outcomes *all, int without, ratios *out)
{
	int64_t n = count_of(all, without);
	ratios_case *cases = malloc((size_t)n * sizeof *cases + 1);
	*out = (ratios){0};
	if (!cases)
		return par_fail(PAR_E_MEMORY, "no memory for %lld outcomes", (long long)n);
	n = 0;
	for (int o = 0; o < all->origins; o++) {
		if (o == without)
			continue;
		memcpy(cases + n, all->cases[o], sizeof *cases * (size_t)all->count[o]);
		n += all->count[o];
	}
	par_err e = ratios_make(out, n, cases, w->quantiles, w->a->f->level, w->a->f->spec.counts);
	free(cases);
	return e;
}

static void fill_level(nodes_work *w, const recent *s, int level, const ratios *from)
{
	int64_t here = w->a->blocks.hi - w->a->blocks.lo;
	for (int64_t row = 0; row < here; row++) {
		if (w->known[row] || nodes_level(w, row) != level)
			continue;
		w->known[row] = true;
		float spread = recent_spread(s, row, -1, from->counts);
		for (int h = 0; h < w->steps; h++)
			ratios_at(from, w->a->mean[row * w->steps + h], (double)spread,
			    w->quantile + (row * w->steps + h) * w->quantiles);
	}
}

static void judge_level(nodes_work *w, const recent *s, int level, int origin, const ratios *from)
{
	int64_t here = w->a->blocks.hi - w->a->blocks.lo;
	for (int64_t row = 0; row < here; row++) {
		if (w->known[row] || nodes_level(w, row) != level)
			continue;
		const double *y = recent_outcome(s, row, origin);
		const double *mean = s->past + (row * s->origins + origin) * s->horizon;
		double spread = (double)recent_spread(s, row, origin, from->counts);
		for (int h = 0; h < w->steps; h++) {
			ratios_at(from, mean[h], spread, w->value);
			for (int k = 0; k < w->quantiles; k++)
				w->row[k] = (double)w->value[k];
			coverage_add(w->c, level, w->row, y[h], nodes_outcome(w, origin, row, h));
		}
	}
}

static par_err from_outcomes(nodes_work *w, const recent *s, int level, const outcomes *all)
{
	ratios from;
	par_err e = PAR_OK;
	if (count_of(all, -1) == 0)
		return PAR_OK;
	for (int o = 0; o < all->origins && all->origins > 1 && e == PAR_OK; o++) {
		e = pool_outcomes(w, all, o, &from);
		if (e == PAR_OK)
			judge_level(w, s, level, o, &from);
		ratios_drop(&from);
		par_world_alive();
	}
	if (e == PAR_OK)
		e = pool_outcomes(w, all, -1, &from);
	if (e == PAR_OK)
		fill_level(w, s, level, &from);
	ratios_drop(&from);
	return e;
}

par_err nodes_by_outcomes(nodes_work *w)
{
	recent s = {0};
	const par_world *world = w->a->p->of.world;
	par_err e = recent_make(&s, w->a);
	for (int l = 0; l < w->a->of->count && e == PAR_OK; l++) {
		outcomes all;
		if (!nodes_left(w, l))
			continue;
		e = gather_outcomes(w, &s, l, &all);
		if (e == PAR_OK)
			e = par_agree(world, from_outcomes(w, &s, l, &all));
		drop_outcomes(&all);
	}
	recent_drop(&s);
	return e;
}
