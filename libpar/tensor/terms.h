/* Terms: a sum that the ranks of a mesh dimension owe is paid. Inside of tensor/redistribute.c. */
#ifndef PAR_TENSOR_TERMS_H
#define PAR_TENSOR_TERMS_H

#include "tensor/tensor.h"

/* collective over the world | a reduce-scatter: from is partial in dimension dim of its mesh; to is
 * placed in the same way but for that dimension, which shards an axis of which from's ranks hold one
 * run. Added in the canonical tree. fails, agreed: PAR_E_MEMORY */
par_err par_terms_sum(par_tensor *to, const par_tensor *from, int dim);

#endif
