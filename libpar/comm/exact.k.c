#include "comm/exact_kernels.h"

#define EACH for (int64_t i = 0; i < n; i += PAR_EXACT_LANES)

typedef double lanes __attribute__((vector_size(8 * PAR_EXACT_LANES)));
typedef int64_t lane_bits __attribute__((vector_size(8 * PAR_EXACT_LANES)));
typedef double lanes_anywhere
    __attribute__((vector_size(8 * PAR_EXACT_LANES), aligned(8), may_alias));

double KERNEL(par_exact_largest)(const double *a, int64_t n)
{
	lanes most = {0};
	EACH
	{
		lanes v = *(const lanes_anywhere *)(a + i);
		v = (lanes)((lane_bits)v & INT64_MAX);
		lane_bits more = v > most;
		most = (lanes)(((lane_bits)v & more) | ((lane_bits)most & ~more));
	}
	double m = 0;
	for (int k = 0; k < PAR_EXACT_LANES; k++)
		m = most[k] > m ? most[k] : m;
	return m;
}

INLINE double across(lanes s)
{
	return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

bool KERNEL(par_exact_split)(par_exact_cut *c, const double *a, int64_t n, double *rest)
{
	const double big = c->big, small = c->small;
	lanes high = {0}, low = {0};
	lane_bits left = {0};
	EACH
	{
		lanes v = *(const lanes_anywhere *)(a + i), h = (v + big) - big;
		lanes l = ((v - h) + small) - small, r = (v - h) - l;
		high += h;
		low += l;
		left |= r != 0;
		*(lanes_anywhere *)(rest + i) = r;
	}
	c->high = across(high);
	c->low = across(low);
	int64_t any = 0;
	for (int k = 0; k < PAR_EXACT_LANES; k++)
		any |= left[k];
	return any != 0;
}
