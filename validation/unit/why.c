/* np: 1   apps: forecast */
#include "forecast/why.h"

#include "../tap.h"
#include "base/rng.h"

#include <math.h>

enum { SETS = 1 << WHY_DRIVERS, STEPS = 2 };

/* by definition: on average over all orders in which the drivers can come */
static void slow(const double *v, int left, int set, double count, double *part, double *orders)
{
	if (left == 0)
		*orders += count;
	for (int d = 0; d < WHY_DRIVERS; d++) {
		if (!(left >> d & 1))
			continue;
		int with = set | 1 << d;
		double ways = 1;
		for (int k = 2; k < __builtin_popcount((unsigned)left); k++)
			ways *= k;
		part[d] += ways * (v[with] - v[set]);
		slow(v, left & ~(1 << d), with, count, part, orders);
	}
}

int main(int argc, char **argv)
{
	double v[SETS][STEPS], one[SETS], exact[WHY_DRIVERS] = {0}, orders = 0, off = 0, sum = 0;
	float part[WHY_DRIVERS][STEPS] = {{0}}, usual;
	tap_begin(&argc, &argv);
	for (int s = 0; s < SETS; s++)
		for (int h = 0; h < STEPS; h++)
			v[s][h] = par_rng_f64((par_rng){11, 2, 0}, s * STEPS + h);
	for (int s = 0; s < SETS; s++)
		one[s] = v[s][1];
	slow(one, SETS - 1, 0, 1, exact, &orders);
	ok(orders == 120, "five drivers can come in 120 orders (%.0f)", orders);
	why_share(&v[0][1], STEPS, STEPS, &part[0][1], &usual);
	for (int d = 0; d < WHY_DRIVERS; d++) {
		off = fmax(off, fabs((double)part[d][1] - exact[d] / orders));
		sum += (double)part[d][1];
	}
	ok(off < 1e-6, "parts are means over all of them (%.1e)", off);
	ok(fabs((double)usual + sum - one[SETS - 1]) < 1e-6,
	    "what is usual and all parts are the whole (%.1e)",
	    fabs((double)usual + sum - one[SETS - 1]));
	ok(part[0][0] == 0 && part[4][0] == 0, "other steps are left alone");

	/* a value that adds up: each driver's own number */
	for (int s = 0; s < SETS; s++) {
		one[s] = 3;
		for (int d = 0; d < WHY_DRIVERS; d++)
			one[s] += s >> d & 1 ? d - 1.5 : 0;
	}
	float alone[WHY_DRIVERS];
	why_share(one, 1, 1, alone, &usual);
	bool fine = usual == 3;
	for (int d = 0; d < WHY_DRIVERS; d++)
		fine = fine && fabs((double)alone[d] - (d - 1.5)) < 1e-6;
	ok(fine, "of a sum each driver gets what it adds");
	return tap_end();
}
