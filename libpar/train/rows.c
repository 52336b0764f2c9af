#include "train/rows.h"

#include "base/memory.h"

#include <string.h>

#define AHEAD 16 /* rows */

static int64_t width(const par_rows *r)
{
	return r->param->shape[1];
}

par_err par_rows_open(par_rows *r, par_param *p, uint64_t seed, const par_optimizer_spec *spec)
{
	r->param = p;
	PAR_TRY(par_kept_open(&r->kept, (p->row_hi - p->row_lo) * width(r), spec));
	par_param_fill(p, seed, p->row_lo * width(r), p->row_hi * width(r), r->kept.weights);
	if (r->kept.average)
		memcpy(r->kept.average, r->kept.weights, (size_t)r->kept.n * sizeof(float));
	p->weights = r->kept.weights;
	return PAR_OK;
}

void par_rows_close(par_rows *r)
{
	par_kept_close(&r->kept);
}

void par_rows_add_squares(const par_rows *r, par_exact *sum)
{
	const par_grad_rows *g = &r->param->rows;
	/* rows of whole lines follow each other without a seam */
	int64_t together = width(r) % PAR_LINE == 0 ? g->n : 1, n = together * width(r);
	for (int64_t i = 0; i < g->n; i += together)
		par_kept_add_products(sum, n, g->row + i * width(r), g->row + i * width(r));
}

/* rows [lo, hi) of the table */
static void move(
    par_rows *r, const par_update *u, double average, int64_t lo, int64_t hi, const float *g)
{
	int64_t at = (lo - r->param->row_lo) * width(r);
	par_kept_update(&r->kept, u, average, at, (hi - lo) * width(r), g, NULL);
}

/* without a gradient nothing moves */
static bool stands_still(const par_update *u, const par_optimizer_spec *spec)
{
	return spec->lazy_tables ||
	       (u->rule == PAR_SGD && u->l1 == 0 && u->l2 == 0 && spec->average == 0);
}

/* the rows that come soon are on their way while this one is updated: each is a miss of its own */
__attribute__((always_inline)) static inline void fetch_soon(
    const par_rows *r, const par_grad_rows *g, int64_t i)
{
	if (i + AHEAD >= g->n)
		return;
	const float *row = r->kept.weights + (g->id[i + AHEAD] - r->param->row_lo) * width(r);
	par_prefetch(row, (size_t)width(r) * sizeof *row);
}

void par_rows_update(par_rows *r, const par_update *u, const par_optimizer_spec *spec)
{
	const par_grad_rows *g = &r->param->rows;
	bool still = stands_still(u, spec);
	int64_t next = r->param->row_lo;
	for (int64_t i = 0, end; i < g->n; i = end) {
		/* neighbours go together */
		for (end = i + 1; end < g->n && g->id[end] == g->id[end - 1] + 1; end++)
			;
		if (!still)
			move(r, u, spec->average, next, g->id[i], NULL);
		next = g->id[end - 1] + 1;
		fetch_soon(r, g, i);
		move(r, u, spec->average, g->id[i], next, g->row + i * width(r));
	}
	if (!still)
		move(r, u, spec->average, next, r->param->row_hi, NULL);
}
