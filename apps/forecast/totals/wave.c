#include "forecast/totals/wave.h"

#include <math.h>

/* Taylor series within an eighth of a turn; the rest by symmetry */
void wave(double turns, double *sine, double *cosine)
{
	double quarter = floor(turns * 4 + .5);
	double x = (turns - quarter / 4) * 6.283185307179586, q = x * x, s = 1, c = 1;
	for (int k = 18; k >= 2; k -= 2) {
		s = 1 - s * q / (k * (k + 1));
		c = 1 - c * q / (k * (k - 1));
	}
	s *= x;
	switch ((int)(quarter - 4 * floor(quarter / 4))) {
	case 0:
		*sine = s, *cosine = c;
		return;
	case 1:
		*sine = c, *cosine = -s;
		return;
	case 2:
		*sine = -s, *cosine = -c;
		return;
	default:
		*sine = -c, *cosine = s;
	}
}
