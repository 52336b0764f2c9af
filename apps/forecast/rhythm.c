#include "forecast/rhythm.h"

bool rhythm_of(rhythm *r, par_frequency f)
{
	switch (f) {
	case PAR_HOUR:
		*r = (rhythm){168, {24, 168, 336, 672, 1344}, 1, 3, 168, {2, 4}, 0};
		return true;
	case PAR_DAY:
		*r = (rhythm){84, {7, 28, 56, 112, 364}, 1, 3, 7, {4, 8}, 364};
		return true;
	case PAR_WEEK:
		*r = (rhythm){26, {2, 4, 8, 16, 52}, 1, 3, 1, {2, 4}, 52};
		return true;
	case PAR_MONTH:
	case PAR_MONTH_END:
		*r = (rhythm){18, {2, 3, 6, 12, 24}, 1, 3, 1, {1, 2}, 12};
		return true;
	default:
		return false;
	}
}
