#include "plan/prove/recession.h"

#include "plan/prove/sizes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
	const problem *of;
	problem problem;
	pattern *pattern; /* owned: the problem's, with bounds for all columns */
	int *every;       /* owned: 0, 1, 2 ...: each column's bound is its own */
} cone;

static par_err no_memory(int columns)
{
	return par_fail(PAR_E_MEMORY, "no memory for %d columns of a proof", columns);
}

/* ---- blocks */

/* The solver keeps a little room below every bound. A column that has one in the problem itself shall stay at 0, so
 * it costs more than all others of its block can gain. */
static void hold(const pattern *of, block *b)
{
	double most = 1;
	for (int j = 0; j < of->columns; j++)
		most += fabs(b->cost[j]);
	for (int j = 0; j < of->columns; j++)
		if (of->bound[j] >= 0) {
			b->cost[j] = most;
			b->upper[j] = 0;
		}
}

static void fill(void *ctx, int64_t k, block *b)
{
	const cone *f = ctx;
	const pattern *of = &f->of->pattern[f->of->class[k]];
	f->of->fill(f->of->ctx, k, b);
	double size = block_size(of, b);
	for (int j = 0; j < of->columns; j++)
		b->upper[j] = size;
	hold(of, b);
	memset(b->right, 0, (size_t)of->rows * sizeof *b->right);
}

static par_err bound_all(cone *f)
{
	int n = f->of->patterns, widest = 0;
	f->pattern = calloc((size_t)n + 1, sizeof *f->pattern);
	for (int c = 0; c < n; c++)
		widest = f->of->pattern[c].columns > widest ? f->of->pattern[c].columns : widest;
	f->every = calloc((size_t)widest + 1, sizeof *f->every);
	if (!f->pattern || !f->every)
		return no_memory(widest);
	for (int j = 0; j < widest; j++)
		f->every[j] = j;
	for (int c = 0; c < n; c++) {
		f->pattern[c] = f->of->pattern[c];
		f->pattern[c].bound = f->every;
		f->pattern[c].bounds = f->pattern[c].columns;
	}
	return PAR_OK;
}

/* ---- linking rows */

static par_err link_rows(linking *l, const linking *of, const sizes *s)
{
	size_t rows = (size_t)of->rows, columns = (size_t)of->columns;
	*l = *of;
	l->right = calloc(rows + 2 * columns + 1, sizeof *l->right);
	if (!l->right)
		return no_memory(of->columns);
	l->upper = l->right + rows;
	l->cost = l->upper + columns;
	for (int e = 0; e < l->columns; e++) {
		bool bounded = of->upper[e] < INFINITY;
		double value = fabs(of->value[e]), reach = s->link_sum[of->row[e]];
		l->upper[e] = bounded ? 0 : value > 0 ? reach / value : 1;
		l->cost[e] = bounded ? 0 : of->cost[e];
	}
	return PAR_OK;
}

/* ---- the problem as a whole */

static void cone_close(cone *f)
{
	free(f->pattern);
	free(f->every);
	free(f->problem.link.right);
}

static par_err make(cone *f, const sizes *s)
{
	f->problem = *f->of;
	f->problem.link = (linking){0};
	PAR_TRY(bound_all(f));
	f->problem.pattern = f->pattern;
	f->problem.fill = fill;
	f->problem.ctx = f;
	return link_rows(&f->problem.link, &f->of->link, s);
}

static par_err cone_open(cone *f, const deal *d)
{
	sizes s;
	PAR_TRY(sizes_take(&s, f->of, d));
	par_err e = par_agree(d->world, make(f, &s));
	sizes_drop(&s);
	return e;
}

/* what the room below a held column's bound let in */
static void straighten(solution *s, const problem *p)
{
	for (int64_t i = 0; i < s->blocks; i++) {
		const pattern *of = &p->pattern[p->class[s->block[i]]];
		for (int j = 0; j < of->columns; j++)
			if (of->bound[j] >= 0)
				s->x[s->x_at[i] + j] = 0;
	}
	for (int e = 0; e < p->link.columns; e++)
		if (p->link.upper[e] < INFINITY)
			s->own[e] = 0;
}

par_err recession(solution *out, const problem *p, const deal *d, const interior_spec *spec)
{
	cone f = {.of = p};
	par_err e = cone_open(&f, d);
	if (e == PAR_OK)
		e = interior_solve(out, &f.problem, d, spec);
	if (e == PAR_OK) {
		straighten(out, p);
		out->status = out->value < 0 ? SOLVED_UNBOUNDED : SOLVED_STALLED;
	}
	cone_close(&f);
	return e;
}
