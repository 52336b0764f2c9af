/* Dropout kernels: what dropout.k.c gives dropout.c in each kernel set. */
#ifndef PAR_GRAD_DROPOUT_KERNELS_H
#define PAR_GRAD_DROPOUT_KERNELS_H

#include "base/lanes.h"

#include <stdint.h>

/* y[i] = word[i] >= limit ? factor x[i] : 0; y may be x */
void par_dropout_keep(
    int64_t n, const uint32_t *word, uint32_t limit, float factor, const float *x, float *y);
KERNELS_DECLARE(par_dropout_keep);

#endif
