#include "plan/solve/warm_numbers.h"

#include <math.h>
#include <string.h>

#define ROUNDS 40     /* Newton steps of a group at most */
#define NEAR 3        /* products within this factor of the wanted one are centred */
#define LOOSE 3       /* and this factor more are where they were */
#define SETTLED 0.1   /* so much of a dual residual may be left */
#define RESIDUAL 1e-5 /* of a block's rows, scaled */
#define INSIDE 0.9    /* of the way to the boundary */
#define DOWN 0.1      /* in one step, a block's mean product falls to this part of it at least */
#define LEAST_X 1e-12
#define EDGE 1e-5   /* of its upper bound: the least that x and w begin with */
#define USUAL_X 0.3 /* of a column that is not known, scaled; where there is a bound, half of it */
#define OWN_SHARE 0.1 /* of a new linking row's right side: what its columns begin with */
/* The sum of products is wanted at so many times the worth of the linking rows' residual; where that is so
 * many times the sum that was kept, before the prices' step or after it, a cold start is as good. */
#define RAISED 2
#define TOO_FAR 100

typedef struct {
	iterate *it;
	const warm_point *from;
	double wanted;           /* product, scaled */
	int64_t block;           /* of mine: the first of the group at hand */
	bool factored;           /* at the groups' x and z: the first Newton step does without */
	bool rests[GROUP_LANES]; /* of the group at hand: is a lane to stay where it is? */
} warming;

/* of the lanes of a group at hand */
typedef struct {
	double wanted[GROUP_LANES]; /* products of the next step */
	double far[GROUP_LANES];    /* how far a lane is from centred: 1 or less is near enough */
	double dual[GROUP_LANES];   /* what is left of its dual residual */
	double primal_step[GROUP_LANES], dual_step[GROUP_LANES];
} lanes;

static void take_column(const group_view *v, int j, int lane, double x)
{
	int at = j * GROUP_LANES + lane;
	int up = at - (v->s->columns - v->s->bounded) * GROUP_LANES;
	double u = up >= 0 ? v->upper[up] : INFINITY;
	if (!isfinite(x))
		x = up >= 0 ? 0.5 * u : USUAL_X;
	if (up >= 0) {
		x = fmin(fmax(x, EDGE * u), (1 - EDGE) * u);
		v->pairs.w[up] = u - x;
	}
	v->pairs.x[at] = fmax(x, LEAST_X);
}

static void take_group(warming *k, group_view *v)
{
	const symbolic *s = v->s;
	for (int lane = 0; lane < GROUP_LANES; lane++) {
		int64_t mine = k->block + (lane < v->lanes ? lane : v->lanes - 1);
		const float *x = k->from->x + k->from->x_at[mine];
		k->rests[lane] = true;
		for (int j = 0; j < s->columns; j++) {
			take_column(v, j, lane, (double)x[s->column[j]] / v->magnitude[lane]);
			k->rests[lane] &= isfinite(x[j]) != 0;
		}
	}
	k->block += v->lanes;
	for (int at = 0; at < s->columns * GROUP_LANES; at++)
		v->pairs.z[at] = k->wanted / v->pairs.x[at];
	for (int at = 0; at < s->bounded * GROUP_LANES; at++)
		v->pairs.v[at] = k->wanted / v->pairs.w[at];
	memset(v->y, 0, (size_t)s->rows * GROUP_LANES * sizeof *v->y);
}

static double off(double product, double wanted)
{
	double ratio = product / wanted;
	return fmax(ratio, 1 / ratio) / NEAR;
}

/* what each lane wants next, and how far it is; r->r becomes b - A x */
static void judge_lanes(const warming *k, const group_view *v, class_room *r, lanes *of)
{
	const symbolic *s = v->s;
	const pairs *p = &v->pairs;
	double sum[GROUP_LANES] = {0};
	for (int lane = 0; lane < GROUP_LANES; lane++)
		of->far[lane] = of->dual[lane] / SETTLED;
	for (int at = 0; at < s->columns * GROUP_LANES; at++) {
		double product = p->x[at] * p->z[at];
		sum[at % GROUP_LANES] += product;
		of->far[at % GROUP_LANES] = fmax(
		    of->far[at % GROUP_LANES], off(product, k->wanted));
	}
	for (int at = 0; at < s->bounded * GROUP_LANES; at++) {
		double product = p->w[at] * p->v[at];
		sum[at % GROUP_LANES] += product;
		of->far[at % GROUP_LANES] = fmax(
		    of->far[at % GROUP_LANES], off(product, k->wanted));
	}
	memcpy(r->r, v->right, (size_t)s->rows * GROUP_LANES * sizeof *r->r);
	KERNEL_CALL(plan_rows, s, -1, p->x, r->r);
	for (int at = 0; at < s->rows * GROUP_LANES; at++)
		of->far[at % GROUP_LANES] = fmax(
		    of->far[at % GROUP_LANES], fabs(r->r[at]) / RESIDUAL);
	for (int lane = 0; lane < GROUP_LANES; lane++) {
		of->far[lane] = k->rests[lane] ? 0 : of->far[lane];
		of->wanted[lane] = fmax(k->wanted, DOWN * sum[lane] / (s->columns + s->bounded));
	}
}

static double farthest(const lanes *of)
{
	double most = 0;
	for (int lane = 0; lane < GROUP_LANES; lane++)
		most = fmax(most, of->far[lane]);
	return most;
}

/* theta, and g = c - A'y - B'p - wanted (1/x - 1/w) in r->priced, theta g in r->q */
static void gradient(const warming *k, const group_view *v, class_room *r, const double *wanted)
{
	const symbolic *s = v->s;
	const pairs *p = &v->pairs;
	int free_columns = (s->columns - s->bounded) * GROUP_LANES;
	KERNEL_CALL(plan_priced, s, v->link, 1, v->y, k->it->price, r->priced);
	for (int at = 0; at < s->columns * GROUP_LANES; at++) {
		int up = at - free_columns;
		double want = wanted[at % GROUP_LANES], x = p->x[at];
		double g = v->cost[at] - r->priced[at] - want / x, theta = p->z[at] / x;
		if (up >= 0) {
			g += want / p->w[up];
			theta += p->v[up] / p->w[up];
		}
		r->theta[at] = 1 / theta;
		r->priced[at] = g;
		r->q[at] = g / theta;
	}
}

/* dx, dz, dv of a column; A'dy is in r->q */
typedef struct {
	double x, z, v;
} change;

static change change_of(const group_view *v, const class_room *r, int at, double want)
{
	const pairs *p = &v->pairs;
	int up = at - (v->s->columns - v->s->bounded) * GROUP_LANES;
	change d = {.x = r->theta[at] * (r->q[at] - r->priced[at])};
	d.z = (want - p->x[at] * p->z[at] - p->z[at] * d.x) / p->x[at];
	if (up >= 0)
		d.v = (want - p->w[up] * p->v[up] + p->v[up] * d.x) / p->w[up];
	return d;
}

static double inside(double most)
{
	return most > INSIDE ? INSIDE / most : 1;
}

static void measure_steps(const group_view *v, const class_room *r, lanes *of)
{
	const pairs *p = &v->pairs;
	double primal[GROUP_LANES] = {0}, dual[GROUP_LANES] = {0};
	for (int at = 0; at < v->s->columns * GROUP_LANES; at++) {
		int up = at - (v->s->columns - v->s->bounded) * GROUP_LANES;
		int lane = at % GROUP_LANES;
		change d = change_of(v, r, at, of->wanted[lane]);
		primal[lane] = fmax(primal[lane], -d.x / p->x[at]);
		dual[lane] = fmax(dual[lane], -d.z / p->z[at]);
		if (up >= 0) {
			primal[lane] = fmax(primal[lane], d.x / p->w[up]);
			dual[lane] = fmax(dual[lane], -d.v / p->v[up]);
		}
	}
	for (int lane = 0; lane < GROUP_LANES; lane++) {
		bool rests = of->far[lane] <= 1;
		of->primal_step[lane] = rests ? 0 : inside(primal[lane]);
		of->dual_step[lane] = rests ? 0 : inside(dual[lane]);
		of->dual[lane] *= 1 - of->dual_step[lane];
	}
}

static void go(const group_view *v, const class_room *r, const lanes *of)
{
	const pairs *p = &v->pairs;
	for (int at = 0; at < v->s->columns * GROUP_LANES; at++) {
		int up = at - (v->s->columns - v->s->bounded) * GROUP_LANES;
		int lane = at % GROUP_LANES;
		change d = change_of(v, r, at, of->wanted[lane]);
		p->x[at] += of->primal_step[lane] * d.x;
		p->z[at] += of->dual_step[lane] * d.z;
		if (up >= 0) {
			p->w[up] -= of->primal_step[lane] * d.x;
			p->v[up] += of->dual_step[lane] * d.v;
		}
	}
	for (int at = 0; at < v->s->rows * GROUP_LANES; at++)
		v->y[at] += of->dual_step[at % GROUP_LANES] * r->r[at];
}

/* r->r becomes M^-1 r with M's factor at r->theta */
static void solve_group(group_view *v, class_room *r, bool factored)
{
	factor_job job = {v->factor, r->v, r->cross, 0, r->weighed, r->slots, r->items, &v->ahead};
	if (!factored)
		KERNEL_CALL(plan_factor, v->s, r->theta, v->masked, &job);
	KERNEL_CALL(plan_solve, v->s, v->factor, r->r);
}

/* Newton steps of a group at the linking rows' prices, until every lane is centred */
static void centre_group(const warming *k, group_view *v, class_room *r)
{
	lanes of;
	for (int lane = 0; lane < GROUP_LANES; lane++)
		of.dual[lane] = 1;
	for (int n = 0; n < ROUNDS; n++) {
		judge_lanes(k, v, r, &of);
		if (farthest(&of) <= 1)
			return;
		gradient(k, v, r, of.wanted);
		KERNEL_CALL(plan_rows, v->s, 1, r->q, r->r);
		solve_group(v, r, n == 0 && k->factored);
		KERNEL_CALL(plan_priced, v->s, v->link, 1, r->r, k->it->dprice[SIDE_LAST], r->q);
		measure_steps(v, r, &of);
		go(v, r, &of);
	}
}

/* the prices y that suit x best, and z and v from what they leave of the costs */
static void take_dual(warming *k, group_view *v, class_room *r)
{
	const symbolic *s = v->s;
	const pairs *p = &v->pairs;
	double wanted[GROUP_LANES];
	for (int lane = 0; lane < GROUP_LANES; lane++)
		wanted[lane] = k->wanted;
	gradient(k, v, r, wanted);
	memset(r->r, 0, (size_t)s->rows * GROUP_LANES * sizeof *r->r);
	KERNEL_CALL(plan_rows, s, 1, r->q, r->r);
	solve_group(v, r, false);
	memcpy(v->y, r->r, (size_t)s->rows * GROUP_LANES * sizeof *v->y);
	KERNEL_CALL(plan_priced, s, v->link, 1, v->y, k->it->price, r->priced);
	for (int at = 0; at < s->columns * GROUP_LANES; at++) {
		int up = at - (s->columns - s->bounded) * GROUP_LANES;
		double left = v->cost[at] - r->priced[at];
		if (up < 0) {
			p->z[at] = fmax(left, k->wanted / NEAR / p->x[at]);
			continue;
		}
		/* z - v = left and (xz)(wv) = wanted^2 */
		double zv = k->wanted / p->x[at] * (k->wanted / p->w[up]);
		double most = 0.5 * (fabs(left) + sqrt(left * left + 4 * zv));
		p->z[at] = left > 0 ? most : zv / most;
		p->v[up] = left > 0 ? zv / most : most;
	}
}

/* a lane that is about where it was stays there: only what changed moves */
static void rest_lanes(warming *k, const group_view *v, class_room *r)
{
	lanes of = {.dual = {0}};
	bool known[GROUP_LANES];
	memcpy(known, k->rests, sizeof known);
	memset(k->rests, 0, sizeof k->rests);
	judge_lanes(k, v, r, &of);
	for (int lane = 0; lane < GROUP_LANES; lane++)
		k->rests[lane] = known[lane] && of.far[lane] <= LOOSE;
}

static void begin_group(void *ctx, sweeper *w, group_view *v, class_room *r)
{
	(void)w;
	warming *k = ctx;
	take_group(k, v);
	take_dual(k, v, r);
	rest_lanes(k, v, r);
	centre_group(k, v, r);
	KERNEL_CALL(plan_links, v->s, v->masked, v->pairs.x, 1, r->activity);
}

static void settle_group(void *ctx, sweeper *w, group_view *v, class_room *r)
{
	(void)w;
	centre_group(ctx, v, r);
	KERNEL_CALL(plan_links, v->s, v->masked, v->pairs.x, 1, r->activity);
}

/* the Schur complement of all blocks, and what they bring to its right side */
static void eliminate(void *ctx, sweeper *w, group_view *v, class_room *r)
{
	const warming *k = ctx;
	double wanted[GROUP_LANES];
	for (int lane = 0; lane < GROUP_LANES; lane++)
		wanted[lane] = k->wanted;
	gradient(k, v, r, wanted);
	memcpy(r->r, v->right, (size_t)v->s->rows * GROUP_LANES * sizeof *r->r);
	KERNEL_CALL(plan_rows, v->s, -1, v->pairs.x, r->r);
	KERNEL_CALL(plan_rows, v->s, 1, r->q, r->r);
	sweep_factor(w, v, r);
	eliminate_group(v, r, 0);
}

/* a linking column as it was, its z what the price leaves of its cost */
static void own_begin(iterate *it, const warm_point *from, double wanted)
{
	own *o = &it->own;
	pairs *p = &o->pairs;
	own_priced(o, it->price, o->priced);
	for (int e = 0; e < o->places; e++) {
		int k = e - o->bounded_from, l = o->row[e];
		double x = from->own[o->column[e]] * o->scale[e];
		if (!isfinite(x))
			x = OWN_SHARE * fmax(fabs(it->right[l]), 1);
		if (k >= 0) {
			double u = o->upper[k];
			x = fmin(fmax(x, EDGE * u), (1 - EDGE) * u);
			p->w[k] = u - x;
			p->v[k] = wanted / p->w[k];
		}
		p->x[e] = fmax(x, LEAST_X);
		p->z[e] = fmax(k < 0 ? o->cost[e] - o->priced[e] : 0, wanted / NEAR / p->x[e]);
	}
}

/* the linking rows' residual, and what it is worth at their prices */
static double residual(iterate *it, const double *activity)
{
	double worth = 0;
	for (int l = 0; l < it->links; l++)
		it->residual[l] = it->right[l] - activity[l];
	own_links(&it->own, -1, it->own.pairs.x, it->residual);
	for (int l = 0; l < it->links; l++)
		worth += fabs(it->residual[l] * it->price[l]);
	return worth;
}

static double centre_all(warming *k, sweep_fn fn)
{
	sweep_sums s = sweep_run(&k->it->sweeper, fn, k, true);
	return residual(k->it, s.activity);
}

/* the Schur system's right side, in target */
static void own_eliminate(iterate *it, const sweep_sums *s, double wanted)
{
	own *o = &it->own;
	const pairs *p = &o->pairs;
	own_priced(o, it->price, o->priced);
	for (int e = 0; e < o->places; e++) {
		int k = e - o->bounded_from;
		double theta = p->z[e] / p->x[e], g = o->cost[e] - o->priced[e] - wanted / p->x[e];
		if (k >= 0) {
			theta += p->v[k] / p->w[k];
			g += wanted / p->w[k];
		}
		o->theta[e] = 1 / theta;
		o->q[e] = g / theta;
	}
	for (int l = 0; l < it->links; l++)
		it->target[l] = it->residual[l] + s->right[l];
	own_links(o, 1, o->q, it->target);
}

/* as far as each column of its own lets itself go */
static void own_go(iterate *it, double wanted)
{
	own *o = &it->own;
	const pairs *p = &o->pairs;
	for (int e = 0; e < o->places; e++) {
		int k = e - o->bounded_from;
		double x = p->x[e], z = p->z[e];
		double dx = o->theta[e] * o->sign[e] * it->dprice[SIDE_PRIMAL][o->row[e]] - o->q[e];
		double dz = (wanted - x * z - z * dx) / x;
		if (k >= 0) {
			double w = p->w[k], v = p->v[k];
			double dv = (wanted - w * v + v * dx) / w;
			dx = fmin(dx, INSIDE * w);
			p->v[k] = v + fmax(dv, -INSIDE * v);
			p->w[k] = w - fmax(dx, -INSIDE * x);
		}
		p->x[e] = x + fmax(dx, -INSIDE * x);
		p->z[e] = z + fmax(dz, -INSIDE * z);
	}
}

/* a Newton step of the linking rows' prices, and every block centred at them. Returns the worth of what is left */
static double settle(warming *k)
{
	iterate *it = k->it;
	sweep_sums s = sweep_run(&it->sweeper, eliminate, k, true);
	own_eliminate(it, &s, k->wanted);
	schur_factor(it, &s);
	memcpy(it->dprice[SIDE_PRIMAL], it->target, (size_t)it->links * sizeof *it->target);
	schur_solve(it, it->dprice[SIDE_PRIMAL]);
	own_go(it, k->wanted);
	for (int l = 0; l < it->links; l++)
		it->price[l] += it->dprice[SIDE_PRIMAL][l];
	k->factored = true;
	memset(k->rests, 0, sizeof k->rests);
	return centre_all(k, settle_group);
}

/* the mean product that such a residual asks for, over the one that was kept */
static double asked(const warming *k, double worth, double kept)
{
	return RAISED * worth / (k->it->pairs * kept);
}

bool warm_give(const warm_point *w, iterate *it)
{
	const groups *g = &it->groups;
	double product = w->product * g->cost_scale;
	warming k = {.it = it, .from = w, .wanted = product};
	for (int l = 0; l < it->links; l++) {
		double price = w->price[l] * g->cost_scale / g->link_scale[l];
		it->price[l] = isfinite(price) ? price : 0;
		it->dprice[SIDE_LAST][l] = 0;
	}
	own_begin(it, w, product);
	double raised = asked(&k, centre_all(&k, begin_group), product);
	if (!(raised < TOO_FAR))
		return false;
	k.wanted = fmax(raised, 1) * product;
	double left = asked(&k, settle(&k), product);
	it->components = 0;
	return left < TOO_FAR && it->failed == PAR_OK;
}
