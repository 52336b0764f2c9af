#include "forecast/reconcile/covariance.h"

#include "comm/blocks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_LAMBDA .01 /* W stays far from singular */
#define FLOOR 1e-6       /* of the mean variance of series: nothing is surer */
#define BLOCKS 64        /* of items, whose shares of the sums wait to be added */

/* -- lambda -- */

typedef struct {
	int origins, steps, errors;
	covariance_row row;
	const void *ctx;
	double *x; /* owned: [errors] */
} pairs;

/* sums: x x' (its upper half), then the sum over items of the squared mean product with itself, over all and at
 * every origin */
static par_err add_pairs(void *ctx, int64_t lo, int64_t hi, double *sums)
{
	const pairs *p = ctx;
	int t = p->errors;
	for (int64_t i = lo; i < hi; i++) {
		const double *x = p->row(p->ctx, i, p->x);
		double all = 0;
		for (int o = 0; o < p->origins; o++) {
			double own = 0;
			for (int k = o * p->steps; k < (o + 1) * p->steps; k++)
				own += x[k] * x[k] / p->steps;
			sums[t * t + 1] += own * own;
			all += own / p->origins;
		}
		sums[t * t] += all * all;
		for (int a = 0; a < t; a++)
			for (int b = a; b < t; b++)
				sums[a * t + b] += x[a] * x[b];
	}
	return PAR_OK;
}

/* sums over pairs i != j of the squared correlation and of its estimated variance */
static double lambda_of(const pairs *p, const double *sums)
{
	int t = p->errors;
	double all = 0, within = 0, origins = p->origins;
	for (int a = 0; a < t; a++)
		for (int b = a; b < t; b++) {
			double square = (a == b ? 1 : 2) * sums[a * t + b] * sums[a * t + b];
			all += square / ((double)t * t);
			within += a / p->steps == b / p->steps
				      ? square / ((double)p->steps * p->steps)
				      : 0;
		}
	double squares = all - sums[t * t], products = within - sums[t * t + 1];
	double variance = (products - origins * squares) / (origins * (origins - 1));
	if (!(squares > 0) || !(variance < squares))
		return 1;
	return variance > LEAST_LAMBDA * squares ? variance / squares : LEAST_LAMBDA;
}

par_err covariance_lambda(const par_world *w, int64_t items, int origins, int steps,
    covariance_row row, const void *ctx, double *lambda)
{
	pairs p = {origins, steps, origins * steps, row, ctx, NULL};
	par_blocks b;
	size_t n = (size_t)(p.errors * p.errors) + 2;
	double *sums = malloc(sizeof *sums * n);
	*lambda = 1;
	p.x = malloc(sizeof *p.x * (size_t)(p.errors + 1));
	par_blocks_deal(&b, w, items, items / BLOCKS + 1);
	par_err e = par_agree(
	    w, sums && p.x ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for correlations"));
	if (e == PAR_OK)
		e = par_blocks_run(&b, add_pairs, &p, sums, (int)n);
	if (e == PAR_OK && origins > 1)
		*lambda = lambda_of(&p, sums);
	free(p.x);
	free(sums);
	return e;
}

/* -- variances -- */

static double mean_square(double squares, int known)
{
	return known > 0 ? squares / known : NAN;
}

double covariance_square(float *error, int n)
{
	double squares = 0;
	int known = 0;
	for (int k = 0; k < n; k++) {
		bool is = isfinite(error[k]);
		error[k] = is ? error[k] : 0;
		squares += (double)error[k] * (double)error[k];
		known += is;
	}
	return mean_square(squares, known);
}

static double node_square(double *error, int n)
{
	double squares = 0;
	int known = 0;
	for (int k = 0; k < n; k++) {
		bool is = isfinite(error[k]);
		error[k] = is ? error[k] : 0;
		squares += error[k] * error[k];
		known += is;
	}
	return mean_square(squares, known);
}

static bool no_errors(const covariance_ask *ask)
{
	for (int64_t i = 0; i < ask->of->series; i++)
		if (!isnan(ask->series_square[i]))
			return false;
	return true;
}

static void structural(const clusters *g, covariance *c)
{
	memset(c->node_variance, 0, sizeof *c->node_variance * (size_t)g->nodes);
	for (int64_t i = 0; i < g->series; i++) {
		c->series_variance[i] = 1;
		for (int l = 0; l < g->of->count; l++)
			c->node_variance[clusters_node(g, l, i)] += 1;
	}
}

/* where nothing is known of one, its variance over its size is that of all; and none is all but 0 */
static void fill(double *variance, const double *size, int64_t n, double over, double least)
{
	for (int64_t i = 0; i < n; i++) {
		variance[i] = isnan(variance[i]) ? over * fabs(size[i]) : variance[i];
		variance[i] = variance[i] > least ? variance[i] : least;
	}
}

static void measured(const covariance_ask *ask, covariance *c)
{
	const clusters *g = ask->of;
	int n = ask->origins * ask->steps;
	double sum = 0, size = 0;
	int64_t known = 0;
	for (int64_t i = 0; i < g->series; i++) {
		double v = ask->series_square[i];
		c->series_variance[i] = v;
		if (isnan(v))
			continue;
		sum += v;
		size += fabs(ask->series_size[i]);
		known++;
	}
	for (int64_t k = 0; k < g->nodes; k++)
		c->node_variance[k] = node_square(ask->node_error + k * n, n);
	double least = sum > 0 ? FLOOR * sum / (double)known : 1;
	double over = size > 0 && sum > 0 ? sum / size : 1;
	fill(c->series_variance, ask->series_size, g->series, over, least);
	fill(c->node_variance, ask->node_size, g->nodes, over, least);
}

static void alike(const clusters *g, covariance *c)
{
	for (int64_t i = 0; i < g->series; i++)
		c->series_variance[i] = 1;
	for (int64_t k = 0; k < g->nodes; k++)
		c->node_variance[k] = 1;
}

/* -- correlations -- */

typedef struct {
	const covariance_ask *ask;
	const covariance *c;
} scaled;

/* series, then nodes */
static const double *scaled_row(const void *ctx, int64_t item, double *x)
{
	const scaled *s = ctx;
	int n = s->ask->origins * s->ask->steps;
	int64_t node = item - s->ask->of->series;
	double by = 1 / sqrt(node < 0 ? s->c->series_variance[item] : s->c->node_variance[node]);
	for (int k = 0; k < n; k++)
		x[k] = by * (node < 0 ? (double)s->ask->series_error[item * n + k]
				      : s->ask->node_error[node * n + k]);
	return x;
}

/* what has no variance has no errors either */
static void fix(const covariance_ask *ask, covariance *c)
{
	const clusters *g = ask->of;
	int n = ask->origins * ask->steps;
	for (int64_t i = 0; i < g->series; i++)
		if (ask->fixed_series[i])
			c->series_variance[i] = 0;
	for (int64_t i = 0; i < g->nodes; i++)
		if (ask->fixed_node[i]) {
			c->node_variance[i] = 0;
			for (int k = 0; k < n; k++)
				ask->node_error[i * n + k] = 0;
		}
}

static par_err join_errors(const covariance_ask *ask, covariance *c)
{
	const clusters *g = ask->of;
	int n = ask->origins * ask->steps;
	c->incoherence = malloc(sizeof *c->incoherence * (size_t)(g->nodes * n + 1));
	if (!c->incoherence)
		return par_fail(
		    PAR_E_MEMORY, "no memory for the errors of %lld nodes", (long long)g->nodes);
	memcpy(c->incoherence, ask->node_error, sizeof *c->incoherence * (size_t)(g->nodes * n));
	for (int64_t i = 0; i < g->series; i++)
		for (int l = 0; l < g->of->count; l++) {
			double *to = c->incoherence + clusters_node(g, l, i) * n;
			for (int k = 0; k < n; k++)
				to[k] -= (double)ask->series_error[i * n + k];
		}
	return PAR_OK;
}

/* collective */
static par_err correlate(const covariance_ask *ask, covariance *c)
{
	const clusters *g = ask->of;
	const scaled s = {ask, c};
	PAR_TRY(covariance_lambda(ask->world, g->series + g->nodes, ask->origins, ask->steps,
	    scaled_row, &s, &c->lambda));
	fix(ask, c);
	if (c->lambda >= 1)
		return PAR_OK;
	c->residuals = ask->origins * ask->steps;
	c->weight = (1 - c->lambda) / c->residuals;
	for (int64_t i = 0; i < g->series; i++)
		c->series_variance[i] *= c->lambda;
	for (int64_t k = 0; k < g->nodes; k++)
		c->node_variance[k] *= c->lambda;
	return par_agree(ask->world, join_errors(ask, c));
}

par_err covariance_make(covariance *c, const covariance_ask *ask)
{
	const clusters *g = ask->of;
	*c = (covariance){.lambda = 1};
	c->series_variance = malloc(sizeof *c->series_variance * (size_t)(g->series + 1));
	c->node_variance = malloc(sizeof *c->node_variance * (size_t)(g->nodes + 1));
	PAR_TRY_ALL(ask->world, c->series_variance && c->node_variance
				    ? PAR_OK
				    : par_fail(PAR_E_MEMORY, "no memory for variances"));
	c->structural = ask->kind != RECONCILE_OLS && no_errors(ask);
	if (ask->kind == RECONCILE_OLS)
		alike(g, c);
	else if (c->structural)
		structural(g, c);
	else
		measured(ask, c);
	if (ask->kind == RECONCILE_MINT && !c->structural)
		return correlate(ask, c);
	fix(ask, c);
	return PAR_OK;
}

void covariance_drop(covariance *c)
{
	free(c->series_variance);
	free(c->node_variance);
	free(c->incoherence);
	*c = (covariance){0};
}
