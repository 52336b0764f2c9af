/* Rows kernels: what rows.k.c gives rows.c in each kernel set; the meaning is rows.h's. */
#ifndef PAR_TENSOR_ROWS_KERNELS_H
#define PAR_TENSOR_ROWS_KERNELS_H

#include "base/lanes.h"
#include "tensor/rows.h"

KERNELS_DECLARE(par_rows_sum);
KERNELS_DECLARE(par_rows_dot);
KERNELS_DECLARE(par_rows_scale);
KERNELS_DECLARE(par_rows_softmax);
KERNELS_DECLARE(par_rows_softmax_back);
KERNELS_DECLARE(par_rows_normalise);
KERNELS_DECLARE(par_rows_normalise_back);
KERNELS_DECLARE(par_columns_sum);
KERNELS_DECLARE(par_columns_sum_weighed);
KERNELS_DECLARE(par_columns_sum_normalised);

#endif
