/* Factor: a small symmetric positive definite matrix that every rank holds, factored by each alone.
 *
 * For matrices that are factored again and again and stand in plain memory: all ranks run the same code on
 * the same numbers and get the same bits. Large or distributed ones go through dist/cholesky.h. */
#ifndef PAR_DIST_FACTOR_H
#define PAR_DIST_FACTOR_H

/* local | a (n x n, rows of n, read from its lower half) gets its factor there: a = l l^T. Returns 0, or the
 * order of the first leading minor that is not positive; a is lost then. */
int par_factor(double *a, int n);
/* local | x becomes a^-1 x with par_factor's factor */
void par_factor_solve(const double *factor, int n, double *x);

#endif
