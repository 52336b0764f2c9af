#include "forecast/tell/output.h"

#include "forecast/tell/nodes.h"
#include "forecast/tell/reasons.h"

#include <math.h>
#include <stdlib.h>

static const float missing = NAN;

static par_err put_steps(par_store *s, const catalog *of, int steps)
{
	int64_t *time = calloc((size_t)steps, sizeof *time);
	par_err e = time ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for %d steps", steps);
	e = par_agree(of->world, e);
	for (int h = 0; h < steps && e == PAR_OK; h++)
		time[h] = par_period_time(of->frequency, of->first_time, of->length + h);
	if (e == PAR_OK)
		e = par_store_dim(s, "step", steps, PAR_I64, time);
	free(time);
	PAR_TRY(e);
	PAR_TRY(par_store_attr_text(s, "step", "units", par_frequency_units(of->frequency)));
	PAR_TRY(par_store_attr_text(s, "step", "calendar", "proleptic_gregorian"));
	return par_store_attr_text(s, "step", "frequency", par_frequency_name(of->frequency));
}

static par_err put_forecasts(par_store *s, const results *r)
{
	const struct {
		par_store_var var;
		const void *data;
	} put[] = {
	    {{"mean", PAR_F32, {"series", "step"}, "1", "expected demand", &missing}, r->mean},
	    {{"quantiles", PAR_F32, {"series", "step", "quantile"}, "1", "quantiles of demand",
		 &missing},
		r->quantile},
	    {{"model", PAR_I16, {"series"}, NULL, "model used", NULL}, r->model},
	    {{"status", PAR_I16, {"series"}, NULL, "how the series was answered", NULL}, r->status},
	    {{"mase", PAR_F32, {"series"}, "1", "mean absolute scaled error of the rolling origins",
		 &missing},
		r->mase},
	    {{"rmsse", PAR_F32, {"series"}, "1",
		 "root mean squared scaled error of the rolling origins", &missing},
		r->rmsse},
	    {{"smape", PAR_F32, {"series"}, "percent",
		 "symmetric mean absolute percentage error of the rolling origins", &missing},
		r->smape},
	};
	for (size_t i = 0; i < sizeof put / sizeof put[0]; i++)
		PAR_TRY(par_store_put(s, &put[i].var, r->first, r->rows, put[i].data));
	return PAR_OK;
}

/* the numbers of model and status with their meanings: what stands before a colon, as one word */
static par_err put_meanings(par_store *s, const char *var, int n, const char *(*text)(int))
{
	char words[1024];
	size_t used = 0;
	for (int i = 0; i < n; i++) {
		if (i > 0)
			words[used++] = ' ';
		for (const char *c = text(i); *c && *c != ':' && used + 2 < sizeof words; c++)
			words[used++] = *c == ' ' ? '_' : *c;
	}
	words[used] = 0;
	return par_store_attr_flags(s, var, words, n);
}

static par_err put_all(app *a, par_store *s, const panel *p, const plan *f, const totals *t,
    const results *r, const why_parts *w, const planners *o)
{
	PAR_TRY(app_put_attributes(a, s));
	PAR_TRY(catalog_put_ids(&p->of, s));
	PAR_TRY(put_steps(s, &p->of, f->spec.horizon));
	PAR_TRY(par_store_dim(s, "quantile", f->spec.quantiles, PAR_F64, f->level));
	PAR_TRY(catalog_put_series(&p->of, s, r->first, r->rows));
	PAR_TRY(put_forecasts(s, r));
	PAR_TRY(planners_put(o, s, p, r));
	PAR_TRY(nodes_put(a, s, p, f, t, r, o->adjusted));
	PAR_TRY(reasons_put(a, s, w));
	PAR_TRY(put_meanings(s, "model", RESULTS_MODELS, results_model_text));
	return put_meanings(s, "status", RESULTS_STATUSES, results_status_text);
}

par_err output_write(app *a, const panel *p, const plan *f, const totals *t, const results *r,
    why_parts *w, const planners *o)
{
	par_store *s;
	int64_t bytes = p->of.series *
			    (int64_t)results_bytes(f->spec.horizon, f->spec.quantiles, 0) +
			(1 << 20);
	PAR_TRY(par_store_create(&s, &a->world, a->out, "entrepot-forecast", 1, bytes));
	par_err e = why_settle(w, &p->blocks, r->mean);
	if (e == PAR_OK)
		e = put_all(a, s, p, f, t, r, w, o);
	if (e != PAR_OK) {
		par_store_discard(s);
		return e;
	}
	return par_store_publish(s, PAR_OK);
}

enum { MASE = RESULTS_MODELS + RESULTS_STATUSES, RMSSE, SMAPE, JUDGED, SUMS };

/* counts of a block by model and status, and the sums of the errors that exist */
static par_err count_block(void *ctx, int64_t lo, int64_t hi, double *sums)
{
	const results *r = ctx;
	for (int64_t i = lo - r->first; i < hi - r->first; i++) {
		sums[r->model[i]] += 1;
		sums[RESULTS_MODELS + r->status[i]] += 1;
		if (!isfinite(r->mase[i]) || !isfinite(r->rmsse[i]))
			continue;
		sums[MASE] += (double)r->mase[i];
		sums[RMSSE] += (double)r->rmsse[i];
		sums[SMAPE] += (double)r->smape[i];
		sums[JUDGED] += 1;
	}
	return PAR_OK;
}

static void report_counts(
    app *a, const char *what, const double *count, int n, const char *(*text)(int))
{
	json_t *object = json_object();
	app_log(a, "\n%-36s %12s", what, "series");
	for (int i = 0; i < n; i++) {
		if (count[i] == 0)
			continue;
		app_log(a, "  %-34s %12.0f", text(i), count[i]);
		json_object_set_new(object, text(i), json_integer((json_int_t)count[i]));
	}
	json_object_set_new(a->report, what, object);
}

par_err output_summary(app *a, const panel *p, const results *r, const why_parts *w)
{
	double sums[SUMS];
	PAR_TRY(par_blocks_run(&p->blocks, count_block, (void *)r, sums, SUMS));
	double judged = sums[JUDGED] > 0 ? sums[JUDGED] : NAN;
	report_counts(a, "model", sums, RESULTS_MODELS, results_model_text);
	report_counts(a, "status", sums + RESULTS_MODELS, RESULTS_STATUSES, results_status_text);
	app_log(a, "\nrolling origins, mean over series: MASE %.3f, RMSSE %.3f, sMAPE %.2f %%",
	    sums[MASE] / judged, sums[RMSSE] / judged, sums[SMAPE] / judged);
	reasons_tell(a, w);
	json_object_set_new(a->report, "series", json_integer(p->of.series));
	if (sums[JUDGED] > 0) {
		json_object_set_new(a->report, "mase", json_real(sums[MASE] / judged));
		json_object_set_new(a->report, "rmsse", json_real(sums[RMSSE] / judged));
		json_object_set_new(a->report, "smape", json_real(sums[SMAPE] / judged));
	}
	return PAR_OK;
}
