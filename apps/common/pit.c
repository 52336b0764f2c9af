#include "common/pit.h"

#include <math.h>

static double middle(const double *level, int n, int gap)
{
	return gap == 0 ? 0 : gap == n ? 1 : (level[gap - 1] + level[gap]) / 2;
}

double pit_place(
    double value, const double *q, int64_t stride, int n, const double *level, double draw)
{
	int below = 0;
	while (below < n && q[below * stride] < value)
		below++;
	int upto = below;
	while (upto < n && q[upto * stride] <= value)
		upto++;
	double lo = below == 0 ? 0 : level[below - 1], hi = upto == n ? 1 : level[upto];
	if (upto > below) {
		lo = middle(level, n, below);
		hi = middle(level, n, upto);
	}
	return isnan(value) ? NAN : lo + (hi - lo) * draw;
}
