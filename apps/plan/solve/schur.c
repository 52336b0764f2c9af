#include "dist/factor.h"
#include "plan/solve/iterate.h"

#include <string.h>

#define NOTHING 1e-30 /* a diagonal of a linking row that nothing moves */
#define ROUNDING 1e-14

static void copy_lower(iterate *it, const double *lower)
{
	int n = it->links;
	for (int a = 0; a < n; a++) {
		memcpy(it->schur + (size_t)a * (size_t)n, lower, ((size_t)a + 1) * sizeof *lower);
		lower += a + 1;
	}
	for (int e = 0; e < it->own.places; e++)
		if (own_counts(&it->own, e))
			it->schur[(size_t)it->own.row[e] * (size_t)(n + 1)] += it->own.theta[e];
	for (int l = 0; l < n; l++) {
		double *d = &it->schur[(size_t)l * (size_t)(n + 1)];
		*d = *d > NOTHING && !it->aside[l] ? *d * (1 + ROUNDING) : 1 / NOTHING;
	}
}

par_err schur_open(iterate *it, const par_dist_spec *spec)
{
	if (it->links <= (spec->whole > 0 ? spec->whole : PAR_DIST_WHOLE))
		return PAR_OK;
	return par_spread_open(&it->spread, it->groups.deal->world, it->links, spec);
}

/* the first failure is kept */
static void note(iterate *it, par_err e)
{
	it->failed = it->failed == PAR_OK ? e : it->failed;
}

/* 0, or the order of the first leading minor that is not positive */
static int factor(iterate *it)
{
	int minor = 0;
	if (it->spread.n > 0)
		note(it, par_spread_factor(&it->spread, it->schur, &minor));
	else
		minor = par_factor(it->schur, it->links);
	return it->failed == PAR_OK ? minor : 0;
}

/* A linking row whose pivot the roundings ate follows from others: its price stays for this iteration. More on every
 * diagonal instead, until the factor comes, bends all directions: rows that were met are missed again. */
void schur_factor(iterate *it, const sweep_sums *sums)
{
	memset(it->aside, 0, (size_t)it->links * sizeof *it->aside);
	copy_lower(it, sums->schur);
	for (int minor; (minor = factor(it)) > 0 && !it->aside[minor - 1];) {
		it->aside[minor - 1] = true;
		copy_lower(it, sums->schur);
	}
}

void schur_solve(iterate *it, double *price)
{
	if (it->spread.n > 0)
		note(it, par_spread_solve(&it->spread, price));
	else
		par_factor_solve(it->schur, it->links, price);
}

void eliminate_group(const group_view *v, class_room *room, int k)
{
	const symbolic *s = v->s;
	memcpy(v->dy[k], room->r, (size_t)s->rows * GROUP_LANES * sizeof *room->r);
	KERNEL_CALL(plan_solve, s, v->factor, room->r);
	KERNEL_CALL(plan_back, s, room->theta, room->r, room->q);
	KERNEL_CALL(plan_links, s, v->masked, room->q, 1, room->right);
}

void substitute_group(const iterate *it, const group_view *v, class_room *room, int k)
{
	const symbolic *s = v->s;
	KERNEL_CALL(plan_forward, s, v->link, room->theta, it->dprice[k], v->dy[k]);
	KERNEL_CALL(plan_solve, s, v->factor, v->dy[k]);
}
