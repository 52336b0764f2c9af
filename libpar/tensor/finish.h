/* Finish: the way back through what a product ends with (gemm.h's par_finish). */
#ifndef PAR_TENSOR_FINISH_H
#define PAR_TENSOR_FINISH_H

#include "comm/shards.h"

/* local | of c = leaky(product + bias), n columns: dc becomes the gradient of the product, that is
 * times slope where c shows that the slope was taken, and bias[i], n floats for each of my nodes, the
 * sum of its rows over the shards of the node, row after row. A sample has `rows` rows; c and dc begin
 * at my first sample. c is not read when slope is 1; bias may be NULL.
 * scratch: par_shards_scratch(s) * n floats */
void par_finish_back(const par_shards *s, int64_t rows, int64_t n, float slope, const float *c,
    float *dc, float *const *bias, float *scratch);

#endif
