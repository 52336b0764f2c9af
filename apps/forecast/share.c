#include "forecast/share.h"

#define PRIOR_DEVIATION .3

static share_moments all_but(const share_moments *m, int origins, int without)
{
	share_moments sum = {0};
	for (int o = 0; o < origins; o++) {
		if (o == without)
			continue;
		sum.yy += m[o].yy;
		sum.dy += m[o].dy;
		sum.dd += m[o].dd;
	}
	return sum;
}

static double best_share(share_moments m)
{
	return m.dd > 0 ? m.dy / m.dd : 0;
}

/* variance of the best share by leaving each origin out in turn */
static double share_variance(const share_moments *m, int origins)
{
	double mean = 0, squares = 0;
	if (origins < 2)
		return PRIOR_DEVIATION * PRIOR_DEVIATION;
	for (int o = 0; o < origins; o++)
		mean += best_share(all_but(m, origins, o)) / origins;
	for (int o = 0; o < origins; o++) {
		double d = best_share(all_but(m, origins, o)) - mean;
		squares += d * d;
	}
	return squares * (origins - 1) / origins;
}

double share_of(const share_moments *m, int origins, double prior)
{
	double seen = share_variance(m, origins), before = PRIOR_DEVIATION * PRIOR_DEVIATION;
	double best = best_share(all_but(m, origins, -1));
	double share = (best * before + prior * seen) / (before + seen);
	return share < 0 ? 0 : share > 1 ? 1 : share;
}

double share_gain(const share_moments *m, int origins, double share)
{
	share_moments all = all_but(m, origins, -1);
	return all.yy > 0 ? (2 * share * all.dy - share * share * all.dd) / all.yy : 0;
}
