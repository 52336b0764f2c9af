/* Rows: the equations of a cluster's nodes (reconcile/clusters.h), eliminated.
 *
 * A row is l^-1 [border | residuals | right sides], where l l' are the coefficients within the cluster. What a
 * cluster takes from the equations of the border and of the residuals are the products of its rows. */
#ifndef APPS_FORECAST_RECONCILE_ROWS_H
#define APPS_FORECAST_RECONCILE_ROWS_H

#include "forecast/reconcile/gls.h"

/* which of the border's nodes the series of each cluster are of */
typedef struct {
	int64_t *first;  /* owned: [clusters + 1] into border */
	int32_t *border; /* owned: their places */
	int widest;      /* most of a cluster */
} rows_shape;

/* rows of one cluster; all borrowed */
typedef struct {
	int n, border, residuals, columns;
	const int32_t *listed; /* [border] places */
	double *l;             /* [n][n] its lower half */
	double *wide;          /* [n][border + residuals + columns] */
} cluster_rows;

static inline size_t rows_width(const cluster_rows *r)
{
	return (size_t)r->border + (size_t)r->residuals + (size_t)r->columns;
}

/* local | rows_shape_drop releases what was made, also after a failure. fails: PAR_E_MEMORY */
par_err rows_shape_make(rows_shape *h, const clusters *g);
void rows_shape_drop(rows_shape *h);

/* local | at[clusters + 1]: where the doubles of each cluster's rows begin, in one block */
void rows_places(const rows_shape *h, const clusters *g, int residuals, int columns, int64_t *at);
/* local | the rows of a cluster whose doubles begin at `block` */
cluster_rows rows_in(
    const rows_shape *h, const gls *s, int64_t cluster, int columns, double *block);

/* local | make them, with the series held at 0 that held says (NULL: none); slot [border] is scratch.
 * Returns -1, or the first row whose pivot is not positive */
int rows_make(cluster_rows *r, const gls *s, const gls_ask *ask, const uint8_t *held,
    int64_t cluster, int32_t *slot);

/* local | solution[n][columns] of the cluster's nodes, given those of the border [border][columns] and of the
 * residuals; met [border][columns] is scratch */
void rows_solve(const cluster_rows *r, int column, int columns, const double *border,
    const double *residual, double *met, double *solution);

#endif
