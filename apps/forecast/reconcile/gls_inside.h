/* Inside of a gls_solver: the border's equations as sums of what series and clusters bring. */
#ifndef APPS_FORECAST_RECONCILE_GLS_INSIDE_H
#define APPS_FORECAST_RECONCILE_GLS_INSIDE_H

#include "comm/layout.h"
#include "forecast/reconcile/rows.h"

/* equations of the border and of the residuals, after those of clusters */
typedef struct {
	int columns;
	double *matrix; /* [border rows that are mine][border] */
	double *across; /* [border][residuals] */
	double *core;   /* [residuals][residuals] negative, its upper half */
	double *right;  /* [border][columns] */
	double *below;  /* [residuals][columns] right sides of y */
} gls_sums;

struct gls_solver {
	gls s;
	gls_ask ask;
	par_mesh line;  /* owned, where ranks solve together */
	int64_t lo, hi; /* rows of the border's matrix that are mine */
	rows_shape shape;
	gls_sums free;   /* nothing held */
	double *row;     /* owned: rows of all clusters, nothing held */
	int64_t *row_at; /* owned: [clusters + 1] */
	/* the step that gls_hold was last called for */
	int column; /* -1: none */
	gls_sums now;
	double *own;       /* owned: rows of clusters in which series were held */
	int64_t *own_at;   /* owned: [clusters + 1] */
	uint8_t *has_own;  /* owned: [clusters] */
	uint8_t *held;     /* owned: [series] */
	int32_t *can_move; /* owned: [nodes] series that are neither held nor of variance 0 */
	/* scratch */
	gls_sums made;  /* factors and solutions: of core the lower half */
	double *turned; /* [residuals][border] */
	double *given;  /* rows of a cluster with the other sign */
	double *meets;  /* [border], [2][residuals] and [border][columns] */
	double *solved; /* [widest][columns] */
	int32_t *slot;  /* owned: [border] */
	double *all;    /* owned: the doubles of sums and scratch */
};

/* local | what follows is; PAR_E_NUMERIC naming a node */
par_err gls_cannot_stay(const clusters *g, int64_t node);
/* where ranks solve together, they agree */
par_err gls_agreed(const gls_solver *g, par_err e);
/* the variance d of a series comes into the border's equations, or with the other sign leaves them */
void gls_add_variance(const gls_solver *g, gls_sums *to, int64_t i, double d);
/* what a cluster's rows take from the border's and the residuals' equations; by: the rows, or with the other sign,
 * which gives it back. column: the first of their right sides that belongs to the sums */
void gls_take_rows(
    gls_solver *g, gls_sums *to, const cluster_rows *r, const double *by, int column);
/* a cluster's rows of all steps, nothing held */
cluster_rows gls_free_rows(const gls_solver *g, int64_t c);

#endif
