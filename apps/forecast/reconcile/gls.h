/* GLS: forecasts of nodes and of their series made to add up, by generalised least squares.
 *
 * With a the nodes' forecasts, b the series', C the sums, and W the covariance of their errors, the series
 *
 *     b' = b + (Wb C' - Wba) (C Wb C' - C Wba - Wab C' + Wa)^-1 (a - C b)
 *
 * and their sums are the coherent forecasts nearest to all of a and b in the metric of W^-1 (Wickramasuriya,
 * Athanasopoulos and Hyndman 2019). Here W = D + w R'R: variances on the diagonal and, for MinT, the products
 * of a few residuals of everything. R is never multiplied out: with y = w R U x as unknowns of their own,
 * U = (I, -C)' and E = R U what the residuals lack to add up,
 *
 *     [ Da + C Db C'   E'   ] [ x ]   [ a - C b ]
 *     [ E             -I/w  ] [ y ] = [    0    ]        b'[i] = b[i] + Db[i] (C'x)[i] - (R'y)[i]
 *
 * is solved cluster by cluster (reconcile/clusters.h), then over the residuals, then over the border by
 * Cholesky. Series held at 0 leave C, Db and b, and the residuals' block gains R Db^-1 R' of them: the same solution
 * as with the constraint b'[i] = 0 in the least squares, and b'[i] as above is then minus Db[i] times its
 * multiplier. What series, and clusters, bring to the border's equations are sums, so holding some more takes only
 * what their own clusters brought out of the sums and puts it in anew. A variance of 0 holds a node, or a series, at
 * its forecast. */
#ifndef APPS_FORECAST_RECONCILE_GLS_H
#define APPS_FORECAST_RECONCILE_GLS_H

#include "comm/world.h"
#include "forecast/reconcile/clusters.h"

#define GLS_ALONE 4096 /* the usual `alone` */

typedef struct {
	const clusters *of;
	const par_world *world;
	const double *node_variance;   /* [nodes] D */
	const double *series_variance; /* [series] D */
	int residuals;                 /* rows of R; 0: W = D */
	double weight;                 /* w */
	const float *residual;         /* [series][residuals] */
	const double *incoherence;     /* [nodes][residuals] E */
	int64_t alone; /* a border of so many nodes each rank factors alone, for steps of its own */
} gls;

/* do all ranks solve together? Then what follows is collective, with the same arguments on all */
bool gls_together(const gls *s);

/* steps to solve for: node[k] and series[k] are a and b of the k-th */
typedef struct {
	int columns;
	const double *const *node;
	const float *const *series;
} gls_ask;

typedef struct gls_solver gls_solver;

/* local, unless gls_together | sums of all steps with nothing held; s and what ask points to stay as they are until
 * gls_close. hold: gls_hold will be called. fails: PAR_E_MEMORY; PAR_E_NUMERIC when nodes of variance 0 contradict
 * each other */
par_err gls_open(gls_solver **out, const gls *s, const gls_ask *ask, bool hold);
void gls_close(gls_solver *g);

/* the same | x[columns][nodes] and y[columns][residuals] get the solution with nothing held. *coarse is set where
 * ranks were too few for the bits of more (dist/grid.h). fails: as gls_open */
par_err gls_solve(gls_solver *g, double *x, double *y, bool *coarse);
/* the same | x[nodes] and y[residuals] of one step, with the series held at 0 that held[series] says. Costs by how
 * many differ from the last call's, where that was of the same step. fails: as gls_open */
par_err gls_hold(
    gls_solver *g, int column, const uint8_t *held, double *x, double *y, bool *coarse);

/* local | b'[i] of one step whose forecast is b; of a series held at 0 the same with b its forecast */
double gls_series(const gls *s, int64_t i, double b, const double *x, const double *y);

/* local | bytes that gls_open takes for so many steps; multiplications and additions of its sums and one solution */
double gls_bytes(const clusters *g, int residuals, int columns);
double gls_flops(const clusters *g, int residuals);

#endif
