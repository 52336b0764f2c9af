/* Exact kernels: what exact.k.c gives exact.c in each kernel set. Both are local; n is a multiple of
 * PAR_EXACT_LANES. */
#ifndef PAR_COMM_EXACT_KERNELS_H
#define PAR_COMM_EXACT_KERNELS_H

#include "base/lanes.h"

#include <stdbool.h>
#include <stdint.h>

#define PAR_EXACT_LANES 8

/* the largest magnitude; NaN is passed over */
double par_exact_largest(const double *a, int64_t n);

/* Each number is cut in three by rounding twice, as adding and taking away big and small do: the sums
 * of the first two parts, and the third of each number into rest. Returns whether any of rest is not 0. */
typedef struct {
	double big, small;
	double high, low; /* the sums */
} par_exact_cut;
bool par_exact_split(par_exact_cut *c, const double *a, int64_t n, double *rest);

KERNELS_DECLARE(par_exact_largest);
KERNELS_DECLARE(par_exact_split);

#endif
