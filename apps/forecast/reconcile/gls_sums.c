#include "forecast/reconcile/gls_inside.h"
#include "forecast/reconcile/triangle.h"

#include <stdlib.h>
#include <string.h>

bool gls_together(const gls *s)
{
	return s->of->border > s->alone;
}

/* -- memory -- */

static double *carve(double **from, size_t n)
{
	double *at = *from;
	*from += n;
	return at;
}

static size_t sums_size(const gls_solver *g, int columns)
{
	size_t n = (size_t)g->s.of->border, t = (size_t)g->s.residuals, k = (size_t)columns;
	return (size_t)(g->hi - g->lo) * n + n * t + t * t + (n + t) * k;
}

static gls_sums carve_sums(const gls_solver *g, int columns, double **next)
{
	size_t n = (size_t)g->s.of->border, t = (size_t)g->s.residuals, k = (size_t)columns;
	return (gls_sums){columns, carve(next, (size_t)(g->hi - g->lo) * n), carve(next, n * t),
	    carve(next, t * t), carve(next, n * k), carve(next, t * k)};
}

static par_err no_memory(const gls_solver *g)
{
	return par_fail(
	    PAR_E_MEMORY, "no memory to reconcile %lld nodes at once", (long long)g->s.of->nodes);
}

static par_err room_for_sums(gls_solver *g, bool hold)
{
	const clusters *of = g->s.of;
	size_t n = (size_t)of->border, t = (size_t)g->s.residuals, k = (size_t)g->ask.columns;
	size_t most = (size_t)of->widest, width = (size_t)g->shape.widest + t + k;
	size_t numbers = 2 * sums_size(g, (int)k) + (hold ? sums_size(g, 1) : 0) + t * n +
			 most * width + n + 2 * t + n * k + most * k;
	double *next = g->all = calloc(numbers + 1, sizeof(double));
	g->slot = malloc(sizeof *g->slot * (n + 1));
	if (!g->all || !g->slot)
		return no_memory(g);
	g->free = carve_sums(g, (int)k, &next);
	g->made = carve_sums(g, (int)k, &next);
	if (hold)
		g->now = carve_sums(g, 1, &next);
	g->turned = carve(&next, t * n);
	g->given = carve(&next, most * width);
	g->meets = carve(&next, n + 2 * t + n * k);
	g->solved = carve(&next, most * k);
	return PAR_OK;
}

/* the rows of all clusters with so many right sides */
static double *room_for_rows(const gls_solver *g, int columns, int64_t **at)
{
	int64_t count = g->s.of->count;
	*at = malloc(sizeof **at * (size_t)(count + 1));
	if (!*at)
		return NULL;
	rows_places(&g->shape, g->s.of, g->s.residuals, columns, *at);
	return malloc(sizeof(double) * (size_t)((*at)[count] + 1));
}

static par_err room(gls_solver *g, bool hold)
{
	const clusters *of = g->s.of;
	PAR_TRY(rows_shape_make(&g->shape, of));
	PAR_TRY(room_for_sums(g, hold));
	g->row = room_for_rows(g, g->ask.columns, &g->row_at);
	if (!g->row)
		return no_memory(g);
	if (!hold)
		return PAR_OK;
	g->own = room_for_rows(g, 1, &g->own_at);
	g->has_own = malloc((size_t)of->count + 1);
	g->held = malloc((size_t)of->series + 1);
	g->can_move = malloc(sizeof *g->can_move * (size_t)(of->nodes + 1));
	return g->own && g->has_own && g->held && g->can_move ? PAR_OK : no_memory(g);
}

void gls_close(gls_solver *g)
{
	if (!g)
		return;
	if (gls_together(&g->s))
		par_mesh_free(&g->line);
	rows_shape_drop(&g->shape);
	free(g->row);
	free(g->row_at);
	free(g->own);
	free(g->own_at);
	free(g->has_own);
	free(g->held);
	free(g->can_move);
	free(g->slot);
	free(g->all);
	free(g);
}

/* -- sums -- */

par_err gls_cannot_stay(const clusters *g, int64_t node)
{
	int l = 0;
	while (node >= g->of->first[l + 1])
		l++;
	const hierarchy_level *level = g->of->level[l];
	return par_fail(PAR_E_NUMERIC,
	    "%s cannot keep its forecast: nodes that cannot move contradict it, or its series "
	    "would have to be below 0; let it move",
	    level->label + (node - g->of->first[l]) * level->stride);
}

static void begin_border(gls_solver *g)
{
	const clusters *of = g->s.of;
	gls_sums *to = &g->free;
	int t = g->s.residuals, k = to->columns;
	for (int64_t i = 0; i < of->border; i++) {
		int64_t node = of->border_node[i];
		if (i >= g->lo && i < g->hi)
			to->matrix[(i - g->lo) * of->border + i] = g->s.node_variance[node];
		memcpy(to->across + i * t, g->s.incoherence + node * t,
		    sizeof *to->across * (size_t)t);
		for (int j = 0; j < k; j++)
			to->right[i * k + j] = g->ask.node[j][node];
	}
	for (int a = 0; a < t; a++)
		to->core[a * t + a] = -1 / g->s.weight;
}

void gls_add_variance(const gls_solver *g, gls_sums *to, int64_t i, double d)
{
	const clusters *of = g->s.of;
	for (int a = 0; a < of->of->count; a++) {
		int64_t at = of->place[clusters_node(of, a, i)];
		for (int b = 0; b < of->of->count && at >= g->lo && at < g->hi; b++)
			if (!of->inside[a] && !of->inside[b])
				to->matrix[(at - g->lo) * of->border +
					   of->place[clusters_node(of, b, i)]] += d;
	}
}

static void add_free(const gls_solver *g, gls_sums *to, int64_t i)
{
	const clusters *of = g->s.of;
	int k = to->columns;
	gls_add_variance(g, to, i, g->s.series_variance[i]);
	for (int l = 0; l < of->of->count; l++)
		for (int j = 0; j < k && !of->inside[l]; j++)
			to->right[of->place[clusters_node(of, l, i)] * k + j] -=
			    (double)g->ask.series[j][i];
}

void gls_take_rows(gls_solver *g, gls_sums *to, const cluster_rows *r, const double *by, int column)
{
	int t = r->residuals;
	size_t n = (size_t)r->border, k = (size_t)to->columns, apart = rows_width(r);
	const double *errors = r->wide + n, *right = errors + t + column;
	for (int a = 0; a < r->border; a++) {
		int64_t at = r->listed[a];
		if (at >= g->lo && at < g->hi) {
			double *row = to->matrix + (at - g->lo) * g->s.of->border;
			memset(g->meets, 0, sizeof *g->meets * n);
			KERNEL_CALL(
			    triangle_take, g->meets, n, by + a, apart, r->wide, apart, r->n);
			for (size_t b = 0; b < n; b++)
				row[r->listed[b]] += g->meets[b];
		}
		KERNEL_CALL(triangle_take, to->across + at * t, (size_t)t, by + a, apart, errors,
		    apart, r->n);
		KERNEL_CALL(triangle_take, to->right + at * (int64_t)k, k, by + a, apart, right,
		    apart, r->n);
	}
	KERNEL_CALL(triangle_products, to->core, t, by + n, errors, apart, r->n);
	for (int a = 0; a < t; a++)
		KERNEL_CALL(triangle_take, to->below + (size_t)a * k, k, by + n + a, apart, right,
		    apart, r->n);
}

cluster_rows gls_free_rows(const gls_solver *g, int64_t c)
{
	return rows_in(&g->shape, &g->s, c, g->ask.columns, g->row + g->row_at[c]);
}

static par_err sum_all(gls_solver *g)
{
	const clusters *of = g->s.of;
	begin_border(g);
	for (int64_t i = 0; i < of->series; i++)
		add_free(g, &g->free, i);
	for (int64_t c = 0; c < of->count; c++) {
		cluster_rows r = gls_free_rows(g, c);
		int bad = rows_make(&r, &g->s, &g->ask, NULL, c, g->slot);
		if (bad >= 0)
			return gls_cannot_stay(of, of->node[of->first_node[c] + bad]);
		gls_take_rows(g, &g->free, &r, r.wide, 0);
	}
	return PAR_OK;
}

static par_err share_border(gls_solver *g)
{
	par_layout rows;
	const par_place place = PAR_SHARDED(0);
	const int64_t n = g->s.of->border;
	PAR_TRY(par_mesh_line(&g->line, g->s.world, g->s.world->size, "rows"));
	par_layout_make(&rows, &g->line, 2, (const int64_t[]){n, n}, &place);
	g->lo = rows.held[0].first;
	g->hi = g->lo + rows.held[0].n;
	return PAR_OK;
}

par_err gls_agreed(const gls_solver *g, par_err e)
{
	return gls_together(&g->s) ? par_agree(g->s.world, e) : e;
}

par_err gls_open(gls_solver **out, const gls *s, const gls_ask *ask, bool hold)
{
	gls_solver *g = *out = calloc(1, sizeof *g);
	par_err e = g ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to reconcile");
	if (gls_together(s))
		e = par_agree(s->world, e);
	if (e != PAR_OK)
		return e;
	*g = (gls_solver){.s = *s, .ask = *ask, .hi = s->of->border, .column = -1};
	if (gls_together(s))
		PAR_TRY(share_border(g));
	e = room(g, hold);
	return gls_agreed(g, e == PAR_OK ? sum_all(g) : e);
}

double gls_bytes(const clusters *g, int residuals, int columns)
{
	double n = (double)g->border, t = residuals, k = columns, most = g->widest;
	double meets = n < 64 ? n : 64, inside = (double)g->nodes - n;
	double rows = inside * (2 * (most + meets + t) + k + 1);
	return 8 * (3 * (n * n + n * t + t * t + n * k) + n * t + rows +
		       k * ((double)g->nodes + t)) +
	       2 * (double)g->series + 4 * (double)g->nodes;
}

double gls_flops(const clusters *g, int residuals)
{
	double n = (double)g->border, t = residuals, inside = (double)g->nodes - n;
	double meets = n < 64 ? n : 64; /* of a cluster's nodes with the border */
	return inside * (t * t + 2 * meets * t + 2 * meets * meets) + n * n * n / 3 +
	       2 * n * n * t + t * t * t / 3;
}
