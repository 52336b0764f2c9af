/* apps: forecast
 * reconcile_mint CATALOG HIERARCHY: MinT over all nodes of a hierarchy, with made-up forecasts and errors of 112
 * steps; prints what clusters, counts kept from below zero, and one dense system of all nodes take. */
#include "base/clock.h"
#include "common/levels.h"
#include "forecast/reconcile/adjust.h"
#include "forecast/reconcile/covariance.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { STEPS = 28, ORIGINS = 4 };

typedef struct {
	const par_world *w;
	clusters g;
	par_shared mean, error, square;
	double *node, *node_error, *size;
	uint8_t *fixed;
	covariance c;
} problem;

static double draw(uint64_t i)
{
	i = (i + 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
	i = (i ^ (i >> 27)) * 0x94d049bb133111ebu;
	return (double)((i ^ (i >> 31)) >> 11) * 0x1p-52 - 1;
}

/* series from a few in a hundred days to hundreds a day, nodes off by a twentieth */
static par_err make_up(problem *p)
{
	const clusters *g = &p->g;
	const int errors = ORIGINS * STEPS;
	const size_t series = (size_t)g->series, nodes = (size_t)g->nodes;
	PAR_TRY(par_shared_open(&p->mean, p->w, 4 * STEPS * series));
	PAR_TRY(par_shared_open(&p->error, p->w, 4 * (size_t)errors * series));
	PAR_TRY(par_shared_open(&p->square, p->w, 8 * series));
	p->node = calloc(nodes * STEPS, 8);
	p->node_error = calloc(nodes * (size_t)errors, 8);
	p->size = calloc(series + nodes, 8);
	p->fixed = calloc(series + nodes, 1);
	float *mean = malloc(4 * STEPS * series), *error = malloc(4 * (size_t)errors * series);
	double *square = malloc(8 * series);
	PAR_MUST(p->node && p->node_error && p->size && p->fixed && mean && error && square,
	    "no memory for %zu series", series);
	for (int64_t i = 0; i < g->series; i++) {
		p->size[i] = exp(2.5 * draw((uint64_t)i) - 1);
		double wild = exp(2 * draw((uint64_t)(i + 77)));
		for (int h = 0; h < STEPS; h++)
			mean[h * g->series + i] =
			    (float)(p->size[i] * (1 + .2 * draw((uint64_t)(i * 99 + h))));
		for (int k = 0; k < errors; k++)
			error[i * errors + k] =
			    (float)(wild * sqrt(p->size[i]) * draw((uint64_t)(i * 911 + k)) +
				    .1 * p->size[i] * draw((uint64_t)k));
		square[i] = covariance_square(error + i * errors, errors);
		for (int l = 0; l < g->of->count; l++) {
			int64_t k = clusters_node(g, l, i);
			p->size[g->series + k] += p->size[i];
			for (int h = 0; h < STEPS; h++)
				p->node[h * g->nodes + k] += (double)mean[h * g->series + i];
			for (int e = 0; e < errors; e++)
				p->node_error[k * errors + e] += (double)error[i * errors + e];
		}
	}
	for (int64_t k = 0; k < g->nodes; k++) {
		double off = .9 + .05 * draw((uint64_t)k);
		for (int h = 0; h < STEPS; h++)
			p->node[h * g->nodes + k] *= off + .3 * draw((uint64_t)k) /
							       sqrt(1 + p->size[g->series + k]);
	}
	bool mine = p->w->rank == 0;
	par_shared_put(&p->mean, 0, mine ? 4 * STEPS * series : 0, mean);
	par_shared_put(&p->error, 0, mine ? 4 * (size_t)errors * series : 0, error);
	par_shared_put(&p->square, 0, mine ? 8 * series : 0, square);
	free(mean);
	free(error);
	free(square);
	return PAR_OK;
}

static double cpu(const par_world *w)
{
	struct rusage u;
	double all;
	getrusage(RUSAGE_SELF, &u);
	double mine = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
		      (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
	MPI_Allreduce(&mine, &all, 1, MPI_DOUBLE, MPI_SUM, w->comm);
	return all;
}

static par_err weigh(problem *p)
{
	const covariance_ask ask = {RECONCILE_MINT, &p->g, p->w, ORIGINS, STEPS,
	    (const float *)(const void *)p->error.window.base,
	    (const double *)(const void *)p->square.window.base, p->node_error, p->size,
	    p->size + p->g.series, p->fixed, p->fixed + p->g.series};
	return covariance_make(&p->c, &ask);
}

static par_err solve(problem *p, bool counts, const char *what)
{
	const gls s = {&p->g, p->w, p->c.node_variance, p->c.series_variance, p->c.residuals,
	    p->c.weight, (const float *)(const void *)p->error.window.base, p->c.incoherence,
	    GLS_ALONE};
	const adjust_ask ask = {&s, 0, STEPS, counts, ADJUST_ROUNDS, p->node, &p->mean};
	adjust_report made;
	double begin = par_clock_s(), used = cpu(p->w);
	PAR_TRY(adjust_steps(&ask, &made));
	double seconds = par_clock_s() - begin, n = (double)p->g.border;
	used = cpu(p->w) - used;
	if (p->w->rank == 0)
		printf("{\"what\": \"%s\", \"border\": %.0f, \"seconds\": %.3f, \"cpu\": %.3f, "
		       "\"gflop\": %.3f, \"held\": %lld, \"rounds\": %lld, \"lambda\": %.4f, "
		       "\"cut\": %lld}\n",
		    what, n, seconds, used, gls_flops(&p->g, p->c.residuals) / 1e9,
		    (long long)made.held, (long long)made.rounds, p->c.lambda, (long long)made.cut);
	return PAR_OK;
}

static void leave(problem *p)
{
	covariance_drop(&p->c);
	free(p->node);
	free(p->node_error);
	free(p->size);
	free(p->fixed);
	par_shared_close(&p->square);
	par_shared_close(&p->error);
	par_shared_close(&p->mean);
	clusters_drop(&p->g);
}

static par_err once(const par_world *w, const levels_sums *of, int64_t series, int most,
    bool counts, const char *what)
{
	problem p = {.w = w};
	par_err e = clusters_make(&p.g, of, series, most);
	if (e == PAR_OK)
		e = make_up(&p);
	double begin = par_clock_s();
	if (e == PAR_OK)
		e = weigh(&p);
	if (w->rank == 0)
		printf("{\"what\": \"covariance\", \"seconds\": %.3f}\n", par_clock_s() - begin);
	if (e == PAR_OK)
		e = solve(&p, counts, what);
	leave(&p);
	return e;
}

int main(int argc, char **argv)
{
	par_world w;
	catalog c;
	hierarchy *h = NULL;
	levels_sums of = {0};
	par_world_start(&w);
	PAR_MUST(argc > 3, "wanted CATALOG HIERARCHY WHAT, not %d arguments", argc - 1);
	par_err e = catalog_open(&c, &w, argv[1]);
	if (e == PAR_OK)
		e = levels_read(&h, argv[2], &c);
	if (e == PAR_OK)
		e = levels_choose(&of, h, c.series);
	if (e == PAR_OK)
		e = once(&w, &of, c.series, strcmp(argv[3], "dense") == 0 ? 0 : CLUSTERS_NODES,
		    strcmp(argv[3], "counts") == 0, argv[3]);
	if (e != PAR_OK && w.rank == 0)
		fprintf(stderr, "reconcile_mint: %s\n", par_err_why());
	levels_drop(&of);
	hierarchy_free(h);
	catalog_close(&c);
	par_world_finish(&w);
	return par_err_status(e);
}
