#include "plan/prove/phase_one.h"

#include "plan/prove/sizes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_PRICE 100 /* of a block's row; a linking row's is 1 */
#define TOLERANCE 1e-11 /* a proof's gain may be a small part of what it sums up */

typedef struct {
	const problem *of;
	problem problem;
	sizes sizes;
	pattern *pattern; /* owned, and of each what widen makes */
} phase;

static par_err no_memory(int columns)
{
	return par_fail(PAR_E_MEMORY, "no memory for %d columns of a proof", columns);
}

/* ---- blocks: two more columns a row */

static void fill(void *ctx, int64_t k, block *b)
{
	const phase *f = ctx;
	const pattern *of = &f->of->pattern[f->of->class[k]];
	f->of->fill(f->of->ctx, k, b);
	double price = BLOCK_PRICE / block_size(of, b);
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

static par_err widen_all(phase *f)
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

static par_err link_rows(phase *f)
{
	const linking *of = &f->of->link;
	linking *l = &f->problem.link;
	PAR_TRY(linking_open(l, of->rows, of->columns + 2 * (int64_t)of->rows));
	memcpy(l->right, of->right, (size_t)of->rows * sizeof *l->right);
	for (int e = 0; e < of->columns; e++)
		linking_add(l, of->row[e], of->value[e], 0, of->upper[e]);
	for (int j = 0; j < 2 * of->rows; j++)
		linking_add(l, j / 2, j % 2 ? -1 : 1, 1 / f->sizes.link_mean[j / 2], INFINITY);
	return PAR_OK;
}

/* ---- the problem as a whole */

static par_err make(phase *f)
{
	f->problem = *f->of;
	f->problem.link = (linking){0};
	PAR_TRY(link_rows(f));
	return widen_all(f);
}

static void drop(phase *f)
{
	for (int c = 0; f->pattern && c < f->of->patterns; c++) {
		free(f->pattern[c].value);
		free(f->pattern[c].first);
	}
	free(f->pattern);
	linking_close(&f->problem.link);
	sizes_drop(&f->sizes);
}

static par_err solve(solution *out, phase *f, const deal *d, const interior_spec *spec)
{
	interior_spec tight = *spec;
	tight.tolerance = TOLERANCE;
	PAR_TRY(sizes_take(&f->sizes, f->of, d));
	PAR_TRY_ALL(d->world, make(f));
	return interior_solve(out, &f->problem, d, &tight);
}

par_err phase_one(solution *out, const problem *p, const deal *d, const interior_spec *spec)
{
	phase f = {.of = p};
	par_err e = solve(out, &f, d, spec);
	if (e == PAR_OK)
		out->status = out->dual_value > 0 ? SOLVED_INFEASIBLE : SOLVED_STALLED;
	drop(&f);
	return e;
}
