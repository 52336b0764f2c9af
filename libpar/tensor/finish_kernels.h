/* Finish kernels: what finish.k.c gives finish.c in each kernel set. */
#ifndef PAR_TENSOR_FINISH_KERNELS_H
#define PAR_TENSOR_FINISH_KERNELS_H

#include "base/lanes.h"

#include <stdint.h>

/* dc *= slope where c is not positive; sum (NULL: none) becomes the sum of the rows of dc then */
typedef void par_finish_back_kernel(
    int64_t rows, int64_t n, float slope, const float *c, float *dc, float *sum);
extern par_finish_back_kernel par_finish_back_plain, par_finish_back_avx2, par_finish_back_avx512;

#endif
