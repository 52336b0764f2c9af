/* np: 1 2 3 4 6 */
#include "comm/exact.h"

#include "../tap.h"
#include "base/rng.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MANY 20011

/* anything from 2^-60 to 2^60 of both signs */
static double wild(int64_t i)
{
	par_rng r = {11, 0, 0};
	return ldexp(par_rng_f64(r, 2 * i) - 0.5, (int)par_rng_below(r, 2 * i + 1, 121) - 60);
}

static bool same(double a, double b)
{
	return memcmp(&a, &b, sizeof a) == 0;
}

static double sum_of(const double *v, int n)
{
	par_exact x = {0};
	for (int i = 0; i < n; i++)
		par_exact_add(&x, v[i]);
	return par_exact_value(&x);
}

#define SUM(...)                              \
	sum_of((const double[]){__VA_ARGS__}, \
	    (int)(sizeof((double[]){__VA_ARGS__}) / sizeof(double)))

/* the oracle: an integer of 128 bits in units of 2^-60, which the compiler rounds once */
static void integers(void)
{
	bool right = true;
	for (int k = 0; k < 200; k++) {
		par_exact x = {0};
		__int128 whole = 0;
		for (int i = 0; i < 60; i++) {
			double units = floor(ldexp(wild(60 * k + i), 60));
			par_exact_add(&x, ldexp(units, -60));
			whole += (__int128)units;
		}
		right = right && same(par_exact_value(&x), ldexp((double)whole, -60));
	}
	ok(right, "200 sums of 60 numbers are the integer's, rounded once");
}

static void known(void)
{
	ok(same(SUM(1, 0x1p-53), 1), "a tie goes to the even neighbour below");
	ok(same(SUM(1 + DBL_EPSILON, 0x1p-53), 1 + 2 * DBL_EPSILON), "... and above");
	ok(same(SUM(1, 0x1p-53, 0x1p-1074), 1 + DBL_EPSILON), "the smallest double breaks a tie");
	ok(same(SUM(1, 0x1p-53, -0x1p-1074), 1), "... in both directions");
	ok(same(SUM(0x1p1023, 0x1p-1074, -0x1p1023), 0x1p-1074),
	    "the smallest double survives the largest power of two");
	ok(same(SUM(DBL_MAX, DBL_MAX, -DBL_MAX), DBL_MAX), "sums may pass the largest double");
	ok(SUM(DBL_MAX, DBL_MAX) == HUGE_VAL && SUM(-DBL_MAX, -DBL_MAX) == -HUGE_VAL,
	    "... and end in infinity when they stay there");
	ok(same(SUM(-3 * 0x1p-1074, 0x1p-1074), -2 * 0x1p-1074), "subnormal numbers add up");
	ok(same(SUM(DBL_MIN, -0x1p-1074), DBL_MIN - 0x1p-1074),
	    "... down from the smallest normal one");
	ok(same(SUM(0.5, -0.5), 0) && same(SUM(-0.0), 0), "nothing is a plain 0");
	ok(same(SUM(-0.1), -0.1) && same(SUM(0.3), 0.3), "one number stays what it is");
	ok(same(SUM(0.1, 0.2, 0.3), 0.6), "0.1 + 0.2 + 0.3 rounds once");
	ok(isnan(SUM(1, HUGE_VAL)) && isnan(SUM(NAN)) && isnan(SUM(-HUGE_VAL, HUGE_VAL)),
	    "what is not finite makes the sum no number");
}

static void orders(void)
{
	par_exact forward = {0}, backward = {0}, strided = {0};
	for (int i = 0; i < MANY; i++) {
		par_exact_add(&forward, wild(i));
		par_exact_add(&backward, wild(MANY - 1 - i));
		par_exact_add(&strided, wild((int64_t)i * 7919 % MANY));
	}
	ok(same(par_exact_value(&forward), par_exact_value(&backward)) &&
		same(par_exact_value(&forward), par_exact_value(&strided)),
	    "the order of additions does not show");
	for (int i = 0; i < MANY; i++)
		par_exact_add(&forward, -wild(i));
	ok(same(par_exact_value(&forward), 0), "taking everything back leaves nothing");
}

/* numbers of like size, of all sizes, zeros, just below a power of two: by runs as one by one */
static void many(void)
{
	static double v[MANY];
	static const int64_t counts[] = {0, 1, 7, 8, 255, 256, 257, 1000, MANY};
	bool right = true;
	for (int kind = 0; kind < 4; kind++) {
		for (int64_t i = 0; i < MANY; i++)
			v[i] = kind == 0   ? wild(i)
			       : kind == 1 ? fabs(ldexp(wild(i), 10 * (int)(i % 3)))
			       : kind == 2 ? (i % 5 ? 0 : ldexp(wild(i), (int)(i % 1800) - 950))
					   : 1 - par_rng_f64((par_rng){11, 1, 0}, i) / 64;
		for (int k = 0; k < 9; k++) {
			par_exact one = {0}, all = {0};
			for (int64_t i = 0; i < counts[k]; i++)
				par_exact_add(&one, v[i]);
			par_exact_add_many(&all, v, counts[k]);
			right = right && same(par_exact_value(&one), par_exact_value(&all));
			/* what rounding of the value hides shows once all is taken back */
			for (int64_t i = 0; i < counts[k]; i++)
				par_exact_add(&all, -v[i]);
			right = right && same(par_exact_value(&all), 0);
		}
	}
	ok(right, "numbers by the run add up as one by one");
	for (int place = 0; place < 8; place++) {
		par_exact x = {0};
		for (int i = 0; i < 8; i++)
			v[i] = i == place ? 0x1p-200 : 1;
		par_exact_add_many(&x, v, 8);
		par_exact_add(&x, -7);
		right = right && same(par_exact_value(&x), 0x1p-200);
	}
	ok(right, "... a small one among large ones in any place");
	par_exact x = {0};
	v[300] = -HUGE_VAL;
	par_exact_add_many(&x, v, 301);
	ok(isnan(par_exact_value(&x)), "... also what is not finite");
	v[300] = 0;
	v[100] = NAN;
	x = (par_exact){0};
	par_exact_add_many(&x, v, 301);
	ok(isnan(par_exact_value(&x)), "... whatever its kind");
}

static void carries(void)
{
	par_exact x = {.added = ((int64_t)1 << 30) - 2};
	for (int i = 0; i < 4; i++)
		par_exact_add(&x, 1 - 0x1p-53);
	ok(same(par_exact_value(&x), 4 * (1 - 0x1p-53)), "a carry on the way changes nothing");
}

static void over_ranks(const par_world *w)
{
	double alone[3] = {0};
	par_exact whole = {0}, part[3];
	memset(part, 0, sizeof part);
	for (int i = 0; i < MANY; i++) {
		par_exact_add(&whole, wild(i));
		/* three cuts of the same numbers: blocks, in turn, all on the last rank */
		if ((int64_t)i * w->size / MANY == w->rank)
			par_exact_add(&part[0], wild(i));
		if (i % w->size == w->rank)
			par_exact_add(&part[1], wild(i));
		if (w->rank == w->size - 1)
			par_exact_add(&part[2], wild(i));
	}
	par_exact_sum(w, part, 3);
	for (int k = 0; k < 3; k++)
		alone[k] = par_exact_value(&part[k]);
	ok(same(alone[0], par_exact_value(&whole)) && same(alone[1], alone[0]) &&
		same(alone[2], alone[0]),
	    "any cut over ranks gives the bits of one rank alone");
	par_exact_sum(w, part, 1);
	par_exact_add(&part[0], 0.25);
	par_exact twice = {0};
	for (int k = 0; k < w->size; k++)
		for (int i = 0; i < MANY; i++)
			par_exact_add(&twice, wild(i));
	par_exact_add(&twice, 0.25);
	ok(same(par_exact_value(&part[0]), par_exact_value(&twice)),
	    "a sum over ranks goes on as a sum");
	par_exact odd = {0};
	par_exact_add(&odd, w->rank == w->size - 1 ? HUGE_VAL : 1);
	par_exact_sum(w, &odd, 1);
	ok(isnan(par_exact_value(&odd)), "one rank's infinity reaches all");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	known();
	integers();
	orders();
	many();
	carries();
	over_ranks(&w);
	par_world_close(&w);
	return tap_end();
}
