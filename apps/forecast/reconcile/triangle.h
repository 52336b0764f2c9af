/* Triangle: elimination with small matrices in rows, for many right sides at once.
 *
 * Every element is one chain of subtractions in the order of the rows, so its bits do not depend on how many
 * columns there are, nor on the kernel set. */
#ifndef APPS_FORECAST_RECONCILE_TRIANGLE_H
#define APPS_FORECAST_RECONCILE_TRIANGLE_H

#include "base/cpu.h"
#include "base/lanes.h"

#include <stddef.h>

/* local | a (n x n, its lower half) gets l there: a = l l'. Returns -1, or the first row whose minor is not positive */
int triangle_factor(double *a, int n);

/* local, by KERNEL_CALL | b, n rows of m, becomes l^-1 b, or l'^-1 b */
void triangle_forward(const double *l, int n, double *b, size_t m);
void triangle_backward(const double *l, int n, double *b, size_t m);
/* local, by KERNEL_CALL | to[j] -= by[r * by_apart] from[r * apart + j] for the rows r = 0, 1 ... in order, j < n */
void triangle_take(double *to, size_t n, const double *by, size_t by_apart, const double *from,
    size_t apart, int rows);
/* local, by KERNEL_CALL | the upper half of to (n x n) less by' from, of `rows` rows that stand `apart` in both */
void triangle_products(
    double *to, int n, const double *by, const double *from, size_t apart, int rows);

KERNELS_DECLARE(triangle_forward);
KERNELS_DECLARE(triangle_backward);
KERNELS_DECLARE(triangle_take);
KERNELS_DECLARE(triangle_products);

#endif
