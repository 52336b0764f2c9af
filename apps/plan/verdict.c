#include "plan/verdict.h"

#include "plan/check/ray.h"
#include "plan/tell/plan_file.h"

#include <math.h>

/* PAR_OK: the proof does not hold */
static par_err tell_no_plan(const model *m, const solution *s)
{
	char who[1024];
	ray_report r;
	PAR_TRY(ray_check_no_plan(&r, &m->problem, &m->deal, s));
	if (!r.holds)
		return PAR_OK;
	return par_fail(PAR_E_DATA,
	    "no plan keeps all limits; these cannot go together: %s; raise one, or let limits be "
	    "passed at a price (plan.hard = no)",
	    ray_tell(who, sizeof who, &r, m));
}

static par_err tell_no_end(const model *m, const solution *s)
{
	char who[1024];
	ray_report r;
	PAR_TRY(ray_check_no_end(&r, &m->problem, &m->deal, s));
	if (!r.holds)
		return PAR_OK;
	return par_fail(PAR_E_DATA,
	    "gains have no end: %s; look for a cost below zero or an amount without a limit",
	    ray_tell(who, sizeof who, &r, m));
}

/* whatever the solver says, a proof that holds is one: also where it came to no end of its own */
par_err verdict_solved(const model *m, const solution *s)
{
	if (s->status == SOLVED_OPTIMAL)
		return PAR_OK;
	if (s->status != SOLVED_UNBOUNDED)
		PAR_TRY(tell_no_plan(m, s));
	if (s->status != SOLVED_INFEASIBLE)
		PAR_TRY(tell_no_end(m, s));
	return par_fail(PAR_E_NUMERIC,
	    "the solver came to no end in %d iterations: residuals %.1e and %.1e, gap %.1e; "
	    "nothing "
	    "is published; try a larger plan.tolerance",
	    s->iterations, s->primal_residual, s->dual_residual, s->gap);
}

/* everything that is said of a plan comes from other sums than the solver's */
static par_err agrees(const app *a, const solution *s, const totals *t, const bound_report *bound)
{
	double most = app_real(a, "gap"), gap = plan_gap(s, bound);
	if (!(fabs(gap) <= most))
		return par_fail(PAR_E_GATE,
		    "the plan costs %.12g and no plan can cost less than %.12g: a gap of %.1e; "
		    "wanted "
		    "at most plan.gap, %.1e; nothing is published",
		    s->value, bound->bound, gap, most);
	if (!(fabs(t->value - s->value) <= most * fmax(1, fabs(s->value))))
		return par_fail(PAR_E_GATE,
		    "the plan's costs add up to %.12g and the solver said %.12g; nothing is "
		    "published",
		    t->value, s->value);
	if (!(t->residual <= most))
		return par_fail(PAR_E_GATE,
		    "goods do not balance: relative residual %.1e; wanted at most plan.gap, %.1e; "
		    "nothing is published",
		    t->residual, most);
	return PAR_OK;
}

par_err verdict_certify(
    bound_report *out, const app *a, const model *m, const solution *s, const totals *t)
{
	PAR_TRY(lagrangian_bound(out, &m->problem, &m->deal, s->price));
	if (out->hopeless >= 0)
		return par_fail(PAR_E_DATA,
		    "%s: no plan even without limits: what is on its way to it cannot go anywhere",
		    m->sku.name[out->hopeless]);
	return agrees(a, s, t, out);
}

void verdict_tell(const app *a, const solution *s, const totals *t, const bound_report *bound)
{
	app_log(a, "\nvalue  %20.12g   what the plan costs (gains are below zero)", s->value);
	app_log(
	    a, "bound  %20.12g   no plan can cost less, by the limits' prices alone", bound->bound);
	app_log(a, "gap    %20.1e   balance of goods to %.1e", plan_gap(s, bound), t->residual);
	json_object_set_new(a->report, "status", json_string("optimal"));
	json_object_set_new(a->report, "value", json_real(s->value));
	json_object_set_new(a->report, "bound", json_real(bound->bound));
	json_object_set_new(a->report, "gap", json_real(plan_gap(s, bound)));
	json_object_set_new(a->report, "residual", json_real(t->residual));
	json_object_set_new(a->report, "iterations", json_integer(s->iterations));
	json_object_set_new(a->report, "correctors", json_integer(s->correctors));
}
