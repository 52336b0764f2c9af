/* np: 1   apps: forecast */
#include "forecast/bank/math.h"

#include "../tap.h"

#include <math.h>

static double gap(double got, double want)
{
	return got == want ? 0 : fabs(got - want) / fabs(want);
}

static void logarithm(void)
{
	double worst = 0;
	for (int i = -1022; i < 1023; i++)
		for (int k = 0; k < 64; k++) {
			double x = ldexp(1 + k / 64. + (i + 1022) * 1e-6, i);
			worst = fmax(worst, gap(bank_log(x), (double)logl(x)));
		}
	ok(worst < 4e-16, "the logarithm over all magnitudes: %g", worst);
	worst = 0;
	for (int i = 1; i < 200000; i++)
		worst = fmax(worst, gap(bank_log(i * 1e-5), (double)logl(i * 1e-5)));
	for (int i = 0; i < 156; i++) {
		double near = 1 + exp2(-i / 3.), under = 1 - exp2(-i / 3. - 1);
		worst = fmax(worst, gap(bank_log(near), (double)logl(near)));
		worst = fmax(worst, gap(bank_log(under), (double)logl(under)));
	}
	ok(worst < 4e-16, "the logarithm up to 2 and close to 1: %g", worst);
	ok(bank_log(1) == 0, "the logarithm of 1 is 0");
}

static void exponential(void)
{
	double worst = 0;
	for (int i = -708000; i <= 709000; i++)
		worst = fmax(worst, gap(bank_exp(i * 1e-3), (double)expl(i * 1e-3)));
	ok(worst < 1e-15, "the exponential from -708 to 709: %g", worst);
	ok(bank_exp(0) == 1 && bank_exp(-1000) == 0, "its ends are exact");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	logarithm();
	exponential();
	return tap_end();
}
