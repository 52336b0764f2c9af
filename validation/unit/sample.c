/* np: 1   apps: forecast */
#include "forecast/sample.h"

#include "../tap.h"

enum { SERIES = 30490, MARKETS = 16 };

/* of every sample: its places, its members and how many there are below each series say the same */
static void agrees(int level)
{
	bool same = true;
	int64_t seen = 0;
	for (int64_t i = 0; i < SERIES; i++) {
		same = same && sample_below(level, i) == seen;
		if (!sample_has(level, i))
			continue;
		same = same && sample_at(level, seen) == i &&
		       (level == 0 || sample_has(level - 1, i));
		seen++;
	}
	ok(same && seen == sample_below(level, SERIES) && seen >> (15 - level) <= 1,
	    "level %d has %lld series, all of which the level below has", level, (long long)seen);
}

/* series are ordered by SKU, then market: each market has its share, however many there are */
static void shares(int level)
{
	double low = 1, high = 1;
	for (int markets = 1; markets <= MARKETS; markets++) {
		int64_t count[MARKETS] = {0}, n = sample_below(level, SERIES);
		for (int64_t i = 0; i < n; i++)
			count[sample_at(level, i) % markets]++;
		for (int m = 0; m < markets; m++) {
			double share = (double)count[m] * markets / (double)n;
			low = share < low ? share : low;
			high = share > high ? share : high;
		}
	}
	ok(low > .75 && high < 1.25, "level %d: a market has %.3f to %.3f of its share", level, low,
	    high);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	for (int level = 0; level < 8; level++)
		agrees(level);
	for (int level = 1; level < 6; level++)
		shares(level);
	ok(sample_level(2048, 2048) == 0 && sample_level(2049, 2048) == 1 &&
		sample_level(30490, 2048) == 4 && sample_level(0, 1) == 0,
	    "the level is the least that suffices");
	return tap_end();
}
