/* Covariance: how errors of series and nodes are taken to vary and to go together.
 *
 *	ols   every one alike
 *	wls   variances of the errors at past origins; where nothing is known of any, the number of series in a
 *	      node (structural scaling, Athanasopoulos et al. 2017)
 *	mint  these variances and the errors' correlations, drawn to none by
 *	      lambda = sum Var(r_ij) / sum r_ij^2 over all pairs (Schaefer and Strimmer 2005)
 *
 * An origin's errors go together, so Var is taken between origins: with w_oij the mean product of i's and j's
 * scaled errors at origin o, it is that of the mean of O such numbers; steps as origins of their own give the formula
 * as it is usually written. Sums over pairs need no pairs: sum over i, j of (sum over k of x_ki x_kj)^2 is the
 * squared norm of x x', a matrix of the size of the errors. */
#ifndef APPS_FORECAST_RECONCILE_COVARIANCE_H
#define APPS_FORECAST_RECONCILE_COVARIANCE_H

#include "forecast/reconcile/gls.h"

typedef enum { RECONCILE_NONE, RECONCILE_OLS, RECONCILE_WLS, RECONCILE_MINT } reconcile_kind;

/* the same on every rank */
typedef struct {
	reconcile_kind kind;
	const clusters *of;
	const par_world *world;
	int origins, steps;          /* of each; errors are [.][origins][steps] */
	const float *series_error;   /* [series] 0 where not known, or of no variance */
	const double *series_square; /* [series] their mean square; NaN: none is known */
	double *node_error;          /* [nodes] NaN where not known, becomes 0 */
	const double *series_size;   /* [series] mean of the forecast */
	const double *node_size;     /* [nodes] */
	const uint8_t *fixed_series; /* [series] 1: has no variance */
	const uint8_t *fixed_node;   /* [nodes] */
} covariance_ask;

typedef struct {
	double lambda;           /* share of the diagonal: 1, but for mint */
	bool structural;         /* no errors were known: by number of series */
	double *series_variance; /* owned: [series], times lambda */
	double *node_variance;   /* owned: [nodes], times lambda */
	double *incoherence;     /* owned: [nodes][origins * steps] as reconcile/gls.h */
	int residuals;           /* 0 when lambda is 1 */
	double weight;           /* (1 - lambda) over the number of errors */
} covariance;

/* local | the mean square of what is known among n errors, NaN when nothing is; what is not (NaN) becomes 0 */
double covariance_square(float *error, int n);

/* collective | covariance_drop releases what was made, also after a failure. fails: PAR_E_MEMORY */
par_err covariance_make(covariance *c, const covariance_ask *ask);
void covariance_drop(covariance *c);

/* collective | lambda of x[items][origins * steps], scaled to a mean square of 1 within each item; part of
 * covariance_make */
typedef const double *(*covariance_row)(const void *ctx, int64_t item, double *scratch);
par_err covariance_lambda(const par_world *w, int64_t items, int origins, int steps,
    covariance_row row, const void *ctx, double *lambda);

#endif
