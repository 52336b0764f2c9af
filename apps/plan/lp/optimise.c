#include "plan/lp/optimise.h"

#include "plan/lp/aside.h"
#include "plan/lp/reduce.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TOLERANCE 1e-9

typedef struct {
	void (*told)(void *ctx, const sparse_answer *so_far);
	void *ctx;
	bool careful;
} listener;

const char *lp_status_name(lp_status s)
{
	static const char *const name[] = {"optimal", "infeasible", "unbounded", "stalled"};
	return name[s];
}

typedef struct {
	lp_result *out;
	const lp *m;
	const standard *s;
	const reduction *r; /* NULL: s is that of m itself */
	double *small_x, *small_y;
	listener l;
	par_err failed;
} attempt;

static void pass_on(void *ctx, const sparse_answer *so_far)
{
	const attempt *t = ctx;
	if (t->l.told)
		t->l.told(t->l.ctx, so_far);
}

/* y is one of minimising */
static par_err prove_ray(lp_result *r, const lp *m, bool *proved)
{
	PAR_TRY(certify_no_point(proved, m, r->y));
	if (*proved) {
		r->status = LP_INFEASIBLE;
		r->proof.bound = r->proof.value = m->maximise ? -INFINITY : INFINITY;
		r->proof.gap = NAN;
	}
	return PAR_OK;
}

par_err lp_prove_infeasible(lp_result *r, const lp *m, bool *proved)
{
	for (int i = 0; m->maximise && i < m->rows; i++)
		r->y[i] = -r->y[i];
	return prove_ray(r, m, proved);
}

/* x and y of the program from those of the standard form */
static void back(attempt *t, const double *x, const double *y, bool ray)
{
	if (!t->r) {
		standard_back(t->s, t->m, x, y, ray, t->out->x, t->out->y);
		return;
	}
	standard_back(t->s, &t->r->small, x, y, ray, t->small_x, t->small_y);
	reduction_back(t->r, t->small_x, t->small_y, t->out->x, t->out->y);
}

/* what the file's own rows say of the point: no iteration is spent beyond that */
static bool enough(void *ctx, const sparse_answer *so_far)
{
	attempt *t = ctx;
	certificate c;
	back(t, so_far->x, so_far->y, false);
	t->failed = certify_point(&c, t->m, t->out->x, t->out->y);
	return t->failed != PAR_OK || c.optimal;
}

static par_err solve_standard(attempt *t, sparse_end *end)
{
	sparse_answer a;
	PAR_TRY(
	    sparse_solve(&a, t->s, TOLERANCE, (sparse_watch){pass_on, enough, t, t->l.careful}));
	*end = a.end;
	t->out->iterations += a.iterations;
	back(t, a.x, a.y, a.end == SPARSE_NO_END);
	sparse_drop(&a);
	return t->failed;
}

/* x and y of the program from an answer to its standard form */
static par_err solve(lp_result *out, const lp *m, listener l, sparse_end *end)
{
	standard s;
	attempt t = {.out = out, .m = m, .s = &s, .l = l};
	PAR_TRY(standard_open(&s, m));
	par_err e = solve_standard(&t, end);
	standard_close(&s);
	return e;
}

/* the same by way of a smaller one; only an optimum comes back from there */
static par_err solve_small(lp_result *out, const lp *m, const reduction *r, listener l)
{
	standard s;
	sparse_end end;
	attempt t = {.out = out, .m = m, .s = &s, .r = r, .l = l};
	t.small_x = malloc(((size_t)r->small.columns + 1) * sizeof *t.small_x);
	t.small_y = malloc(((size_t)r->small.rows + 1) * sizeof *t.small_y);
	par_err e = t.small_x && t.small_y ? standard_open(&s, &r->small)
					   : par_fail(PAR_E_MEMORY, "no memory for the solution");
	if (e == PAR_OK) {
		e = solve_standard(&t, &end);
		standard_close(&s);
	}
	free(t.small_x);
	free(t.small_y);
	if (e == PAR_OK)
		e = certify_point(&out->proof, m, out->x, out->y);
	if (e == PAR_OK && out->proof.optimal)
		out->status = LP_OPTIMAL;
	return e;
}

static par_err look_reduced(lp_result *out, const lp *m, listener l)
{
	reduction r;
	bool worth, proved;
	par_err e = reduction_open(&r, m, &worth);
	if (e == PAR_OK && r.contradiction >= 0) {
		reduction_ray(&r, out->y);
		e = prove_ray(out, m, &proved);
	} else if (e == PAR_OK && worth) {
		e = solve_small(out, m, &r, l);
	}
	reduction_close(&r);
	return e;
}

static par_err find_point(lp_result *out, const lp *m, listener l, bool *found)
{
	sparse_end end;
	bool proved;
	lp flat = *m;
	*found = false;
	flat.cost = calloc((size_t)m->columns + 1, sizeof *flat.cost);
	if (!flat.cost)
		return par_fail(PAR_E_MEMORY, "no memory to look for a point");
	par_err e = solve(out, &flat, l, &end);
	if (e == PAR_OK && end == SPARSE_NO_POINT)
		e = lp_prove_infeasible(out, m, &proved);
	if (e == PAR_OK && end != SPARSE_NO_POINT) {
		e = certify_point(&out->proof, m, out->x, out->y);
		*found = out->proof.primal <= CERTIFY_VIOLATION;
	}
	free(flat.cost);
	return e;
}

/* a ray of descent alone may belong to a program without points */
static par_err look_unbounded(lp_result *out, const lp *m, listener l)
{
	bool proved, found;
	PAR_TRY(certify_no_end(&proved, m, out->x));
	double *ray = malloc(((size_t)m->columns + 1) * sizeof *ray);
	if (!ray)
		return par_fail(PAR_E_MEMORY, "no memory for the ray");
	memcpy(ray, out->x, (size_t)m->columns * sizeof *ray);
	par_err e = find_point(out, m, l, &found);
	if (e == PAR_OK && proved && found) {
		out->status = LP_UNBOUNDED;
		out->proof.value = m->maximise ? INFINITY : -INFINITY;
		out->proof.bound = out->proof.value;
		out->proof.gap = NAN;
		memcpy(out->x, ray, (size_t)m->columns * sizeof *ray);
	}
	free(ray);
	return e;
}

/* +1 or -1: column j gains for ever that way, and no row with bounds minds */
static double endless(const lp *m, int j)
{
	double way = (m->cost[j] > 0) == m->maximise ? 1 : -1;
	if (m->cost[j] == 0 || !isinf(way > 0 ? m->upper[j] : m->lower[j]))
		return 0;
	for (int64_t e = m->first[j]; e < m->first[j + 1]; e++)
		if (!isinf(m->row_lower[m->row[e]]) || !isinf(m->row_upper[m->row[e]]))
			return 0;
	return way;
}

static par_err look(lp_result *out, const lp *m, listener l)
{
	sparse_end end;
	bool proved;
	for (int j = 0; j < m->columns; j++)
		if ((out->x[j] = endless(m, j)) != 0)
			return look_unbounded(out, m, l);
	PAR_TRY(solve(out, m, l, &end));
	if (end == SPARSE_NO_POINT)
		return lp_prove_infeasible(out, m, &proved);
	if (end == SPARSE_NO_END)
		return look_unbounded(out, m, l);
	PAR_TRY(certify_point(&out->proof, m, out->x, out->y));
	if (out->proof.optimal)
		out->status = LP_OPTIMAL;
	else if (!l.careful)
		return look(out, m, (listener){l.told, l.ctx, true});
	return PAR_OK;
}

/* x, and y of minimising, of a program beside m; its columns begin with those of m, its rows are those of m */
static par_err solve_aside(
    lp_result *out, const lp *m, par_err (*make)(lp *, const lp *), listener l)
{
	lp beside = {0};
	lp_result r = {.status = LP_STALLED};
	sparse_end end;
	par_err e = make(&beside, m);
	r.x = calloc((size_t)beside.columns + 1, sizeof *r.x);
	r.y = calloc((size_t)m->rows + 1, sizeof *r.y);
	if (e == PAR_OK)
		e = r.x && r.y ? solve(&r, &beside, l, &end)
			       : par_fail(PAR_E_MEMORY, "no memory for the solution");
	if (e == PAR_OK) {
		memcpy(out->x, r.x, (size_t)m->columns * sizeof *r.x);
		memcpy(out->y, r.y, (size_t)m->rows * sizeof *r.y);
		out->iterations += r.iterations;
	}
	lp_result_drop(&r);
	lp_drop(&beside);
	return e;
}

static par_err look_for_rays(lp_result *out, const lp *m, listener l)
{
	bool proved;
	if (!(out->proof.primal <= CERTIFY_VIOLATION)) {
		PAR_TRY(solve_aside(out, m, aside_misses, l));
		PAR_TRY(prove_ray(out, m, &proved));
		if (proved)
			return PAR_OK;
	}
	PAR_TRY(solve_aside(out, m, aside_gains, l));
	PAR_TRY(certify_no_end(&proved, m, out->x));
	return proved ? look_unbounded(out, m, l) : PAR_OK;
}

/* stalled: the ray that the method did not come to is looked for in programs that have an answer; without one
 * the best point stays */
static par_err look_aside(lp_result *out, const lp *m, listener l)
{
	lp_result r = *out;
	r.x = calloc((size_t)m->columns + 1, sizeof *r.x);
	r.y = calloc((size_t)m->rows + 1, sizeof *r.y);
	par_err e = r.x && r.y ? look_for_rays(&r, m, l)
			       : par_fail(PAR_E_MEMORY, "no memory to look for a ray");
	if (e == PAR_OK && r.status != LP_STALLED) {
		lp_result best = *out;
		*out = r;
		r = best;
	}
	lp_result_drop(&r);
	return e;
}

par_err lp_optimise(
    lp_result *out, const lp *m, void (*told)(void *ctx, const sparse_answer *so_far), void *ctx)
{
	*out = (lp_result){.status = LP_STALLED, .proof = {.value = NAN, .bound = NAN, .gap = NAN}};
	out->x = calloc((size_t)m->columns + 1, sizeof *out->x);
	out->y = calloc((size_t)m->rows + 1, sizeof *out->y);
	listener l = {told, ctx, false};
	par_err e = out->x && out->y ? look_reduced(out, m, l)
				     : par_fail(PAR_E_MEMORY, "no memory for the solution");
	if (e == PAR_OK && out->status == LP_STALLED)
		e = look(out, m, l);
	if (e == PAR_OK && out->status == LP_STALLED)
		e = look_aside(out, m, l);
	if (e != PAR_OK)
		lp_result_drop(out);
	return e;
}

void lp_result_drop(lp_result *r)
{
	free(r->x);
	free(r->y);
	*r = (lp_result){0};
}
