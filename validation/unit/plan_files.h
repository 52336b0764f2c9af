/* What a plan is made of, in the scratch folder: tables of a network, catalog.h5 and forecast.h5 of a small panel,
 * weekly, all of whose rows rank 0 brings; and the numbers that a model makes of them. */
#ifndef VALIDATION_UNIT_PLAN_FILES_H
#define VALIDATION_UNIT_PLAN_FILES_H

#include "../tap.h"
#include "io/store.h"
#include "plan/check/numbers.h"
#include "plan/model/model.h"
#include "scratch.h"

#define DO(call) e = e == PAR_OK ? (call) : e

typedef struct {
	int skus, width; /* of a SKU's name ... */
	const char *sku; /* ... one after the other; markets are NORTH and SOUTH */
	int markets, series;
	const int32_t *series_sku, *series_market;
} panel;

/* collective | a table of the folder */
static void panel_table(const char *name, const char *text)
{
	const char *path = scratch_path(name);
	FILE *f = tap_rank == 0 ? fopen(path, "w") : NULL;
	if (f) {
		fputs(text, f);
		fclose(f);
	}
	MPI_Barrier(MPI_COMM_WORLD);
}

static par_err panel_put_ids(par_store *s, const panel *p)
{
	const par_store_var sku = {"series_sku", PAR_I32, {"series"}, NULL, "sku", NULL},
			    market = {"series_market", PAR_I32, {"series"}, NULL, "market", NULL};
	par_err e = par_store_dim_text(s, "sku", p->skus, p->width, p->sku);
	DO(par_store_dim_text(s, "market", p->markets, 5, "NORTHSOUTH"));
	DO(par_store_dim(s, "series", p->series, PAR_I64, NULL));
	DO(par_store_put_whole(s, &sku, p->series, p->series_sku));
	DO(par_store_put_whole(s, &market, p->series, p->series_market));
	return e;
}

/* money of a catalog is in hundredths */
static par_err panel_put_money(par_store *s, const par_store_var *var, int64_t n, const void *data)
{
	par_err e = par_store_put_whole(s, var, n, data);
	DO(par_store_attr_int(s, var->name, "decimal_digits", 2));
	return e;
}

/* collective | a catalog of so many weeks before first_day; more may be put before it is published:
 * price [series, week], cost [sku] */
static par_err panel_catalog(par_store **out, const par_world *w, const panel *p, int64_t first_day,
    int weeks, const int32_t *price, const int32_t *cost)
{
	int64_t days[8];
	const par_store_var prices = {"price", PAR_I32, {"series", "time"}, NULL, "price", NULL},
			    costs = {"sku_cost", PAR_I32, {"sku"}, NULL, "cost", NULL};
	par_err e = par_store_create(out, w, scratch_path("catalog.h5"), "entrepot-catalog", 1, 0);
	if (e != PAR_OK)
		return e;
	for (int t = 0; t < weeks; t++)
		days[t] = first_day - 7 * (weeks - t);
	DO(par_store_dim(*out, "time", weeks, PAR_I64, days));
	DO(par_store_attr_text(*out, "time", "frequency", "week"));
	DO(par_store_attr_int(*out, "time", "season", 1));
	DO(panel_put_ids(*out, p));
	DO(panel_put_money(*out, &prices, p->series, price));
	DO(panel_put_money(*out, &costs, p->skus, cost));
	return e;
}

/* collective | mean [series, week], quantile [series, week, level] */
static par_err panel_forecast(const par_world *w, const panel *p, int64_t first_day, int weeks,
    const float *mean, int levels, const double *level, const float *quantile)
{
	int64_t days[16];
	const par_store_var means = {"mean", PAR_F32, {"series", "step"}, "1", "mean", NULL},
			    quantiles = {"quantiles", PAR_F32, {"series", "step", "quantile"}, "1",
				"quantiles", NULL};
	par_store *s;
	par_err e = par_store_create(&s, w, scratch_path("forecast.h5"), "entrepot-forecast", 1, 0);
	if (e != PAR_OK)
		return e;
	for (int t = 0; t < weeks; t++)
		days[t] = first_day + 7 * t;
	DO(panel_put_ids(s, p));
	DO(par_store_dim(s, "step", weeks, PAR_I64, days));
	DO(par_store_dim(s, "quantile", levels, PAR_F64, level));
	DO(par_store_put_whole(s, &means, p->series, mean));
	DO(par_store_put_whole(s, &quantiles, p->series, quantile));
	return par_store_publish(s, e);
}

/* local | the numbers of a SKU of mine, for numbers_close; false where another rank has it */
static bool panel_numbers(const model *m, int64_t sku, block *b)
{
	const deal *d = &m->deal;
	for (int64_t g = 0; g < d->groups; g++)
		for (int lane = 0; lane < d->mine[g].lanes; lane++)
			if (d->mine[g].block[lane] == sku) {
				par_err e = numbers_open(b, &m->problem);
				PAR_MUST(e == PAR_OK, "%s", par_err_why());
				m->problem.fill(m->problem.ctx, sku, b);
				return true;
			}
	return false;
}

#endif
