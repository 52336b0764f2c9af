#include "plan/prove/elastic.h"

#include "plan/prove/sizes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_PRICE 100 /* of a block's row in phase one, a linking row's is 1 */
#define PENALTY 1e4     /* of a linking row, in mean costs */
#define KEPT 1e-8       /* what may be left of a row, against all that can pass through it */

typedef struct {
	const problem *of;
	bool phase_one;
	problem problem;
	sizes sizes;
	pattern *pattern; /* owned, and of each what widen makes */
} elastic;

static par_err no_memory(int columns)
{
	return par_fail(PAR_E_MEMORY, "no memory for %d columns of a proof", columns);
}

/* ---- blocks of phase one: two more columns a row */

static void fill(void *ctx, int64_t k, block *b)
{
	const elastic *f = ctx;
	const pattern *of = &f->of->pattern[f->of->class[k]];
	f->of->fill(f->of->ctx, k, b);
	double price = BLOCK_PRICE / size_of_block(of, b);
	memset(b->cost, 0, (size_t)of->columns * sizeof *b->cost);
	for (int j = 0; j < 2 * of->rows; j++)
		b->cost[of->columns + j] = price;
}

static par_err room(pattern *p, int entries)
{
	size_t columns = (size_t)p->columns, n = (size_t)entries;
	p->value = calloc(n + 1, sizeof *p->value);
	p->first = calloc(3 * (columns + 1) + n, sizeof *p->first);
	if (!p->value || !p->first)
		return no_memory(p->columns);
	p->link_first = p->first + columns + 1;
	p->bound = p->link_first + columns + 1;
	p->row = p->bound + columns + 1;
	return PAR_OK;
}

static par_err widen(pattern *p, const pattern *of)
{
	int old = of->columns, entries = of->first[old], more = 2 * of->rows;
	*p = *of;
	p->columns = old + more;
	PAR_TRY(room(p, entries + more));
	memcpy(p->first, of->first, (size_t)(old + 1) * sizeof *p->first);
	memcpy(p->link_first, of->link_first, (size_t)(old + 1) * sizeof *p->link_first);
	memcpy(p->bound, of->bound, (size_t)old * sizeof *p->bound);
	memcpy(p->row, of->row, (size_t)entries * sizeof *p->row);
	memcpy(p->value, of->value, (size_t)entries * sizeof *p->value);
	for (int j = 0; j < more; j++) {
		p->row[entries + j] = j / 2;
		p->value[entries + j] = j % 2 ? -1 : 1;
		p->bound[old + j] = -1;
		p->first[old + j + 1] = entries + j + 1;
		p->link_first[old + j + 1] = of->links;
	}
	return PAR_OK;
}

static par_err widen_all(elastic *f)
{
	int n = f->of->patterns;
	f->pattern = calloc((size_t)n + 1, sizeof *f->pattern);
	if (!f->pattern)
		return no_memory(n);
	for (int c = 0; c < n; c++)
		PAR_TRY(widen(&f->pattern[c], &f->of->pattern[c]));
	f->problem.pattern = f->pattern;
	f->problem.fill = fill;
	f->problem.ctx = f;
	return PAR_OK;
}

/* ---- linking rows: the same */

static void own_column(linking *l, int row, double value, double cost, double upper)
{
	int e = l->columns++;
	l->row[e] = row;
	l->value[e] = value;
	l->cost[e] = cost;
	l->upper[e] = upper;
}

static par_err link_rows(elastic *f)
{
	const linking *of = &f->of->link;
	linking *l = &f->problem.link;
	size_t n = (size_t)of->columns + 2 * (size_t)of->rows;
	*l = (linking){.rows = of->rows, .right = of->right};
	l->row = calloc(n + 1, sizeof *l->row);
	l->value = calloc(3 * n + 1, sizeof *l->value);
	if (!l->row || !l->value)
		return no_memory((int)n);
	l->cost = l->value + n;
	l->upper = l->cost + n;
	for (int e = 0; e < of->columns; e++)
		own_column(
		    l, of->row[e], of->value[e], f->phase_one ? 0 : of->cost[e], of->upper[e]);
	double price = f->phase_one ? 1 : PENALTY * f->sizes.cost;
	for (int j = 0; j < 2 * of->rows; j++)
		own_column(l, j / 2, j % 2 ? -1 : 1, price / f->sizes.link_mean[j / 2], INFINITY);
	return PAR_OK;
}

/* ---- the problem as a whole */

static par_err make(elastic *f)
{
	f->problem = *f->of;
	f->problem.link = (linking){0};
	PAR_TRY(link_rows(f));
	return f->phase_one ? widen_all(f) : PAR_OK;
}

static void drop(elastic *f)
{
	for (int c = 0; f->pattern && c < f->of->patterns; c++) {
		free(f->pattern[c].value);
		free(f->pattern[c].first);
	}
	free(f->pattern);
	free(f->problem.link.row);
	free(f->problem.link.value);
	sizes_drop(&f->sizes);
}

static par_err solve(solution *out, elastic *f, const deal *d, const interior_spec *spec)
{
	PAR_TRY(sizes_take(&f->sizes, f->of, d));
	PAR_TRY_ALL(d->world, make(f));
	return interior_solve(out, &f->problem, d, spec);
}

par_err elastic_phase_one(solution *out, const problem *p, const deal *d, const interior_spec *spec)
{
	elastic f = {.of = p, .phase_one = true};
	par_err e = solve(out, &f, d, spec);
	if (e == PAR_OK)
		out->status = out->dual_value > 0 ? SOLVED_INFEASIBLE : SOLVED_STALLED;
	drop(&f);
	return e;
}

static bool all_kept(const elastic *f, const double *own)
{
	const linking *of = &f->of->link;
	for (int r = 0; r < of->rows; r++) {
		const double *st = own + of->columns + 2 * r;
		if (!(fabs(st[0] - st[1]) <= KEPT * fmax(f->sizes.link_sum[r], fabs(of->right[r]))))
			return false;
	}
	return true;
}

par_err elastic_penalised(solution *out, const problem *p, const deal *d, const interior_spec *spec)
{
	elastic f = {.of = p};
	par_err e = solve(out, &f, d, spec);
	if (e == PAR_OK && !all_kept(&f, out->own))
		out->status = SOLVED_STALLED;
	drop(&f);
	return e;
}
