/* Conv kernels: what conv.k.c gives conv_shards.c in each kernel set. */
#ifndef PAR_TENSOR_CONV_KERNELS_H
#define PAR_TENSOR_CONV_KERNELS_H

#include "base/lanes.h"
#include "tensor/gemm_tile.h"

#include <stdint.h>

/* m rows of n floats, one behind another's PAR_GEMM_COLS, added to `waits` tiles, the last first, and
 * written to `to`; those and `to` have rows ld apart. to may be one of them */
typedef void par_conv_merge_kernel(
    int m, int n, const float *tile, const float *const *wait, int waits, float *to, int64_t ld);
extern par_conv_merge_kernel par_conv_merge_plain, par_conv_merge_avx2, par_conv_merge_avx512;

#endif
