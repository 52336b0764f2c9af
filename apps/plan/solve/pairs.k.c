#include "plan/solve/dlanes.h"
#include "plan/solve/pairs_kernels.h"

/* of the starting point: the least x, how far it is within its bounds, the least z as a share of the mean
 * cost */
#define START_LEAST 0.3
#define START_INSIDE 0.1
#define START_SHARE 1.0

/* the part of p that begins at a lane, and one column of it */
typedef struct {
	dvec x, z, w, v, ix, iz, iw, iv, theta, r;
} column;
typedef struct {
	dvec dx, dz, dv;
} change;

INLINE column open_column(const pairs *p, int lane, int j)
{
	column c = {.x = GET(p->x + lane, j), .z = GET(p->z + lane, j)};
	dvec inverse = d_inverse(c.x * c.z);
	c.ix = inverse * c.z;
	c.iz = inverse * c.x;
	c.theta = c.x * c.iz;
	c.r = d_from_floats(p->residual + (int64_t)j * EIGHT + lane);
	return c;
}

INLINE column bounded_column(const pairs *p, int lane, int j)
{
	int k = j - (p->columns - p->bounded);
	column c = open_column(p, lane, j);
	c.w = GET(p->w + lane, k);
	c.v = GET(p->v + lane, k);
	dvec inverse = d_inverse(c.w * c.v);
	c.iw = inverse * c.v;
	c.iv = inverse * c.w;
	c.theta = d_inverse(d_fma(c.z, c.ix, c.v * c.iw));
	return c;
}

INLINE dvec target(const component *k, dvec x, dvec dx, dvec z, dvec dz)
{
	if (k->second_order)
		return d_less(dx, dz, d_all(k->wanted));
	dvec product = d_fma(d_all(k->primal_reach), dx, x) * d_fma(d_all(k->dual_reach), dz, z);
	dvec inside = d_min(d_max(product, d_all(k->low)), d_all(k->high));
	return d_max(inside - product, d_all(-k->high));
}

/* -theta g of a correction, from the direction so far */
INLINE dvec wish(
    const column *c, const component *k, change so_far, bool bounded, dvec *t, dvec *t2)
{
	*t = target(k, c->x, so_far.dx, c->z, so_far.dz);
	if (!bounded)
		return *t * c->iz;
	*t2 = target(k, c->w, -so_far.dx, c->v, so_far.dv);
	return c->theta * d_less(*t2, c->iw, *t * c->ix);
}

INLINE change affine(const column *c, dvec a, bool bounded)
{
	if (!bounded)
		return (change){d_fma(c->theta, a - c->r, -c->x), c->r - a, {0}};
	dvec dx = c->theta * (a - (c->r + c->z - c->v));
	return (change){dx, -d_fma(c->z * c->ix, dx, c->z), d_fma(c->v * c->iw, dx, -c->v)};
}

INLINE change correction(const column *c, const component *k, change so_far, dvec a, bool bounded)
{
	dvec t, t2, dx = d_fma(c->theta, a, wish(c, k, so_far, bounded, &t, &t2));
	if (!bounded)
		return (change){dx, -a, {0}};
	return (change){dx, d_less(c->z, dx, t) * c->ix, d_fma(c->v, dx, t2) * c->iw};
}

/* the first n components as the direction takes them */
INLINE change direction(
    const column *c, const move *m, int n, int64_t stride, const double *a, bool bounded)
{
	change d = affine(c, *(const dvec *)a, bounded);
	for (int k = 1; k < n; k++) {
		const component *at = &m->component[k];
		change more = correction(c, at, d, *(const dvec *)(a + k * stride), bounded);
		d.dx = d_fma(d_all(at->primal), more.dx, d.dx);
		d.dz = d_fma(d_all(at->dual), more.dz, d.dz);
		if (bounded)
			d.dv = d_fma(d_all(at->dual), more.dv, d.dv);
	}
	return d;
}

#define UNROLL _Pragma("GCC unroll 8")
/* columns of a part one by one: c is column j; bounded is a constant */
#define EACH_COLUMN(...)                                             \
	for (int j = 0; j < p->columns - p->bounded; j++) {          \
		const bool bounded = false;                          \
		const column c = open_column(p, lane, j);            \
		__VA_ARGS__                                          \
	}                                                            \
	for (int j = p->columns - p->bounded; j < p->columns; j++) { \
		const bool bounded = true;                           \
		const column c = bounded_column(p, lane, j);         \
		__VA_ARGS__                                          \
	}
#define A_OF(m, j) ((m)->a + lane + (int64_t)(j)*EIGHT)

void KERNEL(plan_theta)(const pairs *p, double *theta)
{
	EACH_PART(lane)
	{
		EACH_COLUMN({
			(void)bounded;
			AT(theta + lane, j) = c.theta;
		})
	}
}

void KERNEL(plan_theta_of)(const pairs *p, int from, int to, double *theta)
{
	EACH_PART(lane)
	for (int j = from; j < to; j++)
		if (j < p->columns - p->bounded)
			AT(theta + lane, j) = open_column(p, lane, j).theta;
		else
			AT(theta + lane, j) = bounded_column(p, lane, j).theta;
}

void KERNEL(plan_residual)(
    pairs *p, const double *cost, const double *upper, const double *priced, double *sums)
{
	EACH_PART(lane)
	for (int j = 0; j < p->columns; j++) {
		int k = j - (p->columns - p->bounded);
		dvec x = GET(p->x + lane, j), z = GET(p->z + lane, j);
		dvec c = GET(cost + lane, j), r = c - GET(priced + lane, j) - z;
		AT(sums + lane, 1) = d_fma(x, z, AT(sums + lane, 1));
		if (k >= 0) {
			dvec w = GET(p->w + lane, k), v = GET(p->v + lane, k);
			r += v;
			AT(sums + lane, 1) = d_fma(w, v, AT(sums + lane, 1));
			AT(sums + lane, 3) = d_fma(GET(upper + lane, k), v, AT(sums + lane, 3));
		}
		AT(sums + lane, 0) = d_fma(c, x, AT(sums + lane, 0));
		AT(sums + lane, 2) = d_fma(r, r, AT(sums + lane, 2));
		d_to_floats(p->residual + (int64_t)j * EIGHT + lane, r);
	}
}

void KERNEL(plan_start_primal)(const pairs *p, const double *upper, const double *priced)
{
	EACH_PART(lane)
	for (int j = 0; j < p->columns; j++) {
		int k = j - (p->columns - p->bounded);
		dvec x = d_max(GET(priced + lane, j), d_all(START_LEAST));
		if (k >= 0) {
			dvec u = GET(upper + lane, k);
			x = d_min(
			    d_max(GET(priced + lane, j), START_INSIDE * u), (1 - START_INSIDE) * u);
			AT(p->w + lane, k) = u - x;
		}
		AT(p->x + lane, j) = x;
	}
}

void KERNEL(plan_start_dual)(const pairs *p, const double *cost, const double *priced)
{
	EACH_PART(lane)
	{
		dvec least = {0};
		for (int j = 0; j < p->columns; j++)
			least += d_max(GET(cost + lane, j), -GET(cost + lane, j));
		least = d_max(least * (START_SHARE / p->columns), d_all(START_SHARE * 1e-3));
		for (int j = 0; j < p->columns; j++) {
			int k = j - (p->columns - p->bounded);
			dvec z = GET(cost + lane, j) - GET(priced + lane, j);
			if (k >= 0) {
				dvec above = d_max(z, d_all(0));
				AT(p->v + lane, k) = least + (above - z);
				AT(p->z + lane, j) = least + above;
			} else {
				AT(p->z + lane, j) = d_max(z, least);
			}
		}
	}
}

void KERNEL(plan_affine_target)(const pairs *p, const double *theta, double *q)
{
	EACH_PART(lane)
	for (int j = 0; j < p->columns; j++) {
		int k = j - (p->columns - p->bounded);
		dvec g = d_from_floats(p->residual + (int64_t)j * EIGHT + lane) +
			 GET(p->z + lane, j);
		if (k >= 0)
			g -= GET(p->v + lane, k);
		AT(q + lane, j) = GET(theta + lane, j) * g;
	}
}

void KERNEL(plan_target)(const pairs *p, const move *m, const component *next, double *q)
{
	const int64_t stride = (int64_t)p->columns * EIGHT;
	EACH_PART(lane)
	{
		EACH_COLUMN({
			dvec t, t2;
			change d = direction(&c, m, m->components, stride, A_OF(m, j), bounded);
			AT(q + lane, j) = -wish(&c, next, d, bounded, &t, &t2);
		})
	}
}

void KERNEL(plan_affine)(const pairs *p, const move *m, double *primal, double *dual, double *sums)
{
	EACH_PART(lane)
	{
		dvec x_most = GET(primal + lane, 0), z_most = GET(dual + lane, 0);
		dvec zdx = {0}, xdz = {0}, dxdz = {0};
		EACH_COLUMN({
			change d = affine(&c, *(const dvec *)A_OF(m, j), bounded);
			x_most = d_max(-d.dx * c.ix, x_most);
			z_most = d_max(-d.dz * c.iz, z_most);
			zdx = d_fma(d.dx, c.z, zdx);
			xdz = d_fma(c.x, d.dz, xdz);
			dxdz = d_fma(d.dx, d.dz, dxdz);
			if (bounded) {
				x_most = d_max(d.dx * c.iw, x_most);
				z_most = d_max(-d.dv * c.iv, z_most);
				zdx = d_less(d.dx, c.v, zdx);
				xdz = d_fma(c.w, d.dv, xdz);
				dxdz = d_less(d.dx, d.dv, dxdz);
			}
		})
		AT(primal + lane, 0) = x_most;
		AT(dual + lane, 0) = z_most;
		AT(sums + lane, 0) += zdx;
		AT(sums + lane, 1) += xdz;
		AT(sums + lane, 2) += dxdz;
	}
}

/* most[k] = max(most[k], so_far + weight[k] more), unrolled so that most stays in registers */
INLINE void longest(dvec *most, const dvec *weight, dvec so_far, dvec more)
{
	UNROLL
	for (int k = 0; k < WEIGHTS; k++)
		most[k] = d_max(d_fma(weight[k], more, so_far), most[k]);
}

void KERNEL(plan_weights)(
    const pairs *p, const move *m, const double *weight, double *primal, double *dual)
{
	const int64_t stride = (int64_t)p->columns * EIGHT;
	const int last = m->components - 1;
	EACH_PART(lane)
	{
		dvec by[WEIGHTS], x_most[WEIGHTS], z_most[WEIGHTS];
		UNROLL
		for (int k = 0; k < WEIGHTS; k++) {
			by[k] = d_all(weight[k]);
			x_most[k] = GET(primal + lane, k);
			z_most[k] = GET(dual + lane, k);
		}
		EACH_COLUMN({
			const double *a = A_OF(m, j);
			change d = direction(&c, m, last, stride, a, bounded);
			change more = correction(&c, &m->component[last], d,
			    *(const dvec *)(a + last * stride), bounded);
			longest(x_most, by, -d.dx * c.ix, -more.dx * c.ix);
			longest(z_most, by, -d.dz * c.iz, -more.dz * c.iz);
			if (bounded) {
				longest(x_most, by, d.dx * c.iw, more.dx * c.iw);
				longest(z_most, by, -d.dv * c.iv, -more.dv * c.iv);
			}
		})
		UNROLL
		for (int k = 0; k < WEIGHTS; k++) {
			AT(primal + lane, k) = x_most[k];
			AT(dual + lane, k) = z_most[k];
		}
	}
}

void KERNEL(plan_step)(const pairs *p, const move *m, double primal, double dual)
{
	const int64_t stride = (int64_t)p->columns * EIGHT;
	EACH_PART(lane)
	{
		EACH_COLUMN({
			change d = direction(&c, m, m->components, stride, A_OF(m, j), bounded);
			AT(p->x + lane, j) = d_fma(d_all(primal), d.dx, c.x);
			AT(p->z + lane, j) = d_fma(d_all(dual), d.dz, c.z);
			if (bounded) {
				int k = j - (p->columns - p->bounded);
				AT(p->w + lane, k) = d_less(d_all(primal), d.dx, c.w);
				AT(p->v + lane, k) = d_fma(d_all(dual), d.dv, c.v);
			}
		})
	}
}

void KERNEL(plan_step_rows)(int rows, double *const *dy, const move *m, double dual, double *y)
{
	EACH_PART(lane)
	for (int i = 0; i < rows; i++) {
		dvec sum = GET(dy[0] + lane, i);
		for (int k = 1; k < m->components; k++)
			sum = d_fma(d_all(m->component[k].dual), GET(dy[k] + lane, i), sum);
		AT(y + lane, i) = d_fma(d_all(dual), sum, GET(y + lane, i));
	}
}
