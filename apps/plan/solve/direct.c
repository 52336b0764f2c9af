#include "plan/solve/iterate.h"

#include <math.h>
#include <string.h>

/* of Colombo and Gondzio: how far beyond the step a correction looks, which products it leaves alone (in
 * units of the wanted one), what it must gain to be kept */
#define REACH 0.5
#define LOW 0.1
#define HIGH 10
#define GAIN 0.02
#define ENOUGH 0.95
#define BETTER 0.98 /* a smaller weight must shorten the longest move this much */
/* Products that leave a smaller gap than this are wanted no smaller: they only spread theta over more decades,
 * and the steps that are left are to mend residuals, which every iteration measures anew. */
#define LEAST_GAP 1e-13

static const float weights[WEIGHTS] = {1, 0.7f, 0.4f, 0.15f};

/* substitution and elimination want theta of the columns with entries in B alone */
static void linked_theta(const group_view *v, class_room *r)
{
	for (int i = 0; i < v->s->runs; i++)
		if (v->s->run[i].links > 0)
			KERNEL_CALL(
			    plan_theta_of, &v->pairs, v->s->run[i].from, v->s->run[i].to, r->theta);
}

/* where the columns of a piece end that begins at `from`: pieces are of columns with bounds, or without */
static int piece_end(const symbolic *s, int from)
{
	const int bounds_at = s->columns - s->bounded;
	const int end = from < bounds_at ? bounds_at : s->columns;
	return from + NEAR_COLUMNS < end ? from + NEAR_COLUMNS : end;
}

#define EACH_PIECE(s, from, to)                                         \
	for (int from = 0, to = piece_end((s), 0); from < (s)->columns; \
	     from = to, to = piece_end((s), from))

/* A'dy + B'dprice of the sums, and with `last` of the last component, in columns [from, to). While the affine
 * component is alone, x and z take the same of it. */
static near_move recall_group(
    const iterate *it, group_view *v, class_room *r, bool last, int from, int to)
{
	const bool alone = it->components == 1;
	const int64_t side = (int64_t)NEAR_COLUMNS * GROUP_LANES;
	priced_near p = {v->link, v->dy[0], it->dprice[0], 1 + !alone + last, alone ? SIDE_LAST : 1,
	    v->pairs.residual, from, to, r->near, &v->ahead};
	KERNEL_CALL(plan_priced_near, v->s, &p);
	return (near_move){it->components, it->component, from, to, r->near,
	    alone ? r->near : r->near + side, r->near + SIDE_LAST * side, &v->ahead};
}

static near_move recall_own(const iterate *it, bool last)
{
	const own *o = &it->own;
	for (int side = 0; side < SIDE_LAST + last; side++)
		own_near(o, it->dprice[side], side < SIDE_LAST ? o->pairs.residual : NULL,
		    o->near + (int64_t)side * o->places);
	const float *dual = o->near + (it->components > 1 ? o->places : 0);
	return (near_move){it->components, it->component, 0, o->pairs.columns, o->near, dual,
	    o->near + (int64_t)SIDE_LAST * o->places, NULL};
}

void take_prices(iterate *it)
{
	const component *last = &it->component[it->components - 1];
	const double *more = it->dprice[SIDE_LAST];
	if (it->components == 1)
		memcpy(it->dprice[SIDE_DUAL], it->dprice[SIDE_PRIMAL],
		    (size_t)it->links * sizeof *more);
	for (int l = 0; it->components > 1 && l < it->links; l++) {
		it->dprice[SIDE_PRIMAL][l] += last->primal * more[l];
		it->dprice[SIDE_DUAL][l] += last->dual * more[l];
	}
}

/* the affine component is solved for where the primal sum is */
void take_rows(const iterate *it, const group_view *v)
{
	const component *last = &it->component[it->components - 1];
	const double *more = v->dy[SIDE_LAST];
	int rows = v->s->rows;
	if (it->components == 1) {
		memcpy(v->dy[SIDE_DUAL], v->dy[SIDE_PRIMAL],
		    (size_t)rows * GROUP_LANES * sizeof *more);
		return;
	}
	KERNEL_CALL(plan_add_rows, rows, last->primal, more, v->dy[SIDE_PRIMAL]);
	KERNEL_CALL(plan_add_rows, rows, last->dual, more, v->dy[SIDE_DUAL]);
}

static float *dual_maxima(float *maxima)
{
	return maxima + (int64_t)WEIGHTS * MOST_LANES;
}

static void affine_group(void *ctx, sweeper *w, group_view *v, class_room *r)
{
	const iterate *it = ctx;
	linked_theta(v, r);
	substitute_group(it, v, r, SIDE_PRIMAL);
	EACH_PIECE(v->s, from, to)
	{
		near_move m = recall_group(it, v, r, false, from, to);
		KERNEL_CALL(plan_affine, &v->pairs, &m, w->maxima, dual_maxima(w->maxima), w->own);
	}
}

static void target_group(void *ctx, sweeper *w, group_view *v, class_room *r)
{
	(void)w;
	const iterate *it = ctx;
	linked_theta(v, r);
	take_rows(it, v);
	EACH_PIECE(v->s, from, to)
	{
		near_move m = recall_group(it, v, r, false, from, to);
		KERNEL_CALL(plan_target, &v->pairs, &m);
	}
	KERNEL_CALL(plan_target_q, &v->pairs, it->components, r->q);
	memset(r->r, 0, (size_t)v->s->rows * GROUP_LANES * sizeof *r->r);
	KERNEL_CALL(plan_rows, v->s, 1, r->q, r->r);
	eliminate_group(v, r, SIDE_LAST);
}

static void weigh_group(void *ctx, sweeper *w, group_view *v, class_room *r)
{
	const iterate *it = ctx;
	linked_theta(v, r);
	substitute_group(it, v, r, SIDE_LAST);
	EACH_PIECE(v->s, from, to)
	{
		near_move m = recall_group(it, v, r, true, from, to);
		KERNEL_CALL(
		    plan_weights, &v->pairs, &m, weights, w->maxima, dual_maxima(w->maxima));
	}
}

/* most[0 .. WEIGHTS) primal and most[WEIGHTS .. 2 WEIGHTS) dual, joined with the own columns' */
static void join(double *most, const float *maxima)
{
	for (int k = 0; k < MAXIMA; k++)
		for (int lane = 0; lane < MOST_LANES; lane++)
			most[k] = fmax(most[k], (double)maxima[k * MOST_LANES + lane]);
}

static double step_of(double most)
{
	return most > 1 ? 1 / most : 1;
}

/* sums[0, 1]: of plan_affine; of own columns by hand, each counted once */
static void affine_own(iterate *it, double *sums, double *most)
{
	own *o = &it->own;
	_Alignas(64) float maxima[MAXIMA * MOST_LANES] = {0};
	_Alignas(64) double spare[2 * GROUP_LANES] = {0};
	const pairs *p = &o->pairs;
	near_move m = recall_own(it, false);
	KERNEL_CALL(plan_affine, p, &m, maxima, dual_maxima(maxima), spare);
	join(most, maxima);
	for (int e = 0; e < o->places; e++) {
		int k = e - o->bounded_from;
		if (!own_counts(o, e))
			continue;
		double z = p->z[e] - (k >= 0 ? p->v[k] : 0);
		double dx = o->theta[e] * ((double)o->near[e] - z), x = dx / p->x[e];
		sums[0] += dx * z;
		sums[1] += dx * p->z[e] * (1 + x);
		if (k >= 0)
			sums[1] -= dx * p->v[k] * (1 - dx / p->w[k]);
	}
}

/* returns the product to aim at: Mehrotra's share of the mean */
static double affine(iterate *it)
{
	double most[MAXIMA], sums[2];
	it->component[0] = (component){.primal = 1, .dual = 1};
	it->components = 1;
	it->taken = 0;
	memcpy(it->dprice[0], it->target, (size_t)it->links * sizeof *it->target);
	schur_solve(it, it->dprice[0]);
	sweep_sums s = sweep_both(&it->sweeper, affine_group, it, most, MAXIMA);
	memcpy(sums, s.sums, sizeof sums);
	affine_own(it, sums, most);
	double p = it->primal_step = step_of(most[0]), d = it->dual_step = step_of(most[WEIGHTS]);
	/* (x + p dx)(z + d dz) with x dz = -xz - z dx */
	double after = (1 - d) * it->product + ((p - d) * sums[0] - p * d * sums[1]) / it->pairs;
	double share = after / it->product;
	double least = LEAST_GAP * (1 + fabs(it->value)) / it->pairs;
	return fmax(share * share * share * it->product, least);
}

static void target_own(iterate *it)
{
	own *o = &it->own;
	near_move m = recall_own(it, false);
	KERNEL_CALL(plan_target, &o->pairs, &m);
	KERNEL_CALL(plan_target_q, &o->pairs, m.components, o->q);
	own_links(o, 1, o->q, it->dprice[SIDE_LAST]);
}

static void weigh_own(iterate *it, double *most)
{
	own *o = &it->own;
	_Alignas(64) float maxima[MAXIMA * MOST_LANES] = {0};
	near_move m = recall_own(it, true);
	KERNEL_CALL(plan_weights, &o->pairs, &m, weights, maxima, dual_maxima(maxima));
	join(most, maxima);
}

/* how much of a component to take, and the direction's longest move with it */
typedef struct {
	double weight, longest;
} choice;

/* without: the longest move without the component */
static choice best_weight(const double *most, double without)
{
	choice best = {(double)weights[0], most[0]};
	for (int k = 1; k < WEIGHTS; k++)
		if (most[k] < BETTER * best.longest)
			best = (choice){(double)weights[k], most[k]};
	return without < BETTER * best.longest ? (choice){0, without} : best;
}

/* Try one more component; keep it when the steps grow. The first is always kept, it brings the centre. */
static bool correct(iterate *it)
{
	double most[MAXIMA];
	int k = it->components;
	component *c = &it->component[k];
	take_prices(it);
	sweep_sums s = sweep_run(&it->sweeper, target_group, it, false);
	it->taken = k;
	memcpy(it->dprice[SIDE_LAST], s.right, (size_t)it->links * sizeof *s.right);
	target_own(it);
	schur_solve(it, it->dprice[SIDE_LAST]);
	sweep_most(&it->sweeper, weigh_group, it, most, MAXIMA);
	weigh_own(it, most);
	choice primal = best_weight(most, it->longest[0]);
	choice dual = best_weight(most + WEIGHTS, it->longest[1]);
	double p = step_of(primal.longest), d = step_of(dual.longest);
	if (k > 1 && p + d < it->primal_step + it->dual_step + GAIN)
		return false;
	c->primal = primal.weight;
	c->dual = dual.weight;
	it->primal_step = p;
	it->dual_step = d;
	it->longest[0] = primal.longest;
	it->longest[1] = dual.longest;
	it->components++;
	it->correctors++;
	return true;
}

static double reach(double step)
{
	return step + REACH < 1 ? step + REACH : 1;
}

/* short of the boundary; all the way where nothing is in the way */
static double final_step(double most, double product)
{
	double keep = product > 1e-6 ? 0.995 : 0.9995;
	return most > keep ? keep / most : 1;
}

void iterate_direct(iterate *it)
{
	double wanted = affine(it);
	it->longest[0] = it->longest[1] = INFINITY; /* without the first correction nothing goes */
	it->component[1] = (component){.second_order = true, .wanted = wanted};
	bool more = correct(it);
	while (more && it->components < COMPONENTS &&
	       (it->primal_step < ENOUGH || it->dual_step < ENOUGH)) {
		it->component[it->components] = (component){.low = LOW * wanted,
		    .high = HIGH * wanted,
		    .primal_reach = reach(it->primal_step),
		    .dual_reach = reach(it->dual_step)};
		more = correct(it);
	}
	it->primal_step = final_step(it->longest[0], it->product);
	it->dual_step = final_step(it->longest[1], it->product);
}
