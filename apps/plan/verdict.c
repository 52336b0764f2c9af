#include "plan/verdict.h"

#include "plan/prove/answer.h"
#include "plan/tell/plan_file.h"

#include <math.h>
#include <string.h>

static par_err tell_no_plan(const char *who, const ray_report *r)
{
	if (r->links == 0)
		return par_fail(PAR_E_DATA,
		    "no plan even without limits: what is on its way to these cannot go anywhere: "
		    "%s",
		    who);
	return par_fail(PAR_E_DATA,
	    "no plan keeps all limits; these cannot go together: %s; raise one, or let limits be "
	    "passed at a price (plan.hard = no)",
	    who);
}

static par_err tell_no_end(const char *who)
{
	return par_fail(PAR_E_DATA,
	    "gains have no end: %s; look for a cost below zero or an amount without a limit", who);
}

/* the log and the report have it, and the run fails */
static par_err tell_proof(app *a, const model *m, const solution *s, const ray_report *r)
{
	char who[1024];
	bool no_plan = s->status == SOLVED_INFEASIBLE;
	ray_tell(who, sizeof who, r, m);
	json_object_set_new(a->report, "status", json_string(no_plan ? "infeasible" : "unbounded"));
	json_object_set_new(a->report, "proof", json_string(who));
	json_object_set_new(a->report, "proof_slack", json_real(r->slack));
	a->answered = true;
	return no_plan ? tell_no_plan(who, r) : tell_no_end(who);
}

par_err verdict_solved(app *a, const model *m, solution *s, const interior_spec *spec)
{
	ray_report r;
	a->few_ranks = !s->same_bits;
	if (s->status == SOLVED_OPTIMAL)
		return PAR_OK;
	app_phase(a, "proving");
	PAR_TRY(answer_find(s, &r, &m->problem, &m->deal, spec));
	if (s->status == SOLVED_OPTIMAL)
		return PAR_OK;
	if (s->status != SOLVED_STALLED)
		return tell_proof(a, m, s, &r);
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

usable_kind verdict_kind(const app *a, const model *m)
{
	const char *text = app_text(a, "orders");
	for (usable_kind k = USABLE_CONTINUOUS; k <= USABLE_WHOLE; k++)
		if (strcmp(text, usable_text(k)) == 0)
			return k;
	return usable_has_terms(m) ? USABLE_WHOLE : USABLE_CONTINUOUS;
}

#define WHOLE_MISSES 1e-9 /* of costs and balances: rounding alone */

par_err verdict_usable(const app *a, const totals *t)
{
	const usable *u = &t->usable;
	double most = u->kind == USABLE_WHOLE ? WHOLE_MISSES : app_real(a, "gap");
	if (u->wrong > 0)
		return par_fail(PAR_E_GATE,
		    "%lld SKUs have orders that their terms do not allow; nothing is published",
		    (long long)u->wrong);
	if (!(fabs(t->value - u->value) <= most * fmax(1, fabs(u->value))))
		return par_fail(PAR_E_GATE,
		    "the plan's costs add up to %.12g and its orders said %.12g; nothing is "
		    "published",
		    t->value, u->value);
	if (!(t->residual <= most) || !(u->gap >= -most))
		return par_fail(PAR_E_GATE,
		    "the plan's goods balance to %.1e, and its cost is %.1e above the bound; "
		    "nothing is published",
		    t->residual, u->gap);
	return PAR_OK;
}

void verdict_tell_usable(const app *a, const totals *t, usable_kind asked)
{
	const usable *u = &t->usable;
	if (u->kind != asked)
		app_warn(a,
		    "no plan of whole orders that keeps the limits was found; the plan has parts "
		    "of orders");
	app_log(a, "\n%s plan", usable_text(u->kind));
	app_log(a,
	    "value  %20.12g   with %.12g for placing orders, %.12g for empty space in containers",
	    u->value, u->fixed, u->unfilled);
	app_log(a, "bound  %20.12g   no such plan can cost less", u->bound);
	app_log(a,
	    "gap    %19.3f%%   searches left %.3f%%, limits passed %.3f%% more, containers %.3f%%; "
	    "balance %.1e",
	    100 * u->gap, 100 * u->unsearched, 100 * u->passed,
	    100 * u->unfilled / fmax(1, fabs(u->value)), t->residual);
	json_object_set_new(a->report, "orders_kind", json_string(usable_text(u->kind)));
	json_object_set_new(a->report, "plan_value", json_real(u->value));
	json_object_set_new(a->report, "plan_bound", json_real(u->bound));
	json_object_set_new(a->report, "plan_gap", json_real(u->gap));
	json_object_set_new(a->report, "order_cost", json_real(u->fixed));
	json_object_set_new(a->report, "container_cost", json_real(u->unfilled));
	json_object_set_new(a->report, "unsearched", json_real(u->unsearched));
	json_object_set_new(a->report, "passed", json_real(u->passed));
}
