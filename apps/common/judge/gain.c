#include "common/judge/gain.h"

#include <math.h>

/* the 97.5 % quantile of Student's t, from one degree of freedom on */
static double student(int64_t degrees)
{
	static const double table[] = {12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646,
	    2.3060, 2.2622, 2.2281, 2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009,
	    2.0930, 2.0860, 2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452,
	    2.0423};
	int64_t known = sizeof table / sizeof *table;
	/* beyond: first terms of the expansion in 1 / degrees (Fisher and Cornish 1960) */
	double z = 1.959964, d = (double)degrees;
	return degrees <= known ? table[degrees - 1]
				: z + (z * z * z + z) / (4 * d) +
				      (5 * pow(z, 5) + 16 * z * z * z + 3 * z) / (96 * d * d);
}

gain gain_of(const double *a, const double *b, int64_t n)
{
	double mean = 0, square = 0;
	for (int64_t i = 0; i < n; i++)
		mean += (a[i] - b[i]) / (double)n;
	for (int64_t i = 0; i < n; i++)
		square += (a[i] - b[i] - mean) * (a[i] - b[i] - mean);
	if (n < 2)
		return (gain){n == 1 ? mean : NAN, NAN, NAN};
	double most = student(n - 1) * sqrt(square / (double)(n - 1) / (double)n);
	return (gain){mean, mean - most, mean + most};
}
