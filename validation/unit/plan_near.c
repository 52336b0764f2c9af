/* np: 1, apps: plan */
#include "plan/solve/near_kernels.h"

#include "../tap.h"
#include "base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Numbers of eights, drawn: x, z, w, v from 1/4 to 4, sums and targets around 1. Five columns are free, three have bounds,
 * so that both end in half a vector of sixteen. The oracle is what the headers say, in double. */
enum { EIGHT = 8, FREE = 5, BOUNDED = 3, COLUMNS = FREE + BOUNDED, PLACES = COLUMNS * EIGHT };

typedef struct {
	_Alignas(64) float numbers[2048];
	_Alignas(64) float primal[PLACES], dual[PLACES], last[PLACES];
	pairs p;
	component component[COMPONENTS];
} sample;

static double uniform(uint64_t seed, int i)
{
	return par_rng_f64((par_rng){seed, 3, 0}, (uint64_t)i);
}

/* what is kept of a float in sixteen bits */
static uint16_t upper_bits(double v)
{
	float f = (float)v;
	uint32_t bits;
	memcpy(&bits, &f, sizeof bits);
	return (uint16_t)(bits >> 16);
}

static double whole(uint16_t kept)
{
	uint32_t bits = (uint32_t)kept << 16;
	float f;
	memcpy(&f, &bits, sizeof f);
	return (double)f;
}

static void make(sample *s, uint64_t seed)
{
	*s = (sample){.p = {.columns = COLUMNS, .bounded = BOUNDED}};
	pairs_lay_out(&s->p, s->numbers);
	float *sums[] = {s->primal, s->dual, s->last};
	for (int i = 0; i < (3 * COLUMNS + 2 * BOUNDED) * EIGHT; i++)
		s->numbers[i] = (float)exp2(4 * uniform(seed, i) - 2);
	for (int i = 0; i < 3 * PLACES; i++)
		sums[i / PLACES][i % PLACES] = (float)(2 * uniform(seed + 1, i) - 1);
	for (int i = 0; i < (COMPONENTS - 1) * (COLUMNS + BOUNDED) * EIGHT; i++)
		s->p.aims[i] = upper_bits(2 * uniform(seed + 2, i) - 1);
	for (int k = 0; k < COMPONENTS; k++)
		s->component[k] = (component){.primal = 1 - 0.2 * k,
		    .dual = k ? 0.3 + 0.1 * k : 1,
		    .low = 0.4,
		    .high = 1.5,
		    .primal_reach = 0.6,
		    .dual_reach = 0.8,
		    .wanted = 0.7};
}

/* ---- the oracle */

typedef struct {
	double x, z, w, v; /* of a column; the last two where it has a bound */
	double dx, dz, dw, dv;
} moved;

/* target of component k, at place i of the columns or (upper) of the bounded ones */
static double aim(const sample *s, int k, int i, bool upper)
{
	const uint16_t *t = s->p.aims + (k - 1) * (COLUMNS + BOUNDED) * EIGHT;
	return whole(upper ? t[PLACES + i - FREE * EIGHT] : t[i]);
}

/* the columns' changes where x takes a and t, t' of the sum as x sees it, z those as z sees it; affine: 1 or 0 */
static moved move_at(const sample *s, int i, double affine, const double a[2], const double t[2],
    const double upper[2])
{
	const pairs *p = &s->p;
	bool bounded = i >= FREE * EIGHT;
	moved m = {.x = (double)p->near_x[i], .z = (double)p->near_z[i]};
	if (bounded) {
		m.w = (double)p->near_w[i - FREE * EIGHT];
		m.v = (double)p->near_v[i - FREE * EIGHT];
	}
	double theta = 1 / (m.z / m.x + (bounded ? m.v / m.w : 0)), dx[2];
	for (int side = 0; side < 2; side++) {
		double g = affine * (m.z - m.v) - t[side] / m.x + (bounded ? upper[side] / m.w : 0);
		dx[side] = theta * (a[side] - g);
	}
	m.dx = dx[0];
	m.dw = -dx[0];
	m.dz = (t[1] - affine * m.x * m.z - m.z * dx[1]) / m.x;
	m.dv = bounded ? (upper[1] - affine * m.w * m.v + m.v * dx[1]) / m.w : 0;
	return m;
}

/* the sum of the affine component and corrections before n */
static moved direction(const sample *s, int n, int i)
{
	double a[2] = {(double)s->primal[i], (double)s->dual[i]}, t[2] = {0}, upper[2] = {0};
	for (int k = 1; k < n; k++) {
		const component *c = &s->component[k];
		t[0] += c->primal * aim(s, k, i, false);
		t[1] += c->dual * aim(s, k, i, false);
		if (i < FREE * EIGHT)
			continue;
		upper[0] += c->primal * aim(s, k, i, true);
		upper[1] += c->dual * aim(s, k, i, true);
	}
	return move_at(s, i, 1, a, t, upper);
}

static moved last_one(const sample *s, int k, int i)
{
	double a[2] = {(double)s->last[i], (double)s->last[i]}, t = aim(s, k, i, false);
	double upper = i < FREE * EIGHT ? 0 : aim(s, k, i, true);
	return move_at(s, i, 0, a, (double[]){t, t}, (double[]){upper, upper});
}

static void longest(double *primal, double *dual, const moved *m, const moved *more, double weight)
{
	*primal = fmax(*primal, -(m->dx + weight * more->dx) / m->x);
	*dual = fmax(*dual, -(m->dz + weight * more->dz) / m->z);
	if (m->w > 0) {
		*primal = fmax(*primal, -(m->dw + weight * more->dw) / m->w);
		*dual = fmax(*dual, -(m->dv + weight * more->dv) / m->v);
	}
}

static double most_of(const float *maxima)
{
	double most = 0;
	for (int i = 0; i < MOST_LANES; i++)
		most = fmax(most, (double)maxima[i]);
	return most;
}

static bool near(double a, double b, double by)
{
	return fabs(a - b) <= by * (1 + fabs(b));
}

/* ---- the kernels: targets of all columns at once, the others in pieces */

enum { PIECES = 3 };

static near_move piece(const near_move *all, int k)
{
	static const int cut[PIECES + 1] = {0, 2, FREE, COLUMNS};
	near_move m = *all;
	m.from = cut[k];
	m.to = cut[k + 1];
	m.primal += m.from * EIGHT;
	m.dual += m.from * EIGHT;
	m.last += m.from * EIGHT;
	return m;
}

static bool affine_is_right(const sample *s)
{
	_Alignas(64) float primal[MOST_LANES] = {0}, dual[MOST_LANES] = {0};
	_Alignas(64) double sums[2 * EIGHT] = {0};
	near_move all = {.components = 1,
	    .component = s->component,
	    .primal = s->primal,
	    .dual = s->primal,
	    .last = s->last};
	double most[2] = {0}, want[2] = {0}, got[2] = {0};
	sample alike = *s;
	memcpy(alike.dual, s->primal, sizeof alike.dual);
	for (int k = 0; k < PIECES; k++) {
		near_move m = piece(&all, k);
		KERNEL_CALL(plan_affine, &s->p, &m, primal, dual, sums);
	}
	for (int i = 0; i < PLACES; i++) {
		moved d = direction(&alike, 1, i);
		longest(&most[0], &most[1], &d, &d, 0);
		want[0] += d.z * d.dx - d.v * d.dx;
		want[1] -= d.dx * d.dz - d.dx * d.dv;
	}
	for (int i = 0; i < 2 * EIGHT; i++)
		got[i / EIGHT] += sums[i];
	return near(most_of(primal), most[0], 1e-5) && near(most_of(dual), most[1], 1e-5) &&
	       near(got[0], want[0], 1e-5) && near(got[1], want[1], 1e-5);
}

static double wanted(const component *k, double x, double z, double dx, double dz)
{
	if (k->second_order)
		return k->wanted - dx * dz;
	double after = (x + k->primal_reach * dx) * (z + k->dual_reach * dz);
	return fmax(fmin(fmax(after, k->low), k->high) - after, -k->high);
}

static bool targets_are_right(const sample *from, int components, bool second_order)
{
	sample s = *from;
	pairs_lay_out(&s.p, s.numbers);
	component *next = &s.component[components];
	next->second_order = second_order;
	near_move m = {.components = components,
	    .component = s.component,
	    .to = COLUMNS,
	    .primal = s.primal,
	    .dual = s.dual};
	KERNEL_CALL(plan_target, &s.p, &m);
	bool right = true;
	for (int i = 0; i < PLACES; i++) {
		moved d = direction(&s, components, i);
		double t = wanted(next, d.x, d.z, d.dx, d.dz);
		right &= near(aim(&s, components, i, false), t, 0.004);
		if (d.w > 0)
			right &= near(aim(&s, components, i, true),
			    wanted(next, d.w, d.v, d.dw, d.dv), 0.004);
	}
	return right;
}

static bool weights_are_right(const sample *s, int components)
{
	static const float weight[WEIGHTS] = {1, 0.5F, 0.25F, 0.125F};
	_Alignas(64) float primal[WEIGHTS * MOST_LANES] = {0}, dual[WEIGHTS * MOST_LANES] = {0};
	near_move all = {.components = components,
	    .component = s->component,
	    .primal = s->primal,
	    .dual = s->dual,
	    .last = s->last};
	for (int k = 0; k < PIECES; k++) {
		near_move m = piece(&all, k);
		KERNEL_CALL(plan_weights, &s->p, &m, weight, primal, dual);
	}
	bool right = true;
	for (int k = 0; k < WEIGHTS; k++) {
		double most[2] = {0};
		for (int i = 0; i < PLACES; i++) {
			moved d = direction(s, components, i), more = last_one(s, components, i);
			longest(&most[0], &most[1], &d, &more, (double)weight[k]);
		}
		right &= near(most_of(primal + k * MOST_LANES), most[0], 1e-5) &&
			 near(most_of(dual + k * MOST_LANES), most[1], 1e-5);
	}
	return right;
}

static void check(const char *set)
{
	static sample s;
	bool affine = true, target = true, second = true, weights = true;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		make(&s, 10 * seed);
		affine &= affine_is_right(&s);
		for (int n = 1; n < COMPONENTS; n++) {
			target &= targets_are_right(&s, n, false);
			second &= targets_are_right(&s, n, true);
			weights &= weights_are_right(&s, n);
		}
	}
	ok(affine, "%s: the affine direction's longest moves and its sums are those of doubles",
	    set);
	ok(target, "%s: targets take products at the step into their range", set);
	ok(second, "%s: ... or take away what the direction adds", set);
	ok(weights, "%s: the longest moves with a part of the last correction", set);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_kernels best = par_cpu_best();
	for (int k = 0; k <= (int)best; k++) {
		par_cpu_use((par_kernels)k);
		check(par_kernels_name((par_kernels)k));
	}
	return tap_end();
}
