#include "dist/scaled.h"

#include "dist/dense.h"

#include <float.h>
#include <math.h>

int64_t par_scaled_by(const par_grid *g, const par_tensor *a, double *by)
{
	int64_t n = a->layout.shape[1];
	par_dense_diagonal(g, a, by);
	for (int64_t i = 0; i < n; i++)
		if (!(by[i] > 0 && isfinite(by[i])))
			return i;
	for (int64_t i = 0; i < n; i++)
		by[i] = 1 / sqrt(by[i]);
	return -1;
}

/* a pivot that should be 0 is left by rounding at about sqrt(n) epsilons */
bool par_scaled_singular(int64_t n, double rcond)
{
	return !(rcond > DBL_EPSILON * fmax(10, sqrt((double)n)));
}

int64_t par_scaled_dependent(const par_grid *g, const par_tensor *r, double *work)
{
	int64_t least = 0;
	par_dense_diagonal(g, r, work);
	for (int64_t i = 1; i < r->layout.shape[1]; i++)
		if (fabs(work[i]) < fabs(work[least]))
			least = i;
	return least;
}
