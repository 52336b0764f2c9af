/* Pit: where a value stands in a distribution that is known by some of its quantiles.
 *
 * A value between two quantiles stands anywhere between their levels. One that stands on quantiles, as counts do on
 * several, stands anywhere from half way to the level below them to half way to the one above. If the quantiles are
 * right the place is uniform, also of counts (randomised probability integral transform, Czado, Gneiting and Held
 * 2009). */
#ifndef APPS_COMMON_PIT_H
#define APPS_COMMON_PIT_H

#include <stdint.h>

/* local | in [0, 1]; q[0], q[stride], ... are n quantiles of ascending levels; draw in [0, 1) chooses. NaN where the
 * value is */
double pit_place(
    double value, const double *q, int64_t stride, int n, const double *level, double draw);

#endif
