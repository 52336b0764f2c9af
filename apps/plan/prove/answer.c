#include "plan/prove/answer.h"

#include "plan/prove/phase_one.h"
#include "plan/prove/recession.h"

#define DISTANCE 100 /* of the second starting point */

/* s is a ray that proves its status, or becomes stalled */
static par_err prove(solution *s, ray_report *r, const problem *p, const deal *d, solved status)
{
	PAR_TRY(status == SOLVED_INFEASIBLE ? ray_check_no_plan(r, p, d, s)
					    : ray_check_no_end(r, p, d, s));
	s->status = r->holds ? status : SOLVED_STALLED;
	return PAR_OK;
}

typedef par_err (*attempt)(
    solution *out, const problem *p, const deal *d, const interior_spec *spec);

/* s becomes what the attempt ends with, if that is an answer */
static par_err try(solution *s, ray_report *r, const problem *p, const deal *d,
    const interior_spec *spec, attempt make)
{
	solution other = {0};
	if (s->status != SOLVED_STALLED)
		return PAR_OK;
	PAR_TRY(make(&other, p, d, spec));
	par_err e = PAR_OK;
	if (other.status == SOLVED_INFEASIBLE || other.status == SOLVED_UNBOUNDED)
		e = prove(&other, r, p, d, other.status);
	if (e == PAR_OK && other.status != SOLVED_STALLED) {
		solution before = *s;
		*s = other;
		other = before;
	}
	solution_drop(&other);
	return e;
}

static par_err from_afar(solution *out, const problem *p, const deal *d, const interior_spec *spec)
{
	interior_spec afar = *spec;
	afar.distance = DISTANCE;
	return interior_solve(out, p, d, &afar);
}

par_err answer_find(
    solution *s, ray_report *r, const problem *p, const deal *d, const interior_spec *spec)
{
	interior_spec whole = spec ? *spec : (interior_spec){0};
	whole.pauses = NULL; /* they are of the solve that came before */
	if (s->status == SOLVED_STALLED)
		PAR_TRY(prove(s, r, p, d, SOLVED_INFEASIBLE));
	if (s->status == SOLVED_STALLED)
		PAR_TRY(prove(s, r, p, d, SOLVED_UNBOUNDED));
	PAR_TRY(try(s, r, p, d, &whole, from_afar));
	PAR_TRY(try(s, r, p, d, &whole, phase_one));
	return try(s, r, p, d, &whole, recession);
}
