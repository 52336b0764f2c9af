#include "comm/exact.h"

#include "base/cpu.h"
#include "comm/exact_kernels.h"

#include <math.h>
#include <string.h>

/* bit 0 of the number is 2^LOWEST, the smallest double above 0 */
#define LOWEST (-1074)
#define LIMB_BITS 32
#define CARRY_AFTER ((int64_t)1 << 30)
#define NUMBERS_MOST 64

_Static_assert(sizeof(par_exact) == (PAR_EXACT_LIMBS + 2) * sizeof(int64_t), "summed as integers");

/* limbs into [0, 2^32), the highest keeps the sign */
static void carry(par_exact *x)
{
	int64_t over = 0;
	for (int i = 0; i < PAR_EXACT_LIMBS - 1; i++) {
		int64_t limb = x->limb[i] + over;
		over = limb >> LIMB_BITS;
		x->limb[i] = limb & (((int64_t)1 << LIMB_BITS) - 1);
	}
	x->limb[PAR_EXACT_LIMBS - 1] += over;
	x->added = 1;
}

void par_exact_add(par_exact *x, double a)
{
	uint64_t bits;
	memcpy(&bits, &a, sizeof bits);
	int exponent = (int)(bits >> 52 & 0x7ff);
	uint64_t mantissa = bits & (((uint64_t)1 << 52) - 1);
	if (exponent == 0x7ff) {
		x->odd++;
		return;
	}
	/* the mantissa's lowest bit stands at `place`; subnormals have no hidden bit */
	int place = exponent > 0 ? exponent - 1 : 0;
	mantissa |= (uint64_t)(exponent > 0) << 52;
	int shift = place % LIMB_BITS;
	uint64_t low = mantissa << shift, high = shift ? mantissa >> (64 - shift) : 0;
	int64_t sign = bits >> 63 ? -1 : 1, *limb = &x->limb[place / LIMB_BITS];
	limb[0] += sign * (int64_t)(low & 0xffffffff);
	limb[1] += sign * (int64_t)(low >> 32);
	limb[2] += sign * (int64_t)high;
	if (++x->added >= CARRY_AFTER)
		carry(x);
}

/* Runs of numbers. A number below 2^e splits into a multiple of 2^(e - 42), a multiple of 2^(e - 84) and
 * a rest; 256 of the former or of the latter add up in a double without rounding. */
#define RUN 256
#define SPLIT_BITS 42
#define SPLIT_MOST 900 /* beyond these exponents numbers are added one by one */

/* adding and taking away 1.5 x 2^(q + 52) rounds to a multiple of 2^q */
static void add_split(par_exact *x, const double *a, int64_t n, int e)
{
	par_exact_cut c = {
	    .big = ldexp(1.5, e - SPLIT_BITS + 52), .small = ldexp(1.5, e - 2 * SPLIT_BITS + 52)};
	double rest[RUN];
	bool any = KERNEL_CALL(par_exact_split, &c, a, n, rest);
	par_exact_add(x, c.high);
	par_exact_add(x, c.low);
	for (int64_t i = 0; i < n && any; i++)
		par_exact_add(x, rest[i]);
}

void par_exact_add_many(par_exact *x, const double *a, int64_t n)
{
	while (n > 0) {
		int64_t run = n < RUN ? n : RUN, whole = run - run % PAR_EXACT_LANES;
		double most = KERNEL_CALL(par_exact_largest, a, whole);
		int e = 0;
		bool like = isfinite(most);
		if (like && most > 0)
			frexp(most, &e);
		like = like && e < SPLIT_MOST && e > -SPLIT_MOST;
		if (like)
			add_split(x, a, whole, e);
		for (int64_t i = like ? whole : 0; i < run; i++)
			par_exact_add(x, a[i]);
		a += run;
		n -= run;
	}
}

static void negate(par_exact *x)
{
	for (int i = 0; i < PAR_EXACT_LIMBS; i++)
		x->limb[i] = -x->limb[i];
	carry(x);
}

/* 64 bits from the highest set one down, in limbs that were carried; whatever is below them shows in
 * the last bit, which is enough to round rightly */
static uint64_t leading(const par_exact *x, int top, int *place)
{
	uint64_t high = (uint64_t)x->limb[top], mid = top > 0 ? (uint64_t)x->limb[top - 1] : 0,
		 low = top > 1 ? (uint64_t)x->limb[top - 2] : 0;
	int spare = __builtin_clzll(high) - LIMB_BITS; /* leading zeros of the 32-bit limb */
	uint64_t m = (high << LIMB_BITS | mid) << spare | (low >> (LIMB_BITS - spare));
	uint64_t rest = low & (((uint64_t)1 << (LIMB_BITS - spare)) - 1);
	for (int i = top - 3; i >= 0; i--)
		rest |= (uint64_t)x->limb[i];
	*place = (top - 1) * LIMB_BITS - spare;
	return m | (rest != 0);
}

double par_exact_value(const par_exact *x)
{
	if (x->odd)
		return NAN;
	par_exact y = *x;
	carry(&y);
	bool negative = y.limb[PAR_EXACT_LIMBS - 1] < 0;
	if (negative)
		negate(&y);
	int top = PAR_EXACT_LIMBS - 1, place;
	while (top >= 0 && y.limb[top] == 0)
		top--;
	if (top < 0)
		return 0;
	/* a sum below the normal numbers is a multiple of 2^LOWEST: ldexp rounds nothing there */
	double m = (double)leading(&y, top, &place);
	return ldexp(negative ? -m : m, place + LOWEST);
}

void par_exact_sum(const par_world *w, par_exact *x, int n)
{
	PAR_MUST(n >= 0 && n <= NUMBERS_MOST, "%d numbers", n);
	for (int i = 0; i < n; i++)
		carry(&x[i]);
	MPI_Allreduce(
	    MPI_IN_PLACE, x, n * (int)(sizeof *x / sizeof(int64_t)), MPI_INT64_T, MPI_SUM, w->comm);
}
