/* Neighbours: how two sets of pictures lie among each other, by Euclid's distances between their features.
 *
 * Each picture has a ball that reaches to its k-th nearest of its own set. Precision and density tell how made pictures lie in
 * the balls of real ones, recall and coverage how real ones are reached (Kynkaanniemi et al. 2019; Naeem et al. 2020). */
#ifndef APPS_COMMON_JUDGE_NEIGHBOURS_H
#define APPS_COMMON_JUDGE_NEIGHBOURS_H

#include "common/judge/frechet.h"

#define NEIGHBOURS_K 5

/* All are collective and give the same bits at any number of ranks; features are whole on every rank, and sets of
 * one width. fails: PAR_E_MEMORY */

/* out[f->n]: how far the k-th nearest other one is, infinite where there are not so many */
par_err neighbours_reach(float *out, const par_world *w, const features *f, int k);

/* of each row of f the nearest two of `among`: distance[f->n][2], which[f->n][2]; -1 and infinite where there is none */
par_err neighbours_nearest(
    float *distance, int64_t *which, const par_world *w, const features *f, const features *among);

typedef struct {
	double precision, recall, density, coverage;
} likeness;
/* real_reach: neighbours_reach of real, NEIGHBOURS_K */
par_err neighbours_likeness(likeness *out, const par_world *w, const features *real,
    const float *real_reach, const features *made);

#endif
