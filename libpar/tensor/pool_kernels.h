/* Pool kernels: what pool.k.c gives pool.c in each kernel set. */
#ifndef PAR_TENSOR_POOL_KERNELS_H
#define PAR_TENSOR_POOL_KERNELS_H

#include "base/lanes.h"
#include "tensor/pool.h"

/* windows of one row: x at the first one's first cell, x_row floats from row to row */
typedef struct {
	int64_t windows, size, stride, channels, x_row;
} par_pool_row;

typedef struct {
	void (*max)(const par_pool_row *r, const float *x, float *y, uint8_t *which);
	/* dx of the row's windows: written when they do not touch each other, else added to */
	void (*max_back)(const par_pool_row *r, const float *dy, const uint8_t *which, float *dx);
	void (*mean)(const par_pool_row *r, const float *x, float *y);
	void (*mean_back)(const par_pool_row *r, const float *dy, float *dx);
} par_pool_kernels;

extern const par_pool_kernels par_pool_set_plain, par_pool_set_avx2, par_pool_set_avx512;

#endif
