#include "train/update.h"
#include "base/lanes.h"

typedef double vec8 __attribute__((vector_size(64)));
typedef float half_line __attribute__((vector_size(32), aligned(4), may_alias));

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

INLINE vec8 wide(const float *p)
{
#if KERNEL_LEVEL == 2
	return (vec8)_mm512_cvtps_pd(_mm256_loadu_ps(p));
#else
	return __builtin_convertvector(*(const half_line *)p, vec8);
#endif
}

/* products of floats are exact in double */
INLINE vec8 line_products(const float *a, const float *b)
{
	return wide(a) * wide(b) + wide(a + 8) * wide(b + 8);
}

/* the halves of every so many lanes of a and b are added: two vectors become one */
INLINE vec8 fold4(vec8 a, vec8 b)
{
	return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11) +
	       __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
}

INLINE vec8 fold2(vec8 a, vec8 b)
{
	return __builtin_shufflevector(a, b, 0, 1, 4, 5, 8, 9, 12, 13) +
	       __builtin_shufflevector(a, b, 2, 3, 6, 7, 10, 11, 14, 15);
}

INLINE vec8 fold1(vec8 a, vec8 b)
{
	return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14) +
	       __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
}

/* eight lines end in one vector of sums; lines past the last are of zeros */
INLINE void eight_lines(const float *a, const float *b, int64_t lines, double *line)
{
	vec8 s[8], sums;
	for (int k = 0; k < 8; k++)
		s[k] = k < lines ? line_products(a + k * PAR_LINE, b + k * PAR_LINE) : (vec8){0};
	sums = fold1(fold2(fold4(s[0], s[1]), fold4(s[2], s[3])),
	    fold2(fold4(s[4], s[5]), fold4(s[6], s[7])));
	memcpy(line, &sums, (size_t)lines * sizeof *line);
}

void KERNEL(update_products)(int64_t lines, const float *a, const float *b, double *line)
{
	int64_t k = 0;
	for (; k + 8 <= lines; k += 8)
		eight_lines(a + k * PAR_LINE, b + k * PAR_LINE, 8, line + k);
	if (k < lines)
		eight_lines(a + k * PAR_LINE, b + k * PAR_LINE, lines - k, line + k);
}
