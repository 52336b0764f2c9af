#include "plan/solve/interior.h"

#include "base/clock.h"
#include "plan/solve/iterate.h"
#include "plan/solve/state_numbers.h"
#include "plan/solve/warm_numbers.h"

#include <math.h>
#include <stdlib.h>

#define TOLERANCE 1e-8
#define ITERATIONS 200
#define STUCK 1e-4     /* steps this short lead nowhere */
#define EXHAUSTED 1e-3 /* nor do products that sum up to less than this part of the gap allowed */
#define PATIENCE 3
/* of the halvings that residuals and products still need, so many are to be made in so many iterations */
#define HALVINGS 4
#define HALVINGS_TIME 12

static par_err room_for(solution *out, const groups *g, int own_columns)
{
	int64_t x = 0, rows = 0;
	for (int64_t i = 0; i < g->deal->groups; i++) {
		const group *at = &g->deal->mine[i];
		x += (int64_t)at->lanes * g->class[at->class]->columns;
		rows += (int64_t)at->lanes * g->class[at->class]->rows;
	}
	size_t blocks = (size_t)g->deal->blocks + 1;
	out->blocks = g->deal->blocks;
	out->price = calloc((size_t)g->p->link.rows + 1, sizeof *out->price);
	out->own = calloc((size_t)own_columns + 1, sizeof *out->own);
	out->block = calloc(blocks, sizeof *out->block);
	out->x_at = calloc(blocks, sizeof *out->x_at);
	out->row_at = calloc(blocks, sizeof *out->row_at);
	out->x = calloc((size_t)x + 1, sizeof *out->x);
	out->row_price = calloc((size_t)rows + 1, sizeof *out->row_price);
	bool all = out->price && out->own && out->block && out->x_at && out->row_at && out->x &&
		   out->row_price;
	return all ? PAR_OK
		   : par_fail(PAR_E_MEMORY, "no memory for the solution of %lld blocks",
			 (long long)out->blocks);
}

static void write_lane(const groups *g, const group_view *v, int lane, double *x, double *row)
{
	double m = v->magnitude[lane];
	for (int j = 0; j < v->s->columns; j++)
		x[v->s->column[j]] = v->pairs.x[j * GROUP_LANES + lane] * m;
	for (int i = 0; i < v->s->rows; i++)
		row[v->s->row[i]] = v->y[i * GROUP_LANES + lane] / (g->cost_scale * m);
}

static void write_blocks(solution *out, const groups *g)
{
	int64_t n = 0, x = 0, row = 0;
	for (int64_t i = 0; i < g->deal->groups; i++) {
		group_view v;
		groups_view(g, i, &v);
		for (int lane = 0; lane < v.lanes; lane++, n++) {
			out->block[n] = g->deal->mine[i].block[lane];
			out->x_at[n] = x;
			out->row_at[n] = row;
			write_lane(g, &v, lane, out->x + x, out->row_price + row);
			x += v.s->columns;
			row += v.s->rows;
		}
	}
}

static void write_links(solution *out, const iterate *it)
{
	const groups *g = &it->groups;
	for (int l = 0; l < it->links; l++)
		out->price[l] = it->price[l] * g->link_scale[l] / g->cost_scale;
	for (int e = 0; e < it->own.places; e++)
		out->own[it->own.column[e]] = it->own.pairs.x[e] / it->own.scale[e];
	out->value = it->value / g->cost_scale;
	out->dual_value = it->dual_value / g->cost_scale;
	out->primal_residual = it->primal_residual;
	out->dual_residual = it->dual_residual;
	out->gap = it->gap;
	out->correctors = it->correctors;
	out->same_bits = it->spread.n == 0 || it->spread.grid.same_bits;
}

static bool optimal(const iterate *it, double tolerance)
{
	return it->primal_residual < tolerance && it->dual_residual < tolerance &&
	       it->gap < tolerance;
}

static void report(const interior_spec *spec, const iterate *it, int iteration, double seconds)
{
	double f = it->groups.cost_scale;
	interior_progress now = {.iteration = iteration,
	    .correctors = it->correctors,
	    .value = it->value / f,
	    .dual_value = it->dual_value / f,
	    .primal_residual = it->primal_residual,
	    .dual_residual = it->dual_residual,
	    .gap = it->gap,
	    .mean_product = it->product,
	    .primal_step = it->primal_step,
	    .dual_step = it->dual_step,
	    .seconds = seconds};
	if (spec->progress)
		spec->progress(spec->ctx, &now);
}

/* what a run that leads nowhere is known by */
typedef struct {
	int stuck;    /* iterations in a row that moved nothing */
	double to_go; /* halvings, when enough of them had been made */
	int since;
	bool warm; /* it began near an earlier solve: there is still the cold start */
} patience;

/* the sum of products, which is the gap of a feasible point, in the gap's own measure */
static double products(const iterate *it)
{
	return it->product * it->pairs / (1 + fabs(it->value));
}

static double halvings(double from, double to)
{
	return from > to ? log2(from / to) : 0;
}

/* after iteration number i, which came by the steps in it */
static bool hopeless(patience *p, const iterate *it, int i, double tolerance)
{
	bool short_steps = i > 0 && it->primal_step < STUCK && it->dual_step < STUCK;
	double to_go = halvings(it->primal_residual, tolerance) +
		       halvings(it->dual_residual, tolerance) + halvings(products(it), tolerance);
	p->stuck = short_steps || products(it) < EXHAUSTED * tolerance ? p->stuck + 1 : 0;
	p->since++;
	if (i == 0 || to_go < p->to_go - HALVINGS)
		*p = (patience){p->stuck, to_go, 0, p->warm};
	return !isfinite(it->value) || !isfinite(it->dual_value) || p->stuck >= PATIENCE ||
	       p->since >= HALVINGS_TIME;
}

enum {
	STUCK_FOR,
	TO_GO,
	SINCE,
	WARM,
	PATIENCE_NUMBERS
}; /* patience among the numbers of a state */

/* near an earlier solve where that can be, else cold */
static void start(solution *out, iterate *it, patience *p, const warm_point *near)
{
	p->warm = near && near->product > 0 && warm_give(near, it);
	if (p->warm)
		out->iterations = 1;
	else
		iterate_start(it);
}

/* Begin where a saved state was, when there is one. What hopeless made of that iteration it makes again. */
static par_err begin(solution *out, iterate *it, patience *p, const interior_spec *spec)
{
	const solve_pauses *pauses = spec->pauses;
	bool found = false;
	solve_state s = {0};
	par_err e = PAR_OK;
	if (pauses && pauses->load) {
		e = par_agree(it->groups.deal->world, state_open(&s, it, PATIENCE_NUMBERS));
		if (e == PAR_OK)
			e = pauses->load(pauses->ctx, &s, &found);
	}
	if (e == PAR_OK && found) {
		*p = (patience){(int)s.alike[STUCK_FOR], s.alike[TO_GO], (int)s.alike[SINCE],
		    s.alike[WARM] > 0};
		out->iterations = s.iteration;
		state_give(&s, it, PATIENCE_NUMBERS);
	} else if (e == PAR_OK) {
		start(out, it, p, spec->near);
	}
	state_close(&s);
	return e;
}

static par_err save(const iterate *it, const patience *p, int iteration, const solve_pauses *pauses)
{
	solve_state s;
	if (!pauses || !pauses->due || !pauses->due(pauses->ctx, iteration))
		return PAR_OK;
	par_err e = par_agree(it->groups.deal->world, state_open(&s, it, PATIENCE_NUMBERS));
	if (e == PAR_OK) {
		s.iteration = iteration;
		s.alike[STUCK_FOR] = p->stuck;
		s.alike[TO_GO] = p->to_go;
		s.alike[SINCE] = p->since;
		s.alike[WARM] = p->warm;
		state_take(&s, it, PATIENCE_NUMBERS);
		e = pauses->save(pauses->ctx, &s);
	}
	state_close(&s);
	return e;
}

static void keep_here(warm_point *keep, const iterate *it)
{
	double gap = WARM_GAP / sqrt((double)it->groups.p->blocks);
	if (keep && keep->product == 0 && it->gap <= gap && it->primal_residual <= gap)
		warm_take(keep, it);
}

/* every rank measures the same numbers, so all leave together */
static par_err go_on(
    solution *out, iterate *it, patience *p, const interior_spec *spec, double from)
{
	int first = out->iterations;
	out->status = SOLVED_STALLED;
	for (;; out->iterations++) {
		iterate_build(it);
		PAR_TRY(it->failed);
		report(spec, it, out->iterations, par_clock_s() - from);
		keep_here(spec->keep, it);
		PAR_TRY(save(it, p, out->iterations, spec->pauses));
		if (optimal(it, spec->tolerance))
			out->status = SOLVED_OPTIMAL;
		if (out->status == SOLVED_OPTIMAL ||
		    hopeless(p, it, out->iterations - first, spec->tolerance) ||
		    out->iterations == spec->iterations)
			return PAR_OK;
		iterate_direct(it);
	}
}

static par_err iterate_all(solution *out, iterate *it, const interior_spec *spec)
{
	double from = par_clock_s();
	patience p = {0};
	it->distance = spec->distance;
	PAR_TRY(begin(out, it, &p, spec));
	PAR_TRY(go_on(out, it, &p, spec, from));
	out->warm = p.warm;
	if (!p.warm || out->status == SOLVED_OPTIMAL || out->iterations >= spec->iterations)
		return PAR_OK;
	out->warm = false;
	p = (patience){0};
	iterate_start(it);
	return go_on(out, it, &p, spec, from);
}

par_err interior_solve(solution *out, const problem *p, const deal *d, const interior_spec *spec)
{
	interior_spec usual = spec ? *spec : (interior_spec){0};
	usual.tolerance = usual.tolerance > 0 ? usual.tolerance : TOLERANCE;
	usual.iterations = usual.iterations > 0 ? usual.iterations : ITERATIONS;
	usual.distance = usual.distance > 0 ? usual.distance : 1;
	*out = (solution){0};
	iterate it;
	PAR_TRY(iterate_open(&it, p, d));
	par_err e = par_agree(d->world, room_for(out, &it.groups, p->link.columns));
	if (e == PAR_OK)
		e = schur_open(&it, &usual.schur);
	if (e == PAR_OK)
		e = iterate_all(out, &it, &usual);
	if (e == PAR_OK) {
		write_blocks(out, &it.groups);
		write_links(out, &it);
	} else {
		solution_drop(out);
	}
	iterate_close(&it);
	return e;
}
