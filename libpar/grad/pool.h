/* Pool: what a convolution asks of its reader. */
#ifndef PAR_GRAD_POOL_H
#define PAR_GRAD_POOL_H

#include "grad/op.h"
#include "tensor/pool.h"

/* local | the windows of an operator that par_pool2d made for maxima; NULL: it is another */
const par_pool_map *par_pool_maxima(const par_op *op);

#endif
