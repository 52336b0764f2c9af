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
 * multiplier. A variance of 0 holds a node, or a series, at its forecast. */
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

/* local | do all ranks solve together? Then gls_solve is collective, with the same arguments on all */
bool gls_together(const gls *s);

/* local, unless gls_together | solve for `columns` steps at once: node[k] and series[k] are a and b of the
 * k-th; held[series]: 1 where a series is held at 0, or NULL. x[columns][nodes] and y[columns][residuals] get the
 * solution. *coarse is set where ranks were too few for the bits of more (dist/grid.h).
 * fails: PAR_E_MEMORY; PAR_E_NUMERIC when nodes of variance 0 contradict each other */
typedef struct {
	int columns;
	const double *const *node;
	const float *const *series;
	const uint8_t *held;
} gls_ask;
par_err gls_solve(const gls *s, const gls_ask *ask, double *x, double *y, bool *coarse);

/* local | b'[i] of one step whose forecast is b; of a series held at 0 the same with b its forecast */
double gls_series(const gls *s, int64_t i, double b, const double *x, const double *y);

/* local | bytes that gls_solve takes for so many steps; multiplications and additions of one solution */
double gls_bytes(const clusters *g, int residuals, int columns);
double gls_flops(const clusters *g, int residuals);

#endif
