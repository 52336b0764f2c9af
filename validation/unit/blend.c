/* np: 1 2 3 6   apps: forecast */
#include "forecast/reconcile/blend.h"
#include "../tap.h"

#include <math.h>
#include <string.h>

enum { HORIZON = 2, ORIGINS = 3, NODES = 3, PAST = ORIGINS * HORIZON };

static double came[NODES][PAST], said[NODES][PAST], other[NODES][PAST];

static double share_of(void)
{
	const blend_level l = {NODES, HORIZON, ORIGINS, &other[0][0], &said[0][0], &came[0][0]};
	return blend_share(&l);
}

/* said is off by `first`, the other by `second`, as far as nodes are large */
static void make(double first, double second)
{
	for (int k = 0; k < NODES; k++)
		for (int i = 0; i < PAST; i++) {
			double size = pow(10, k);
			came[k][i] = (7 + i) * size;
			said[k][i] = came[k][i] + first * size * (i % 2 ? 1 : -1);
			other[k][i] = came[k][i] + second * size * (i % 2 ? 1 : -1);
		}
}

static void shares(void)
{
	make(1, 0);
	ok(fabs(share_of() - 1) < 1e-12, "a regression that was right every time has all");
	make(0, 1);
	ok(share_of() == 0, "one that was wrong beside a bank that was right has nothing");
	make(1, -1);
	ok(fabs(share_of() - .5) < 1e-12, "errors of equal size and other sign are halved");
	make(2, -1);
	ok(fabs(share_of() - 2. / 3) < 1e-12, "twice the error, half the share");
	make(2, -1);
	for (int i = 0; i < PAST; i++)
		other[1][i] = NAN;
	came[2][1] = NAN;
	ok(fabs(share_of() - 2. / 3) < 1e-12, "what is not known does not count");
	for (int k = 0; k < NODES; k++)
		for (int i = 0; i < PAST; i++)
			other[k][i] = NAN;
	double none = share_of();
	ok(none >= 0 && none <= .5, "nor does a level of which nothing is known break it (%g)",
	    none);
	/* origins that contradict each other: the best share varies, and the half weighs more */
	make(1, -1);
	for (int k = 0; k < NODES; k++)
		for (int i = 0; i < HORIZON; i++) {
			other[k][i] = came[k][i];
			said[k][HORIZON + i] = came[k][HORIZON + i];
		}
	double torn = share_of();
	ok(torn > .2 && torn < .8, "origins that contradict each other leave it near a half (%.2f)",
	    torn);
}

/* totals know the second level only, and nothing of its last node */
static void levels_mix(void)
{
	static hierarchy_level one = {.name = "one", .nodes = 1}, two = {.name = "two", .nodes = 2};
	const hierarchy_level *both[] = {&one, &two}, *only[] = {&two};
	int64_t first[] = {0, 1, 3}, begin[] = {0, 2};
	double now[NODES][(1 + ORIGINS) * HORIZON], before[NODES][(1 + ORIGINS) * HORIZON];
	double direct[2][HORIZON] = {{50, 60}, {NAN, NAN}}, past[ORIGINS][2][HORIZON], share[2];
	make(1, -1);
	for (int k = 0; k < NODES; k++) {
		now[k][0] = now[k][1] = 100;
		memcpy(now[k] + HORIZON, said[k], sizeof said[k]);
	}
	for (int o = 0; o < ORIGINS; o++)
		for (int h = 0; h < HORIZON; h++) {
			past[o][0][h] = other[1][o * HORIZON + h];
			past[o][1][h] = NAN;
		}
	memcpy(before, now, sizeof now);
	levels_sums levels = {2, both, first};
	totals t = {.h = (hierarchy *)(void *)&one,
	    .levels = {1, only, begin},
	    .nodes = 2,
	    .horizon = HORIZON,
	    .direct = direct[0],
	    .past = past[0][0]};
	base b = {NODES, HORIZON, ORIGINS, now[0], came[0]};
	par_err e = blend_direct(&b, &t, &levels, share);
	ok(e == PAR_OK && isnan(share[0]) && fabs(share[1] - .5) < 1e-12,
	    "a level that sums were forecast of has a share, others have none");
	ok(fabs(now[1][0] - 75) < 1e-9 && fabs(now[1][1] - 80) < 1e-9 && direct[0][1] == now[1][1],
	    "its nodes go that far, and what they say by themselves is told");
	double off = 0;
	for (int i = 0; i < PAST; i++)
		off = fmax(off, fabs(now[1][HORIZON + i] - came[1][i]));
	ok(off < 1e-9, "in the past as well");
	ok(memcmp(now[0], before[0], sizeof now[0]) == 0 &&
		memcmp(now[2], before[2], sizeof now[2]) == 0 && direct[1][0] == 100,
	    "nodes without a regression keep the bank's");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	shares();
	levels_mix();
	return tap_end();
}
