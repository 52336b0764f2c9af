#include "plan/solve/dlanes.h"
#include "plan/solve/pairs_kernels.h"

/* of the starting point: the least x, how far it is within its bounds, the least z as a share of the mean
 * cost */
#define START_LEAST 0.3
#define START_INSIDE 0.1
#define START_SHARE 1.0

/* the part of p that begins at a lane, and one column of it */
typedef struct {
	dvec x, z, w, v, ix, iz, iw, theta, r;
} column;
typedef struct {
	dvec dx, dz, dv;
} change;

INLINE halves floats_at(const float *p)
{
	return *(const halves *)p;
}

/* The method does not ask what theta and inverses are exactly, only that they are the same wherever a direction
 * is used: what floats give is as good as x and z are. */
INLINE column open_column(const pairs *p, int lane, int j)
{
	const int64_t at = (int64_t)j * EIGHT + lane;
	halves x = floats_at(p->near_x + at), z = floats_at(p->near_z + at);
	halves inverse = 1 / (x * z), iz = inverse * x;
	return (column){.x = d_widen(x),
	    .z = d_widen(z),
	    .ix = d_widen(inverse * z),
	    .iz = d_widen(iz),
	    .theta = d_widen(x * iz),
	    .r = d_from_floats(p->residual + at)};
}

/* dz and dv are made from dx with theta^-1, so here a Newton step in double makes theta its inverse */
INLINE column bounded_column(const pairs *p, int lane, int j)
{
	const int64_t at = (int64_t)(j - (p->columns - p->bounded)) * EIGHT + lane;
	column c = open_column(p, lane, j);
	halves w = floats_at(p->near_w + at), v = floats_at(p->near_v + at);
	c.w = d_widen(w);
	c.v = d_widen(v);
	c.iw = d_widen(1 / w);
	dvec stiff = d_fma(c.z, c.ix, c.v * c.iw), near = d_widen(1 / d_narrow(stiff));
	c.theta = d_fma(d_less(stiff, near, d_all(1)), near, near);
	return c;
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
	int64_t at = (int64_t)j * EIGHT + lane, columns = (int64_t)p->columns * EIGHT;
	int64_t bounded = (int64_t)p->bounded * EIGHT;
	return (place){at, columns + bounded, p->aims + at, p->aims + at + bounded};
}

/* the direction of the components of m */
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
		dvec r = d_from_floats(p->residual + at);
		if (k < 0)
			AT(q + lane, j) = d_fma(
			    GET(theta + lane, j), r, d_from_floats(p->near_x + at));
		else
			AT(q + lane, j) = GET(theta + lane, j) *
					  (r + d_from_floats(p->near_z + at) -
					      d_from_floats(p->near_v + bounded));
	}
}

void KERNEL(plan_target_q)(const pairs *p, int k, double *q)
{
	const int64_t skip = (k - 1) * ((int64_t)p->columns + p->bounded) * EIGHT;
	EACH_PART(lane)
	{
		EACH_COLUMN({
			dvec t = d_from_halves(i.t + skip);
			if (bounded)
				t = c.theta * d_less(d_from_halves(i.t2 + skip), c.iw, t * c.ix);
			else
				t *= c.iz;
			AT(q + lane, j) = -t;
		})
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
