#include "plan/lp/optimise.h"

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
	listener l;
	par_err failed;
} attempt;

static void pass_on(void *ctx, const sparse_answer *so_far)
{
	const attempt *t = ctx;
	if (t->l.told)
		t->l.told(t->l.ctx, so_far);
}

/* what the file's own rows say of the point: no iteration is spent beyond that */
static bool enough(void *ctx, const sparse_answer *so_far)
{
	attempt *t = ctx;
	certificate c;
	standard_back(t->s, t->m, so_far->x, so_far->y, false, t->out->x, t->out->y);
	t->failed = certify_point(&c, t->m, t->out->x, t->out->y);
	return t->failed != PAR_OK || c.optimal;
}

/* x and y of the program from an answer to its standard form */
static par_err solve(lp_result *out, const lp *m, listener l, sparse_end *end)
{
	standard s;
	sparse_answer a;
	attempt t = {out, m, &s, l, PAR_OK};
	PAR_TRY(standard_open(&s, m));
	par_err e = sparse_solve(&a, &s, TOLERANCE, (sparse_watch){pass_on, enough, &t, l.careful});
	if (e == PAR_OK) {
		*end = a.end;
		out->iterations += a.iterations;
		standard_back(&s, m, a.x, a.y, a.end == SPARSE_NO_END, out->x, out->y);
		sparse_drop(&a);
		e = t.failed;
	}
	standard_close(&s);
	return e;
}

par_err lp_prove_infeasible(lp_result *r, const lp *m, bool *proved)
{
	for (int i = 0; m->maximise && i < m->rows; i++)
		r->y[i] = -r->y[i];
	PAR_TRY(certify_no_point(proved, m, r->y));
	if (*proved) {
		r->status = LP_INFEASIBLE;
		r->proof.bound = r->proof.value = m->maximise ? -INFINITY : INFINITY;
	}
	return PAR_OK;
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

par_err lp_optimise(
    lp_result *out, const lp *m, void (*told)(void *ctx, const sparse_answer *so_far), void *ctx)
{
	*out = (lp_result){.status = LP_STALLED, .proof = {.value = NAN, .bound = NAN, .gap = NAN}};
	out->x = calloc((size_t)m->columns + 1, sizeof *out->x);
	out->y = calloc((size_t)m->rows + 1, sizeof *out->y);
	par_err e = out->x && out->y ? look(out, m, (listener){told, ctx, false})
				     : par_fail(PAR_E_MEMORY, "no memory for the solution");
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
