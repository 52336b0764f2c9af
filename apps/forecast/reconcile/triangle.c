#include "forecast/reconcile/triangle.h"

#include <math.h>

int triangle_factor(double *a, int n)
{
	for (int j = 0; j < n; j++)
		for (int i = j; i < n; i++) {
			double v = a[i * n + j];
			for (int k = 0; k < j; k++)
				v -= a[i * n + k] * a[j * n + k];
			if (i == j && !(v > 0))
				return j;
			a[i * n + j] = i == j ? sqrt(v) : v / a[j * n + j];
		}
	return -1;
}
