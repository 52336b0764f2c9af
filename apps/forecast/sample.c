#include "forecast/sample.h"

#define GOLDEN 0x9E3779B97F4A7C15 /* 2^64 over the golden ratio */

int sample_level(int64_t n, int64_t most)
{
	int level = 0;
	while (n > most << level)
		level++;
	return level;
}

int64_t sample_at(int level, int64_t i)
{
	for (; level > 0; level--)
		i = 2 * i + (int64_t)(GOLDEN * (uint64_t)i >> 63);
	return i;
}

int64_t sample_below(int level, int64_t n)
{
	int64_t i = n >> level;
	return i + (sample_at(level, i) < n);
}

bool sample_has(int level, int64_t series)
{
	return sample_at(level, series >> level) == series;
}
