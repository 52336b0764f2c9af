/* Map kernels: what map.k.c gives map.c in each kernel set; the meaning is map.h's. */
#ifndef PAR_TENSOR_MAP_KERNELS_H
#define PAR_TENSOR_MAP_KERNELS_H

#include "base/lanes.h"
#include "tensor/map.h"

KERNELS_DECLARE(par_map_exp);
KERNELS_DECLARE(par_map_log);
KERNELS_DECLARE(par_map_sigmoid);
KERNELS_DECLARE(par_map_tanh);
KERNELS_DECLARE(par_map_softplus);
KERNELS_DECLARE(par_map_gelu);
KERNELS_DECLARE(par_map_leaky);
KERNELS_DECLARE(par_map_sigmoid_back);
KERNELS_DECLARE(par_map_tanh_back);
KERNELS_DECLARE(par_map_softplus_back);
KERNELS_DECLARE(par_map_gelu_back);
KERNELS_DECLARE(par_map_leaky_back);
KERNELS_DECLARE(par_map_add);
KERNELS_DECLARE(par_map_multiply);
KERNELS_DECLARE(par_map_scale);
KERNELS_DECLARE(par_map_axpy);

#endif
