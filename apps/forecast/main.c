/* entrepot-forecast: what every SKU will sell in every market, with its uncertainty. */
#include "forecast/cold.h"
#include "forecast/cost.h"
#include "forecast/errors.h"
#include "forecast/intervals/newcomers.h"
#include "forecast/intervals/series.h"
#include "forecast/net/stage.h"
#include "forecast/planners/planners.h"
#include "forecast/pooled/pooled.h"
#include "forecast/progress.h"
#include "forecast/reconcile/reconcile.h"
#include "forecast/rounds.h"
#include "forecast/tell/output.h"
#include "forecast/tell/picture.h"

/* the result is published: what fails after it is told and takes nothing back */
static void tell_more(const app *a, const char *what, par_err e)
{
	if (e != PAR_OK)
		app_warn(a, "%s is missing: %s; %s is complete", what, par_err_why(), a->out);
}

/* collective | room for the answers */
static par_err open_results(const app *a, const panel *p, const plan *f, results *r)
{
	int64_t rows = p->blocks.hi - p->blocks.lo;
	par_err e = results_init(
	    r, p->blocks.lo, rows, f->spec.horizon, f->spec.quantiles, f->origins);
	if (e == PAR_OK)
		e = held_make(&r->held, f, r->first, rows, p->of.series);
	if (e == PAR_OK && plan_spills(f, a, rows))
		e = results_spill(r, a->out);
	return par_agree(&a->world, e);
}

static par_err forecast(app *a, panel *p)
{
	plan f;
	totals t;
	reconcile c = {0};
	results r = {0};
	why_parts w;
	planners o = {0};
	PAR_TRY_ALL(&a->world, plan_make(&f, a, p));
	par_err e = totals_open(&t, a, p, &f), named = why_open(&w, a, &p->of, f.spec.horizon);
	if (e == PAR_OK)
		e = par_agree(&a->world, named);
	if (e == PAR_OK)
		e = reconcile_open(&c, a, p, &f);
	if (e == PAR_OK)
		e = open_results(a, p, &f, &r);
	if (e == PAR_OK && a->resume)
		e = progress_load(a, p, &r);
	app_phase(a, "forecasting");
	if (e == PAR_OK)
		e = rounds_forecast(a, &f, p, &r);
	app_phase(a, "learning");
	if (e == PAR_OK)
		e = network_stage(a, p, &f, &r, &w);
	app_phase(a, "learning over series");
	if (e == PAR_OK)
		e = pooled_join(a, p, &f, &r, &w);
	if (e == PAR_OK)
		e = cold_fill(a, p, &r);
	app_phase(a, "forecasting sums");
	if (e == PAR_OK && c.kind)
		e = reconcile_run(&c, a, p, &f, &t, &r);
	else if (e == PAR_OK && t.h)
		e = totals_join(&t, a, p, &f, &r);
	app_phase(a, "proving quantiles");
	if (e == PAR_OK)
		e = series_quantiles(a, p, &f, &r);
	if (e == PAR_OK)
		e = newcomers_quantiles(a, p, &f, &r);
	if (e == PAR_OK)
		e = errors_of_published(p, &f, &r);
	app_phase(a, "hearing planners");
	if (e == PAR_OK)
		e = planners_make(&o, a, p, &r);
	app_phase(a, "writing");
	if (e == PAR_OK)
		e = output_write(a, p, &f, &t, &r, &w, &o);
	if (e == PAR_OK) {
		progress_clear(a);
		tell_more(a, "the summary", output_summary(a, p, &r, &w));
		planners_tell(&o, a, p, &r);
	}
	planners_drop(&o);
	results_drop(&r);
	reconcile_close(&c);
	why_close(&w);
	totals_close(&t);
	return e;
}

static par_err run(app *a)
{
	panel p;
	app_phase(a, "opening");
	par_err e = panel_open(&p, a);
	if (e == PAR_OK)
		e = forecast(a, &p);
	app_phase(a, "drawing");
	if (e == PAR_OK)
		tell_more(a, "the picture", picture_write(a, &p));
	a->work = (double)p.of.series;
	a->unit = "series";
	panel_close(&p);
	return e;
}

static par_err tell_cost(
    app *a, const panel *p, const plan *f, const totals *t, const reconcile *made)
{
	cost c;
	PAR_TRY(cost_of(&c, a, p, f, t, made, ROUNDS_SERIES));
	app_log(a, "%lld series of %lld periods, %d steps ahead", (long long)p->of.series,
	    (long long)p->of.length, f->spec.horizon);
	app_log(a, "memory a rank: %.0f MiB", c.bytes / (1 << 20));
	app_log(a, "work: %.4g GFLOP, about %.2g s", c.flops / 1e9, c.seconds);
	json_object_set_new(a->report, "memory_mib", json_real(c.bytes / (1 << 20)));
	json_object_set_new(a->report, "gflop", json_real(c.flops / 1e9));
	json_object_set_new(a->report, "seconds", json_real(c.seconds));
	return PAR_OK;
}

static par_err estimate(app *a)
{
	panel p;
	plan f;
	totals t = {0};
	reconcile c = {0};
	par_err e = panel_open(&p, a);
	if (e == PAR_OK)
		e = par_agree(&a->world, plan_make(&f, a, &p));
	if (e == PAR_OK)
		e = totals_open(&t, a, &p, &f);
	if (e == PAR_OK)
		e = reconcile_open(&c, a, &p, &f);
	if (e == PAR_OK)
		e = tell_cost(a, &p, &f, &t, &c);
	reconcile_close(&c);
	totals_close(&t);
	panel_close(&p);
	return e;
}

static bool resumes(const app *a)
{
	(void)a;
	return true;
}

int main(int argc, char **argv)
{
	static const char *const required[] = {"in", "out", NULL};
	static const app_program forecast_program = {
	    .name = "forecast",
	    .purpose = "Forecast every series of a catalog: mean and quantiles, step by step.",
	    .required = required,
	    .run = run,
	    .estimate = estimate,
	    .resumes = resumes,
	};
	return app_main(&forecast_program, argc, argv);
}
