#include "forecast/bank/math.h"

#include <stdint.h>
#include <string.h>

/* ln 2 in two parts; the first has 32 bits, so that its product with an exponent is exact */
static const double ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;

static double two_to(int n)
{
	uint64_t bits = (uint64_t)(n + 1023) << 52;
	double v;
	memcpy(&v, &bits, sizeof v);
	return v;
}

double bank_log(double x)
{
	uint64_t bits;
	memcpy(&bits, &x, sizeof bits);
	int n = (int)(bits >> 52) - 1023;
	double m = x * two_to(-n / 2) * two_to(-n - -n / 2);
	if (m > 1.4142135623730951) {
		m *= 0.5;
		n++;
	}
	/* log m = 2 artanh s; m - 1 is exact */
	double f = m - 1, s = f / (m + 1), q = s * s, tail = 0;
	for (int k = 23; k >= 3; k -= 2)
		tail = (tail + 2. / k) * q;
	/* 2 s is f - s f, and f is exact */
	return n * ln2_high + (f - (s * (f - tail) - n * ln2_low));
}

double bank_exp(double x)
{
	if (x < -708)
		return 0;
	int n = (int)(x * 1.4426950408889634 + (x < 0 ? -.5 : .5));
	double r = x - n * ln2_high - n * ln2_low, sum = 1;
	for (int k = 13; k >= 1; k--)
		sum = 1 + sum * r / k;
	return sum * two_to(n / 2) * two_to(n - n / 2);
}
