#include "dist/factor.h"

#include "dist/lapack.h"

/* Row-major here is the transpose there: the lower half is "U". */
int par_factor(double *a, int n)
{
	int minor = 0;
	if (n > 0)
		dpotrf_("U", &n, a, &n, &minor, 1);
	return minor;
}

void par_factor_solve(const double *factor, int n, double *x)
{
	static const int one = 1;
	int info = 0;
	if (n > 0)
		dpotrs_("U", &n, &one, factor, &n, x, &n, &info, 1);
}
