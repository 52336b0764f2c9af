/* Sample: some series that stand for all of a catalog too large to look at all of them.
 *
 * One in 2^level: of each pair of neighbours of the level below, the one or the other in turns that no other order of the
 * catalog keeps step with (the golden ratio's multiples, Weyl 1916), so that each market, say, has its share. A sample lies in
 * those of lower levels; on any number of ranks it is the same. */
#ifndef APPS_FORECAST_SAMPLE_H
#define APPS_FORECAST_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

/* local | the least level at which at most so many of n series stand for all; most is 1 or more */
int sample_level(int64_t n, int64_t most);
/* local | the series that stands for the i-th 2^level */
int64_t sample_at(int level, int64_t i);
/* local | how many of those below n stand for all: the place in the sample of series n, if it is one of them */
int64_t sample_below(int level, int64_t n);
bool sample_has(int level, int64_t series);

#endif
