#include "forecast/reconcile/gls.h"

#include "dist/cholesky.h"
#include "dist/factor.h"
#include "forecast/reconcile/triangle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WHOLE 16384 /* a border up to here has the same bits on any number of ranks */

/* a solution on its way. A cluster's rows are wide: its border nodes, the residuals, the right sides. */
typedef struct {
	const gls *s;
	const gls_ask *ask;
	double *x, *y;  /* the caller's */
	int64_t lo, hi; /* rows of the border's matrix that are mine */
	double *all;    /* owned: what follows */
	double *matrix; /* [hi - lo][border] */
	double *across; /* [border][residuals] */
	double *turned; /* [residuals][border] */
	double *
	    core; /* [residuals][residuals] negative, its upper half; then its factor's lower half */
	double *right; /* [border][columns] */
	double *below; /* [residuals][columns] right sides of y */
	double *small; /* [widest][widest] */
	double *wide;  /* [widest][border + residuals + columns] */
	double *meets; /* [border + residuals] scratch */
	int32_t *slot; /* owned: [border] a border node's column in the cluster at hand; -1: none */
	int32_t *listed; /* [border] the border node of each column */
	int listed_count;
} work;

bool gls_together(const gls *s)
{
	return s->of->border > s->alone;
}

static size_t width(const work *w)
{
	return (size_t)w->listed_count + (size_t)w->s->residuals + (size_t)w->ask->columns;
}

/* -- what series bring -- */

static bool is_held(const work *w, int64_t i)
{
	return w->ask->held && w->ask->held[i];
}

/* the columns of the border nodes that a cluster's series are of */
static void list_border(work *w, int64_t c)
{
	const clusters *g = w->s->of;
	for (int k = 0; k < w->listed_count; k++)
		w->slot[w->listed[k]] = -1;
	w->listed_count = 0;
	for (int64_t m = g->first_member[c]; m < g->first_member[c + 1] && g->widest > 0; m++)
		for (int l = 0; l < g->of->count; l++) {
			int32_t at = g->place[clusters_node(g, l, g->member[m])];
			if (g->inside[l] || w->slot[at] >= 0)
				continue;
			w->slot[at] = w->listed_count;
			w->listed[w->listed_count++] = at;
		}
}

/* row of the cluster's equations: its node's own terms */
static void begin_rows(work *w, int64_t c)
{
	const clusters *g = w->s->of;
	int n = (int)(g->first_node[c + 1] - g->first_node[c]), t = w->s->residuals;
	memset(w->small, 0, sizeof *w->small * (size_t)(n * n));
	memset(w->wide, 0, sizeof *w->wide * (size_t)n * width(w));
	for (int i = 0; i < n; i++) {
		int32_t node = g->node[g->first_node[c] + i];
		double *row = w->wide + (size_t)i * width(w) + w->listed_count;
		w->small[i * n + i] = w->s->node_variance[node];
		for (int k = 0; k < t; k++)
			row[k] = w->s->incoherence[(int64_t)node * t + k];
		for (int k = 0; k < w->ask->columns; k++)
			row[t + k] = w->ask->node[k][node];
	}
}

/* to (residuals, then right sides) gets what a series takes from the equation of a node of it */
static void add_sides(const work *w, int64_t i, double *to, double *right)
{
	const float *r = w->s->residual + i * w->s->residuals;
	if (is_held(w, i)) {
		for (int k = 0; k < w->s->residuals; k++)
			to[k] += (double)r[k];
		return;
	}
	for (int k = 0; k < w->ask->columns; k++)
		right[k] -= (double)w->ask->series[k][i];
}

static void add_inside(work *w, int64_t i, int n, int level)
{
	const clusters *g = w->s->of;
	int32_t at = g->place[clusters_node(g, level, i)];
	double d = is_held(w, i) ? 0 : w->s->series_variance[i];
	double *row = w->wide + (size_t)at * width(w);
	for (int l = 0; l < g->of->count; l++) {
		int32_t other = g->place[clusters_node(g, l, i)];
		if (g->inside[l])
			w->small[at * n + other] += d;
		else
			row[w->slot[other]] += d;
	}
	add_sides(w, i, row + w->listed_count, row + w->listed_count + w->s->residuals);
}

static void add_border(work *w, int64_t i, int level)
{
	const clusters *g = w->s->of;
	int64_t at = g->place[clusters_node(g, level, i)];
	double d = is_held(w, i) ? 0 : w->s->series_variance[i];
	for (int l = 0; l < g->of->count && at >= w->lo && at < w->hi; l++)
		if (!g->inside[l])
			w->matrix[(at - w->lo) * g->border + g->place[clusters_node(g, l, i)]] += d;
	add_sides(w, i, w->across + at * w->s->residuals, w->right + at * w->ask->columns);
}

/* a series held at 0 is eliminated from the residuals' block: its own variance divides */
static void add_core(work *w, int64_t i)
{
	int t = w->s->residuals;
	const float *r = w->s->residual + i * t;
	double by = 1 / w->s->series_variance[i];
	for (int a = 0; a < t; a++)
		for (int b = a; b < t; b++)
			w->core[a * t + b] -= by * (double)r[a] * (double)r[b];
	for (int a = 0; a < t; a++)
		for (int k = 0; k < w->ask->columns; k++)
			w->below[a * w->ask->columns + k] -= by * (double)r[a] *
							     (double)w->ask->series[k][i];
}

/* the cluster's equations stand in small and wide; its series have given the border theirs */
static void assemble(work *w, int64_t c, bool border)
{
	const clusters *g = w->s->of;
	int n = (int)(g->first_node[c + 1] - g->first_node[c]);
	list_border(w, c);
	begin_rows(w, c);
	for (int64_t m = g->first_member[c]; m < g->first_member[c + 1]; m++) {
		int64_t i = g->member[m];
		for (int l = 0; l < g->of->count; l++)
			if (g->inside[l])
				add_inside(w, i, n, l);
			else if (border)
				add_border(w, i, l);
		if (border && is_held(w, i))
			add_core(w, i);
	}
}

/* -- elimination -- */

/* the border's and the residuals' equations without the cluster, whose factored rows l^-1 [P E' right] stand in wide */
static void take_cluster(work *w, int rows)
{
	int t = w->s->residuals, n = w->listed_count;
	size_t k = (size_t)w->ask->columns, apart = width(w);
	const double *wide = w->wide, *errors = wide + n, *right = errors + t;
	for (int a = 0; a < n; a++) {
		int64_t at = w->listed[a];
		if (at >= w->lo && at < w->hi) {
			double *row = w->matrix + (at - w->lo) * w->s->of->border;
			memset(w->meets, 0, sizeof *w->meets * (size_t)n);
			KERNEL_CALL(
			    triangle_take, w->meets, (size_t)n, wide + a, apart, wide, apart, rows);
			for (int b = 0; b < n; b++)
				row[w->listed[b]] += w->meets[b];
		}
		KERNEL_CALL(triangle_take, w->across + at * t, (size_t)t, wide + a, apart, errors,
		    apart, rows);
		KERNEL_CALL(triangle_take, w->right + at * (int64_t)k, k, wide + a, apart, right,
		    apart, rows);
	}
	KERNEL_CALL(triangle_products, w->core, t, errors, apart, rows);
	for (int a = 0; a < t; a++)
		KERNEL_CALL(triangle_take, w->below + (size_t)a * k, k, errors + a, apart, right,
		    apart, rows);
}

static par_err cannot_stay(const clusters *g, int32_t node)
{
	int l = 0;
	while (node >= g->of->first[l + 1])
		l++;
	const hierarchy_level *level = g->of->level[l];
	return par_fail(PAR_E_NUMERIC,
	    "%s cannot keep its forecast: nodes that cannot move contradict it, or its series "
	    "would "
	    "have to be below 0; let it move",
	    level->label + (node - g->of->first[l]) * level->stride);
}

static par_err eliminate(work *w, int64_t c)
{
	const clusters *g = w->s->of;
	int n = (int)(g->first_node[c + 1] - g->first_node[c]);
	assemble(w, c, true);
	int bad = triangle_factor(w->small, n);
	if (bad >= 0)
		return cannot_stay(g, g->node[g->first_node[c] + bad]);
	KERNEL_CALL(triangle_forward, w->small, n, w->wide, width(w));
	take_cluster(w, n);
	return PAR_OK;
}

/* core, upper half there and negative, becomes its factor's lower half; turned = l^-1 across', below = l^-1 below */
static par_err eliminate_core(work *w)
{
	int t = w->s->residuals;
	size_t k = (size_t)w->ask->columns, n = (size_t)w->s->of->border;
	for (int a = 0; a < t; a++)
		for (int b = 0; b <= a; b++)
			w->core[a * t + b] = -w->core[b * t + a];
	if (triangle_factor(w->core, t) >= 0)
		return par_fail(
		    PAR_E_NUMERIC, "errors of past forecasts are too large to reconcile by");
	for (size_t i = 0; i < n; i++)
		for (int a = 0; a < t; a++)
			w->turned[(size_t)a * n + i] = w->across[i * (size_t)t + (size_t)a];
	KERNEL_CALL(triangle_forward, w->core, t, w->turned, n);
	KERNEL_CALL(triangle_forward, w->core, t, w->below, k);
	for (size_t i = 0; i < n; i++) {
		int64_t row = (int64_t)i - w->lo;
		for (int a = 0; a < t; a++)
			w->meets[a] = -w->turned[(size_t)a * n + i];
		if (row >= 0 && row < w->hi - w->lo)
			KERNEL_CALL(triangle_take, w->matrix + (size_t)row * n, n, w->meets, 1,
			    w->turned, n, t);
		KERNEL_CALL(triangle_take, w->right + i * k, k, w->meets, 1, w->below, k, t);
	}
	return PAR_OK;
}

static par_err solve_here(work *w)
{
	int n = (int)w->s->of->border, k = w->ask->columns;
	double *column = malloc(sizeof *column * (size_t)(n + 1));
	if (!column)
		return par_fail(PAR_E_MEMORY, "no memory for %d nodes", n);
	int minor = par_factor(w->matrix, n);
	for (int j = 0; j < k && minor == 0; j++) {
		for (int i = 0; i < n; i++)
			column[i] = w->right[i * k + j];
		par_factor_solve(w->matrix, n, column);
		for (int i = 0; i < n; i++)
			w->right[i * k + j] = column[i];
	}
	free(column);
	return minor == 0 ? PAR_OK : cannot_stay(w->s->of, w->s->of->border_node[minor - 1]);
}

static par_err solve_together(work *w, const par_mesh *line, bool *coarse)
{
	const int64_t n = w->s->of->border, k = w->ask->columns;
	const par_place rows = PAR_SHARDED(0), all = PAR_REPLICATED;
	const par_dist_spec spec = {.whole = WHOLE};
	par_dist_report report;
	par_tensor a, b;
	par_tensor_view(&a, line, PAR_F64, 2, (const int64_t[]){n, n}, &rows, w->matrix);
	par_tensor_view(&b, line, PAR_F64, 2, (const int64_t[]){n, k}, &all, w->right);
	par_err e = par_cholesky_solve(&b, &a, &b, &spec, &report);
	*coarse |= !report.same_bits;
	return e;
}

/* -- back -- */

/* y = l'^-1 (turned x_border - below) */
static void find_residuals(work *w)
{
	int t = w->s->residuals, k = w->ask->columns;
	int64_t n = w->s->of->border;
	for (int a = 0; a < t; a++)
		for (int j = 0; j < k; j++) {
			double v = -w->below[a * k + j];
			for (int64_t i = 0; i < n; i++)
				v += w->turned[a * n + i] * w->right[i * k + j];
			w->below[a * k + j] = v;
		}
	KERNEL_CALL(triangle_backward, w->core, t, w->below, (size_t)k);
	for (int a = 0; a < t; a++)
		for (int j = 0; j < k; j++)
			w->y[j * t + a] = w->below[a * k + j];
}

static void find_cluster(work *w, int64_t c)
{
	const clusters *g = w->s->of;
	int n = (int)(g->first_node[c + 1] - g->first_node[c]), t = w->s->residuals;
	size_t k = (size_t)w->ask->columns;
	assemble(w, c, false);
	size_t apart = width(w);
	triangle_factor(w->small, n);
	for (int i = 0; i < n; i++) {
		double *row = w->wide + (size_t)i * apart, *right = row + w->listed_count + t;
		for (int a = 0; a < w->listed_count; a++)
			KERNEL_CALL(triangle_take, right, k, row + a, 1,
			    w->right + (size_t)w->listed[a] * k, 1, 1);
		KERNEL_CALL(triangle_take, right, k, row + w->listed_count, 1, w->below, k, t);
		/* rows close up, to be solved as one matrix */
		memmove(w->wide + (size_t)i * k, right, sizeof *right * k);
	}
	KERNEL_CALL(triangle_forward, w->small, n, w->wide, k);
	KERNEL_CALL(triangle_backward, w->small, n, w->wide, k);
	for (int i = 0; i < n; i++)
		for (size_t j = 0; j < k; j++)
			w->x[(int64_t)j * g->nodes + g->node[g->first_node[c] + i]] =
			    w->wide[(size_t)i * k + j];
}

static void find_all(work *w)
{
	const clusters *g = w->s->of;
	find_residuals(w);
	for (int64_t i = 0; i < g->border; i++)
		for (int j = 0; j < w->ask->columns; j++)
			w->x[j * g->nodes + g->border_node[i]] = w->right[i * w->ask->columns + j];
	for (int64_t c = 0; c < g->count; c++)
		find_cluster(w, c);
}

/* -- all of it -- */

static double *carve(double **from, size_t n)
{
	double *at = *from;
	*from += n;
	return at;
}

static par_err room(work *w)
{
	const clusters *g = w->s->of;
	size_t n = (size_t)g->border, t = (size_t)w->s->residuals, k = (size_t)w->ask->columns;
	size_t mine = (size_t)(w->hi - w->lo), most = (size_t)g->widest;
	size_t numbers = mine * n + 2 * n * t + t * t + (n + t) * k + most * (most + n + t + k) +
			 n + t;
	double *next = w->all = calloc(numbers + 1, sizeof(double));
	w->slot = malloc(2 * sizeof *w->slot * (n + 1));
	if (!w->all || !w->slot)
		return par_fail(PAR_E_MEMORY, "no memory to reconcile %zu nodes at once", n);
	w->matrix = carve(&next, mine * n);
	w->across = carve(&next, n * t);
	w->turned = carve(&next, n * t);
	w->core = carve(&next, t * t);
	w->right = carve(&next, n * k);
	w->below = carve(&next, t * k);
	w->small = carve(&next, most * most);
	w->wide = carve(&next, most * (n + t + k));
	w->meets = carve(&next, n + t);
	w->listed = w->slot + n;
	memset(w->slot, -1, sizeof *w->slot * n);
	return PAR_OK;
}

static void leave(work *w)
{
	free(w->all);
	free(w->slot);
}

static void begin_border(work *w)
{
	const clusters *g = w->s->of;
	int t = w->s->residuals, k = w->ask->columns;
	for (int64_t i = 0; i < g->border; i++) {
		int64_t node = g->border_node[i];
		if (i >= w->lo && i < w->hi)
			w->matrix[(i - w->lo) * g->border + i] = w->s->node_variance[node];
		memcpy(
		    w->across + i * t, w->s->incoherence + node * t, sizeof *w->across * (size_t)t);
		for (int j = 0; j < k; j++)
			w->right[i * k + j] = w->ask->node[j][node];
	}
	for (int a = 0; a < t; a++)
		w->core[a * t + a] = -1 / w->s->weight;
}

static par_err reduce(work *w)
{
	PAR_TRY(room(w));
	begin_border(w);
	for (int64_t c = 0; c < w->s->of->count; c++)
		PAR_TRY(eliminate(w, c));
	return eliminate_core(w);
}

static par_err solve_collectively(work *w, bool *coarse)
{
	par_mesh line;
	par_layout rows;
	const par_place place = PAR_SHARDED(0);
	const int64_t n = w->s->of->border;
	PAR_TRY(par_mesh_line(&line, w->s->world, w->s->world->size, "rows"));
	par_layout_make(&rows, &line, 2, (const int64_t[]){n, n}, &place);
	w->lo = rows.held[0].first;
	w->hi = w->lo + rows.held[0].n;
	par_err e = par_agree(w->s->world, reduce(w));
	if (e == PAR_OK)
		e = solve_together(w, &line, coarse);
	par_mesh_free(&line);
	return e;
}

par_err gls_solve(const gls *s, const gls_ask *ask, double *x, double *y, bool *coarse)
{
	work w = {.s = s, .ask = ask, .x = x, .y = y, .hi = s->of->border};
	par_err e;
	if (gls_together(s)) {
		e = solve_collectively(&w, coarse);
	} else {
		e = reduce(&w);
		if (e == PAR_OK)
			e = solve_here(&w);
	}
	if (e == PAR_OK)
		find_all(&w);
	leave(&w);
	return e;
}

double gls_series(const gls *s, int64_t i, double b, const double *x, const double *y)
{
	const float *r = s->residual + i * s->residuals;
	double up = 0, along = 0;
	for (int l = 0; l < s->of->of->count; l++)
		up += x[clusters_node(s->of, l, i)];
	for (int k = 0; k < s->residuals; k++)
		along += (double)r[k] * y[k];
	return b + s->series_variance[i] * up - along;
}

double gls_bytes(const clusters *g, int residuals, int columns)
{
	double n = (double)g->border, t = residuals, k = columns, most = g->widest;
	return 8 * (n * n + 2 * n * t + t * t + n * k + most * (most + n + t + k) +
		       k * ((double)g->nodes + t));
}

double gls_flops(const clusters *g, int residuals)
{
	double n = (double)g->border, t = residuals, inside = (double)g->nodes - n;
	double meets = n < 64 ? n : 64; /* of a cluster's nodes with the border */
	return inside * (t * t + 2 * meets * t + 2 * meets * meets) + n * n * n / 3 +
	       2 * n * n * t + t * t * t / 3;
}
