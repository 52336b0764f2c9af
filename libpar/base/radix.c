#include "base/radix.h"

#include <string.h>

#define BITS 11
#define DIGITS (1 << BITS)
#define PASSES 3 /* 32 bits */

static void count(uint32_t counts[PASSES][DIGITS], const par_keyed *items, int64_t n, int passes)
{
	memset(counts, 0, (size_t)passes * sizeof counts[0]);
	for (int64_t i = 0; i < n; i++)
		for (int p = 0; p < passes; p++)
			counts[p][items[i].key >> p * BITS & (DIGITS - 1)]++;
}

static void to_places(uint32_t *counts)
{
	uint32_t at = 0;
	for (int d = 0; d < DIGITS; d++) {
		uint32_t these = counts[d];
		counts[d] = at;
		at += these;
	}
}

par_keyed *par_radix_sort(par_keyed *items, par_keyed *spare, int64_t n, uint32_t most)
{
	uint32_t counts[PASSES][DIGITS];
	int passes = 0;
	while (passes < PASSES && most >> passes * BITS > 0)
		passes++;
	count(counts, items, n, passes);
	for (int p = 0; p < passes; p++) {
		to_places(counts[p]);
		for (int64_t i = 0; i < n; i++)
			spare[counts[p][items[i].key >> p * BITS & (DIGITS - 1)]++] = items[i];
		par_keyed *sorted = spare;
		spare = items;
		items = sorted;
	}
	return items;
}
