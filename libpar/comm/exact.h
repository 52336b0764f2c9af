/* Exact: sums of doubles that do not depend on the order of additions.
 *
 * A sum is kept as a fixed-point number wide enough for every double (Kulisch): adding is integer
 * arithmetic, so any grouping over ranks gives the same value, and the result is that value rounded
 * once. For sums over something ranks hold cut in no particular way: the norm of a gradient. */
#ifndef PAR_COMM_EXACT_H
#define PAR_COMM_EXACT_H

#include "comm/world.h"

#include <stdint.h>

#define PAR_EXACT_LIMBS 70 /* of 32 bits, with room for 2^31 additions between carries */

typedef struct {
	int64_t limb[PAR_EXACT_LIMBS];
	int64_t added; /* since the last carry */
	int64_t odd;   /* infinities and NaNs met */
} par_exact;

/* local | begin at 0 with (par_exact){0} */
void par_exact_add(par_exact *x, double a);
/* local | the same for each of n numbers, a few operations each where they are of like size: in a run of
 * 256 the bits of each are split over two sums that double holds exactly (Demmel and Nguyen 2015);
 * what is 2^31 below the largest of its run is added alone */
void par_exact_add_many(par_exact *x, const double *a, int64_t n);
/* local | the sum rounded to nearest; NaN when anything added was not finite */
double par_exact_value(const par_exact *x);
/* collective | the sums over ranks of n numbers, in place. n at most 64; allocates nothing */
void par_exact_sum(const par_world *w, par_exact *x, int n);

#endif
