/* Map kernels: what map.k.c gives map.c in each kernel set; the meaning is map.h's. */
#ifndef PAR_TENSOR_MAP_KERNELS_H
#define PAR_TENSOR_MAP_KERNELS_H

#include "base/lanes.h"

#include <stdint.h>

/* y = f(x), y = f(a, b), y = f(x) with a number */
typedef void par_map_one(int64_t n, const float *x, float *y);
typedef void par_map_two(int64_t n, const float *a, const float *b, float *y);
#define PAR_MAP_ONE(X) X(exp) X(log) X(sigmoid) X(tanh) X(softplus) X(gelu)
#define PAR_MAP_TWO(X) X(sigmoid_back) X(tanh_back) X(softplus_back) X(gelu_back) X(add) X(multiply)

typedef void par_map_leaky_kernel(int64_t n, float slope, const float *x, float *y);
typedef void par_map_leaky_back_kernel(
    int64_t n, float slope, const float *y, const float *dy, float *dx);
typedef void par_map_scale_kernel(int64_t n, float factor, float shift, const float *x, float *y);
typedef void par_map_axpy_kernel(int64_t n, float factor, const float *x, float *y);

#define PAR_MAP_DECLARE(type, name) extern type name##_plain, name##_avx2, name##_avx512;
#define PAR_MAP_DECLARE_ONE(f) PAR_MAP_DECLARE(par_map_one, par_map_##f)
#define PAR_MAP_DECLARE_TWO(f) PAR_MAP_DECLARE(par_map_two, par_map_##f)
PAR_MAP_ONE(PAR_MAP_DECLARE_ONE)
PAR_MAP_TWO(PAR_MAP_DECLARE_TWO)
PAR_MAP_DECLARE(par_map_leaky_kernel, par_map_leaky)
PAR_MAP_DECLARE(par_map_leaky_back_kernel, par_map_leaky_back)
PAR_MAP_DECLARE(par_map_scale_kernel, par_map_scale)
PAR_MAP_DECLARE(par_map_axpy_kernel, par_map_axpy)

#endif
