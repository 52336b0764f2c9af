#include "train/update.h"
#include "base/lanes.h"

typedef double vec8 __attribute__((vector_size(64)));
typedef float half_line __attribute__((vector_size(32), aligned(4), may_alias));
typedef long shuffle8 __attribute__((vector_size(64)));

void KERNEL(update_run)(
    const par_update *u, int64_t n, const float *g, float *w, float *m, float *v, float *out);
void KERNEL(update_average)(float factor, float rest, int64_t n, const float *w, float *average);
void KERNEL(update_products)(int64_t lines, const float *a, const float *b, double *line);

/* what is left of a run after its whole vectors is loaded and stored by `some` lanes */
INLINE vec load(const float *p, int64_t i, int64_t some)
{
	return some == LANES ? vec_load(p + i) : vec_load_some(p + i, some);
}

INLINE void store(float *p, int64_t i, vec x, int64_t some)
{
	if (some == LANES)
		vec_store(p + i, x);
	else
		vec_store_some(p + i, x, some);
}

INLINE vec gradient(const par_update *u, const float *g, vec w, int64_t i, int64_t some)
{
	vec zero = vec_all(0), l1 = vec_all(u->l1);
	vec sign = vec_pick(w > zero, l1, vec_pick(w < zero, -l1, zero));
	vec loss = g ? vec_all(u->scale) * load(g, i, some) : zero;
	return loss + (vec_all(u->l2) * w + sign);
}

INLINE vec direction(
    par_rule rule, const par_update *u, vec g, float *m, float *v, int64_t i, int64_t some)
{
	if (rule == PAR_SGD)
		return g;
	vec old = vec_all(u->beta1) * load(m, i, some);
	vec first = old + (rule == PAR_MOMENTUM ? g : vec_all(u->rest1) * g);
	store(m, i, first, some);
	if (rule == PAR_MOMENTUM)
		return first;
	vec second = vec_all(u->beta2) * load(v, i, some) + vec_all(u->rest2) * g * g;
	store(v, i, second, some);
	return first / (vec_sqrt(second) + vec_all(u->epsilon));
}

INLINE void step(par_rule rule, const par_update *u, const float *g, float *w, float *m, float *v,
    float *out, int64_t i, int64_t some)
{
	vec old = load(w, i, some);
	vec d = direction(rule, u, gradient(u, g, old, i, some), m, v, i, some);
	vec new = old - (vec_all(u->shrink) * old + vec_all(u->rate) * d);
	store(w, i, new, some);
	if (out)
		store(out, i, new, some);
}

INLINE void run(par_rule rule, const par_update *u, int64_t n, const float *g, float *w, float *m,
    float *v, float *out)
{
	int64_t i = 0;
	for (; i + LANES <= n; i += LANES)
		step(rule, u, g, w, m, v, out, i, LANES);
	if (i < n)
		step(rule, u, g, w, m, v, out, i, n - i);
}

void KERNEL(update_run)(
    const par_update *u, int64_t n, const float *g, float *w, float *m, float *v, float *out)
{
	const par_update mine = *u; /* nothing stored below can change it */
	if (mine.rule == PAR_SGD)
		run(PAR_SGD, &mine, n, g, w, m, v, out);
	else if (mine.rule == PAR_MOMENTUM)
		run(PAR_MOMENTUM, &mine, n, g, w, m, v, out);
	else
		run(PAR_ADAM, &mine, n, g, w, m, v, out);
}

void KERNEL(update_average)(float factor, float rest, int64_t n, const float *w, float *average)
{
	int64_t i = 0;
	for (; i + LANES <= n; i += LANES)
		vec_store(average + i,
		    vec_all(factor) * vec_load(average + i) + vec_all(rest) * vec_load(w + i));
	vec tail = vec_all(factor) * vec_load_some(average + i, n - i) +
		   vec_all(rest) * vec_load_some(w + i, n - i);
	vec_store_some(average + i, tail, n - i);
}

/* products of floats are exact in double */
INLINE vec8 line_products(const float *a, const float *b)
{
	const half_line *p = (const half_line *)a, *q = (const half_line *)b;
	vec8 low = __builtin_convertvector(p[0], vec8) * __builtin_convertvector(q[0], vec8);
	vec8 high = __builtin_convertvector(p[1], vec8) * __builtin_convertvector(q[1], vec8);
	return low + high;
}

INLINE double line_sum(vec8 s)
{
	vec8 t = s + __builtin_shuffle(s, (shuffle8){4, 5, 6, 7, 0, 1, 2, 3});
	return (t[0] + t[2]) + (t[1] + t[3]);
}

void KERNEL(update_products)(int64_t lines, const float *a, const float *b, double *line)
{
	for (int64_t k = 0; k < lines; k++)
		line[k] = line_sum(line_products(a + k * PAR_LINE, b + k * PAR_LINE));
}
