#include "forecast/reconcile/rows.h"

#include "forecast/reconcile/triangle.h"

#include <stdlib.h>
#include <string.h>

/* -- shapes -- */

/* the border's nodes of a cluster's series; seen[place] is the last cluster that listed it */
static int64_t list_border(const clusters *g, int64_t c, int64_t *seen, int32_t *to)
{
	int64_t n = 0;
	for (int64_t m = g->first_member[c]; m < g->first_member[c + 1]; m++)
		for (int l = 0; l < g->of->count; l++) {
			int32_t at = g->place[clusters_node(g, l, g->member[m])];
			if (g->inside[l] || seen[at] == c)
				continue;
			seen[at] = c;
			if (to)
				to[n] = at;
			n++;
		}
	return n;
}

static void list_all(rows_shape *h, const clusters *g, int64_t *seen)
{
	memset(seen, -1, sizeof *seen * (size_t)(g->border + 1));
	for (int64_t c = 0; c < g->count; c++) {
		int64_t n = list_border(g, c, seen, h->border ? h->border + h->first[c] : NULL);
		h->first[c + 1] = h->first[c] + n;
		h->widest = n > h->widest ? (int)n : h->widest;
	}
}

par_err rows_shape_make(rows_shape *h, const clusters *g)
{
	int64_t *seen = malloc(sizeof *seen * (size_t)(g->border + 1));
	*h = (rows_shape){.first = calloc((size_t)g->count + 1, sizeof *h->first)};
	bool fine = seen && h->first;
	if (fine) {
		list_all(h, g, seen);
		h->border = malloc(sizeof *h->border * (size_t)(h->first[g->count] + 1));
		fine = h->border;
	}
	if (fine)
		list_all(h, g, seen);
	free(seen);
	return fine ? PAR_OK
		    : par_fail(PAR_E_MEMORY, "no memory for %lld nodes", (long long)g->nodes);
}

void rows_shape_drop(rows_shape *h)
{
	free(h->first);
	free(h->border);
	*h = (rows_shape){0};
}

void rows_places(const rows_shape *h, const clusters *g, int residuals, int columns, int64_t *at)
{
	at[0] = 0;
	for (int64_t c = 0; c < g->count; c++) {
		int64_t n = g->first_node[c + 1] - g->first_node[c];
		int64_t width = n + h->first[c + 1] - h->first[c] + residuals + columns;
		at[c + 1] = at[c] + n * width;
	}
}

cluster_rows rows_in(const rows_shape *h, const gls *s, int64_t cluster, int columns, double *block)
{
	const clusters *g = s->of;
	int n = (int)(g->first_node[cluster + 1] - g->first_node[cluster]);
	return (cluster_rows){.n = n,
	    .border = (int)(h->first[cluster + 1] - h->first[cluster]),
	    .residuals = s->residuals,
	    .columns = columns,
	    .listed = h->border + h->first[cluster],
	    .l = block,
	    .wide = block + (size_t)n * (size_t)n};
}

/* -- one cluster -- */

/* what the nodes bring themselves */
static void begin(cluster_rows *r, const gls *s, const gls_ask *ask, int64_t c)
{
	const clusters *g = s->of;
	memset(r->l, 0, sizeof *r->l * (size_t)(r->n * r->n));
	memset(r->wide, 0, sizeof *r->wide * (size_t)r->n * rows_width(r));
	for (int i = 0; i < r->n; i++) {
		int64_t node = g->node[g->first_node[c] + i];
		double *row = r->wide + (size_t)i * rows_width(r) + r->border;
		r->l[i * r->n + i] = s->node_variance[node];
		for (int k = 0; k < r->residuals; k++)
			row[k] = s->incoherence[node * r->residuals + k];
		for (int k = 0; k < ask->columns; k++)
			row[r->residuals + k] = ask->node[k][node];
	}
}

static void add_held(cluster_rows *r, const gls *s, int64_t i, int level)
{
	const float *error = s->residual + i * r->residuals;
	int32_t at = s->of->place[clusters_node(s->of, level, i)];
	double *to = r->wide + (size_t)at * rows_width(r) + r->border;
	for (int k = 0; k < r->residuals; k++)
		to[k] += (double)error[k];
}

static void add_series(
    cluster_rows *r, const gls *s, const gls_ask *ask, int64_t i, int level, const int32_t *slot)
{
	const clusters *g = s->of;
	int32_t at = g->place[clusters_node(g, level, i)];
	double d = s->series_variance[i], *row = r->wide + (size_t)at * rows_width(r);
	for (int l = 0; l < g->of->count; l++) {
		int32_t other = g->place[clusters_node(g, l, i)];
		if (g->inside[l])
			r->l[at * r->n + other] += d;
		else
			row[slot[other]] += d;
	}
	for (int k = 0; k < ask->columns; k++)
		row[r->border + r->residuals + k] -= (double)ask->series[k][i];
}

int rows_make(cluster_rows *r, const gls *s, const gls_ask *ask, const uint8_t *held,
    int64_t cluster, int32_t *slot)
{
	const clusters *g = s->of;
	if (r->n == 0)
		return -1;
	for (int k = 0; k < r->border; k++)
		slot[r->listed[k]] = k;
	begin(r, s, ask, cluster);
	for (int64_t m = g->first_member[cluster]; m < g->first_member[cluster + 1]; m++)
		for (int l = 0; l < g->of->count; l++) {
			int64_t i = g->member[m];
			if (g->inside[l] && held && held[i])
				add_held(r, s, i, l);
			else if (g->inside[l])
				add_series(r, s, ask, i, l, slot);
		}
	int bad = triangle_factor(r->l, r->n);
	if (bad < 0)
		KERNEL_CALL(triangle_forward, r->l, r->n, r->wide, rows_width(r));
	return bad;
}

void rows_solve(const cluster_rows *r, int column, int columns, const double *border,
    const double *residual, double *met, double *solution)
{
	size_t k = (size_t)columns;
	for (int a = 0; a < r->border; a++)
		memcpy(met + (size_t)a * k, border + (size_t)r->listed[a] * k, sizeof *met * k);
	for (int i = 0; i < r->n; i++) {
		const double *row = r->wide + (size_t)i * rows_width(r);
		const double *along = row + r->border, *right = along + r->residuals + column;
		double *to = solution + (size_t)i * k;
		memcpy(to, right, sizeof *to * k);
		KERNEL_CALL(triangle_take, to, k, row, 1, met, k, r->border);
		KERNEL_CALL(triangle_take, to, k, along, 1, residual, k, r->residuals);
	}
	KERNEL_CALL(triangle_backward, r->l, r->n, solution, k);
}
