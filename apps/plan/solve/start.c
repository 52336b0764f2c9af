#include "plan/solve/iterate.h"

#include <math.h>
#include <string.h>

#define OWN_SHARE \
	0.1 /* of a linking row's right side: the least that a column of its own begins with */
#define OWN_COST 0.2 /* the least reduced cost of such a column */

static void stretch(double *z, int64_t n, double by)
{
	for (int64_t i = 0; i < n; i++)
		z[i] *= by;
}

static void ones(double *x, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		x[i] = 1;
}

/* the least x with A x = b and linking rows alike: first half */
static void least_x(void *ctx, sweeper *w, group_view *v, class_room *r)
{
	(void)ctx;
	const symbolic *s = v->s;
	ones(r->theta, (int64_t)s->columns * GROUP_LANES);
	memcpy(r->r, v->right, (size_t)s->rows * GROUP_LANES * sizeof *r->r);
	memset(r->q, 0, (size_t)s->columns * GROUP_LANES * sizeof *r->q);
	sweep_factor(w, v, r);
	eliminate_group(v, r, 0);
}

/* second half, moved inside; and the first half of the prices nearest to all costs */
static void least_z(void *ctx, sweeper *w, group_view *v, class_room *r)
{
	(void)w;
	const iterate *it = ctx;
	const symbolic *s = v->s;
	ones(r->theta, (int64_t)s->columns * GROUP_LANES);
	substitute_group(it, v, r, 0);
	KERNEL_CALL(plan_priced, s, v->link, 1, v->dy[0], it->dprice[0], r->priced);
	KERNEL_CALL(plan_start_primal, &v->pairs, v->upper, r->priced);
	KERNEL_CALL(plan_links, s, v->masked, v->pairs.x, 1, r->activity);
	memset(r->r, 0, (size_t)s->rows * GROUP_LANES * sizeof *r->r);
	KERNEL_CALL(plan_rows, s, 1, v->cost, r->r);
	memcpy(r->q, v->cost, (size_t)s->columns * GROUP_LANES * sizeof *r->q);
	eliminate_group(v, r, 1);
}

static void take_z(void *ctx, sweeper *w, group_view *v, class_room *r)
{
	(void)w;
	const iterate *it = ctx;
	size_t columns = (size_t)v->s->columns;
	ones(r->theta, (int64_t)columns * GROUP_LANES);
	substitute_group(it, v, r, 1);
	KERNEL_CALL(plan_priced, v->s, v->link, 1, v->dy[1], it->dprice[1], r->priced);
	KERNEL_CALL(plan_start_dual, &v->pairs, v->cost, r->priced);
	stretch(v->pairs.z, v->pairs.columns * GROUP_LANES, it->distance);
	stretch(v->pairs.v, v->pairs.bounded * GROUP_LANES, it->distance);
	memcpy(v->y, v->dy[1], (size_t)v->s->rows * GROUP_LANES * sizeof *v->y);
}

static double mean_right(const iterate *it)
{
	double sum = 0;
	int count = 0;
	for (int l = 0; l < it->links; l++) {
		sum += fabs(it->right[l]);
		count += it->right[l] != 0;
	}
	return count > 0 ? sum / count : 1;
}

static void start_own_x(iterate *it, const double *activity)
{
	own *o = &it->own;
	double mean = mean_right(it);
	for (int e = 0; e < o->places; e++) {
		int l = o->row[e], k = e - o->bounded_from;
		double least = OWN_SHARE * (it->right[l] != 0 ? fabs(it->right[l]) : mean);
		double x = fmax(o->sign[e] * (it->right[l] - activity[l]), least);
		if (k >= 0) {
			double u = o->upper[k];
			x = fmin(fmax(x, OWN_SHARE * u), (1 - OWN_SHARE) * u);
			o->pairs.w[k] = u - x;
		}
		o->pairs.x[e] = x;
	}
}

static void start_own_z(iterate *it)
{
	own *o = &it->own;
	own_priced(o, it->price, o->priced);
	for (int e = 0; e < o->places; e++) {
		int k = e - o->bounded_from;
		double z = o->cost[e] - o->priced[e];
		if (k >= 0)
			o->pairs.v[k] = OWN_COST + fmax(-z, 0);
		o->pairs.z[e] = k >= 0 ? OWN_COST + fmax(z, 0) : fmax(z, OWN_COST);
	}
	stretch(o->pairs.z, o->places, it->distance);
	stretch(o->pairs.v, o->places - o->bounded_from, it->distance);
}

void iterate_start(iterate *it)
{
	size_t bytes = (size_t)it->links * sizeof(double);
	sweep_sums s = sweep_run(&it->sweeper, least_x, it, true);
	ones(it->own.theta, it->own.places);
	schur_factor(it, &s);
	for (int l = 0; l < it->links; l++)
		it->dprice[0][l] = it->right[l] + s.right[l];
	schur_solve(it, it->dprice[0]);
	s = sweep_run(&it->sweeper, least_z, it, true);
	start_own_x(it, s.activity);
	memcpy(it->dprice[1], s.right, bytes);
	own_links(&it->own, 1, it->own.cost, it->dprice[1]);
	schur_solve(it, it->dprice[1]);
	double none[1];
	sweep_most(&it->sweeper, take_z, it, none, 0);
	memcpy(it->price, it->dprice[1], bytes);
	start_own_z(it);
	it->components = 0;
}
