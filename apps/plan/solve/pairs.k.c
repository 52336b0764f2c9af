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
	const int64_t at = (int64_t)j * EIGHT + lane;
	column c = {.x = d_from_floats(p->near_x + at), .z = d_from_floats(p->near_z + at)};
	dvec inverse = d_inverse(c.x * c.z);
	c.ix = inverse * c.z;
	c.iz = inverse * c.x;
	c.theta = c.x * c.iz;
	c.r = d_from_floats(p->residual + at);
	return c;
}

INLINE column bounded_column(const pairs *p, int lane, int j)
{
	const int64_t at = (int64_t)(j - (p->columns - p->bounded)) * EIGHT + lane;
	column c = open_column(p, lane, j);
	c.w = d_from_floats(p->near_w + at);
	c.v = d_from_floats(p->near_v + at);
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

/* sums of the targets of the first n components, as x takes them and as z does; t: of one column, those of
 * the next component are stride further */
typedef struct {
	dvec primal, dual;
} aims;

INLINE aims add_up(const component *k, int n, const uint16_t *t, int64_t stride)
{
	aims sum = {{0}, {0}};
	for (int i = 1; i < n; i++, t += stride) {
		dvec at = d_from_halves(t);
		sum.primal = d_fma(d_all(k[i].primal), at, sum.primal);
		sum.dual = d_fma(d_all(k[i].dual), at, sum.dual);
	}
	return sum;
}

/* where column j of a part is in the arrays of a move */
typedef struct {
	int64_t at, stride; /* stride: of aims */
	uint16_t *t, *t2;
} place;

INLINE place place_of(const pairs *p, int lane, int j)
{
	for (int line = 0; line < p->ahead_lines; line++)
		__builtin_prefetch(p->ahead + (j * (int64_t)p->ahead_lines + line) * 64, 0, 2);
	int64_t at = (int64_t)j * EIGHT + lane, columns = (int64_t)p->columns * EIGHT;
	int64_t bounded = (int64_t)p->bounded * EIGHT;
	return (place){at, columns + bounded, p->aims + at, p->aims + at + bounded};
}

/* all components of m but its last */
INLINE change direction(const column *c, const move *m, const place *i, bool bounded)
{
	const component *k = m->component;
	dvec a = GET(m->primal + i->at, 0), b = GET(m->dual + i->at, 0);
	aims t = add_up(k, m->components, i->t, i->stride);
	if (!bounded)
		return (change){
		    d_fma(t.primal, c->iz, d_fma(c->theta, a - c->r, -c->x)), c->r - b, {0}};
	aims u = add_up(k, m->components, i->t2, i->stride);
	dvec g = c->r + c->z - c->v;
	dvec primal = d_less(u.primal, c->iw, d_fma(t.primal, c->ix, a - g)) * c->theta;
	dvec dual = d_less(u.dual, c->iw, d_fma(t.dual, c->ix, b - g)) * c->theta;
	return (change){primal, d_fma(d_less(c->z, dual, t.dual), c->ix, -c->z),
	    d_fma(d_fma(c->v, dual, u.dual), c->iw, -c->v)};
}

/* -theta g of a correction */
INLINE dvec wish(const column *c, dvec t, dvec t2, bool bounded)
{
	return bounded ? c->theta * d_less(t2, c->iw, t * c->ix) : t * c->iz;
}

/* the last component of m */
INLINE change correction(const column *c, const move *m, const place *i, bool bounded)
{
	const int64_t skip = (m->components - 1) * i->stride;
	dvec a = GET(m->last + i->at, 0), t = d_from_halves(i->t + skip), t2 = {0};
	if (bounded)
		t2 = d_from_halves(i->t2 + skip);
	dvec dx = d_fma(c->theta, a, wish(c, t, t2, bounded));
	if (!bounded)
		return (change){dx, -a, {0}};
	return (change){dx, d_less(c->z, dx, t) * c->ix, d_fma(c->v, dx, t2) * c->iw};
}

#define UNROLL _Pragma("GCC unroll 8")
/* columns of a part one by one: c is column j; bounded is a constant */
#define EACH_COLUMN(...)                                             \
	for (int j = 0; j < p->columns - p->bounded; j++) {          \
		const bool bounded = false;                          \
		const column c = open_column(p, lane, j);            \
		const place i = place_of(p, lane, j);                \
		__VA_ARGS__                                          \
	}                                                            \
	for (int j = p->columns - p->bounded; j < p->columns; j++) { \
		const bool bounded = true;                           \
		const column c = bounded_column(p, lane, j);         \
		const place i = place_of(p, lane, j);                \
		__VA_ARGS__                                          \
	}
void KERNEL(plan_theta)(const pairs *p, double *theta)
{
	EACH_PART(lane)
	{
		EACH_COLUMN({
			(void)bounded, (void)i;
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
    const pairs *p, const double *cost, const double *upper, const double *priced, double *sums)
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
			d_to_floats(p->near_w + (int64_t)k * EIGHT + lane, w);
			d_to_floats(p->near_v + (int64_t)k * EIGHT + lane, v);
			AT(sums + lane, 1) = d_fma(w, v, AT(sums + lane, 1));
			AT(sums + lane, 3) = d_fma(GET(upper + lane, k), v, AT(sums + lane, 3));
		}
		AT(sums + lane, 0) = d_fma(c, x, AT(sums + lane, 0));
		AT(sums + lane, 2) = d_fma(r, r, AT(sums + lane, 2));
		d_to_floats(p->residual + (int64_t)j * EIGHT + lane, r);
		d_to_floats(p->near_x + (int64_t)j * EIGHT + lane, x);
		d_to_floats(p->near_z + (int64_t)j * EIGHT + lane, z);
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
		int64_t at = (int64_t)j * EIGHT + lane, bounded = at + (int64_t)(k - j) * EIGHT;
		dvec g = d_from_floats(p->residual + at) + d_from_floats(p->near_z + at);
		if (k >= 0)
			g -= d_from_floats(p->near_v + bounded);
		AT(q + lane, j) = GET(theta + lane, j) * g;
	}
}

/* rounds t to what is kept */
INLINE dvec keep(dvec t, uint16_t *at)
{
	d_to_halves(at, t);
	return d_from_halves(at);
}

void KERNEL(plan_target)(const pairs *p, const move *m, double *theta, double *q)
{
	const component *next = &m->component[m->components];
	EACH_PART(lane)
	{
		EACH_COLUMN({
			const int64_t skip = (m->components - 1) * i.stride;
			change d = direction(&c, m, &i, bounded);
			dvec t = keep(target(next, c.x, d.dx, c.z, d.dz), i.t + skip), t2 = {0};
			if (bounded)
				t2 = keep(target(next, c.w, -d.dx, c.v, d.dv), i.t2 + skip);
			AT(theta + lane, j) = c.theta;
			AT(q + lane, j) = -wish(&c, t, t2, bounded);
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
			change d = direction(&c, m, &i, bounded);
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
			change d = direction(&c, m, &i, bounded);
			change more = correction(&c, m, &i, bounded);
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
	EACH_PART(lane)
	{
		EACH_COLUMN({
			change d = direction(&c, m, &i, bounded);
			AT(p->x + lane, j) = d_fma(d_all(primal), d.dx, GET(p->x + lane, j));
			AT(p->z + lane, j) = d_fma(d_all(dual), d.dz, GET(p->z + lane, j));
			if (bounded) {
				int k = j - (p->columns - p->bounded);
				AT(p->w + lane, k) = d_less(
				    d_all(primal), d.dx, GET(p->w + lane, k));
				AT(p->v + lane, k) = d_fma(d_all(dual), d.dv, GET(p->v + lane, k));
			}
		})
	}
}

void KERNEL(plan_add_rows)(int rows, double by, const double *dy, double *y)
{
	EACH_PART(lane)
	for (int i = 0; i < rows; i++)
		AT(y + lane, i) = d_fma(d_all(by), GET(dy + lane, i), GET(y + lane, i));
}
