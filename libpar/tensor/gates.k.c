#include "tensor/gates_kernels.h"
#include "tensor/map_lanes.h"

/* one vector of a sample's row: columns [j, j + LANES) or, at the end of n, fewer */
typedef struct {
	int64_t row, j, some;
} place;

INLINE float *part(par_strip s, place p, int64_t gate)
{
	return s.at + p.row * s.apart + gate + p.j;
}

INLINE vec get(par_strip s, place p, int64_t gate)
{
	return p.some < LANES ? vec_load_some(part(s, p, gate), p.some)
			      : vec_load(part(s, p, gate));
}

INLINE void put(par_strip s, place p, int64_t gate, vec v)
{
	if (p.some < LANES)
		vec_store_some(part(s, p, gate), v, p.some);
	else
		vec_store(part(s, p, gate), v);
}

INLINE vec before(const par_gates *s, par_strip strip, place p)
{
	vec none = {0};
	return s->first ? none : get(strip, p, 0);
}

/* sigmoids e / (1 + e) or 1 / (1 + e), e = e^-|x|, of three with one division, which costs as much as
 * ten other operations; denominators in [1, 2] may be multiplied without harm */
INLINE void sigmoids(vec *x)
{
	vec top[3], bottom[3];
	for (int k = 0; k < 3; k++) {
		vec e = vec_exp(-vec_abs(x[k]));
		top[k] = vec_pick(x[k] >= 0, vec_all(1), e);
		bottom[k] = e + 1;
	}
	vec two = bottom[0] * bottom[1], all = 1 / (two * bottom[2]), third = all * bottom[2];
	x[0] = top[0] * (bottom[1] * third);
	x[1] = top[1] * (bottom[0] * third);
	x[2] = top[2] * (two * all);
}

INLINE void simple(const par_gates *s, place p)
{
	put(s->h, p, 0, vec_tanh(get(s->sum, p, 0)));
}

/* tanh' = 1 - tanh^2, s' = s (1 - s) */
INLINE void simple_back(const par_gates *s, place p)
{
	vec h = get(s->h, p, 0);
	put(s->dgate, p, 0, get(s->dh, p, 0) * vec_fma(-h, h, vec_all(1)));
}

INLINE void lstm(const par_gates *s, place p)
{
	int64_t n = s->n;
	vec ifo[] = {get(s->sum, p, 0), get(s->sum, p, n), get(s->sum, p, 3 * n)};
	sigmoids(ifo);
	vec g = vec_tanh(get(s->sum, p, 2 * n));
	vec c = vec_fma(ifo[1], before(s, s->c_before, p), ifo[0] * g);
	put(s->gate, p, 0, ifo[0]);
	put(s->gate, p, n, ifo[1]);
	put(s->gate, p, 2 * n, g);
	put(s->gate, p, 3 * n, ifo[2]);
	put(s->c, p, 0, c);
	put(s->h, p, 0, ifo[2] * vec_tanh(c));
}

INLINE void lstm_back(const par_gates *s, place p)
{
	int64_t n = s->n;
	vec i = get(s->gate, p, 0), f = get(s->gate, p, n);
	vec g = get(s->gate, p, 2 * n), o = get(s->gate, p, 3 * n);
	vec dh = get(s->dh, p, 0), t = vec_tanh(get(s->c, p, 0));
	vec dc = vec_fma(dh * o, vec_fma(-t, t, vec_all(1)), get(s->dc, p, 0));
	put(s->dc, p, 0, dc * f);
	put(s->dgate, p, 0, dc * g * i * (1 - i));
	put(s->dgate, p, n, dc * before(s, s->c_before, p) * f * (1 - f));
	put(s->dgate, p, 2 * n, dc * i * vec_fma(-g, g, vec_all(1)));
	put(s->dgate, p, 3 * n, dh * t * o * (1 - o));
}

INLINE void gru(const par_gates *s, place p)
{
	int64_t n = s->n;
	vec r = vec_sigmoid(get(s->sum, p, 0) + get(s->state, p, 0));
	vec z = vec_sigmoid(get(s->sum, p, n) + get(s->state, p, n));
	vec q = get(s->state, p, 2 * n);
	vec m = vec_tanh(vec_fma(r, q, get(s->sum, p, 2 * n)));
	put(s->gate, p, 0, r);
	put(s->gate, p, n, z);
	put(s->gate, p, 2 * n, m);
	put(s->q, p, 0, q);
	put(s->h, p, 0, vec_fma(z, before(s, s->h_before, p) - m, m));
}

INLINE void gru_back(const par_gates *s, place p)
{
	int64_t n = s->n;
	vec r = get(s->gate, p, 0), z = get(s->gate, p, n), m = get(s->gate, p, 2 * n);
	vec dh = get(s->dh, p, 0);
	vec dm = dh * (1 - z) * vec_fma(-m, m, vec_all(1));
	vec dz = dh * (before(s, s->h_before, p) - m) * z * (1 - z);
	vec dr = dm * get(s->q, p, 0) * r * (1 - r);
	put(s->dgate, p, 0, dr);
	put(s->dgate, p, n, dz);
	put(s->dgate, p, 2 * n, dm);
	put(s->dstate, p, 0, dr);
	put(s->dstate, p, n, dz);
	put(s->dstate, p, 2 * n, dm * r);
	vec past = dh * z;
	if (!s->first)
		put(s->dh_before, p, 0, s->adds ? past + get(s->dh_before, p, 0) : past);
}

#define EACH(f)                                                   \
	void KERNEL(par_gates_##f)(const par_gates *s)            \
	{                                                         \
		for (int64_t i = 0; i < s->samples; i++)          \
			for (int64_t j = 0; j < s->n; j += LANES) \
				f(s, (place){i, j, s->n - j});    \
	}
PAR_GATES(EACH)
