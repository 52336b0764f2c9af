#include "dist/cholesky.h"
#include "dist/factor.h"
#include "forecast/reconcile/gls_inside.h"
#include "forecast/reconcile/triangle.h"

#include <string.h>

#define WHOLE 16384 /* a border up to here has the same bits on any number of ranks */

/* -- solving -- */

static void copy_sums(const gls_solver *g, gls_sums *to, const gls_sums *from, int column)
{
	size_t n = (size_t)g->s.of->border, t = (size_t)g->s.residuals;
	memcpy(to->matrix, from->matrix, sizeof(double) * (size_t)(g->hi - g->lo) * n);
	memcpy(to->across, from->across, sizeof(double) * n * t);
	memcpy(to->core, from->core, sizeof(double) * t * t);
	for (size_t i = 0; i < n; i++)
		memcpy(to->right + i * (size_t)to->columns,
		    from->right + i * (size_t)from->columns + column,
		    sizeof(double) * (size_t)to->columns);
	for (size_t a = 0; a < t; a++)
		memcpy(to->below + a * (size_t)to->columns,
		    from->below + a * (size_t)from->columns + column,
		    sizeof(double) * (size_t)to->columns);
}

/* made.core, upper half and negative, becomes its factor's lower half; turned = l^-1 across', below = l^-1 below */
static par_err eliminate_core(gls_solver *g)
{
	int t = g->s.residuals;
	gls_sums *to = &g->made;
	size_t k = (size_t)to->columns, n = (size_t)g->s.of->border;
	for (int a = 0; a < t; a++)
		for (int b = 0; b <= a; b++)
			to->core[a * t + b] = -to->core[b * t + a];
	if (triangle_factor(to->core, t) >= 0)
		return par_fail(
		    PAR_E_NUMERIC, "errors of past forecasts are too large to reconcile by");
	for (size_t i = 0; i < n; i++)
		for (int a = 0; a < t; a++)
			g->turned[(size_t)a * n + i] = to->across[i * (size_t)t + (size_t)a];
	KERNEL_CALL(triangle_forward, to->core, t, g->turned, n);
	KERNEL_CALL(triangle_forward, to->core, t, to->below, k);
	for (size_t i = 0; i < n; i++) {
		int64_t row = (int64_t)i - g->lo;
		for (int a = 0; a < t; a++)
			g->meets[a] = -g->turned[(size_t)a * n + i];
		if (row >= 0 && row < g->hi - g->lo)
			KERNEL_CALL(triangle_take, to->matrix + (size_t)row * n, n, g->meets, 1,
			    g->turned, n, t);
		KERNEL_CALL(triangle_take, to->right + i * k, k, g->meets, 1, to->below, k, t);
	}
	return PAR_OK;
}

static par_err solve_here(gls_solver *g)
{
	int n = (int)g->s.of->border, k = g->made.columns;
	double *column = g->meets;
	int minor = par_factor(g->made.matrix, n);
	for (int j = 0; j < k && minor == 0; j++) {
		for (int i = 0; i < n; i++)
			column[i] = g->made.right[i * k + j];
		par_factor_solve(g->made.matrix, n, column);
		for (int i = 0; i < n; i++)
			g->made.right[i * k + j] = column[i];
	}
	return minor == 0 ? PAR_OK : gls_cannot_stay(g->s.of, g->s.of->border_node[minor - 1]);
}

static par_err solve_together(gls_solver *g, bool *coarse)
{
	const int64_t n = g->s.of->border, k = g->made.columns;
	const par_place rows = PAR_SHARDED(0), all = PAR_REPLICATED;
	const par_dist_spec spec = {.whole = WHOLE};
	par_dist_report report;
	par_tensor a, b;
	par_tensor_view(&a, &g->line, PAR_F64, 2, (const int64_t[]){n, n}, &rows, g->made.matrix);
	par_tensor_view(&b, &g->line, PAR_F64, 2, (const int64_t[]){n, k}, &all, g->made.right);
	par_err e = par_cholesky_solve(&b, &a, &b, &spec, &report);
	*coarse |= !report.same_bits;
	return e;
}

/* y = l'^-1 (turned x_border - below), which stays in below */
static void find_residuals(gls_solver *g, double *y)
{
	int t = g->s.residuals, k = g->made.columns;
	int64_t n = g->s.of->border;
	double *below = g->made.below;
	for (int a = 0; a < t; a++)
		for (int j = 0; j < k; j++) {
			double v = -below[a * k + j];
			for (int64_t i = 0; i < n; i++)
				v += g->turned[a * n + i] * g->made.right[i * k + j];
			below[a * k + j] = v;
		}
	KERNEL_CALL(triangle_backward, g->made.core, t, below, (size_t)k);
	for (int a = 0; a < t; a++)
		for (int j = 0; j < k; j++)
			y[j * t + a] = below[a * k + j];
}

/* of the step at hand, -1: of all, with nothing held */
static void find_cluster(gls_solver *g, int64_t c, int column, double *x)
{
	const clusters *of = g->s.of;
	bool own = column >= 0 && g->has_own[c];
	int k = g->made.columns;
	cluster_rows r = own ? rows_in(&g->shape, &g->s, c, 1, g->own + g->own_at[c])
			     : gls_free_rows(g, c);
	rows_solve(&r, own || column < 0 ? 0 : column, k, g->made.right, g->made.below, g->meets,
	    g->solved);
	for (int i = 0; i < r.n; i++)
		for (int j = 0; j < k; j++)
			x[(int64_t)j * of->nodes + of->node[of->first_node[c] + i]] =
			    g->solved[i * k + j];
}

/* sums become a solution */
static par_err solve_sums(
    gls_solver *g, const gls_sums *of, int column, double *x, double *y, bool *coarse)
{
	const clusters *cut = g->s.of;
	g->made.columns = of->columns;
	copy_sums(g, &g->made, of, 0);
	PAR_TRY(gls_agreed(g, eliminate_core(g)));
	PAR_TRY(gls_together(&g->s) ? solve_together(g, coarse) : solve_here(g));
	find_residuals(g, y);
	for (int64_t i = 0; i < cut->border; i++)
		for (int j = 0; j < of->columns; j++)
			x[j * cut->nodes + cut->border_node[i]] =
			    g->made.right[i * of->columns + j];
	for (int64_t c = 0; c < cut->count; c++)
		find_cluster(g, c, column, x);
	return PAR_OK;
}

par_err gls_solve(gls_solver *g, double *x, double *y, bool *coarse)
{
	return solve_sums(g, &g->free, -1, x, y, coarse);
}

/* -- holding -- */

static void begin_step(gls_solver *g, int column)
{
	const clusters *of = g->s.of;
	g->column = column;
	copy_sums(g, &g->now, &g->free, column);
	memset(g->has_own, 0, (size_t)of->count);
	memset(g->held, 0, (size_t)of->series);
	memset(g->can_move, 0, sizeof *g->can_move * (size_t)of->nodes);
	for (int64_t i = 0; i < of->series; i++)
		for (int l = 0; l < of->of->count; l++)
			g->can_move[clusters_node(of, l, i)] += g->s.series_variance[i] > 0;
}

/* a series is held from now on, or let go: what it gives the border's and the residuals' equations changes */
static void turn_series(gls_solver *g, int64_t i)
{
	const clusters *of = g->s.of;
	int t = g->s.residuals;
	const float *r = g->s.residual + i * t;
	double sign = g->held[i] ? -1 : 1, b = (double)g->ask.series[g->column][i];
	double d = g->s.series_variance[i], *error = g->meets, *taken = g->meets + t;
	g->held[i] = !g->held[i];
	gls_add_variance(g, &g->now, i, -sign * d);
	for (int l = 0; l < of->of->count; l++) {
		int64_t node = clusters_node(of, l, i), at = of->place[node];
		g->can_move[node] -= (int)sign;
		if (of->inside[l])
			continue;
		g->now.right[at] += sign * b;
		for (int k = 0; k < t; k++)
			g->now.across[at * t + k] += sign * (double)r[k];
	}
	for (int k = 0; k < t; k++) {
		error[k] = (double)r[k];
		taken[k] = sign / d * error[k];
		g->now.below[k] -= taken[k] * b;
	}
	KERNEL_CALL(triangle_products, g->now.core, t, taken, error, (size_t)t, 1);
}

/* the cluster's rows with what is held now, in the place of those before */
static par_err turn_cluster(gls_solver *g, int64_t c)
{
	const gls_ask one = {1, g->ask.node + g->column, g->ask.series + g->column};
	cluster_rows own = rows_in(&g->shape, &g->s, c, 1, g->own + g->own_at[c]);
	cluster_rows before = g->has_own[c] ? own : gls_free_rows(g, c);
	size_t numbers = (size_t)before.n * rows_width(&before);
	for (size_t k = 0; k < numbers; k++)
		g->given[k] = -before.wide[k];
	gls_take_rows(g, &g->now, &before, g->given, g->has_own[c] ? 0 : g->column);
	int bad = rows_make(&own, &g->s, &one, g->held, c, g->slot);
	if (bad >= 0)
		return gls_cannot_stay(g->s.of, g->s.of->node[g->s.of->first_node[c] + bad]);
	gls_take_rows(g, &g->now, &own, own.wide, 0);
	g->has_own[c] = 1;
	return PAR_OK;
}

static par_err turn_all(gls_solver *g, const uint8_t *held)
{
	const clusters *of = g->s.of;
	for (int64_t c = 0; c < of->count; c++) {
		bool turned = false;
		for (int64_t m = of->first_member[c]; m < of->first_member[c + 1]; m++) {
			int64_t i = of->member[m];
			if (held[i] != g->held[i])
				turn_series(g, i);
			else
				continue;
			turned = true;
		}
		if (turned)
			PAR_TRY(turn_cluster(g, c));
	}
	/* sums that should have come to nothing would not quite */
	for (int64_t k = 0; k < of->nodes; k++)
		if (g->can_move[k] == 0 && !(g->s.node_variance[k] > 0))
			return gls_cannot_stay(of, k);
	return PAR_OK;
}

par_err gls_hold(gls_solver *g, int column, const uint8_t *held, double *x, double *y, bool *coarse)
{
	if (column != g->column)
		begin_step(g, column);
	PAR_TRY(gls_agreed(g, turn_all(g, held)));
	return solve_sums(g, &g->now, column, x, y, coarse);
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
