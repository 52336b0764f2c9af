#include "dist/factor.h"
#include "plan/solve/iterate.h"

#include <string.h>

#define NOTHING 1e-30 /* a diagonal of a linking row that nothing moves */
#define ROUNDING 1e-14
#define RETRY 1e3 /* by how much more a diagonal grows when the factor failed */

static void copy_lower(iterate *it, const double *lower, double more)
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
		*d = *d > NOTHING ? *d * (1 + more) : 1 / NOTHING;
	}
}

void schur_factor(iterate *it, const sweep_sums *sums)
{
	double more = ROUNDING;
	do {
		copy_lower(it, sums->schur, more);
		more *= RETRY;
	} while (par_factor(it->schur, it->links) != 0 && more < 1);
}

void schur_solve(const iterate *it, double *price)
{
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
