/* Loss kernels: the arithmetic of losses, a sample after the other; seen by the files of losses.
 *
 * Losses of points are sums over elements of a function of a prediction p and a target t; the others
 * work on rows. Sums run as in tensor/wide_lanes.h. Each has a forward call, which writes a number a
 * sample, and a way back from dy, the gradient of that number. */
#ifndef PAR_GRAD_LOSS_KERNELS_H
#define PAR_GRAD_LOSS_KERNELS_H

#include "base/lanes.h"

#include <stdint.h>

typedef enum {
	PAR_POINT_MSE,
	PAR_POINT_MAE,
	PAR_POINT_HUBER,
	PAR_POINT_POISSON,
	PAR_POINT_TWEEDIE,
	PAR_POINT_BINARY,
	/* t is +1 or -1 */
	PAR_POINT_HINGE,
	PAR_POINT_SQUARED_HINGE,
	PAR_POINT_LOGISTIC,
	PAR_POINT_LINEAR,
} par_point_kind;

typedef struct {
	par_point_kind kind;
	float number; /* Huber's delta, Tweedie's power */
	int64_t n;    /* elements of a sample */
	float factor; /* of the sum; usually 1 / n */
} par_points;

/* loss[i] = factor * sum over sample i's elements; dp and dt get dy[i] * factor * slope, where they
 * are not NULL */
void par_points_loss(
    const par_points *k, int64_t samples, const float *p, const float *t, float *loss);
void par_points_back(const par_points *k, int64_t samples, const float *p, const float *t,
    const float *dy, float *dp, float *dt);

/* p: samples x rows x n, t: samples x rows, level: n; the mean over rows x n */
void par_pinball_loss(int64_t samples, int64_t rows, int64_t n, const float *level, const float *p,
    const float *t, float *loss);
void par_pinball_back(int64_t samples, int64_t rows, int64_t n, const float *level, const float *p,
    const float *t, const float *dy, float *dp, float *dt);

/* logits x: samples x rows x n, label: samples x rows; the mean over rows. most and inverse, of each
 * row the largest logit and 1 / sum of e^(x - largest), are kept for the way back. */
void par_entropy_loss(int64_t samples, int64_t rows, int64_t n, float smoothing, const float *x,
    const int32_t *label, float *most, float *inverse, float *loss);
void par_entropy_back(int64_t samples, int64_t rows, int64_t n, float smoothing, const float *x,
    const int32_t *label, const float *most, const float *inverse, const float *dy, float *dx);

KERNELS_DECLARE(par_points_loss);
KERNELS_DECLARE(par_points_back);
KERNELS_DECLARE(par_pinball_loss);
KERNELS_DECLARE(par_pinball_back);
KERNELS_DECLARE(par_entropy_loss);
KERNELS_DECLARE(par_entropy_back);

#endif
