#include "plan/check/common_part.h"

#include <math.h>

/* one price to where no own column without upper bound gains, d - v p >= 0; NaN: there is no such price */
static double moved_price(const linking *l, int row, double price)
{
	double low = -INFINITY, high = INFINITY;
	for (int j = 0; j < l->columns; j++) {
		if (l->row[j] != row || l->upper[j] < INFINITY)
			continue;
		double v = l->value[j], at = l->cost[j] / v;
		if (v > 0)
			high = fmin(high, at);
		else if (v < 0)
			low = fmax(low, at);
		else if (l->cost[j] < 0)
			return NAN;
	}
	return low <= high ? fmin(fmax(price, low), high) : NAN;
}

bool common_prices(const linking *l, const double *price, double *moved, double *largest_move)
{
	double most = 0, largest = 0;
	bool all = true;
	for (int r = 0; r < l->rows; r++) {
		moved[r] = moved_price(l, r, price[r]);
		all &= !isnan(moved[r]);
		most = fmax(most, fabs(moved[r] - price[r]));
		largest = fmax(largest, fabs(price[r]));
	}
	*largest_move = most > 0 ? most / fmax(largest, most) : 0;
	return all;
}

void common_add(par_exact *sum, const linking *l, const double *price)
{
	for (int r = 0; r < l->rows; r++)
		par_exact_add(sum, l->right[r] * price[r]);
	for (int j = 0; j < l->columns; j++) {
		double gain = l->cost[j] - l->value[j] * price[l->row[j]];
		if (gain < 0 && l->upper[j] < INFINITY)
			par_exact_add(sum, gain * l->upper[j]);
	}
}
