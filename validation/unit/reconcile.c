/* np: 1 2 3 6   apps: forecast */
#include "../tap.h"
#include "forecast/reconcile/adjust.h"
#include "forecast/reconcile/covariance.h"
#include "forecast/reconcile/immutable.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 24 series of 2 x 3 x 4 values. The levels: all; the second column; the third, which crosses it; the first and
 * second, which crosses the third. */
enum { SERIES = 24, NODES = 14, ALL = NODES + SERIES, LEVELS = 4, ERRORS = 6, STEPS = 5 };

static int32_t node_of[LEVELS][SERIES];
static hierarchy_level level[LEVELS];
static const hierarchy_level *levels[LEVELS];
static int64_t first[LEVELS + 1];
static levels_sums sums = {LEVELS, levels, first};
static char label[] = "node";
static par_world world;

static double a[STEPS][NODES], node_variance[NODES], series_variance[SERIES];
static float b[STEPS][SERIES], error[SERIES][ERRORS];
static double node_error[NODES][ERRORS], incoherence[NODES][ERRORS];
static uint32_t state = 7;

/* in (-1, 1) */
static double draw(void)
{
	state = state * 1664525u + 1013904223u;
	return (double)(state >> 8) / 8388608 - 1;
}

static void make_levels(void)
{
	static const int64_t nodes[LEVELS] = {1, 3, 4, 6};
	for (int i = 0; i < SERIES; i++) {
		int one = i / 12, two = i / 4 % 3, three = i % 4;
		const int32_t of[LEVELS] = {0, two, three, one * 3 + two};
		for (int l = 0; l < LEVELS; l++)
			node_of[l][i] = of[l];
	}
	for (int l = 0; l < LEVELS; l++) {
		level[l] = (hierarchy_level){
		    .nodes = nodes[l], .node_of = node_of[l], .label = label, .stride = 0};
		levels[l] = &level[l];
		first[l + 1] = first[l] + nodes[l];
	}
}

/* forecasts that do not add up, errors that go together */
static void make_forecasts(void)
{
	for (int i = 0; i < SERIES; i++)
		for (int k = 0; k < ERRORS; k++)
			error[i][k] = (float)(draw() + .5 * (k % 3 - 1));
	for (int k = 0; k < NODES; k++)
		for (int j = 0; j < ERRORS; j++)
			node_error[k][j] = 3 * draw();
	for (int i = 0; i < SERIES; i++)
		series_variance[i] = .2 + fabs(draw());
	for (int k = 0; k < NODES; k++)
		node_variance[k] = .5 + 2 * fabs(draw());
	memcpy(incoherence, node_error, sizeof incoherence);
	for (int h = 0; h < STEPS; h++) {
		for (int i = 0; i < SERIES; i++)
			b[h][i] = (float)(h + 3 + 3 * draw());
		for (int k = 0; k < NODES; k++)
			a[h][k] = 5 * draw();
	}
	for (int i = 0; i < SERIES; i++)
		for (int l = 0; l < LEVELS; l++) {
			int64_t k = first[l] + node_of[l][i];
			for (int j = 0; j < ERRORS; j++)
				incoherence[k][j] -= (double)error[i][j];
			for (int h = 0; h < STEPS; h++)
				a[h][k] += (double)b[h][i] * (h < 3 ? 1 : .3);
		}
}

/* -- the slow way: W whole, the normal equations of all series -- */

static double row_of(int p, int i)
{
	if (p >= NODES)
		return p - NODES == i;
	for (int l = 0; l < LEVELS; l++)
		if (p >= first[l] && p < first[l + 1])
			return p - first[l] == node_of[l][i];
	return 0;
}

/* m becomes its inverse, by Gauss and Jordan */
static void invert(double *m, int n)
{
	for (int k = 0; k < n; k++) {
		double pivot = m[k * n + k];
		m[k * n + k] = 1;
		for (int j = 0; j < n; j++)
			m[k * n + j] /= pivot;
		for (int i = 0; i < n; i++) {
			double by = m[i * n + k];
			if (i == k)
				continue;
			m[i * n + k] = 0;
			for (int j = 0; j < n; j++)
				m[i * n + j] -= by * m[k * n + j];
		}
	}
}

static double error_of(int p, int k)
{
	return p < NODES ? node_error[p][k] : (double)error[p - NODES][k];
}

/* h = S' W^-1 S and g = S' W^-1 y of a step */
static void normal(double weight, int step, double h[SERIES][SERIES], double g[SERIES])
{
	static double w[ALL * ALL];
	for (int p = 0; p < ALL; p++)
		for (int q = 0; q < ALL; q++) {
			double v = p != q      ? 0
				   : p < NODES ? node_variance[p]
					       : series_variance[p - NODES];
			for (int k = 0; k < ERRORS; k++)
				v += weight * error_of(p, k) * error_of(q, k);
			w[p * ALL + q] = v;
		}
	invert(w, ALL);
	memset(h, 0, sizeof(double) * SERIES * SERIES);
	memset(g, 0, sizeof(double) * SERIES);
	for (int p = 0; p < ALL; p++)
		for (int q = 0; q < ALL; q++) {
			double y = q < NODES ? a[step][q] : (double)b[step][q - NODES];
			for (int i = 0; i < SERIES; i++) {
				double by = row_of(p, i) * w[p * ALL + q];
				g[i] += by * y;
				for (int j = 0; j < SERIES && by != 0; j++)
					h[i][j] += by * row_of(q, j);
			}
		}
}

/* least of x' h x / 2 - g' x, over x >= least, one coordinate after the other (Gauss and Seidel) */
static void minimise(double h[SERIES][SERIES], const double *g, double least, double *x)
{
	double moved = 1;
	memset(x, 0, sizeof *x * SERIES);
	while (moved > 1e-11) {
		moved = 0;
		for (int i = 0; i < SERIES; i++) {
			double v = g[i];
			for (int j = 0; j < SERIES; j++)
				v -= j != i ? h[i][j] * x[j] : 0;
			v = v / h[i][i] > least ? v / h[i][i] : least;
			moved = fmax(moved, fabs(v - x[i]));
			x[i] = v;
		}
	}
}

/* -- ours -- */

typedef struct {
	double series[STEPS][SERIES];
	adjust_report report;
} answer;

static gls system_of(const clusters *g, double weight, int64_t alone)
{
	return (gls){g, &world, node_variance, series_variance, weight > 0 ? ERRORS : 0, weight,
	    &error[0][0], &incoherence[0][0], alone};
}

static par_err reconcile_all(int most, double weight, int64_t alone, bool counts, answer *out)
{
	clusters g;
	par_shared shared;
	PAR_TRY_ALL(&world, clusters_make(&g, &sums, SERIES, most));
	PAR_TRY(par_shared_open(&shared, &world, sizeof b));
	par_shared_put(&shared, 0, world.rank == 0 ? sizeof b : 0, b);
	const gls s = system_of(&g, weight, alone);
	const adjust_ask ask = {&s, 0, STEPS, counts, ADJUST_ROUNDS, &a[0][0], &shared};
	par_err e = adjust_steps(&ask, &out->report);
	for (int h = 0; h < STEPS; h++)
		for (int i = 0; i < SERIES; i++)
			out->series[h][i] = (double)((
			    const float *)(const void *)shared.window.base)[h * SERIES + i];
	par_shared_close(&shared);
	clusters_drop(&g);
	return e;
}

static double furthest(const answer *x, int step, const double *want)
{
	double most = 0;
	for (int i = 0; i < SERIES; i++)
		most = fmax(most, fabs(x->series[step][i] - want[i]));
	return most;
}

static void against_dense(void)
{
	static double h[SERIES][SERIES], g[SERIES], want[SERIES];
	static const double weight[3] = {0, .05, .6};
	static answer x, y, z;
	for (int k = 0; k < 3; k++) {
		double off = 0;
		bool fine = reconcile_all(CLUSTERS_NODES, weight[k], 64, false, &x) == PAR_OK &&
			    reconcile_all(0, weight[k], 64, false, &y) == PAR_OK &&
			    reconcile_all(1, weight[k], 0, false, &z) == PAR_OK;
		for (int step = 0; step < STEPS; step++) {
			normal(weight[k], step, h, g);
			minimise(h, g, -INFINITY, want);
			off = fmax(off, furthest(&x, step, want));
			off = fmax(off, furthest(&y, step, want));
			off = fmax(off, furthest(&z, step, want));
		}
		ok(fine && off < 2e-6,
		    "weight %.2f: by clusters, with all nodes at once, and by all ranks together "
		    "it is "
		    "generalised least squares with W whole (off by %.1e)",
		    weight[k], off);
	}
}

static void against_program(void)
{
	static double h[SERIES][SERIES], g[SERIES], want[SERIES];
	static const double weight[3] = {0, .05, .6};
	static answer x, z;
	for (int k = 0; k < 3; k++) {
		double off = 0;
		bool fine = reconcile_all(CLUSTERS_NODES, weight[k], 64, true, &x) == PAR_OK &&
			    reconcile_all(0, weight[k], 0, true, &z) == PAR_OK;
		for (int step = 0; step < STEPS; step++) {
			normal(weight[k], step, h, g);
			minimise(h, g, 0, want);
			off = fmax(off, fmax(furthest(&x, step, want), furthest(&z, step, want)));
		}
		ok(fine && x.report.held > 5 && x.report.rounds > 2 && x.report.cut == 0 &&
			z.report.held == x.report.held && off < 2e-6,
		    "weight %.2f: kept from below zero it is the quadratic program's optimum (%lld "
		    "held, %lld rounds, off by %.1e)",
		    weight[k], (long long)x.report.held, (long long)x.report.rounds, off);
	}
}

static par_err solve(const gls *s, const gls_ask *ask, double *x, double *y, bool *coarse)
{
	gls_solver *g;
	par_err e = gls_open(&g, s, ask, false);
	if (e == PAR_OK)
		e = gls_solve(g, x, y, coarse);
	gls_close(g);
	return e;
}

/* every rank solves every step by itself; what ranks did for each other has the same bits */
static void same_bits(void)
{
	clusters g;
	static answer x;
	double mine[NODES], along[ERRORS];
	bool coarse = false;
	int differ = 0;
	bool fine = reconcile_all(CLUSTERS_NODES, .05, 64, false, &x) == PAR_OK &&
		    clusters_make(&g, &sums, SERIES, CLUSTERS_NODES) == PAR_OK;
	const gls s = system_of(&g, .05, 64);
	for (int h = 0; h < STEPS; h++) {
		const double *node = a[h];
		const float *series = b[h];
		const gls_ask ask = {1, &node, &series};
		fine &= solve(&s, &ask, mine, along, &coarse) == PAR_OK;
		for (int i = 0; i < SERIES; i++) {
			float v = (float)gls_series(&s, i, (double)b[h][i], mine, along);
			differ += (double)v != x.series[h][i];
		}
	}
	ok(fine && differ == 0 && !coarse, "steps dealt to ranks have the bits of one rank");
	clusters_drop(&g);
}

/* series held, others instead, and none in the end */
static void held_and_let_go(void)
{
	clusters g;
	gls_solver *solver, *fresh;
	double x[NODES], y[ERRORS], want_x[NODES], want_y[ERRORS], off = 0;
	uint8_t held[SERIES];
	bool coarse;
	const double *node = a[4];
	const float *series = b[4];
	const gls_ask ask = {1, &node, &series};
	clusters_make(&g, &sums, SERIES, CLUSTERS_NODES);
	const gls s = system_of(&g, .6, 64);
	bool fine = gls_open(&solver, &s, &ask, true) == PAR_OK;
	for (int round = 0; round < 7; round++) {
		for (int i = 0; i < SERIES; i++)
			held[i] = round < 6 && (i * 7 + round * 5) % 11 < 4;
		fine &= gls_open(&fresh, &s, &ask, true) == PAR_OK &&
			gls_hold(solver, 0, held, x, y, &coarse) == PAR_OK &&
			gls_hold(fresh, 0, held, want_x, want_y, &coarse) == PAR_OK;
		for (int i = 0; i < SERIES; i++)
			off = fmax(off, fabs(gls_series(&s, i, (double)b[4][i], x, y) -
					     gls_series(&s, i, (double)b[4][i], want_x, want_y)));
		gls_close(fresh);
	}
	ok(fine && off < 1e-11,
	    "what is held after other series were is as if held at once (off by %.1e)", off);
	gls_close(solver);
	clusters_drop(&g);
}

/* 2 and 3 that must make -1: no series may be above 0 then, and the total would be 0 */
static void stuck(void)
{
	static int32_t zero[2];
	static char all_of_it[] = "total";
	static hierarchy_level all = {.nodes = 1, .node_of = zero, .label = all_of_it};
	const hierarchy_level *one[1] = {&all};
	int64_t begin[2] = {0, 1};
	levels_sums of = {1, one, begin};
	clusters g;
	par_shared shared;
	const float parts[2] = {2, 3};
	const double total = -1;
	adjust_report report;
	bool fine = clusters_make(&g, &of, 2, CLUSTERS_NODES) == PAR_OK &&
		    par_shared_open(&shared, &world, sizeof parts) == PAR_OK;
	par_shared_put(&shared, 0, world.rank == 0 ? sizeof parts : 0, parts);
	gls s = {&g, &world, (const double[]){0}, (const double[]){.1, .7}, 0, 0, NULL, NULL, 64};
	const adjust_ask ask = {&s, 0, 1, true, ADJUST_ROUNDS, &total, &shared};
	par_err e = adjust_steps(&ask, &report);
	ok(fine && e == PAR_E_NUMERIC && strstr(par_err_why(), "total cannot keep its forecast"),
	    "an immutable total below zero is refused by name where nothing may be");
	par_shared_close(&shared);
	clusters_drop(&g);
}

/* a total of two: 100 against 30 + 50 */
static void by_hand(void)
{
	static int32_t zero[2];
	static hierarchy_level all = {.nodes = 1, .node_of = zero, .label = label};
	const hierarchy_level *one[1] = {&all};
	int64_t begin[2] = {0, 1};
	levels_sums of = {1, one, begin};
	clusters g;
	double total = 100, x, y;
	const double *node = &total;
	const float parts[2] = {30, 50}, *series = parts;
	bool coarse;
	clusters_make(&g, &of, 2, CLUSTERS_NODES);
	const gls_ask ask = {1, &node, &series};
	gls s = {&g, &world, (const double[]){1}, (const double[]){1, 1}, 0, 0, NULL, NULL, 64};
	bool fine = solve(&s, &ask, &x, &y, &coarse) == PAR_OK;
	ok(fine && fabs(gls_series(&s, 0, 30, &x, &y) - 110 / 3.) < 1e-12 &&
		fabs(gls_series(&s, 1, 50, &x, &y) - 170 / 3.) < 1e-12,
	    "ols: 20 too few, a third of it to each of total and parts");
	s.node_variance = (const double[]){4};
	s.series_variance = (const double[]){1, 3};
	fine = solve(&s, &ask, &x, &y, &coarse) == PAR_OK;
	ok(fine && fabs(gls_series(&s, 0, 30, &x, &y) - 32.5) < 1e-12 &&
		fabs(gls_series(&s, 1, 50, &x, &y) - 57.5) < 1e-12,
	    "wls: an eighth of it for each part of the variance");
	s.node_variance = (const double[]){0};
	fine = solve(&s, &ask, &x, &y, &coarse) == PAR_OK;
	ok(fine &&
		fabs(gls_series(&s, 0, 30, &x, &y) + gls_series(&s, 1, 50, &x, &y) - 100) < 1e-12,
	    "a total that cannot move is met");
	clusters_drop(&g);
}

/* -- lambda -- */

static const double *scaled(const void *ctx, int64_t item, double *x)
{
	const double(*rows)[ERRORS] = ctx;
	memcpy(x, rows[item], sizeof rows[item]);
	return x;
}

/* over all pairs, as Schaefer and Strimmer write it, with origins for observations */
static double lambda_by_pairs(double x[ALL][ERRORS], int origins, int steps)
{
	double above = 0, below = 0;
	for (int i = 0; i < ALL; i++)
		for (int j = 0; j < ALL; j++) {
			double w[ERRORS] = {0}, mean = 0, squares = 0;
			if (i == j)
				continue;
			for (int o = 0; o < origins; o++) {
				for (int k = o * steps; k < (o + 1) * steps; k++)
					w[o] += x[i][k] * x[j][k] / steps;
				mean += w[o] / origins;
			}
			for (int o = 0; o < origins; o++)
				squares += (w[o] - mean) * (w[o] - mean);
			above += squares / (origins * (origins - 1.));
			below += mean * mean;
		}
	return above < below ? above / below : 1;
}

static void shrinkage(void)
{
	static double x[ALL][ERRORS];
	double plain, blocks, one, want[2];
	for (int p = 0; p < ALL; p++) {
		double squares = 0;
		for (int k = 0; k < ERRORS; k++) {
			x[p][k] = error_of(p, k) + (p % 2 ? 2. : -2.) * (k % 2);
			squares += x[p][k] * x[p][k] / ERRORS;
		}
		for (int k = 0; k < ERRORS; k++)
			x[p][k] /= sqrt(squares);
	}
	want[0] = lambda_by_pairs(x, ERRORS, 1);
	want[1] = lambda_by_pairs(x, 3, 2);
	par_err e = covariance_lambda(&world, ALL, ERRORS, 1, scaled, x, &plain);
	ok(e == PAR_OK && want[0] < .9 && fabs(plain - want[0]) < 1e-12,
	    "lambda without pairs is Schaefer and Strimmer's over pairs (%.4f)", want[0]);
	e = covariance_lambda(&world, ALL, 3, 2, scaled, x, &blocks);
	ok(e == PAR_OK && want[1] < .9 && fabs(blocks - want[1]) < 1e-12,
	    "and so it is between origins (%.4f)", want[1]);
	e = covariance_lambda(&world, ALL, 1, ERRORS, scaled, x, &one);
	ok(e == PAR_OK && one == 1, "one origin proves no correlation");
}

/* -- variances -- */

static void variances(void)
{
	clusters g;
	covariance c;
	double square[SERIES], size[ALL], nodes[NODES][ERRORS];
	uint8_t fixed[SERIES] = {0}, still[NODES] = {0};
	for (int i = 0; i < ALL; i++)
		size[i] = 2;
	for (int i = 0; i < SERIES; i++)
		square[i] = i == 3 ? NAN : i == 4 ? 0 : 1 + i;
	memcpy(nodes, node_error, sizeof nodes);
	nodes[5][2] = NAN;
	fixed[7] = still[2] = 1;
	clusters_make(&g, &sums, SERIES, CLUSTERS_NODES);
	covariance_ask ask = {RECONCILE_WLS, &g, &world, 2, 3, &error[0][0], square, &nodes[0][0],
	    size, size + SERIES, fixed, still};
	bool fine = covariance_make(&c, &ask) == PAR_OK;
	double sum = 0, five = 0;
	for (int i = 0; i < SERIES; i++)
		sum += i == 3 ? 0 : square[i];
	for (int k = 0; k < ERRORS; k++)
		five += k == 2 ? 0 : node_error[5][k] * node_error[5][k] / 5;
	ok(fine && c.series_variance[9] == 10 && fabs(c.series_variance[3] - sum / 23) < 1e-12 &&
		fabs(c.node_variance[5] - five) < 1e-12 && c.series_variance[7] == 0 &&
		c.node_variance[2] == 0 && c.series_variance[4] > 0 && c.lambda == 1,
	    "wls takes mean squares of what is known, of like size where nothing is, and 0 where "
	    "nothing "
	    "may move");
	covariance_drop(&c);
	for (int i = 0; i < SERIES; i++)
		square[i] = NAN;
	fine = covariance_make(&c, &ask) == PAR_OK;
	ok(fine && c.structural && c.node_variance[0] == SERIES && c.node_variance[1] == 8 &&
		c.series_variance[0] == 1,
	    "without errors, numbers of series");
	covariance_drop(&c);
	clusters_drop(&g);
}

static void cut(void)
{
	clusters g;
	clusters_make(&g, &sums, SERIES, 3);
	ok(g.inside[3] && g.inside[1] && !g.inside[2] && !g.inside[0] && g.border == 5 &&
		g.count == 3 && g.widest == 3,
	    "a level goes inside with the finer one that it is made of; one that crosses is "
	    "border");
	clusters_drop(&g);
	clusters_make(&g, &sums, SERIES, 2);
	ok(g.inside[3] && !g.inside[1] && g.border == 8 && g.count == 6,
	    "unless clusters would grow too large");
	clusters_drop(&g);
	clusters_make(&g, &sums, SERIES, 0);
	ok(g.border == NODES && g.count == 1 && g.first_member[1] == SERIES,
	    "all nodes can be border");
	clusters_drop(&g);
}

static void dependent(void)
{
	static const int32_t parts[] = {1, 2, 0, 3}, crossing[] = {4, 1, 5, 2, 6, 3, 7},
			     free_ones[] = {0, 1, 4, 9};
	uint8_t fixed[SERIES] = {0};
	int one, two, three, four;
	bool fine = immutable_dependent(&sums, SERIES, fixed, parts, 4, &one) == PAR_OK &&
		    immutable_dependent(&sums, SERIES, fixed, crossing, 7, &two) == PAR_OK &&
		    immutable_dependent(&sums, SERIES, fixed, free_ones, 4, &three) == PAR_OK;
	ok(fine && one == 3 && two == 6 && three == -1,
	    "nodes that follow from others are found, also where groups cross");
	for (int i = 0; i < SERIES; i++)
		fixed[i] = node_of[3][i] == 1;
	fine = immutable_dependent(&sums, SERIES, fixed, free_ones, 4, &four) == PAR_OK;
	ok(fine && four == 3, "and a node none of whose series may move");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world_open(&world, MPI_COMM_WORLD);
	make_levels();
	make_forecasts();
	by_hand();
	cut();
	against_dense();
	against_program();
	same_bits();
	held_and_let_go();
	stuck();
	shrinkage();
	variances();
	dependent();
	par_world_close(&world);
	return tap_end();
}
