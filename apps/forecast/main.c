/* entrepot-forecast: what every SKU will sell in every market, with its uncertainty. */
#include "forecast/cold.h"
#include "forecast/cost.h"
#include "forecast/errors.h"
#include "forecast/intervals/newcomers.h"
#include "forecast/intervals/series.h"
#include "forecast/net/stage.h"
#include "forecast/past.h"
#include "forecast/planners/planners.h"
#include "forecast/pooled/pooled.h"
#include "forecast/progress.h"
#include "forecast/reconcile/reconcile.h"
#include "forecast/tell/output.h"
#include "forecast/tell/picture.h"

#include <stdlib.h>

#define ROUND 8 /* blocks a rank reads at a time */

/* one block through the bank, unless a checkpoint brought it */
static par_err forecast_block(
    const plan *f, const panel *p, results *r, const float *units, int64_t lo, int64_t hi)
{
	int64_t row = lo - r->first;
	if (r->done[row])
		return PAR_OK;
	bank_result out = results_from(r, row);
	PAR_TRY(bank_forecast(&f->spec, hi - lo, units, p->of.length, &out));
	PAR_TRY(past_forecast(f, r, row, hi - lo, units, p->of.length));
	PAR_TRY(held_forecast(f, &r->held, row, hi - lo, units, p->of.length,
	    r->past + row * r->origins * r->horizon));
	for (int64_t i = 0; i < hi - lo; i++) {
		r->done[row + i] = 1;
		results_rest(r, row + i);
	}
	par_world_alive();
	return PAR_OK;
}

static par_err forecast_round(
    const plan *f, const panel *p, results *r, const float *units, int64_t lo, int64_t hi)
{
	for (int64_t at = lo; at < hi; at += PANEL_BLOCK) {
		int64_t end = at + PANEL_BLOCK < hi ? at + PANEL_BLOCK : hi;
		PAR_TRY(forecast_block(f, p, r, units + (at - lo) * p->of.length, at, end));
	}
	return PAR_OK;
}

/* rounds of blocks, so that memory does not grow with the catalog; after one that brought something
 * new, ranks that were asked to stop leave together with a checkpoint */
static par_err forecast_rounds(app *a, const plan *f, panel *p, results *r, float *units)
{
	int64_t before = results_done(r);
	if (par_world_sum(&a->world, before) == p->of.series)
		return PAR_OK;
	const int64_t step = ROUND * PANEL_BLOCK;
	int64_t rounds = par_blocks_rounds(&p->blocks, ROUND);
	for (int64_t k = 0; k < rounds; k++) {
		int64_t lo = p->blocks.lo + k * step, hi = lo + step;
		lo = lo < p->blocks.hi ? lo : p->blocks.hi;
		hi = hi < p->blocks.hi ? hi : p->blocks.hi;
		PAR_TRY(panel_units(p, lo, hi - lo, units));
		PAR_TRY_ALL(&a->world, forecast_round(f, p, r, units, lo, hi));
		app_progress(a, "forecasting", (double)(k + 1), (double)rounds);
		if (k + 1 < rounds && par_stop_agreed(&a->world) &&
		    par_world_max(&a->world, results_done(r) > before))
			return progress_leave(a, p, r);
	}
	return PAR_OK;
}

static par_err forecast_all(app *a, const plan *f, panel *p, results *r)
{
	float *units = malloc(sizeof *units * (size_t)(ROUND * PANEL_BLOCK * p->stored + 1));
	par_err e = units ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for a round of series");
	e = par_agree(&a->world, e);
	if (e == PAR_OK)
		e = forecast_rounds(a, f, p, r, units);
	free(units);
	return e;
}

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
		e = progress_load(a, &r);
	app_phase(a, "forecasting");
	if (e == PAR_OK)
		e = forecast_all(a, &f, p, &r);
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
	PAR_TRY(cost_of(&c, a, p, f, t, made, ROUND * PANEL_BLOCK));
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
