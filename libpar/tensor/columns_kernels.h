/* Columns kernels: what columns.k.c gives columns.c in each kernel set; the meaning is columns.h's. */
#ifndef PAR_TENSOR_COLUMNS_KERNELS_H
#define PAR_TENSOR_COLUMNS_KERNELS_H

#include "base/lanes.h"
#include "tensor/columns.h"

KERNELS_DECLARE(par_columns_moments);
KERNELS_DECLARE(par_columns_slopes);
KERNELS_DECLARE(par_columns_apply);
KERNELS_DECLARE(par_columns_back);

#endif
