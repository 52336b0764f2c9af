/* Frechet: the distance between normal laws fitted to two sets of features (Frechet 1957; Dowson and Landau 1982), by which
 * Heusel et al. 2017 compare pictures.
 *
 * It falls as sets grow: numbers compare only where both sets have the sizes of the others. */
#ifndef APPS_COMMON_JUDGE_FRECHET_H
#define APPS_COMMON_JUDGE_FRECHET_H

#include "comm/blocks.h"

/* features are rows of so many numbers, whole on every rank or once a node */
typedef struct {
	int64_t n;
	int width;
	const float *row; /* borrowed: [n][width] */
} features;

typedef struct {
	int width;
	double *mean;       /* owned: [width] */
	double *covariance; /* owned: [width][width], over n - 1 */
} moments;

/* collective | the same bits at any number of ranks; moments_drop releases them, also after a failure.
 * fails: PAR_E_DATA of fewer than two rows, PAR_E_MEMORY */
par_err moments_of(moments *m, const par_world *w, const features *f);
void moments_drop(moments *m);

/* collective | |mean - mean'|^2 + tr(C + C' - 2 (C^1/2 C' C^1/2)^1/2). fails: PAR_E_NUMERIC where a feature is not finite,
 * PAR_E_MEMORY */
par_err frechet_distance(double *out, const par_world *w, const moments *real, const moments *made);

#endif
