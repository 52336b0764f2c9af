/* Map: functions of each element of an array.
 *
 * y[i] = f(x[i]) for i in [0, n); an output may be one of the inputs. Bits depend on the element
 * alone, not on its place or on n. Errors are those of tensor/map_lanes.h, where the functions stand
 * as vectors for kernels that go on with them. The backward forms take what is cheaper to go back
 * from, the function's input x or its output y, and give dx = f'(x) dy.
 *
 * All calls are local and allocate nothing. */
#ifndef PAR_TENSOR_MAP_H
#define PAR_TENSOR_MAP_H

#include <stdint.h>

void par_map_exp(int64_t n, const float *x, float *y);
void par_map_log(int64_t n, const float *x, float *y);
void par_map_sigmoid(int64_t n, const float *x, float *y);
void par_map_tanh(int64_t n, const float *x, float *y);
void par_map_softplus(int64_t n, const float *x, float *y);
void par_map_gelu(int64_t n, const float *x, float *y); /* by the error function */
/* x where it is positive, else slope x; slope 0 is ReLU and gives +0 */
void par_map_leaky(int64_t n, float slope, const float *x, float *y);

void par_map_sigmoid_back(int64_t n, const float *y, const float *dy, float *dx);
void par_map_tanh_back(int64_t n, const float *y, const float *dy, float *dx);
void par_map_softplus_back(int64_t n, const float *x, const float *dy, float *dx);
void par_map_gelu_back(int64_t n, const float *x, const float *dy, float *dx);
/* from x or, as the sign stays, from y */
void par_map_leaky_back(int64_t n, float slope, const float *y, const float *dy, float *dx);

void par_map_add(int64_t n, const float *a, const float *b, float *y);
void par_map_multiply(int64_t n, const float *a, const float *b, float *y);
/* y = factor x + shift */
void par_map_scale(int64_t n, float factor, float shift, const float *x, float *y);
/* y += factor x */
void par_map_axpy(int64_t n, float factor, const float *x, float *y);
void par_map_fill(int64_t n, float value, float *y);

#endif
