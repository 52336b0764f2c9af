#include "plan/lp/by_blocks.h"

#include "comm/exchange.h"
#include "plan/lp/angular.h"
#include "plan/lp/share.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* relative; the second where a row in the file's units asks for more */
static const double tolerance[] = {1e-9, 1e-11};

static par_err share_cut(cut *mine, const cut *c, int rows, const par_world *w)
{
	*mine = (cut){c->blocks, malloc(((size_t)rows + 1) * sizeof *mine->block)};
	PAR_TRY_ALL(
	    w, mine->block ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for %d rows", rows));
	if (w->rank == 0)
		memcpy(mine->block, c->block, (size_t)rows * sizeof *mine->block);
	par_exchange_first(w, &mine->blocks, sizeof mine->blocks);
	par_exchange_first(w, mine->block, (size_t)rows * sizeof *mine->block);
	return PAR_OK;
}

/* what rank 0 finds when it looks at the program as the file states it; prices that went to no end may be a ray,
 * whatever the method makes of them */
static par_err prove(by_blocks *out, const lp *m, solved status)
{
	lp_result *r = &out->result;
	if (status != SOLVED_INFEASIBLE)
		PAR_TRY(certify_point(&r->proof, m, r->x, r->y));
	out->proved = r->proof.optimal;
	r->status = LP_OPTIMAL;
	return out->proved ? PAR_OK : lp_prove_infeasible(r, m, &out->proved);
}

static par_err take(by_blocks *out, const angular *a, const lp *m, const deal *d, const solution *s)
{
	lp_result *r = &out->result;
	r->x = malloc(((size_t)a->m->columns + 1) * sizeof *r->x);
	r->y = malloc(((size_t)a->m->rows + 1) * sizeof *r->y);
	r->iterations = s->iterations;
	PAR_TRY_ALL(
	    d->world, r->x && r->y ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for the solution"));
	angular_back(a, d, s, r->x, r->y);
	PAR_TRY_ALL(d->world, d->world->rank == 0 ? prove(out, m, s->status) : PAR_OK);
	out->proved = par_world_max(d->world, out->proved) != 0;
	return PAR_OK;
}

static par_err attempt(by_blocks *out, const angular *a, const lp *m, const deal *d,
    const interior_spec *spec, solved *status)
{
	solution s;
	lp_result_drop(&out->result);
	PAR_TRY(interior_solve(&s, &a->problem, d, spec));
	*status = s.status;
	par_err e = take(out, a, m, d, &s);
	solution_drop(&s);
	return e;
}

static par_err solve(
    by_blocks *out, const angular *a, const lp *m, const par_world *w, interior_spec spec)
{
	deal d;
	out->blocks = a->problem.blocks;
	out->classes = a->problem.patterns;
	out->links = a->problem.link.rows;
	PAR_TRY_ALL(w, deal_groups(&d, w, &a->problem));
	par_err e = PAR_OK;
	solved status = SOLVED_OPTIMAL;
	for (int k = 0; k < 2 && e == PAR_OK && status == SOLVED_OPTIMAL && !out->proved; k++) {
		spec.tolerance = tolerance[k];
		e = attempt(out, a, m, &d, &spec, &status);
	}
	deal_drop(&d);
	return e;
}

par_err by_blocks_solve(by_blocks *out, lp *m, const cut *c, const par_world *w, interior_spec spec)
{
	cut mine = {0};
	angular a = {0};
	*out = (by_blocks){.fits = false};
	par_err e = lp_share(m, w);
	if (e == PAR_OK)
		e = share_cut(&mine, c, m->rows, w);
	if (e == PAR_OK)
		e = par_agree(w, angular_open(&a, m, &mine, &out->fits));
	if (e == PAR_OK && out->fits)
		e = solve(out, &a, m, w, spec);
	angular_close(&a);
	cut_drop(&mine);
	if (e != PAR_OK)
		by_blocks_drop(out);
	return e;
}

void by_blocks_drop(by_blocks *b)
{
	lp_result_drop(&b->result);
	*b = (by_blocks){.fits = false};
}
