#include "forecast/tell/covered.h"

#include "common/catalog.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double missing = NAN;

static const char *name_of(const void *ctx, int64_t l)
{
	const levels_sums *of = ctx;
	return of && l < of->count ? of->level[l]->name : "series";
}

par_err covered_put(par_store *s, const par_world *w, const levels_sums *of, const coverage *c)
{
	const par_store_var var = {"coverage", PAR_F64, {"level", "quantile"}, "1",
	    "share of held-back outcomes up to the quantile", &missing};
	double *share = malloc(sizeof *share * ((size_t)c->rows * (size_t)c->quantiles + 1));
	par_err e = par_agree(
	    w, share ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for %d levels", c->rows));
	for (int i = 0; i < c->rows * c->quantiles && e == PAR_OK; i++)
		share[i] = coverage_at(c, i / c->quantiles, i % c->quantiles);
	if (e == PAR_OK)
		e = catalog_put_names(s, w, "level", c->rows, name_of, of);
	if (e == PAR_OK)
		e = par_store_put_whole(s, &var, c->rows, share);
	free(share);
	return e;
}

/* share of outcomes between two levels of quantiles, NaN where these are not among those published */
static double between(const coverage *c, int row, double low, double high)
{
	double share[2] = {NAN, NAN};
	for (int q = 0; q < c->quantiles; q++) {
		share[0] = fabs(c->level[q] - low) < 1e-6 ? coverage_at(c, row, q) : share[0];
		share[1] = fabs(c->level[q] - high) < 1e-6 ? coverage_at(c, row, q) : share[1];
	}
	return share[1] - share[0];
}

static json_t *by_quantile(const coverage *c, int row)
{
	json_t *o = json_object();
	for (int q = 0; q < c->quantiles; q++) {
		char name[32];
		snprintf(name, sizeof name, "%g", c->level[q]);
		json_object_set_new(o, name, json_real(coverage_at(c, row, q)));
	}
	return o;
}

void covered_tell(app *a, const levels_sums *of, const coverage *c)
{
	json_t *levels = json_object();
	for (int l = 0; l < c->rows; l++) {
		if (c->seen[l] == 0)
			continue;
		if (json_object_size(levels) == 0)
			app_log(a, "\n%-36s %12s %12s %12s", "held-back outcomes in intervals of",
			    "50 %", "95 %", "outcomes");
		app_log(a, "  %-34s %11.1f%% %11.1f%% %12lld", name_of(of, l),
		    100 * between(c, l, .25, .75), 100 * between(c, l, .025, .975),
		    (long long)c->seen[l]);
		json_object_set_new(levels, name_of(of, l), by_quantile(c, l));
	}
	json_object_set_new(a->report, "coverage", levels);
}
