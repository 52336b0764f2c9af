/* entrepot-plan: what to buy, where to keep it and how to ship it, for every SKU at once. */
#include "plan/checkpoint.h"
#include "plan/cost.h"
#include "plan/diff/diff_tell.h"
#include "plan/lp/answer.h"
#include "plan/model/mps_write.h"
#include "plan/solve/interior.h"
#include "plan/source.h"
#include "plan/tell/orders_csv.h"
#include "plan/tell/picture.h"
#include "plan/tell/plan_file.h"
#include "plan/tell/summary.h"
#include "plan/verdict.h"
#include "plan/warm/warm_file.h"

/* everything a run holds; closed in one place */
typedef struct {
	model model;
	solution solution;
	totals totals;
	bound_report bound;
	warm_point keep; /* where the solve stood on its way, when that is asked for */
	double seconds;  /* of solving */
} job;

static void job_close(job *j)
{
	warm_close(&j->keep);
	totals_drop(&j->totals);
	solution_drop(&j->solution);
	model_drop(&j->model);
}

static par_err open_model(job *j, app *a)
{
	app_phase(a, "modelling");
	PAR_TRY(source_open(&j->model, a));
	cost_tell_size(a, &j->model);
	return PAR_OK;
}

static par_err write_mps(job *j, app *a)
{
	const char *path = app_text(a, "write_mps");
	if (!path)
		return PAR_OK;
	app_phase(a, "writing MPS");
	return mps_write(path, &j->model.problem, &j->model.deal);
}

typedef struct {
	job *job;
	app *app;
} logging;

static void log_iteration(void *ctx, const interior_progress *now)
{
	logging *l = ctx;
	if (now->iteration == 0)
		app_log(l->app, "%4s %20s %20s %8s %8s %8s %6s %6s %8s", "", "value", "dual value",
		    "primal", "dual", "gap", "step", "step", "seconds");
	app_log(l->app, "%4d %20.12g %20.12g %8.1e %8.1e %8.1e %6.3f %6.3f %8.2f", now->iteration,
	    now->value, now->dual_value, now->primal_residual, now->dual_residual, now->gap,
	    now->primal_step, now->dual_step, now->seconds);
	l->job->seconds = now->seconds;
	par_world_alive();
}

/* where an earlier plan says that this one may begin */
static par_err read_warm(warm_point *near, job *j, app *a)
{
	const model *m = &j->model;
	const char *path = app_text(a, "warm");
	int64_t known = 0;
	if (!path)
		return PAR_OK;
	PAR_TRY_ALL(&a->world, warm_open(near, &m->problem, &m->deal));
	PAR_TRY(warm_file_read(near, m, path, &known));
	app_log(
	    a, "%s knows %lld of %lld SKUs", path, (long long)known, (long long)m->problem.blocks);
	return PAR_OK;
}

static par_err solve_from(job *j, app *a, const warm_point *near)
{
	const model *m = &j->model;
	logging l = {j, a};
	checkpoint c;
	checkpoint_open(&c, a);
	interior_spec spec = {.tolerance = app_real(a, "tolerance"),
	    .iterations = (int)app_int(a, "iterations"),
	    .progress = log_iteration,
	    .ctx = &l,
	    .pauses = &c.pauses,
	    .near = near->product > 0 ? near : NULL,
	    .keep = app_bool(a, "keep") ? &j->keep : NULL};
	if (spec.keep)
		PAR_TRY_ALL(&a->world, warm_open(&j->keep, &m->problem, &m->deal));
	PAR_TRY(interior_solve(&j->solution, &m->problem, &m->deal, &spec));
	spec.pauses = NULL;
	spec.near = NULL;
	spec.keep = NULL;
	a->work = (double)m->problem.blocks;
	a->unit = "SKUs";
	return par_agree(&a->world, verdict_solved(a, m, &j->solution, &spec));
}

static par_err solve(job *j, app *a)
{
	warm_point near = {0};
	app_phase(a, "solving");
	par_err e = read_warm(&near, j, a);
	if (e == PAR_OK)
		e = solve_from(j, a, &near);
	warm_close(&near);
	return e;
}

static par_err certify(job *j, app *a)
{
	app_phase(a, "certifying");
	PAR_TRY(totals_make(&j->totals, &j->model, &j->solution));
	PAR_TRY_ALL(&a->world, verdict_certify(&j->bound, a, &j->model, &j->solution, &j->totals));
	verdict_tell(a, &j->solution, &j->totals, &j->bound);
	json_object_set_new(a->report, "seconds", json_real(j->seconds));
	return PAR_OK;
}

/* the plan that is published takes the place of the linear program's, and its totals too */
static par_err make_usable(job *j, app *a)
{
	usable u;
	usable_kind kind = verdict_kind(a, &j->model);
	app_phase(a, "planning orders");
	PAR_TRY(usable_make(&u, &j->model, &j->solution, kind, j->bound.bound,
	    (uint64_t)par_conf_int(a->conf, "run", "seed")));
	totals_drop(&j->totals);
	PAR_TRY(totals_make(&j->totals, &j->model, &j->solution));
	totals_of(&j->totals, &j->model, &u);
	PAR_TRY_ALL(&a->world, verdict_usable(a, &j->totals));
	verdict_tell_usable(a, &j->totals, kind);
	return PAR_OK;
}

/* the result is published: what fails after it is told and takes nothing back */
static void tell_more(const app *a, const char *what, par_err e)
{
	if (e != PAR_OK)
		app_warn(a, "%s missing: %s; %s is complete", what, par_err_why(), a->out);
}

/* a plan that only another way of solving it came to has left none */
static par_err leave_start(const job *j, app *a)
{
	if (!(j->keep.product > 0))
		return par_fail(PAR_E_NUMERIC, "the first solve came not near the plan");
	return warm_file_write(a, &j->model, &j->keep);
}

static par_err tell_changes(job *j, app *a)
{
	diff d;
	const char *old = app_text(a, "diff");
	if (!old)
		return PAR_OK;
	app_phase(a, "comparing");
	par_err e = diff_make(&d, &j->model, &j->solution, old);
	if (e == PAR_OK)
		e = diff_tell(a, &d, &j->model, &j->solution);
	diff_drop(&d);
	return e;
}

static par_err publish(job *j, app *a)
{
	int64_t orders = 0;
	app_phase(a, "writing");
	PAR_TRY(plan_file_write(a, &j->model, &j->solution, &j->totals, &j->bound));
	checkpoint_clear(a);
	tell_more(a, "the orders are", orders_csv_write(a, &j->model, &j->solution, &orders));
	json_object_set_new(a->report, "orders", json_integer(orders));
	if (app_bool(a, "keep"))
		tell_more(a, "the next night's start is", leave_start(j, a));
	summary_tell(a, &j->model, &j->solution, &j->totals);
	tell_more(a, "the changes are", tell_changes(j, a));
	app_phase(a, "drawing");
	tell_more(a, "the picture is", picture_write(a, &j->model, &j->solution, &j->totals));
	return PAR_OK;
}

static par_err plan(job *j, app *a)
{
	PAR_TRY(open_model(j, a));
	PAR_TRY(write_mps(j, a));
	if (!a->out)
		return PAR_OK;
	PAR_TRY(solve(j, a));
	PAR_TRY(certify(j, a));
	PAR_TRY(make_usable(j, a));
	return publish(j, a);
}

static par_err run(app *a)
{
	job j = {0};
	const char *mps = app_text(a, "mps"), *lp = app_text(a, "lp");
	PAR_TRY_ALL(&a->world, source_check(a));
	if (mps || lp)
		return lp_answer(a, mps ? mps : lp, lp != NULL);
	par_err e = plan(&j, a);
	job_close(&j);
	return e;
}

static par_err estimate(app *a)
{
	job j = {0};
	const char *mps = app_text(a, "mps"), *lp = app_text(a, "lp");
	PAR_TRY_ALL(&a->world, source_check(a));
	if (mps || lp)
		return lp_estimate(a, mps ? mps : lp, lp != NULL);
	par_err e = open_model(&j, a);
	if (e == PAR_OK)
		e = cost_tell(a, &j.model);
	job_close(&j);
	return e;
}

/* a linear program of its own is solved in one go */
static bool resumes(const app *a)
{
	return !app_text(a, "mps") && !app_text(a, "lp");
}

int main(int argc, char **argv)
{
	static const app_program plan_program = {
	    .name = "plan",
	    .purpose =
		"Plan purchases, stocks, shipments and sales of every SKU under common limits.",
	    .run = run,
	    .resumes = resumes,
	    .estimate = estimate,
	    .lines = "what_if",
	};
	return app_main(&plan_program, argc, argv);
}
