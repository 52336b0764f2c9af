#include "plan/solve/iterate.h"

#include <math.h>
#include <string.h>

/* how the sums of a build lie: cost'x, products, squares of the dual residual, upper'v; squares of the
 * primal one, right'y */
enum { COST, PRODUCTS, DUAL, UPPER, PRIMAL, RIGHT };

static void step_group(const iterate *it, group_view *v, class_room *r)
{
	const symbolic *s = v->s;
	const double *dual = r->priced + (int64_t)s->columns * GROUP_LANES;
	move m = {it->components, it->component, r->priced, dual};
	if (it->taken < it->components)
		take_rows(it, v);
	KERNEL_CALL(plan_priced, s, v->link, 2, v->dy[0], it->dprice[0], r->priced);
	KERNEL_CALL(plan_step, &v->pairs, &m, it->primal_step, it->dual_step);
	KERNEL_CALL(plan_add_rows, s->rows, it->dual_step, v->dy[SIDE_DUAL], v->y);
}

static void build_group(void *ctx, sweeper *w, group_view *v, class_room *r)
{
	const iterate *it = ctx;
	const symbolic *s = v->s;
	v->ahead.at = v->next;
	if (it->components > 0)
		step_group(it, v, r);
	KERNEL_CALL(plan_priced, s, v->link, 1, v->y, it->price, r->priced);
	KERNEL_CALL(plan_residual, &v->pairs, v->cost, v->upper, r->priced, w->own);
	memcpy(r->r, v->right, (size_t)s->rows * GROUP_LANES * sizeof *r->r);
	KERNEL_CALL(plan_rows, s, -1, v->pairs.x, r->r);
	KERNEL_CALL(plan_row_sums, s, r->r, v->right, v->y, w->own + PRIMAL * GROUP_LANES);
	KERNEL_CALL(plan_links, s, v->masked, v->pairs.x, 1, r->activity);
	KERNEL_CALL(plan_theta, &v->pairs, r->theta);
	KERNEL_CALL(plan_affine_target, &v->pairs, r->theta, r->q);
	KERNEL_CALL(plan_rows, s, 1, r->q, r->r);
	sweep_factor(w, v, r);
	eliminate_group(v, r, 0);
}

static void step_own(iterate *it)
{
	own *o = &it->own;
	move m = {it->components, it->component, o->priced, o->priced + o->places};
	for (int side = 0; side < SIDE_LAST; side++)
		own_priced(o, it->dprice[side], o->priced + side * o->places);
	KERNEL_CALL(plan_step, &o->pairs, &m, it->primal_step, it->dual_step);
}

static void step_price(iterate *it)
{
	for (int l = 0; l < it->links; l++)
		it->price[l] += it->dual_step * it->dprice[SIDE_DUAL][l];
}

static void add_own(iterate *it, double *sums)
{
	const own *o = &it->own;
	const pairs *p = &o->pairs;
	own_priced(o, it->price, o->priced);
	for (int e = 0; e < o->places; e++) {
		int k = e - o->bounded_from;
		double r = o->cost[e] - o->priced[e] - p->z[e] + (k >= 0 ? p->v[k] : 0);
		p->residual[e] = (float)r;
		p->near_x[e] = (float)p->x[e];
		p->near_z[e] = (float)p->z[e];
		if (k >= 0) {
			p->near_w[k] = (float)p->w[k];
			p->near_v[k] = (float)p->v[k];
		}
		if (!own_counts(o, e))
			continue;
		sums[COST] += o->cost[e] * p->x[e];
		sums[PRODUCTS] += p->x[e] * p->z[e] + (k >= 0 ? p->w[k] * p->v[k] : 0);
		sums[DUAL] += r * r;
		sums[UPPER] += k >= 0 ? o->upper[k] * p->v[k] : 0;
	}
}

/* the linking rows' residual, and the right side of the affine Schur system */
static void link_residual(iterate *it, const sweep_sums *s, double *sums)
{
	own *o = &it->own;
	for (int l = 0; l < it->links; l++)
		it->residual[l] = it->right[l] - s->activity[l];
	own_links(o, -1, o->pairs.x, it->residual);
	for (int l = 0; l < it->links; l++) {
		sums[PRIMAL] += it->residual[l] * it->residual[l];
		sums[RIGHT] += it->right[l] * it->price[l];
		it->target[l] = it->residual[l] + s->right[l];
	}
	KERNEL_CALL(plan_theta, &o->pairs, o->theta);
	KERNEL_CALL(plan_affine_target, &o->pairs, o->theta, o->q);
	own_links(o, 1, o->q, it->target);
}

static void judge(iterate *it, const double *sums)
{
	it->value = sums[COST];
	it->dual_value = sums[RIGHT] - sums[UPPER];
	it->product = sums[PRODUCTS] / it->pairs;
	it->primal_residual = sqrt(sums[PRIMAL]) / (1 + it->right_size);
	it->dual_residual = sqrt(sums[DUAL]) / (1 + it->cost_size);
	it->gap = fabs(it->value - it->dual_value) / (1 + fabs(it->value));
}

void iterate_build(iterate *it)
{
	double sums[SUMS];
	if (it->components > 0) {
		if (it->taken < it->components)
			take_prices(it);
		step_own(it);
		step_price(it);
	}
	sweep_sums s = sweep_run(&it->sweeper, build_group, it, true);
	memcpy(sums, s.sums, sizeof sums);
	add_own(it, sums);
	link_residual(it, &s, sums);
	judge(it, sums);
	schur_factor(it, &s);
}
