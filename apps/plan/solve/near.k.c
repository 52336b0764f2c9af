#include "plan/solve/near_kernels.h"

#include "base/lanes.h"

#define EIGHT 8
#define SUM_PARTS (MOST_LANES / LANES)
#define AHEAD (5 * LANES / MOST_LANES) /* lines to fetch at a vector of columns */

/* Floats from a place on; where only eight of sixteen are left, those twice, which changes no maximum. */
INLINE vec take(const float *p, bool half)
{
#if KERNEL_LEVEL == 2
	if (half)
		return (vec)_mm512_broadcast_f32x8(_mm256_load_ps(p));
#endif
	(void)half;
	return vec_load(p);
}

typedef uint16_t upper_half __attribute__((vector_size(2 * LANES), aligned(2), may_alias));
typedef uint32_t whole __attribute__((vector_size(4 * LANES)));

/* numbers kept as the upper sixteen bits of floats */
INLINE vec take_halves(const uint16_t *p, bool half)
{
#if KERNEL_LEVEL == 2
	if (half) {
		__m256i one = _mm256_broadcastsi128_si256(_mm_load_si128((const __m128i *)p));
		return (vec)_mm512_slli_epi32(_mm512_cvtepu16_epi32(one), 16);
	}
	__m256i bits = _mm256_loadu_si256((const __m256i_u *)p);
	return (vec)_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16);
#elif KERNEL_LEVEL == 1
	(void)half;
	__m256i bits = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i_u *)p));
	return (vec)_mm256_slli_epi32(bits, 16);
#else
	(void)half;
	return (vec)(__builtin_convertvector(*(const upper_half *)p, whole) << 16);
#endif
}

INLINE void give_halves(uint16_t *p, vec t, bool half)
{
	whole bits = ((whole)t + 0x8000) >> 16;
#if KERNEL_LEVEL == 2
	__m256i kept = _mm512_cvtepi32_epi16((__m512i)bits);
	if (half)
		_mm_store_si128((__m128i *)p, _mm256_castsi256_si128(kept));
	else
		_mm256_storeu_si256((__m256i_u *)p, kept);
#elif KERNEL_LEVEL == 1
	(void)half;
	__m256i packed = _mm256_packus_epi32((__m256i)bits, (__m256i)bits);
	packed = _mm256_permute4x64_epi64(packed, 0x08);
	_mm_storeu_si128((__m128i_u *)p, _mm256_castsi256_si128(packed));
#else
	(void)half;
	*(upper_half *)p = __builtin_convertvector(bits, upper_half);
#endif
}

/* x and z, or w and v: their product and its inverse, and 1/x, 1/z */
typedef struct {
	vec product, inverse, ix, iz;
} twin;
/* places `at` of all columns, `up` of the bounded ones, `in` of those that are worked */
typedef struct {
	int64_t at, up, in, stride;
	bool bounded, half;
} place;
typedef struct {
	twin x, w;
	vec pull, theta; /* z - v and 1/(z/x + v/w), of bounded columns */
} column;
/* relative changes of x, z, w, v */
typedef struct {
	vec x, z, w, v;
} change;

INLINE twin open_twin(vec x, vec z)
{
	twin t = {.product = x * z};
	t.inverse = vec_all(1) / t.product;
	t.ix = t.inverse * z;
	t.iz = t.inverse * x;
	return t;
}

INLINE column open_column(const pairs *p, place i)
{
	vec x = take(p->near_x + i.at, i.half), z = take(p->near_z + i.at, i.half);
	column c = {.x = open_twin(x, z)};
	if (!i.bounded)
		return c;
	vec w = take(p->near_w + i.up, i.half), v = take(p->near_v + i.up, i.half);
	c.w = open_twin(w, v);
	c.pull = z - v;
	c.theta = vec_all(1) / vec_fma(z, c.x.ix, v * c.w.ix);
	return c;
}

/* sums of the targets of components after the affine one, as x takes them and as z does */
typedef struct {
	vec primal, dual;
} aims;

/* what a kernel reads for every column, out of the way of what it writes */
typedef struct {
	pairs pairs;
	near_move move;
	float primal[COMPONENTS], dual[COMPONENTS]; /* how much of a component is taken */
} job;

INLINE job begin(const pairs *p, const near_move *m)
{
	job j = {.pairs = *p, .move = *m};
	for (int k = 0; k < m->components; k++) {
		j.primal[k] = (float)m->component[k].primal;
		j.dual[k] = (float)m->component[k].dual;
	}
	return j;
}

INLINE aims add_up(const job *j, const uint16_t *t, place i)
{
	aims sum = {{0}, {0}};
	for (int k = 1; k < j->move.components; k++, t += i.stride) {
		vec at = take_halves(t, i.half);
		sum.primal = vec_fma(vec_all(j->primal[k]), at, sum.primal);
		sum.dual = vec_fma(vec_all(j->dual[k]), at, sum.dual);
	}
	return sum;
}

/* where t' of the first correction is */
INLINE const uint16_t *upper_aims(const pairs *p, place i)
{
	return p->aims + (int64_t)p->columns * EIGHT + i.up;
}

/* all components of m but its last */
INLINE change direction(const job *j, const column *c, place i)
{
	const pairs *p = &j->pairs;
	const near_move *m = &j->move;
	const vec one = vec_all(1);
	vec a = take(m->primal + i.in, i.half), b = take(m->dual + i.in, i.half);
	aims t = add_up(j, p->aims + i.at, i);
	if (!i.bounded)
		return (change){.x = vec_fma(t.primal, c->x.inverse, vec_fma(c->x.iz, a, -one)),
		    .z = -c->x.iz * b};
	aims u = add_up(j, upper_aims(p, i), i);
	vec x = c->theta * vec_fma(-u.primal, c->w.ix, vec_fma(t.primal, c->x.ix, a - c->pull));
	vec dual = c->theta * vec_fma(-u.dual, c->w.ix, vec_fma(t.dual, c->x.ix, b - c->pull));
	return (change){x * c->x.ix, vec_fma(t.dual, c->x.inverse, vec_fma(-dual, c->x.ix, -one)),
	    -x * c->w.ix, vec_fma(u.dual, c->w.inverse, vec_fma(dual, c->w.ix, -one))};
}

/* the last component of m */
INLINE change correction(const job *j, const column *c, place i)
{
	const pairs *p = &j->pairs;
	const near_move *m = &j->move;
	const int64_t skip = (m->components - 1) * i.stride;
	vec a = take(m->last + i.in, i.half), t = take_halves(p->aims + i.at + skip, i.half);
	if (!i.bounded) {
		vec z = c->x.iz * a;
		return (change){.x = vec_fma(t, c->x.inverse, z), .z = -z};
	}
	vec u = take_halves(upper_aims(p, i) + skip, i.half);
	vec dx = c->theta * vec_fma(-u, c->w.ix, vec_fma(t, c->x.ix, a));
	vec x = dx * c->x.ix, w = -dx * c->w.ix;
	return (change){x, vec_fma(t, c->x.inverse, -x), w, vec_fma(u, c->w.inverse, -w)};
}

INLINE vec target(const component *k, vec product, vec x, vec z)
{
	if (k->second_order)
		return vec_fma(-product * x, z, vec_all((float)k->wanted));
	const vec one = vec_all(1), high = vec_all((float)k->high);
	vec after = product * vec_fma(vec_all((float)k->primal_reach), x, one) *
		    vec_fma(vec_all((float)k->dual_reach), z, one);
	vec inside = vec_min(vec_max(after, vec_all((float)k->low)), high);
	return vec_max(inside - after, -high);
}

INLINE place place_of(const job *j, int64_t at, bool bounded, bool half)
{
	const pairs *p = &j->pairs;
	const int64_t free_columns = (int64_t)(p->columns - p->bounded) * EIGHT;
	const int64_t stride = ((int64_t)p->columns + p->bounded) * EIGHT;
	return (place){
	    at, at - free_columns, at - (int64_t)j->move.from * EIGHT, stride, bounded, half};
}

/* `i` a vector's place, `c` its columns; what it is of, a constant */
#define EACH_OF(FROM, TO, BOUNDED, ...)                                   \
	{                                                                 \
		const int64_t end = (int64_t)(TO)*EIGHT;                  \
		int64_t at = (int64_t)(FROM)*EIGHT;                       \
		for (; at + LANES <= end; at += LANES) {                  \
			const place i = place_of(&j, at, BOUNDED, false); \
			ahead_fetch(j.move.ahead, AHEAD);                 \
			const column c = open_column(&j.pairs, i);        \
			__VA_ARGS__                                       \
		}                                                         \
		if (at < end) {                                           \
			const place i = place_of(&j, at, BOUNDED, true);  \
			const column c = open_column(&j.pairs, i);        \
			__VA_ARGS__                                       \
		}                                                         \
	}
#define EACH_COLUMN(...)                                                            \
	{                                                                           \
		const int from = j.move.from, to = j.move.to;                       \
		const int bounds_at = j.pairs.columns - j.pairs.bounded;            \
		EACH_OF(from, to < bounds_at ? to : bounds_at, false, __VA_ARGS__)  \
		EACH_OF(from > bounds_at ? from : bounds_at, to, true, __VA_ARGS__) \
	}

/* Sixteen floats a number, of even and odd columns, whatever the set has in a vector: the order of additions
 * is the same in all. */
typedef struct {
	vec part[SUM_PARTS];
} sum;

INLINE void add_product(sum *s, vec a, vec b, place i)
{
	vec *part = &s->part[(i.bounded ? i.up : i.at) / LANES % SUM_PARTS], more = a * b;
#if KERNEL_LEVEL == 2
	if (i.half)
		more = (vec)_mm512_maskz_mov_ps(0xff, (__m512)more);
#endif
	*part += more;
}

INLINE void add_eight(double *out, const sum *s)
{
	float a[MOST_LANES];
	memcpy(a, s, sizeof a);
	for (int lane = 0; lane < EIGHT; lane++)
		out[lane] += (double)a[lane] + (double)a[lane + EIGHT];
}

void KERNEL(plan_affine)(
    const pairs *p, const near_move *m, float *primal, float *dual, double *sums)
{
	const job j = begin(p, m);
	const vec one = vec_all(1);
	vec x_most = vec_load(primal), z_most = vec_load(dual);
	sum moved = {0}, second = {0};
	EACH_COLUMN({
		change d = direction(&j, &c, i);
		vec by = c.x.product * d.x;
		x_most = vec_max(-d.x, x_most);
		z_most = vec_max(-d.z, z_most);
		add_product(&moved, c.x.product, d.x, i);
		add_product(&second, by, one + d.x, i);
		if (i.bounded) {
			vec up = c.w.product * d.w;
			x_most = vec_max(-d.w, x_most);
			z_most = vec_max(-d.v, z_most);
			add_product(&moved, c.w.product, d.w, i);
			add_product(&second, up, one + d.w, i);
		}
	})
	vec_store(primal, x_most);
	vec_store(dual, z_most);
	add_eight(sums, &moved);
	add_eight(sums + EIGHT, &second);
}

void KERNEL(plan_target)(const pairs *p, const near_move *m)
{
	const job j = begin(p, m);
	const component next = m->component[m->components];
	const int64_t skip = (m->components - 1) * ((int64_t)p->columns + p->bounded) * EIGHT;
	uint16_t *t = p->aims + skip, *upper = t + (int64_t)p->columns * EIGHT;
	EACH_COLUMN({
		change d = direction(&j, &c, i);
		give_halves(t + i.at, target(&next, c.x.product, d.x, d.z), i.half);
		if (i.bounded)
			give_halves(upper + i.up, target(&next, c.w.product, d.w, d.v), i.half);
	})
}

#define UNROLL _Pragma("GCC unroll 8")
/* most[k] = max(most[k], -(so_far + weight[k] more)), unrolled so that most stays in registers */
INLINE void longest(vec *most, const vec *minus, vec so_far, vec more)
{
	UNROLL
	for (int k = 0; k < WEIGHTS; k++)
		most[k] = vec_max(vec_fma(minus[k], more, -so_far), most[k]);
}

void KERNEL(plan_weights)(
    const pairs *p, const near_move *m, const float *weight, float *primal, float *dual)
{
	const job j = begin(p, m);
	vec minus[WEIGHTS], x_most[WEIGHTS], z_most[WEIGHTS];
	UNROLL
	for (int k = 0; k < WEIGHTS; k++) {
		minus[k] = vec_all(-weight[k]);
		x_most[k] = vec_load(primal + (int64_t)k * MOST_LANES);
		z_most[k] = vec_load(dual + (int64_t)k * MOST_LANES);
	}
	EACH_COLUMN({
		change d = direction(&j, &c, i), more = correction(&j, &c, i);
		longest(x_most, minus, d.x, more.x);
		longest(z_most, minus, d.z, more.z);
		if (i.bounded) {
			longest(x_most, minus, d.w, more.w);
			longest(z_most, minus, d.v, more.v);
		}
	})
	UNROLL
	for (int k = 0; k < WEIGHTS; k++) {
		vec_store(primal + (int64_t)k * MOST_LANES, x_most[k]);
		vec_store(dual + (int64_t)k * MOST_LANES, z_most[k]);
	}
}
